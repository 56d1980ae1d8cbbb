package io.balsa.parity;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.balsa.api.etcd.proto.authpb.Permission;
import io.balsa.api.etcd.proto.etcdserverpb.AlarmRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthDisableRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthEnableRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthRoleAddRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthRoleDeleteRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthRoleGetRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthRoleGrantPermissionRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthRoleListRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthRoleRevokePermissionRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthStatusRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthUserAddRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthUserChangePasswordRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthUserDeleteRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthUserGetRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthUserGrantRoleRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthUserListRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthUserRevokeRoleRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AuthenticateRequest;
import io.balsa.api.etcd.proto.etcdserverpb.CompactionRequest;
import io.balsa.api.etcd.proto.etcdserverpb.DefragmentRequest;
import io.balsa.api.etcd.proto.etcdserverpb.DeleteRangeRequest;
import io.balsa.api.etcd.proto.etcdserverpb.DowngradeRequest;
import io.balsa.api.etcd.proto.etcdserverpb.HashKVRequest;
import io.balsa.api.etcd.proto.etcdserverpb.HashRequest;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseGrantRequest;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseKeepAliveRequest;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseLeasesRequest;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseRevokeRequest;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseTimeToLiveRequest;
import io.balsa.api.etcd.proto.etcdserverpb.MemberAddRequest;
import io.balsa.api.etcd.proto.etcdserverpb.MemberListRequest;
import io.balsa.api.etcd.proto.etcdserverpb.MemberPromoteRequest;
import io.balsa.api.etcd.proto.etcdserverpb.MemberRemoveRequest;
import io.balsa.api.etcd.proto.etcdserverpb.MemberUpdateRequest;
import io.balsa.api.etcd.proto.etcdserverpb.MoveLeaderRequest;
import io.balsa.api.etcd.proto.etcdserverpb.PutRequest;
import io.balsa.api.etcd.proto.etcdserverpb.RangeRequest;
import io.balsa.api.etcd.proto.etcdserverpb.RequestOp;
import io.balsa.api.etcd.proto.etcdserverpb.SnapshotRequest;
import io.balsa.api.etcd.proto.etcdserverpb.StatusRequest;
import io.balsa.api.etcd.proto.etcdserverpb.TxnRequest;
import io.balsa.api.etcd.proto.etcdserverpb.WatchCreateRequest;
import io.balsa.api.etcd.proto.etcdserverpb.WatchRequest;
import io.balsa.api.etcd.proto.v3electionpb.CampaignRequest;
import io.balsa.api.etcd.proto.v3electionpb.LeaderKey;
import io.balsa.api.etcd.proto.v3electionpb.LeaderRequest;
import io.balsa.api.etcd.proto.v3electionpb.ProclaimRequest;
import io.balsa.api.etcd.proto.v3electionpb.ResignRequest;
import io.balsa.api.etcd.proto.v3lockpb.LockRequest;
import io.balsa.api.etcd.proto.v3lockpb.UnlockRequest;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Every method of etcd's API, and how etcd 3.4 answers it where users are enforced. The user of the
 * rows may read and write what begins with {@code k}; what else there is, {@link AuthWire} says.
 */
final class AuthRows {
  /** A lease with a key that the user may not see. */
  static final long SECRET_LEASE = 100;

  /** A lease with a key of the user. */
  static final long OWN_LEASE = 200;

  /** As the first, to be revoked. */
  static final long REVOKED_SECRET_LEASE = 101;

  /** A lease without keys. */
  static final long FREE_LEASE = 300;

  /** How many ask each row. */
  static final int CALLERS = 6;

  private static final long NO_MEMBER = 77;
  private static final String KV = "etcdserverpb.KV/";
  private static final String LEASE = "etcdserverpb.Lease/";
  private static final String CLUSTER = "etcdserverpb.Cluster/";
  private static final String MAINTENANCE = "etcdserverpb.Maintenance/";
  private static final String AUTH = "etcdserverpb.Auth/";
  private static final String LOCK = "v3lockpb.Lock/";
  private static final String ELECTION = "v3electionpb.Election/";

