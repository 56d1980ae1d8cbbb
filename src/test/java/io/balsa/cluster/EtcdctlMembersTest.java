package io.balsa.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An operator changes and looks after a cluster with nothing but etcdctl. */
@Tag("slow")
class EtcdctlMembersTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @RegisterExtension final Servers servers = new Servers();

  @BeforeEach
  void needsEtcdctl() {
    EtcdctlCommand.assumeInstalled();
  }

  private static EtcdctlCommand ctl(TestCluster cluster, String... arguments) {
    return EtcdctlCommand.run(
        cluster.running().stream().map(ServerProcess::endpoint).toList(), arguments);
  }

  private static String id(ServerProcess member) {
    return member.status().orElseThrow().self();
  }

  /** How {@code member list} prints this member, which has started. */
  private static String line(ServerProcess member, String id, boolean learner) {
    return "%s, started, %s, %s, %s, %s"
        .formatted(id, member.name(), member.peerUrl(), member.endpoint().base(), learner);
  }

  @Test
  void membersAreAddedStartedPromotedMovedAndRemoved() {
    TestCluster cluster = servers.cluster(3);
    cluster.awaitQuiet();
    ServerProcess fresh = cluster.prepareNewMember("n4");
    String added =
        ctl(cluster, "member", "add", "n4", "--learner", "--peer-urls=" + fresh.peerUrl()).ok();
    assertThat(added).contains("ETCD_NAME=\"n4\"", "ETCD_INITIAL_CLUSTER_STATE=\"existing\"");
    String unstarted =
        ctl(cluster, "member", "list")
            .ok()
            .lines()
            .filter(line -> line.contains(", unstarted, , " + fresh.peerUrl() + ", , true"))
            .collect(Collectors.joining());
    String id = unstarted.split(",")[0];
    assertThat(id).as(added).isNotEmpty();
    assertThat(ctl(cluster, "member", "promote", id).refusal())
        .isEqualTo(
            "Error: etcdserver: can only promote a learner member which is in sync with leader");

    fresh.start();
    Await.until(
        "n4 tells its name and is a learner",
        LIMIT,
        () ->
            ctl(cluster, "member", "list").text().lines().anyMatch(line(fresh, id, true)::equals));
    Await.until(
        "n4 is promoted", LIMIT, () -> ctl(cluster, "member", "promote", id).exitCode() == 0);
    fresh.awaitReady();
    assertThat(ctl(cluster, "member", "list").ok().lines()).contains(line(fresh, id, false));

    String elsewhere = "http://127.0.0.1:" + Ports.free();
    assertThat(ctl(cluster, "member", "update", id, "--peer-urls=" + elsewhere).ok())
        .startsWith("Member %16s updated in cluster ".formatted(id));
    assertThat(ctl(cluster, "member", "list").ok()).contains(", n4, " + elsewhere + ", ");
    ctl(cluster, "member", "update", id, "--peer-urls=" + fresh.peerUrl()).ok();
    assertThat(ctl(cluster, "member", "list").ok().lines()).contains(line(fresh, id, false));

    assertThat(ctl(cluster, "member", "remove", id).ok())
        .startsWith("Member %16s removed from cluster ".formatted(id));
    assertThat(fresh.awaitExit()).isZero();
    cluster.forget(fresh);
    assertThat(ctl(cluster, "member", "remove", id).refusal())
        .isEqualTo("Error: etcdserver: member not found");
    assertThat(ctl(cluster, "member", "list").ok().lines()).hasSize(3);
  }

  @Test
  void aVoterIsAddedAtOnceAndJoinsUnderItsName() {
    TestCluster cluster = servers.cluster(3);
    ctl(cluster, "put", "before", "1").ok();
    ServerProcess fresh = cluster.prepareNewMember("n4");
    ctl(cluster, "member", "add", "n4", "--peer-urls=" + fresh.peerUrl()).ok();
    assertThat(ctl(cluster, "member", "add", "n5", "--peer-urls=" + fresh.peerUrl()).refusal())
        .isEqualTo("Error: etcdserver: Peer URLs already exists");

    fresh.start();
    fresh.awaitReady();
    assertThat(EtcdctlCommand.run(List.of(fresh.endpoint()), "get", "before").ok())
        .isEqualTo("before\n1\n");
    Await.until(
        "n4 has told its name",
        LIMIT,
        () ->
            ctl(cluster, "member", "list")
                .ok()
                .lines()
                .anyMatch(line(fresh, id(fresh), false)::equals));
    fresh.kill();
    fresh.start();
    fresh.awaitReady();
    cluster.awaitAgreement();
  }

  /** Whether this leader has heard of a member of late. */
  private static boolean hears(ServerProcess leader, String member) {
    JsonArray members = leader.endpoint().get("/v1/status").json().getJsonArray("members");
    return members.stream()
        .map(JsonObject.class::cast)
        .filter(each -> each.getString("id").equals(member))
        .anyMatch(each -> each.getBoolean("recentActive"));
  }

  @Test
  void noChangeMayCostTheQuorum() {
    TestCluster cluster = servers.cluster(3);
    cluster.awaitQuiet();
    ServerProcess down = cluster.followers().get(0);
    String up = id(cluster.followers().get(1));
    String gone = id(down);
    down.kill();
    ServerProcess leader = cluster.leader();
    Await.until("the leader misses " + down.name(), LIMIT, () -> !hears(leader, gone));
    assertThat(
            ctl(cluster, "member", "add", "n4", "--peer-urls=http://127.0.0.1:" + Ports.free())
                .refusal())
        .isEqualTo("Error: etcdserver: unhealthy cluster");
    assertThat(ctl(cluster, "member", "remove", up).refusal())
        .isEqualTo("Error: etcdserver: unhealthy cluster");
    assertThat(ctl(cluster, "member", "remove", gone).ok())
        .startsWith("Member %16s removed from cluster ".formatted(gone));
    cluster.forget(down);

    // What was added and never started counts as much as what is down.
    ctl(cluster, "member", "add", "n4", "--peer-urls=http://127.0.0.1:" + Ports.free()).ok();
    assertThat(
            ctl(cluster, "member", "add", "n5", "--peer-urls=http://127.0.0.1:" + Ports.free())
                .refusal())
        .isEqualTo("Error: etcdserver: re-configuration failed due to not enough started members");
    assertThat(ctl(cluster, "member", "list").ok().lines()).hasSize(3);
  }

  @Test
  void theStateOfTheClusterIsLookedAtAndLeadershipMoved() {
    TestCluster cluster = servers.cluster(3);
    for (int i = 0; i < 5; i++) {
      ctl(cluster, "put", "k" + i, "v").ok();
    }
    cluster.awaitAgreement();
    ServerProcess leader = cluster.leader();
    ServerProcess follower = cluster.followers().get(0);

    List<String> status = ctl(cluster, "endpoint", "status").ok().lines().toList();
    assertThat(status).hasSize(3);
    assertThat(status)
        .filteredOn(line -> line.contains(", true, false, "))
        .singleElement()
        .satisfies(line -> assertThat(line).contains(id(leader) + ", 3.4.0, "));
    assertThat(ctl(cluster, "endpoint", "health", "--cluster").ok()).isEmpty();
    assertThat(
            ctl(cluster, "endpoint", "hashkv")
                .ok()
                .lines()
                .map(line -> line.split(", ")[1])
                .distinct())
        .hasSize(1);
    assertThat(ctl(cluster, "compaction", "4").ok()).isEqualTo("compacted revision 4\n");
    assertThat(ctl(cluster, "endpoint", "hashkv", "--rev", "4").refusal())
        .isEqualTo("Error: etcdserver: mvcc: required revision has been compacted");
    assertThat(
            ctl(cluster, "endpoint", "hashkv", "--rev", "5")
                .ok()
                .lines()
                .map(line -> line.split(", ")[1])
                .distinct())
        .hasSize(1);
    assertThat(ctl(cluster, "defrag").ok().lines())
        .hasSize(3)
        .allMatch(line -> line.startsWith("Finished defragmenting etcd member["));
    assertThat(ctl(cluster, "alarm", "list").ok()).isEmpty();
    assertThat(ctl(cluster, "alarm", "disarm").ok()).isEmpty();

    assertThat(ctl(cluster, "move-leader", "1234").refusal())
        .isEqualTo("Error: etcdserver: bad leader transferee");
    assertThat(ctl(cluster, "move-leader", id(follower)).ok())
        .isEqualTo("Leadership transferred from %s to %s%n".formatted(id(leader), id(follower)));
    assertThat(cluster.leader()).isEqualTo(follower);
    assertThat(EtcdctlCommand.run(List.of(leader.endpoint()), "move-leader", id(leader)).exitCode())
        .isNotZero();
  }

  @Test
  void theAlarmIsListedWhileTheStoreIsFull() {
    TestCluster cluster = servers.cluster(1, "--quota-backend-bytes", "100000");
    String value = "x".repeat(30_000);
    for (int i = 0; i < 4; i++) {
      ctl(cluster, "put", "k" + i, value).ok();
    }
    assertThat(ctl(cluster, "put", "k9", value).refusal())
        .isEqualTo("Error: etcdserver: mvcc: database space exceeded");
    String alarm =
        "memberID:%s alarm:NOSPACE %n"
            .formatted(Long.toUnsignedString(Long.parseUnsignedLong(id(cluster.leader()), 16)));
    assertThat(ctl(cluster, "alarm", "list").ok()).isEqualTo(alarm);
    assertThat(ctl(cluster, "alarm", "disarm").ok()).isEqualTo(alarm);
    ctl(cluster, "del", "k0", "k3").ok();
    assertThat(ctl(cluster, "alarm", "list").ok()).isEmpty();
    ctl(cluster, "put", "k9", value).ok();
  }
}
