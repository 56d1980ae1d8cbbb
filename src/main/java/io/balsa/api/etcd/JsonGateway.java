package io.balsa.api.etcd;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.balsa.api.etcd.proto.etcdserverpb.CompactionRequest;
import io.balsa.api.etcd.proto.etcdserverpb.CompactionResponse;
import io.balsa.api.etcd.proto.etcdserverpb.DeleteRangeRequest;
import io.balsa.api.etcd.proto.etcdserverpb.DeleteRangeResponse;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseGrantRequest;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseGrantResponse;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseLeasesRequest;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseLeasesResponse;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseRevokeRequest;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseRevokeResponse;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseTimeToLiveRequest;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseTimeToLiveResponse;
import io.balsa.api.etcd.proto.etcdserverpb.PutRequest;
import io.balsa.api.etcd.proto.etcdserverpb.PutResponse;
import io.balsa.api.etcd.proto.etcdserverpb.RangeRequest;
import io.balsa.api.etcd.proto.etcdserverpb.RangeResponse;
import io.balsa.api.etcd.proto.etcdserverpb.TxnRequest;
import io.balsa.api.etcd.proto.etcdserverpb.TxnResponse;
import io.balsa.api.etcd.proto.v3electionpb.CampaignRequest;
import io.balsa.api.etcd.proto.v3electionpb.CampaignResponse;
import io.balsa.api.etcd.proto.v3electionpb.LeaderRequest;
import io.balsa.api.etcd.proto.v3electionpb.LeaderResponse;
import io.balsa.api.etcd.proto.v3electionpb.ProclaimRequest;
import io.balsa.api.etcd.proto.v3electionpb.ProclaimResponse;
import io.balsa.api.etcd.proto.v3electionpb.ResignRequest;
import io.balsa.api.etcd.proto.v3electionpb.ResignResponse;
import io.balsa.api.etcd.proto.v3lockpb.LockRequest;
import io.balsa.api.etcd.proto.v3lockpb.LockResponse;
import io.balsa.api.etcd.proto.v3lockpb.UnlockRequest;
import io.balsa.api.etcd.proto.v3lockpb.UnlockResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.HashMap;
import java.util.Map;

/**
 * The JSON of etcd's gRPC gateway: each method at a path of its own, under {@code /v3} and {@code
 * /v3beta}. Fields have the names of {@code rpc.proto}, numbers of 64 bits are strings, bytes are
 * base64, and what has its default is left out. A call goes the way of gRPC from there on.
 */
final class JsonGateway {
  private static final int METHOD_NOT_ALLOWED = 405;
  private static final String[] PREFIXES = {"/v3/", "/v3beta/"};
  private static final JsonFormat.Parser PARSER = JsonFormat.parser().ignoringUnknownFields();
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().preservingProtoFieldNames().omittingInsignificantWhitespace();

  private final EtcdLoop loop;
  private final Map<String, UnaryMethod> unary;
  private final Map<String, Route> routes = new HashMap<>();

  /** One method: how its messages look, and who serves it. */
  record Route(Message request, Message response, UnaryMethod method) {
    /** The message that a JSON text says. */
    byte[] read(String json) throws InvalidProtocolBufferException {
      Message.Builder builder = request.newBuilderForType();
      PARSER.merge(json, builder);
      return builder.build().toByteArray();
    }

    /** The JSON text of a message. */
    String write(byte[] message) {
      try {
        return PRINTER.print(response.newBuilderForType().mergeFrom(message));
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException("an answer of our own cannot be read", e);
      }
    }
  }

  JsonGateway(EtcdLoop loop, Map<String, UnaryMethod> unary) {
    this.loop = loop;
    this.unary = unary;
    String kv = "/etcdserverpb.KV/";
    route(
        "kv/range",
        kv + "Range",
        RangeRequest.getDefaultInstance(),
        RangeResponse.getDefaultInstance());
    route("kv/put", kv + "Put", PutRequest.getDefaultInstance(), PutResponse.getDefaultInstance());
    route(
        "kv/deleterange",
        kv + "DeleteRange",
        DeleteRangeRequest.getDefaultInstance(),
        DeleteRangeResponse.getDefaultInstance());
    route("kv/txn", kv + "Txn", TxnRequest.getDefaultInstance(), TxnResponse.getDefaultInstance());
    route(
        "kv/compaction",
        kv + "Compact",
        CompactionRequest.getDefaultInstance(),
        CompactionResponse.getDefaultInstance());
    routeLeases();
    routeLocks();
    routeElections();
  }

  private void routeLeases() {
    String lease = "/etcdserverpb.Lease/";
    route(
        "lease/grant",
        lease + "LeaseGrant",
        LeaseGrantRequest.getDefaultInstance(),
        LeaseGrantResponse.getDefaultInstance());
    for (String path : new String[] {"lease/", "kv/lease/"}) {
      route(
          path + "revoke",
          lease + "LeaseRevoke",
          LeaseRevokeRequest.getDefaultInstance(),
          LeaseRevokeResponse.getDefaultInstance());
      route(
          path + "timetolive",
          lease + "LeaseTimeToLive",
          LeaseTimeToLiveRequest.getDefaultInstance(),
          LeaseTimeToLiveResponse.getDefaultInstance());
      route(
          path + "leases",
          lease + "LeaseLeases",
          LeaseLeasesRequest.getDefaultInstance(),
          LeaseLeasesResponse.getDefaultInstance());
    }
  }

  private void routeLocks() {
    String lock = "/v3lockpb.Lock/";
    route(
        "lock/lock",
        lock + "Lock",
        LockRequest.getDefaultInstance(),
        LockResponse.getDefaultInstance());
    route(
        "lock/unlock",
        lock + "Unlock",
        UnlockRequest.getDefaultInstance(),
        UnlockResponse.getDefaultInstance());
  }

  private void routeElections() {
    String election = "/v3electionpb.Election/";
    route(
        "election/campaign",
        election + "Campaign",
        CampaignRequest.getDefaultInstance(),
        CampaignResponse.getDefaultInstance());
    route(
        "election/proclaim",
        election + "Proclaim",
        ProclaimRequest.getDefaultInstance(),
        ProclaimResponse.getDefaultInstance());
    route(
        "election/leader",
        election + "Leader",
        LeaderRequest.getDefaultInstance(),
        LeaderResponse.getDefaultInstance());
    route(
        "election/resign",
        election + "Resign",
        ResignRequest.getDefaultInstance(),
        ResignResponse.getDefaultInstance());
  }

  private void route(String path, String method, Message request, Message response) {
    for (String prefix : PREFIXES) {
      routes.put(prefix + path, new Route(request, response, unary.get(method)));
    }
  }

  /** Whether the path is one of the gateway's. */
  boolean isFor(HttpServerRequest request) {
    return routes.containsKey(request.path());
  }

  void handle(HttpServerRequest request) {
    if (request.method() != HttpMethod.POST) {
      request
          .response()
          .setStatusCode(METHOD_NOT_ALLOWED)
          .putHeader(HttpHeaders.ALLOW, HttpMethod.POST.name())
          .end();
      return;
    }
    new JsonCall(loop, request, routes.get(request.path())).begin();
  }
}