  private static final String EMPTY = "3 etcdserver: user name is empty";
  private static final String INVALID = "16 etcdserver: invalid auth token";
  private static final String DENIED = "7 etcdserver: permission denied";

  /**
   * One request.
   *
   * @param json the path in the gateway; null for those that are asked over gRPC only
   * @param answers of Balsa to nobody, a wrong token, a void token, a user without and one with
   *     permission, and root
   * @param etcd the same of etcd 3.4
   */
  record Row(String method, Message request, String json, List<String> answers, List<String> etcd) {
    /** Where Balsa answers otherwise on purpose: as later versions of etcd do. */
    Row inEtcd(List<String> others) {
      return new Row(method, request, json, answers, others);
    }
  }

  private AuthRows() {}

  private static Row row(String method, Message request, String json, List<String> answers) {
    return new Row(method, request, json, answers, answers);
  }

  // ---- Who is answered what

  /** Only root may. */
  private static List<String> root(String answer) {
    return user(DENIED, answer);
  }

  /** Only users with permission may. */
  private static List<String> user(String answer, String toRoot) {
    return List.of(EMPTY, INVALID, INVALID, DENIED, answer, toRoot);
  }

  /** Whoever has no token, or a good one. */
  private static List<String> known(String answer) {
    return List.of(answer, INVALID, INVALID, answer, answer, answer);
  }

  /** The same, of what is done once. */
  private static List<String> knownOnce(String first, String answer) {
    return List.of(first, INVALID, INVALID, answer, answer, answer);
  }

  private static List<String> all(String answer) {
    return Collections.nCopies(CALLERS, answer);
  }

  /** As the service Maintenance says it, which does not translate its errors. */
  private static List<String> ofMaintenance(List<String> answers) {
    return refusals(answers, text -> "2 auth: " + text);
  }

  /** As the services say it that are clients themselves: without the code. */
  private static List<String> ofClient(List<String> answers) {
    return refusals(answers, text -> "2 etcdserver: " + text);
  }

  /** Election.Observe ends as if all were well. */
  private static List<String> withoutAWord(List<String> answers) {
    return refusals(answers, text -> "0 without a word");
  }

  private static List<String> refusals(List<String> answers, UnaryOperator<String> form) {
    return answers.stream()
        .map(
            each ->
                List.of(EMPTY, INVALID, DENIED).contains(each)
                    ? form.apply(each.substring(each.indexOf(": ") + 2))
                    : each)
        .toList();
  }

  /** A watch is canceled, and the stream goes on. */
  private static List<String> ofWatch(List<String> answers) {
    Map<String, String> names =
        Map.of(EMPTY, "InvalidArgument", INVALID, "Unauthenticated", DENIED, "PermissionDenied");
    return answers.stream()
        .map(
            each ->
                names.containsKey(each)
                    ? "canceled: rpc error: code = %s desc = %s"
                        .formatted(names.get(each), each.substring(each.indexOf(' ') + 1))
                    : each)
        .toList();
  }

  // ---- What is asked

