package io.balsa.api.etcd;

import static io.balsa.Held.held;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.balsa.api.etcd.proto.etcdserverpb.AlarmMember;
import io.balsa.api.etcd.proto.etcdserverpb.AlarmRequest;
import io.balsa.api.etcd.proto.etcdserverpb.AlarmResponse;
import io.balsa.api.etcd.proto.etcdserverpb.AlarmType;
import io.balsa.api.etcd.proto.etcdserverpb.ClusterGrpcClient;
import io.balsa.api.etcd.proto.etcdserverpb.CompactionRequest;
import io.balsa.api.etcd.proto.etcdserverpb.DefragmentRequest;
import io.balsa.api.etcd.proto.etcdserverpb.HashKVRequest;
import io.balsa.api.etcd.proto.etcdserverpb.HashKVResponse;
import io.balsa.api.etcd.proto.etcdserverpb.HashRequest;
import io.balsa.api.etcd.proto.etcdserverpb.KVGrpcClient;
import io.balsa.api.etcd.proto.etcdserverpb.MaintenanceGrpcClient;
import io.balsa.api.etcd.proto.etcdserverpb.Member;
import io.balsa.api.etcd.proto.etcdserverpb.MemberAddRequest;
import io.balsa.api.etcd.proto.etcdserverpb.MemberAddResponse;
import io.balsa.api.etcd.proto.etcdserverpb.MemberListRequest;
import io.balsa.api.etcd.proto.etcdserverpb.MemberListResponse;
import io.balsa.api.etcd.proto.etcdserverpb.MemberPromoteRequest;
import io.balsa.api.etcd.proto.etcdserverpb.MemberRemoveRequest;
import io.balsa.api.etcd.proto.etcdserverpb.MemberUpdateRequest;
import io.balsa.api.etcd.proto.etcdserverpb.MoveLeaderRequest;
import io.balsa.api.etcd.proto.etcdserverpb.PutRequest;
import io.balsa.api.etcd.proto.etcdserverpb.SnapshotRequest;
import io.balsa.api.etcd.proto.etcdserverpb.SnapshotResponse;
import io.balsa.api.etcd.proto.etcdserverpb.StatusRequest;
import io.balsa.api.etcd.proto.etcdserverpb.StatusResponse;
import io.balsa.verticle.MemberConfig;
import io.balsa.verticle.Restoration;
import io.balsa.verticle.TestConfigs;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Cluster and Maintenance of one member over real gRPC and HTTP. */
class MaintenanceTest {
  private static final long QUOTA_BYTES = 300_000;

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient http = HttpClient.newHttpClient();
  @TempDir private Path directory;
  private int port;
  private long self;
  private io.balsa.verticle.Member member;
  private SocketAddress address;
  private GrpcClient client;
  private KVGrpcClient kv;
  private ClusterGrpcClient cluster;
  private MaintenanceGrpcClient maintenance;

  @BeforeEach
  void start() throws Exception {
    MemberConfig config =
        TestConfigs.cluster(
                1,
                directory.resolve("data"),
                MemberConfig.EventBus.OFF,
                new MemberConfig.Timing(20, 200, 7_000),
                new MemberConfig.Limits(100_000, QUOTA_BYTES, 100_000, 10, 64 << 20))
            .get(0);
    member = await(io.balsa.verticle.Member.start(vertx, config));
    port = member.clientPorts().get(0);
    address = SocketAddress.inetSocketAddress(port, "127.0.0.1");
    client = GrpcClient.client(vertx);
    kv = KVGrpcClient.create(client, address);
    cluster = ClusterGrpcClient.create(client, address);
    maintenance = MaintenanceGrpcClient.create(client, address);
    put("first", "1");
    self = status().getHeader().getMemberId();
  }

