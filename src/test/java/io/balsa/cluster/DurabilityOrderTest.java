package io.balsa.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Nothing is promised before it is on the disk. The proof is from outside: syncs of one member are
 * held for ever, and what needs them must not happen, though it takes milliseconds otherwise.
 */
class DurabilityOrderTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** Several election timeouts. */
  private static final Duration SPAN = Duration.ofSeconds(3);

  private static final String FAILED_SYNC = "Input/output error";

  @RegisterExtension static final Servers servers = new Servers();

  private static TestCluster cluster;
  private Strace strace;

  @BeforeAll
  static void start() {
    cluster = servers.cluster(3);
    cluster.awaitQuiet();
  }

  /** With the disk back, and those that were killed, all is well again. */
  @AfterEach
  void awaitWritable() {
    if (strace != null) {
      strace.close();
    }
    cluster.start();
    Await.until(
        "writes are acknowledged again",
        LIMIT,
        () -> cluster.leader().endpoint().put("after", "1").isApplied());
    cluster.awaitAgreement();
    for (ServerProcess member : cluster.members()) {
      assertThat(member.alarms().stream().filter(line -> !line.contains(FAILED_SYNC)))
          .as("log of %s", member)
          .isEmpty();
    }
  }

  @Test
  void followersAppendResponseWaitsForItsSync() {
    ServerProcess leader = cluster.leader();
    List<ServerProcess> followers = cluster.followers();
    strace = Strace.holdSyncs(followers.get(0));
    // The other two are a quorum: this one's disk is in nobody's way.
    assertThat(leader.endpoint().put("with quorum", "1").status()).isEqualTo(200);
    followers.get(1).kill();

    assertNotAcknowledged(leader.endpoint());
  }

  @Test
  void leaderDoesNotCountItselfBeforeItsOwnSync() {
    ServerProcess leader = cluster.leader();
    cluster.followers().get(0).kill();
    assertThat(leader.endpoint().put("with quorum", "1").status()).isEqualTo(200);
    strace = Strace.holdSyncs(leader);
    assertNotAcknowledged(leader.endpoint());
  }

  @Test
  void voteWaitsForItsSync() {
    // A sync under way would hold the answer to the pre-vote already, and nobody would campaign.
    cluster.awaitAgreement();
    List<ServerProcess> followers = cluster.followers();
    ServerProcess leader = cluster.leader();
    long term = leader.status().orElseThrow().term();
    strace = Strace.holdSyncs(followers.get(0));
    leader.kill();

    // A new leader needs the votes of both, whichever of the two campaigns.
    Await.never("a leader was elected", SPAN, () -> cluster.leaderNow().isPresent());
    assertThat(highestTerm(followers)).as("after an election was tried").isGreaterThan(term);
  }

  @Test
  void failedSyncEndsTheMemberAndLosesNothing() {
    ServerProcess failing = cluster.followers().get(0);
    strace = Strace.failSyncs(failing);
    assertThat(cluster.leader().endpoint().put("key", "1").status()).isEqualTo(200);
    assertThat(failing.awaitExit()).as(failing.logTail()).isNotZero();
    assertThat(failing.logText()).containsIgnoringCase(FAILED_SYNC);
    assertThat(failing.logText()).doesNotContainPattern(Alarms.STACK_TRACE);

    failing.start();
    failing.awaitReady();
    assertThat(failing.endpoint().get(ClientPort.kv("key")).text()).isEqualTo("1");
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
}
