package io.balsa.api.etcd;

import static io.balsa.api.etcd.EtcdEndpoint.await;
import static io.balsa.api.etcd.EtcdEndpoint.bytes;
import static io.balsa.api.etcd.EtcdEndpoint.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.api.etcd.EtcdEndpoint.Answer;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseGrpcClient;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseRevokeRequest;
import io.balsa.api.etcd.proto.mvccpb.KeyValue;
import io.balsa.api.etcd.proto.v3electionpb.CampaignRequest;
import io.balsa.api.etcd.proto.v3electionpb.CampaignResponse;
import io.balsa.api.etcd.proto.v3electionpb.ElectionGrpcClient;
import io.balsa.api.etcd.proto.v3electionpb.LeaderKey;
import io.balsa.api.etcd.proto.v3electionpb.LeaderRequest;
import io.balsa.api.etcd.proto.v3electionpb.LeaderResponse;
import io.balsa.api.etcd.proto.v3electionpb.ProclaimRequest;
import io.balsa.api.etcd.proto.v3electionpb.ProclaimResponse;
import io.balsa.api.etcd.proto.v3electionpb.ResignRequest;
import io.balsa.api.etcd.proto.v3electionpb.ResignResponse;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.grpc.common.GrpcStatus;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is expected here was seen of etcd 3.4.23, but that it lets the dead lead. */
class ElectionCallsTest {
  @TempDir private Path directory;
  private EtcdEndpoint etcd;

  @BeforeEach
  void start() throws Exception {
    etcd = new EtcdEndpoint(directory);
    for (long lease = 1; lease <= 3; lease++) {
      etcd.grant(lease, 300);
    }
  }

  @AfterEach
  void stop() throws Exception {
    etcd.close();
  }

  private Future<Answer<CampaignResponse>> campaign(String name, long lease, String value)
      throws Exception {
    return etcd.start(
            ElectionGrpcClient.Campaign,
            CampaignRequest.newBuilder()
                .setName(bytes(name))
                .setLease(lease)
                .setValue(bytes(value))
                .build())
        .answer();
  }

  private Future<Answer<CampaignResponse>> wait(String name, long lease, String value, int place)
      throws Exception {
    Future<Answer<CampaignResponse>> waiting = campaign(name, lease, value);
    until("place " + place, () -> etcd.keys(name + "/").size() == place);
    return waiting;
  }

  private Answer<ProclaimResponse> proclaim(LeaderKey leader, String value) throws Exception {
    return etcd.call(
        ElectionGrpcClient.Proclaim,
        ProclaimRequest.newBuilder().setLeader(leader).setValue(bytes(value)).build());
  }

  private Answer<LeaderResponse> leader(String name) throws Exception {
    return etcd.call(
        ElectionGrpcClient.Leader, LeaderRequest.newBuilder().setName(bytes(name)).build());
  }

  private Answer<ResignResponse> resign(LeaderKey leader) throws Exception {
    return etcd.call(
        ElectionGrpcClient.Resign, ResignRequest.newBuilder().setLeader(leader).build());
  }

  @Test
  void whoLeadsProclaimsAndResignsAndTheNextLeads() throws Exception {
    leader("e").refused(GrpcStatus.UNKNOWN, "election: no leader");
    CampaignResponse first = await(campaign("e", 1, "v1")).ok();
    LeaderKey key = first.getLeader();
    assertThat(key.getName()).isEqualTo(bytes("e"));
    assertThat(key.getKey()).isEqualTo(bytes("e/1"));
    assertThat(key.getLease()).isEqualTo(1);
    assertThat(key.getRev()).isEqualTo(first.getHeader().getRevision());
    Future<Answer<CampaignResponse>> second = wait("e", 2, "v2", 2);
    long entered = etcd.items("e/2").get(0).getCreateRevision();

    long proclaimed = proclaim(key, "new").ok().getHeader().getRevision();
    KeyValue seen = leader("e").ok().getKv();
    assertThat(seen.getValue()).isEqualTo(bytes("new"));
    assertThat(seen.getModRevision()).isEqualTo(proclaimed);
    assertThat(seen.getCreateRevision()).isEqualTo(key.getRev());
    assertThat(seen.getVersion()).isEqualTo(2);
    assertThat(seen.getLease()).isEqualTo(1);
    assertThat(second.isComplete()).isFalse();

    assertThat(resign(key).ok().getHeader().getRevision()).isEqualTo(proclaimed + 1);
    CampaignResponse next = await(second).ok();
    assertThat(next.getHeader().getRevision()).isEqualTo(entered);
    assertThat(next.getLeader().getRev()).isEqualTo(entered);
    assertThat(leader("e").ok().getKv().getValue()).isEqualTo(bytes("v2"));
    proclaim(key, "late").refused(GrpcStatus.UNKNOWN, "election: not leader");
    resign(key).ok();
    assertThat(leader("e").ok().getKv().getKey()).isEqualTo(bytes("e/2"));
  }