  @AfterEach
  void stop() throws Exception {
    await(member.stop());
    await(vertx.close());
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  private void put(String key, String value) throws Exception {
    await(
        kv.put(
            PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .setValue(ByteString.copyFromUtf8(value))
                .build()));
  }

  private StatusResponse status() throws Exception {
    return await(maintenance.status(StatusRequest.getDefaultInstance()));
  }

  private HttpResponse<String> send(String path, String body) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
    if (body != null) {
      request.POST(HttpRequest.BodyPublishers.ofString(body));
    }
    return http.send(request.build(), BodyHandlers.ofString());
  }

  private JsonObject json(String path, String body) throws Exception {
    return new JsonObject(send(path, body).body());
  }

  private void assertRefused(
      String method, com.google.protobuf.Message request, int code, String text) throws Exception {
    int slash = method.indexOf('/');
    ServiceMethod<Buffer, com.google.protobuf.Message> called =
        ServiceMethod.client(
            ServiceName.create("etcdserverpb." + method.substring(0, slash)),
            method.substring(slash + 1),
            GrpcMessageEncoder.encoder(),
            GrpcMessageDecoder.IDENTITY);
    String found =
        await(
            client
                .request(address, called)
                .compose(
                    call ->
                        call.send(request)
                            .compose(
                                response ->
                                    response
                                        .end()
                                        .transform(
                                            ended ->
                                                Future.succeededFuture(
                                                    response.status().code
                                                        + " "
                                                        + response.statusMessage())))));
    assertThat(found).isEqualTo(code + " " + text);
  }

  // ---- Maintenance

  @Test
  void theStatusHasWhatClientsLookAt() throws Exception {
    StatusResponse status = status();

    assertThat(status.getVersion()).isEqualTo("3.4.0");
    assertThat(json("/version", null).getString("etcdserver")).isEqualTo("3.4.0");
    assertThat(status.getLeader()).isEqualTo(self).isNotZero();
    assertThat(status.getHeader().getRevision()).isEqualTo(2);
    assertThat(status.getRaftTerm()).isPositive();
    assertThat(status.getRaftIndex()).isEqualTo(status.getRaftAppliedIndex()).isPositive();
    assertThat(status.getDbSize()).isGreaterThanOrEqualTo(status.getDbSizeInUse());
    assertThat(status.getDbSizeInUse()).isPositive();
    assertThat(status.getErrorsList()).isEmpty();
    assertThat(status.getIsLearner()).isFalse();
    JsonObject same = json("/v3/maintenance/status", "{}");
    assertThat(same.getString("version")).isEqualTo("3.4.0");
    assertThat(same.getString("leader")).isEqualTo(Long.toUnsignedString(self));
    assertThat(same.getString("dbSize")).isEqualTo(Long.toString(status.getDbSize()));
  }

  @Test
  void theAlarmIsThereWhileTheStoreIsOverItsQuota() throws Exception {
    AlarmRequest all = AlarmRequest.getDefaultInstance();
    assertThat(await(maintenance.alarm(all)).getAlarmsList()).isEmpty();
    assertThat(send("/health", null).statusCode()).isEqualTo(200);
    for (int i = 0; i < 4; i++) {
      put("large" + i, "x".repeat(90_000));
    }
    assertRefused(
        "KV/Put",
        PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("k")).build(),
        8,
        "etcdserver: mvcc: database space exceeded");

    AlarmMember noSpace =
        AlarmMember.newBuilder().setMemberID(self).setAlarm(AlarmType.NOSPACE).build();
    assertThat(await(maintenance.alarm(all)).getAlarmsList()).containsExactly(noSpace);
    assertThat(
            await(maintenance.alarm(all.toBuilder().setAlarm(AlarmType.CORRUPT).build()))
                .getAlarmsList())
        .isEmpty();
    assertThat(status().getErrorsList())
        .containsExactly("memberID:" + Long.toUnsignedString(self) + " alarm:NOSPACE ");
    assertThat(send("/health", null).statusCode()).isEqualTo(503);
    assertThat(json("/health", null).getString("health")).isEqualTo("false");
    assertThat(send("/readyz", null).statusCode()).isEqualTo(200);
    AlarmResponse disarmed =
        await(
            maintenance.alarm(
                AlarmRequest.newBuilder()
                    .setAction(AlarmRequest.AlarmAction.DEACTIVATE)
                    .setMemberID(self)
                    .setAlarm(AlarmType.NOSPACE)
                    .build()));
    assertThat(disarmed.getAlarmsList()).containsExactly(noSpace);

