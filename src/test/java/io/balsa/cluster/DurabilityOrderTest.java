package io.balsa.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Nothing is promised before it is on the disk. The proof is from outside: syncs of one member are
 * held for ever, and what needs them must not happen, though it takes milliseconds otherwise.
 */
class DurabilityOrderTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** Several election timeouts. */
  private static final Duration SPAN = Duration.ofSeconds(4);

  @RegisterExtension final Servers servers = new Servers();

  @Test
  void followersAppendResponseWaitsForItsSync() {
    TestCluster cluster = servers.cluster(3);
    ServerProcess leader = cluster.leader();
    List<ServerProcess> followers = cluster.followers();
    Strace held = servers.closeLater(Strace.holdSyncs(followers.get(0)));
    // The other two are a quorum: this one's disk is in nobody's way.
    assertThat(leader.endpoint().put("with quorum", "1").status()).isEqualTo(200);
    followers.get(1).kill();

    assertNotAcknowledged(leader.endpoint());

    held.close();
    awaitWritable(cluster);
  }

  @Test
  void leaderDoesNotCountItselfBeforeItsOwnSync() {
    TestCluster cluster = servers.cluster(3);
    ServerProcess leader = cluster.leader();
    cluster.followers().get(0).kill();
    assertThat(leader.endpoint().put("with quorum", "1").status()).isEqualTo(200);
    Strace held = servers.closeLater(Strace.holdSyncs(leader));

    assertNotAcknowledged(leader.endpoint());

    held.close();
    awaitWritable(cluster);
  }

  @Test
  void voteWaitsForItsSync() {
    TestCluster cluster = servers.cluster(3);
    // A sync under way would hold the answer to the pre-vote already, and nobody would campaign.
    cluster.awaitQuiet();
    List<ServerProcess> followers = cluster.followers();
    ServerProcess leader = cluster.leader();
    long term = leader.status().orElseThrow().term();
    Strace held = servers.closeLater(Strace.holdSyncs(followers.get(0)));
    leader.kill();

    // A new leader needs the votes of both, whichever of the two campaigns.
    Await.never("a leader was elected", SPAN, () -> cluster.leaderNow().isPresent());
    assertThat(highestTerm(followers)).as("after an election was tried").isGreaterThan(term);

    held.close();
    awaitWritable(cluster);
  }

  @Test
  void failedSyncEndsTheMemberAndLosesNothing() {
    TestCluster cluster = servers.cluster(3);
    ServerProcess failing = cluster.followers().get(0);
    servers.closeLater(Strace.failSyncs(failing));
    assertThat(cluster.leader().endpoint().put("key", "1").status()).isEqualTo(200);
    assertThat(failing.awaitExit()).as(failing.logTail()).isNotZero();
    assertThat(failing.logText()).containsIgnoringCase("input/output error");
    assertThat(failing.logText()).doesNotContainPattern(Alarms.STACK_TRACE);

    failing.start();
    failing.awaitReady();
    assertThat(failing.endpoint().get(ClientPort.kv("key")).text()).isEqualTo("1");
    cluster.awaitAgreement();
  }

  private static long highestTerm(List<ServerProcess> members) {
    return members.stream()
        .mapToLong(member -> member.status().map(MemberStatus::term).orElse(0L))
        .max()
        .orElseThrow();
  }

  private static void assertNotAcknowledged(ClientPort leader) {
    Answer answer =
        leader.send("PUT", ClientPort.kv("held") + "?timeoutMs=" + SPAN.toMillis(), new byte[100]);
    assertThat(answer.outcome()).as(answer.toString()).isEqualTo(Outcome.UNKNOWN);
    assertThat(answer.status()).as(answer.toString()).isIn(503, 504);
  }

  /** With the disk back all is well again. */
  private static void awaitWritable(TestCluster cluster) {
    Await.until(
        "writes are acknowledged again",
        LIMIT,
        () -> cluster.leader().endpoint().put("after", "1").isApplied());
    cluster.awaitAgreement();
    cluster
        .members()
        .forEach(member -> assertThat(member.alarms()).as("log of %s", member).isEmpty());
  }
}
