package io.balsa.api.etcd;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.balsa.api.etcd.proto.etcdserverpb.AlarmRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AlarmResponse;
import io.balsa.api.etcd.proto.etcdserverpb.CompactionRequest;
import io.balsa.api.etcd.proto.etcdserverpb.CompactionResponse;
import io.balsa.api.etcd.proto.etcdserverpb.DefragmentRequest;
import io.balsa.api.etcd.proto.etcdserverpb.DefragmentResponse;
import io.balsa.api.etcd.proto.etcdserverpb.DeleteRangeRequest;
import io.balsa.api.etcd.proto.etcdserverpb.DeleteRangeResponse;
import io.balsa.api.etcd.proto.etcdserverpb.HashKVRequest;
import io.balsa.api.etcd.proto.etcdserverpb.HashKVResponse;
import io.balsa.api.etcd.proto.etcdserverpb.HashRequest;
import io.balsa.api.etcd.proto.etcdserverpb.HashResponse;
import io.balsa.api.etcd.proto.etcdserverpb.MemberAddRequest;
import io.balsa.api.etcd.proto.etcdserverpb.MemberAddResponse;
import io.balsa.api.etcd.proto.etcdserverpb.MemberListRequest;
import io.balsa.api.etcd.proto.etcdserverpb.MemberListResponse;
import io.balsa.api.etcd.proto.etcdserverpb.MemberPromoteRequest;
import io.balsa.api.etcd.proto.etcdserverpb.MemberPromoteResponse;
import io.balsa.api.etcd.proto.etcdserverpb.MemberRemoveRequest;
import io.balsa.api.etcd.proto.etcdserverpb.MemberRemoveResponse;
import io.balsa.api.etcd.proto.etcdserverpb.MemberUpdateRequest;
import io.balsa.api.etcd.proto.etcdserverpb.MemberUpdateResponse;
import io.balsa.api.etcd.proto.etcdserverpb.MoveLeaderRequest;
import io.balsa.api.etcd.proto.etcdserverpb.MoveLeaderResponse;
import io.balsa.api.etcd.proto.etcdserverpb.PutRequest;
import io.balsa.api.etcd.proto.etcdserverpb.PutResponse;
import io.balsa.api.etcd.proto.etcdserverpb.RangeRequest;
import io.balsa.api.etcd.proto.etcdserverpb.RangeResponse;
import io.balsa.api.etcd.proto.etcdserverpb.StatusRequest;
import io.balsa.api.etcd.proto.etcdserverpb.StatusResponse;
import io.balsa.api.etcd.proto.etcdserverpb.TxnRequest;
import io.balsa.api.etcd.proto.etcdserverpb.TxnResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

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
  private final Set<String> snapshotPaths = new HashSet<>();

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
    routeCluster();
    routeMaintenance();
    for (String prefix : PREFIXES) {
      snapshotPaths.add(prefix + "maintenance/snapshot");
    }
  }

  private void routeCluster() {
    String cluster = "/etcdserverpb.Cluster/";
    route(
        "cluster/member/list",
        cluster + "MemberList",
        MemberListRequest.getDefaultInstance(),
        MemberListResponse.getDefaultInstance());
    route(
        "cluster/member/add",
        cluster + "MemberAdd",
        MemberAddRequest.getDefaultInstance(),
        MemberAddResponse.getDefaultInstance());
    route(
        "cluster/member/remove",
        cluster + "MemberRemove",
        MemberRemoveRequest.getDefaultInstance(),
        MemberRemoveResponse.getDefaultInstance());
    route(
        "cluster/member/update",
        cluster + "MemberUpdate",
        MemberUpdateRequest.getDefaultInstance(),
        MemberUpdateResponse.getDefaultInstance());
    route(
        "cluster/member/promote",
        cluster + "MemberPromote",
        MemberPromoteRequest.getDefaultInstance(),
        MemberPromoteResponse.getDefaultInstance());
  }

  private void routeMaintenance() {
    String maintenance = "/etcdserverpb.Maintenance/";
    route(
        "maintenance/status",
        maintenance + "Status",
        StatusRequest.getDefaultInstance(),
        StatusResponse.getDefaultInstance());
    route(
        "maintenance/alarm",
        maintenance + "Alarm",
        AlarmRequest.getDefaultInstance(),
        AlarmResponse.getDefaultInstance());
    route(
        "maintenance/defragment",
        maintenance + "Defragment",
        DefragmentRequest.getDefaultInstance(),
        DefragmentResponse.getDefaultInstance());
    route(
        "maintenance/hash",
        maintenance + "Hash",
        HashRequest.getDefaultInstance(),
        HashResponse.getDefaultInstance());
    route(
        "maintenance/hashkv",
        maintenance + "HashKV",
        HashKVRequest.getDefaultInstance(),
        HashKVResponse.getDefaultInstance());
    route(
        "maintenance/transfer-leadership",
        maintenance + "MoveLeader",
        MoveLeaderRequest.getDefaultInstance(),
        MoveLeaderResponse.getDefaultInstance());
  }

  private void route(String path, String method, Message request, Message response) {
    for (String prefix : PREFIXES) {
      routes.put(prefix + path, new Route(request, response, unary.get(method)));
    }
  }

  /** Whether the path is one of the gateway's. */
  boolean isFor(HttpServerRequest request) {
    return routes.containsKey(request.path()) || snapshotPaths.contains(request.path());
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
    if (snapshotPaths.contains(request.path())) {
      new SnapshotCall(loop, request, new SnapshotCall.Json(request)).begin();
    } else {
      new JsonCall(loop, request, routes.get(request.path())).begin();
    }
  }
}