    json("/v3/kv/deleterange", "{\"key\":\"bA==\",\"range_end\":\"bQ==\"}");
    assertThat(json("/v3/maintenance/alarm", "{}").containsKey("alarms")).isFalse();
    put("k", "fits");
  }

  @Test
  void alarmsCannotBeMade() throws Exception {
    assertRefused(
        "Maintenance/Alarm",
        AlarmRequest.newBuilder()
            .setAction(AlarmRequest.AlarmAction.ACTIVATE)
            .setAlarm(AlarmType.CORRUPT)
            .build(),
        12,
        "alarms follow the state of the store: they cannot be activated");
  }

  @Test
  void thereIsNothingToDefragmentAndThatSucceeds() throws Exception {
    await(maintenance.defragment(DefragmentRequest.getDefaultInstance()));
    assertThat(send("/v3/maintenance/defragment", "{}").statusCode()).isEqualTo(200);
  }

  private HashKVResponse hashKv(long revision) throws Exception {
    return await(maintenance.hashKV(HashKVRequest.newBuilder().setRevision(revision).build()));
  }

  @Test
  void hashesAreThoseOfARevision() throws Exception {
    for (int i = 0; i < 10; i++) {
      put("k", "v" + i);
    }
    HashKVResponse now = hashKv(0);
    assertThat(now.getCompactRevision()).as("none, as etcd says it").isEqualTo(-1);
    assertThat(hashKv(12).getHash()).isEqualTo(now.getHash());
    assertThat(hashKv(11).getHash()).isNotEqualTo(now.getHash());
    int whole = await(maintenance.hash(HashRequest.getDefaultInstance())).getHash();
    put("k", "other");
    assertThat(hashKv(12).getHash()).isEqualTo(now.getHash());
    assertThat(await(maintenance.hash(HashRequest.getDefaultInstance())).getHash())
        .isNotEqualTo(whole);
    assertRefused(
        "Maintenance/HashKV",
        HashKVRequest.newBuilder().setRevision(99).build(),
        11,
        "etcdserver: mvcc: required revision is a future revision");

    await(kv.compact(CompactionRequest.newBuilder().setRevision(5).build()));
    assertThat(hashKv(0).getCompactRevision()).isEqualTo(5);
    assertRefused(
        "Maintenance/HashKV",
        HashKVRequest.newBuilder().setRevision(5).build(),
        11,
        "etcdserver: mvcc: required revision has been compacted");
    assertThat(json("/v3/maintenance/hashkv", "{\"revision\":\"6\"}").getLong("hash"))
        .isEqualTo(Integer.toUnsignedLong(hashKv(6).getHash()));
  }

  @Test
  void leadershipGoesToVotersOnly() throws Exception {
    assertRefused(
        "Maintenance/MoveLeader",
        MoveLeaderRequest.newBuilder().setTargetID(4).build(),
        9,
        "etcdserver: bad leader transferee");
    await(maintenance.moveLeader(MoveLeaderRequest.newBuilder().setTargetID(self).build()));
    JsonObject refused = json("/v3/maintenance/transfer-leadership", "{\"targetID\":\"4\"}");
    assertThat(refused.getInteger("code")).isEqualTo(9);
  }

  // ---- Snapshots

  private byte[] snapshot(List<Long> remaining) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    await(
        maintenance
            .snapshot(SnapshotRequest.getDefaultInstance())
            .compose(
                stream -> {
                  Promise<Void> end = Promise.promise();
                  stream.handler(
                      (SnapshotResponse message) -> {
                        remaining.add(message.getRemainingBytes());
                        bytes.writeBytes(message.getBlob().toByteArray());
                      });
                  stream.exceptionHandler(end::tryFail).endHandler(end::tryComplete);
                  return end.future();
                }));
    return bytes.toByteArray();
  }

  @Test
  void aSnapshotIsStreamedWithItsChecksum() throws Exception {
    for (int i = 0; i < 100; i++) {
      put("k" + i, "v".repeat(20_000) + i);
      json("/v3/kv/deleterange", "{\"key\":\"azE=\",\"range_end\":\"bA==\"}");
    }
    List<Long> remaining = new ArrayList<>();
    byte[] bytes = snapshot(remaining);

    assertThat(bytes.length % 512).isEqualTo(32);
    assertThat(remaining).hasSizeGreaterThan(5).endsWith(0L, 0L);
    assertThat(remaining.get(0)).isGreaterThan(1_000_000);
    Path file = directory.resolve("saved");
    Files.write(file, bytes);
    Restoration.Contents contents = Restoration.inspect(file);
    assertThat(contents.revision()).isEqualTo(status().getHeader().getRevision());
    assertThat(contents.sha256()).hasSize(64);

    ByteArrayOutputStream asJson = new ByteArrayOutputStream();
    for (String line : send("/v3/maintenance/snapshot", "{}").body().split("\n")) {
      JsonObject result = new JsonObject(line).getJsonObject("result");
      asJson.writeBytes(Base64.getDecoder().decode(result.getString("blob")));
    }
    assertThat(asJson.toByteArray()).isEqualTo(bytes);
  }

  @Test
  void aFileThatIsNotAsItWasSavedIsRefused() throws Exception {
    byte[] bytes = snapshot(new ArrayList<>());
    Path file = directory.resolve("saved");
    for (int i = 0; i < bytes.length; i += 7) {
      byte[] broken = bytes.clone();
      broken[i] ^= 1;
      Files.write(file, broken);
      assertThatThrownBy(() -> Restoration.inspect(file)).hasMessageContaining("checksum mismatch");
    }
    for (int length : new int[] {0, 31, 32, bytes.length - 1, bytes.length - 512}) {
      Files.write(file, Arrays.copyOf(bytes, Math.max(0, length)));
      assertThatThrownBy(() -> Restoration.inspect(file)).hasMessageStartingWith("snapshot: ");
    }
  }

  // ---- Cluster

  @Test
  void membersComeByTheirUrlsAlone() throws Exception {
    MemberAddResponse added =
        await(
            cluster.memberAdd(
                MemberAddRequest.newBuilder()
                    .addPeerURLs("http://127.0.0.1:9")
                    .setIsLearner(true)
                    .build()));
    Member learner = added.getMember();
    assertThat(learner.getName()).isEmpty();
    assertThat(learner.getClientURLsList()).isEmpty();
    assertThat(learner.getPeerURLsList()).containsExactly("http://127.0.0.1:9");
    assertThat(learner.getIsLearner()).isTrue();
    assertThat(added.getMembersList()).hasSize(2).contains(learner);
    MemberListResponse listed =
        await(cluster.memberList(MemberListRequest.newBuilder().setLinearizable(true).build()));
    assertThat(listed.getMembersList()).hasSize(2).contains(learner);
    assertThat(listed.getHeader().getRevision()).isZero();
    assertThat(listed.getHeader().getMemberId()).isEqualTo(self);

    assertRefused(
        "Cluster/MemberAdd",
        MemberAddRequest.newBuilder().addPeerURLs("http://127.0.0.1:8").setIsLearner(true).build(),
        9,
        "etcdserver: too many learner members in cluster");
    assertRefused(
        "Cluster/MemberAdd",
        MemberAddRequest.newBuilder().addPeerURLs("http://127.0.0.1:9").build(),
        9,
        "etcdserver: Peer URLs already exists");
    assertRefused(
        "Cluster/MemberPromote",
        MemberPromoteRequest.newBuilder().setID(learner.getID()).build(),
        9,
        "etcdserver: can only promote a learner member which is in sync with leader");
    await(
        cluster.memberUpdate(
            MemberUpdateRequest.newBuilder()
                .setID(learner.getID())
                .addPeerURLs("http://127.0.0.1:7")
                .build()));
    JsonObject removed =
        json(
            "/v3/cluster/member/remove",
            "{\"ID\":\"" + Long.toUnsignedString(learner.getID()) + "\"}");
    assertThat(removed.getJsonArray("members")).hasSize(1);
    assertRefused(
        "Cluster/MemberRemove",
        MemberRemoveRequest.newBuilder().setID(learner.getID()).build(),
        5,
        "etcdserver: member not found");
  }

  @Test
  void changesThatMakeNoSenseAreRefusedInEtcdsWords() throws Exception {
    assertRefused(
        "Cluster/MemberAdd",
        MemberAddRequest.getDefaultInstance(),
        3,
        "etcdserver: given member URLs are invalid");
    assertRefused(
        "Cluster/MemberAdd",
        MemberAddRequest.newBuilder().addPeerURLs("127.0.0.1:9").build(),
        3,
        "etcdserver: given member URLs are invalid");
    assertRefused(
        "Cluster/MemberUpdate",
        MemberUpdateRequest.newBuilder().setID(4).addPeerURLs("http://127.0.0.1:9").build(),
        5,
        "etcdserver: member not found");
    assertRefused(
        "Cluster/MemberPromote",
        MemberPromoteRequest.newBuilder().setID(4).build(),
        5,
        "etcdserver: member not found");
    assertRefused(
        "Cluster/MemberPromote",
        MemberPromoteRequest.newBuilder().setID(self).build(),
        9,
        "etcdserver: can only promote a learner member");
    assertRefused(
        "Cluster/MemberRemove",
        MemberRemoveRequest.newBuilder().setID(self).build(),
        2,
        "etcdserver: re-configuration failed due to not enough started members");
  }

  /** As etcdctl asks when it asks just one endpoint. */
  @Test
  void aUrlInTheAuthoritysPlaceIsTaken() throws Exception {
    HttpClientOptions http2 =
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_2)
            .setHttp2ClearTextUpgrade(false);
    int status =
        await(
            held(vertx.createHttpClient(http2))
                .request(HttpMethod.GET, port, "127.0.0.1", "/version")
                .compose(
                    request ->
                        request.authority(HostAndPort.create("http://127.0.0.1", port)).send())
                .map(HttpClientResponse::statusCode));
    assertThat(status).isEqualTo(200);
  }

  // ---- Metrics

  @Test
  void metricsHaveEtcdsNamesToo() throws Exception {
    String metrics = send("/metrics", null).body();

    assertThat(metrics)
        .contains(
            "\netcd_server_has_leader 1\n",
            "\netcd_server_is_leader 1\n",
            "\netcd_server_leader_changes_seen_total 1\n",
            "\netcd_server_proposals_failed_total 0\n",
            "\netcd_server_quota_backend_bytes 300000\n",
            "\netcd_server_version{server_version=\"3.4.0\"} 1\n",
            "# TYPE etcd_disk_wal_fsync_duration_seconds histogram\n",
            "etcd_disk_wal_fsync_duration_seconds_bucket{le=\"+Inf\"} ",
            "grpc_server_handled_total{grpc_code=\"OK\",grpc_method=\"Put\"")
        .containsPattern("\netcd_mvcc_db_total_size_in_bytes [1-9]")
        .containsPattern("\netcd_server_proposals_committed_total [1-9]");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void metricsSayWhatMemoryIsHeldAsEtcdctlAsks() throws Exception {
    assertThat(send("/metrics", null).body())
        .containsPattern("\nprocess_resident_memory_bytes [1-9][0-9]{7,}\n");
  }
}