  @Test
  void campaigningAgainWithTheSameLeaseProclaims() throws Exception {
    CampaignResponse first = await(campaign("e", 1, "v1")).ok();
    CampaignResponse again = await(campaign("e", 1, "v2")).ok();

    assertThat(again.getLeader()).isEqualTo(first.getLeader());
    assertThat(again.getHeader().getRevision()).isEqualTo(first.getHeader().getRevision());
    assertThat(leader("e").ok().getKv().getValue()).isEqualTo(bytes("v2"));
    assertThat(leader("e").ok().getKv().getVersion()).isEqualTo(2);
    await(campaign("e", 1, "v2")).ok();
    assertThat(leader("e").ok().getKv().getVersion()).isEqualTo(2);
  }

  /** More than a waiting call is ready to hold. */
  @Test
  void whoWaitsHearsOfTheEndHoweverMuchTheLeaderProclaims() throws Exception {
    LeaderKey key = await(campaign("e", 1, "v1")).ok().getLeader();
    Future<Answer<CampaignResponse>> second = wait("e", 2, "v2", 2);
    for (int i = 0; i < 50; i++) {
      proclaim(key, "x".repeat(1_000 * i)).ok();
    }
    resign(key).ok();
    await(second).ok();
  }

  @Test
  void whoseLeaseEndsWhileWaitingNeverLeads() throws Exception {
    LeaderKey key = await(campaign("e", 1, "v1")).ok().getLeader();
    Future<Answer<CampaignResponse>> second = wait("e", 2, "v2", 2);
    Future<Answer<CampaignResponse>> third = wait("e", 3, "v3", 3);

    etcd.call(LeaseGrpcClient.LeaseRevoke, LeaseRevokeRequest.newBuilder().setID(2).build()).ok();

    await(second).refused(GrpcStatus.UNKNOWN, "etcdserver: requested lease not found");
    assertThat(third.isComplete()).isFalse();
    resign(key).ok();
    assertThat(await(third).ok().getLeader().getKey()).isEqualTo(bytes("e/3"));
  }

  @Test
  void whoGoesAwayStandsNoLonger() throws Exception {
    await(campaign("e", 1, "v1")).ok();
    etcd.start(
            ElectionGrpcClient.Campaign,
            CampaignRequest.newBuilder().setName(bytes("e")).setLease(2).build())
        .request()
        .cancel();
    until("only the leader", () -> etcd.keys("e/").equals(List.of("e/1")));
  }

  @Test
  void whatIsMissingIsSaidInEtcdsWords() throws Exception {
    String missing = "\"leader\" field must be provided";
    etcd.call(ElectionGrpcClient.Proclaim, ProclaimRequest.getDefaultInstance())
        .refused(GrpcStatus.UNKNOWN, missing);
    etcd.call(ElectionGrpcClient.Resign, ResignRequest.getDefaultInstance())
        .refused(GrpcStatus.UNKNOWN, missing);
    LeaderKey empty = LeaderKey.newBuilder().setName(bytes("e")).setLease(1).build();
    proclaim(empty, "v").refused(GrpcStatus.UNKNOWN, "etcdserver: key is not provided");
    resign(empty).refused(GrpcStatus.UNKNOWN, "etcdserver: key is not provided");
    await(campaign("e", 555, "v"))
        .refused(GrpcStatus.UNKNOWN, "etcdserver: requested lease not found");
    await(campaign("e", 1, "x".repeat(1_600_000)))
        .refused(GrpcStatus.UNKNOWN, "etcdserver: request is too large");
    assertThat(etcd.keys("e/")).isEmpty();
  }

  @Test
  void theGatewayHasAllOfItAndFreshLeases() throws Exception {
    EtcdEndpoint.Json none = etcd.json("/v3/election/leader", "{\"name\":\"ZQ==\"}");
    assertThat(none.status()).isEqualTo(500);
    assertThat(none.body().getString("message")).isEqualTo("election: no leader");
    assertThat(none.body().getInteger("code")).isEqualTo(2);

    JsonObject elected =
        etcd.json("/v3/election/campaign", "{\"name\":\"ZQ==\",\"value\":\"djE=\"}").body();
    JsonObject key = elected.getJsonObject("leader");
    long lease = Long.parseLong(key.getString("lease"));
    assertThat(etcd.keys("e/")).containsExactly("e/" + Long.toHexString(lease));
    String leader = new JsonObject().put("leader", key).put("value", "djI=").encode();
    assertThat(etcd.json("/v3beta/election/proclaim", leader).status()).isEqualTo(200);
    assertThat(
            etcd.json("/v3/election/leader", "{\"name\":\"ZQ==\"}")
                .body()
                .getJsonObject("kv")
                .getString("value"))
        .isEqualTo("djI=");
    key.put("rev", "1");
    EtcdEndpoint.Json refused =
        etcd.json("/v3/election/proclaim", new JsonObject().put("leader", key).encode());
    assertThat(refused.body().getString("error")).isEqualTo("election: not leader");
    key.put("rev", elected.getJsonObject("header").getString("revision")).put("lease", "0");
    etcd.json("/v3/election/proclaim", new JsonObject().put("leader", key).encode());
    assertThat(etcd.items("e/").get(0).getLease()).as("a fresh one").isNotIn(0L, lease);
    assertThat(etcd.json("/v3/election/resign", leader).status()).isEqualTo(200);
    assertThat(etcd.keys("e/")).isEmpty();
  }
}