  private static ByteString b(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private static Message range(String key) {
    return RangeRequest.newBuilder().setKey(b(key)).build();
  }

  private static Message put(String key, long lease) {
    return PutRequest.newBuilder().setKey(b(key)).setLease(lease).build();
  }

  private static Message watch(String key) {
    return WatchRequest.newBuilder()
        .setCreateRequest(WatchCreateRequest.newBuilder().setKey(b(key)))
        .build();
  }

  private static LeaderKey leader(String key) {
    return LeaderKey.newBuilder().setName(b("ke")).setKey(b(key)).setRev(1).setLease(1).build();
  }

  /** All rows, in the order in which they are to be asked: the last one disables users. */
  static List<Row> rows(String peerUrl) {
    return List.of(
        row(KV + "Range", range("x"), "kv/range", root("0")),
        row(KV + "Range", range("k"), null, user("0", "0")),
        row(KV + "Put", put("x", 0), "kv/put", root("0")),
        row(KV + "Put", put("k", 0), null, user("0", "0")),
        row(KV + "Put", put("k", SECRET_LEASE), null, root("0")),
        row(
            KV + "DeleteRange",
            DeleteRangeRequest.newBuilder().setKey(b("x0")).build(),
            "kv/deleterange",
            root("0")),
        row(
            KV + "DeleteRange",
            DeleteRangeRequest.newBuilder().setKey(b("k0")).build(),
            null,
            user("0", "0")),
        row(
            KV + "Txn",
            TxnRequest.newBuilder()
                .addSuccess(
                    RequestOp.newBuilder().setRequestPut(PutRequest.newBuilder().setKey(b("x"))))
                .build(),
            "kv/txn",
            root("0")),
        row(
            KV + "Txn",
            TxnRequest.newBuilder()
                .addSuccess(
                    RequestOp.newBuilder().setRequestPut(PutRequest.newBuilder().setKey(b("k"))))
                .build(),
            null,
            user("0", "0")),
        row(
            KV + "Compact",
            CompactionRequest.newBuilder().setRevision(1).build(),
            null,
            knownOnce("0", "11 etcdserver: mvcc: required revision has been compacted")),
        row("etcdserverpb.Watch/Watch", watch("x"), "watch", ofWatch(root("0"))),
        row("etcdserverpb.Watch/Watch", watch("k"), null, ofWatch(user("0", "0"))),
        row(
            LEASE + "LeaseGrant",
            LeaseGrantRequest.newBuilder().setTTL(60).build(),
            "lease/grant",
            known("0")),
        row(
            LEASE + "LeaseTimeToLive",
            LeaseTimeToLiveRequest.newBuilder().setID(SECRET_LEASE).build(),
            null,
            all("0")),
        row(
                LEASE + "LeaseTimeToLive",
                LeaseTimeToLiveRequest.newBuilder().setID(SECRET_LEASE).setKeys(true).build(),
                "lease/timetolive",
                root("0"))
            .inEtcd(all("0")),
        row(
                LEASE + "LeaseTimeToLive",
                LeaseTimeToLiveRequest.newBuilder().setID(OWN_LEASE).setKeys(true).build(),
                null,
                user("0", "0"))
            .inEtcd(all("0")),
        row(
                LEASE + "LeaseTimeToLive",
                LeaseTimeToLiveRequest.newBuilder().setID(9).setKeys(true).build(),
                null,
                known("0"))
            .inEtcd(all("0")),
        row(
            LEASE + "LeaseLeases",
            LeaseLeasesRequest.getDefaultInstance(),
            "lease/leases",
            all("0")),
        row(
            LEASE + "LeaseKeepAlive",
            LeaseKeepAliveRequest.newBuilder().setID(SECRET_LEASE).build(),
            "lease/keepalive",
            all("0")),
        row(
            LEASE + "LeaseRevoke",
            LeaseRevokeRequest.newBuilder().setID(OWN_LEASE).build(),
            null,
            user("0", "5 etcdserver: requested lease not found")),
        row(
            LEASE + "LeaseRevoke",
            LeaseRevokeRequest.newBuilder().setID(9).build(),
            null,
            known("5 etcdserver: requested lease not found")),
        row(
            LEASE + "LeaseRevoke",
            LeaseRevokeRequest.newBuilder().setID(REVOKED_SECRET_LEASE).build(),
            null,
            root("0")),
        row(
            CLUSTER + "MemberList",
            MemberListRequest.getDefaultInstance(),
            "cluster/member/list",
            all("0")),
        row(
            CLUSTER + "MemberAdd",
            MemberAddRequest.newBuilder().addPeerURLs(peerUrl).build(),
            "cluster/member/add",
            root("9 etcdserver: Peer URLs already exists")),
        row(
            CLUSTER + "MemberAdd",
            MemberAddRequest.newBuilder().addPeerURLs("no url").build(),
            null,
            all("3 etcdserver: given member URLs are invalid")),
        row(
            CLUSTER + "MemberRemove",
            MemberRemoveRequest.newBuilder().setID(NO_MEMBER).build(),
            "cluster/member/remove",
            root("5 etcdserver: member not found")),
        row(
            CLUSTER + "MemberUpdate",
            MemberUpdateRequest.newBuilder()
                .setID(NO_MEMBER)
                .addPeerURLs("http://127.0.0.1:1")
                .build(),
            "cluster/member/update",
            root("5 etcdserver: member not found")),
        row(
            CLUSTER + "MemberPromote",
            MemberPromoteRequest.newBuilder().setID(NO_MEMBER).build(),
            "cluster/member/promote",
            root("5 etcdserver: member not found")),
        row(
            MAINTENANCE + "Alarm",
            AlarmRequest.getDefaultInstance(),
            "maintenance/alarm",
            ofMaintenance(known("0"))),
        row(
            MAINTENANCE + "Alarm",
            AlarmRequest.newBuilder().setAction(AlarmRequest.AlarmAction.DEACTIVATE).build(),
            null,
            ofMaintenance(known("0"))),
        row(
            MAINTENANCE + "Status",
            StatusRequest.getDefaultInstance(),
            "maintenance/status",
            all("0")),
        row(
            MAINTENANCE + "Defragment",
            DefragmentRequest.getDefaultInstance(),
            "maintenance/defragment",
            ofMaintenance(root("0"))),
        row(
            MAINTENANCE + "Hash",
            HashRequest.getDefaultInstance(),
            "maintenance/hash",
            ofMaintenance(root("0"))),
        row(
            MAINTENANCE + "HashKV",
            HashKVRequest.getDefaultInstance(),
            null,
            ofMaintenance(root("0"))),
        row(
            MAINTENANCE + "Snapshot",
            SnapshotRequest.getDefaultInstance(),
            "maintenance/snapshot",
            ofMaintenance(root("0"))),
        row(
            MAINTENANCE + "MoveLeader",
            MoveLeaderRequest.newBuilder().setTargetID(NO_MEMBER).build(),
            "maintenance/transfer-leadership",
            all("9 etcdserver: bad leader transferee")),
        row(
            MAINTENANCE + "Downgrade",
            DowngradeRequest.getDefaultInstance(),
            null,
            all("12 unknown method Downgrade for service etcdserverpb.Maintenance")),
        row(
            LOCK + "Lock",
            LockRequest.newBuilder().setName(b("x")).build(),
            "lock/lock",
            ofClient(root("0"))),
        row(
            LOCK + "Lock",
            LockRequest.newBuilder().setName(b("y")).setLease(SECRET_LEASE).build(),
            null,
            ofClient(root("0"))),
        row(
            LOCK + "Lock",
            LockRequest.newBuilder().setName(b("kl")).setLease(FREE_LEASE).build(),
            null,
            ofClient(user("0", "0"))),
        row(
            LOCK + "Unlock",
            UnlockRequest.newBuilder().setKey(b("x1")).build(),
            "lock/unlock",
            ofClient(root("0"))),
        row(
            LOCK + "Unlock",
            UnlockRequest.newBuilder().setKey(b("k1")).build(),
            null,
            ofClient(user("0", "0"))),
        row(
            ELECTION + "Campaign",
            CampaignRequest.newBuilder().setName(b("xe")).build(),
            "election/campaign",
            ofClient(root("0"))),
        row(
            ELECTION + "Campaign",
            CampaignRequest.newBuilder().setName(b("ke")).setLease(FREE_LEASE).build(),
            null,
            ofClient(user("0", "0"))),
        row(
            ELECTION + "Proclaim",
            ProclaimRequest.newBuilder().setLeader(leader("xe/1")).build(),
            "election/proclaim",
            ofClient(root("2 election: not leader"))),
        row(
            ELECTION + "Proclaim",
            ProclaimRequest.newBuilder().setLeader(leader("ke/1")).build(),
            null,
            ofClient(user("2 election: not leader", "2 election: not leader"))),
        row(
            ELECTION + "Leader",
            LeaderRequest.newBuilder().setName(b("xe")).build(),
            "election/leader",
            ofClient(root("0"))),
        row(
            ELECTION + "Leader",
            LeaderRequest.newBuilder().setName(b("kf")).build(),
            null,
            ofClient(user("2 election: no leader", "2 election: no leader"))),
        row(
            ELECTION + "Observe",
            LeaderRequest.newBuilder().setName(b("xe")).build(),
            "election/observe",
            withoutAWord(root("0"))),
        row(
            ELECTION + "Observe",
            LeaderRequest.newBuilder().setName(b("ke")).build(),
            null,
            withoutAWord(user("0", "0"))),
        row(
            ELECTION + "Resign",
            ResignRequest.newBuilder().setLeader(leader("xe/2")).build(),
            "election/resign",
            ofClient(root("0"))),
        row(
            ELECTION + "Resign",
            ResignRequest.newBuilder().setLeader(leader("ke/2")).build(),
            null,
            ofClient(user("0", "0"))),
        row(AUTH + "AuthStatus", AuthStatusRequest.getDefaultInstance(), null, all("0"))
            .inEtcd(all("12 unknown method AuthStatus for service etcdserverpb.Auth")),
        row(
            AUTH + "Authenticate",
            AuthenticateRequest.newBuilder().setName("u").setPassword("upw").build(),
            "auth/authenticate",
            known("0")),
        row(
            AUTH + "Authenticate",
            AuthenticateRequest.newBuilder().setName("u").setPassword("x").build(),
            null,
            all("3 etcdserver: authentication failed, invalid user ID or password")),
        row(AUTH + "AuthEnable", AuthEnableRequest.getDefaultInstance(), "auth/enable", root("0")),
        row(
            AUTH + "UserAdd",
            AuthUserAddRequest.newBuilder().setName("u").setPassword("x").build(),
            "auth/user/add",
            root("9 etcdserver: user name already exists")),
        row(
            AUTH + "UserGet",
            AuthUserGetRequest.newBuilder().setName("root").build(),
            "auth/user/get",
            root("0")),
        row(
            AUTH + "UserGet",
            AuthUserGetRequest.newBuilder().setName("u").build(),
            null,
            user("0", "0")),
        row(
            AUTH + "UserList",
            AuthUserListRequest.getDefaultInstance(),
            "auth/user/list",
            root("0")),
        row(
            AUTH + "UserDelete",
            AuthUserDeleteRequest.newBuilder().setName("no").build(),
            "auth/user/delete",
            root("9 etcdserver: user name not found")),
        row(
            AUTH + "UserChangePassword",
            AuthUserChangePasswordRequest.newBuilder().setName("no").setPassword("x").build(),
            "auth/user/changepw",
            root("9 etcdserver: user name not found")),
        row(
            AUTH + "UserGrantRole",
            AuthUserGrantRoleRequest.newBuilder().setUser("no").setRole("r").build(),
            "auth/user/grant",
            root("9 etcdserver: user name not found")),
        row(
            AUTH + "UserRevokeRole",
            AuthUserRevokeRoleRequest.newBuilder().setName("no").setRole("r").build(),
            "auth/user/revoke",
            root("9 etcdserver: user name not found")),
        row(
            AUTH + "RoleAdd",
            AuthRoleAddRequest.newBuilder().setName("r").build(),
            "auth/role/add",
            root("9 etcdserver: role name already exists")),
        row(
            AUTH + "RoleGet",
            AuthRoleGetRequest.newBuilder().setRole("r").build(),
            "auth/role/get",
            user("0", "0")),
        row(
            AUTH + "RoleGet",
            AuthRoleGetRequest.newBuilder().setRole("no").build(),
            null,
            root("9 etcdserver: role name not found")),
        row(
            AUTH + "RoleList",
            AuthRoleListRequest.getDefaultInstance(),
            "auth/role/list",
            root("0")),
        row(
            AUTH + "RoleDelete",
            AuthRoleDeleteRequest.newBuilder().setRole("no").build(),
            "auth/role/delete",
            root("9 etcdserver: role name not found")),
        row(
            AUTH + "RoleGrantPermission",
            AuthRoleGrantPermissionRequest.newBuilder()
                .setName("no")
                .setPerm(Permission.newBuilder().setKey(b("k")))
                .build(),
            "auth/role/grant",
            root("9 etcdserver: role name not found")),
        row(
            AUTH + "RoleRevokePermission",
            AuthRoleRevokePermissionRequest.newBuilder().setRole("no").setKey(b("k")).build(),
            "auth/role/revoke",
            root("9 etcdserver: role name not found")),
        row(AUTH + "AuthDisable", AuthDisableRequest.getDefaultInstance(), null, root("0")));
  }
}
