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
import io.balsa.api.etcd.proto.etcdserverpb.LeaseGrantRequest;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseGrantResponse;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseKeepAliveRequest;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseKeepAliveResponse;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseLeasesRequest;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseLeasesResponse;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseRevokeRequest;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseRevokeResponse;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseTimeToLiveRequest;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseTimeToLiveResponse;
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
import io.balsa.api.etcd.proto.etcdserverpb.WatchRequest;
import io.balsa.api.etcd.proto.etcdserverpb.WatchResponse;
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
  private final OpenStreams open;
  private final Map<String, UnaryMethod> unary;
  private final Map<String, StreamRoute> streams = new HashMap<>();
  private final Map<String, Route> routes = new HashMap<>();
  private final Set<String> snapshotPaths = new HashSet<>();

  /** One method: how its messages look, and who serves it. */
  record Route(Message request, Message response, UnaryMethod method) {
    /** The message that a JSON text says. */
    byte[] read(String json) throws InvalidProtocolBufferException {
      return JsonGateway.read(request, json);
    }

    /** The JSON text of a message. */
    String write(byte[] message) {
      return JsonGateway.write(response, message);
    }
  }

  /** As {@link Route}, with messages that follow one another. */
  record StreamRoute(Message request, Message response, StreamMethod method) {}

  JsonGateway(
      EtcdLoop loop,
      OpenStreams open,
      Map<String, UnaryMethod> unary,
      Map<String, StreamMethod> streaming) {
    this.loop = loop;
    this.open = open;
    this.unary = unary;
    stream(
        "watch",
        new StreamRoute(
            WatchRequest.getDefaultInstance(),
            WatchResponse.getDefaultInstance(),
            streaming.get(WatchService.WATCH)));
    stream(
        "lease/keepalive",
        new StreamRoute(
            LeaseKeepAliveRequest.getDefaultInstance(),
            LeaseKeepAliveResponse.getDefaultInstance(),
            streaming.get(KeepAlives.METHOD)));
    stream(
        "election/observe",
        new StreamRoute(
            LeaderRequest.getDefaultInstance(),
            LeaderResponse.getDefaultInstance(),
            streaming.get(Observation.METHOD)));
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
    AuthService.METHODS.forEach(
        method ->
            route(
                "auth/" + method.path(),
                AuthService.NAME + method.name(),
                method.request(),
                method.response()));
    routeLeases();
    routeLocks();
    routeElections();
    routeCluster();
    routeMaintenance();
    for (String prefix : PREFIXES) {
      snapshotPaths.add(prefix + "maintenance/snapshot");
    }
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

  private void stream(String path, StreamRoute route) {
    for (String prefix : PREFIXES) {
      streams.put(prefix + path, route);
    }
  }

  /** The message that a JSON text says. */
  static byte[] read(Message kind, String json) throws InvalidProtocolBufferException {
    Message.Builder builder = kind.newBuilderForType();
    PARSER.merge(json, builder);
    return builder.build().toByteArray();
  }

  /** The JSON text of a message. */
  static String write(Message kind, byte[] message) {
    try {
      return PRINTER.print(kind.newBuilderForType().mergeFrom(message));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("an answer of our own cannot be read", e);
    }
  }

  /** Serves a request, if its path is one of the gateway's; returns whether it is. */
  boolean serve(HttpServerRequest request) {
    String path = request.path();
    Route route = routes.get(path);
    StreamRoute stream = route == null ? streams.get(path) : null;
    boolean isSnapshot = route == null && stream == null && snapshotPaths.contains(path);
    if (route == null && stream == null && !isSnapshot) {
      return false;
    }
    if (request.method() != HttpMethod.POST) {
      request
          .response()
          .setStatusCode(METHOD_NOT_ALLOWED)
          .putHeader(HttpHeaders.ALLOW, HttpMethod.POST.name())
          .end();
    } else if (route != null) {
      new JsonCall(loop, request, route).begin();
    } else if (stream != null) {
      new JsonStream(loop, open, request, stream).begin(stream.method());
    } else {
      new SnapshotCall(loop, request, new SnapshotCall.Json(request)).begin();
    }
    return true;
  }
}
