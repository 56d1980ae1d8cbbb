package io.balsa.raft.paper;

import static io.balsa.raft.Core.core;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.Core;
import io.balsa.raft.Group;
import io.balsa.raft.message.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What depends on timing, and what must not. */
class TimingTest {
  /** Paper §5.6: where messages are faster than timeouts, a leader stays for good. */
  @Test
  void leaderStaysWhileMessagesAreFasterThanTimeouts() {
    Group group = Group.ofVoters(5);
    group.elect(1);

    group.tick(100 * Core.ELECTION_TICKS);

    assertThat(group.leader().id).isEqualTo(1);
    assertThat(group.leader().node.term()).isEqualTo(1);
  }

  /** Paper §5.6: without a leader the group is down for about an election timeout. */
  @Test
  void anotherLeaderIsElectedSoonAfterTheLast() {
    Group group = Group.ofVoters(5);
    group.elect(1);
    group.isolate(1);

    group.tick(4 * Core.ELECTION_TICKS);

    assertThat(group.leader().id).isNotEqualTo(1);
    group.leader().propose("x");
    group.settle();
    assertThat(group.leader().appliedTexts()).containsExactly("x");
  }

  /** Paper §5.6: heartbeats must be more frequent than election timeouts. */
  @ParameterizedTest
  @ValueSource(ints = {Core.ELECTION_TICKS, Core.ELECTION_TICKS + 1})
  void heartbeatsThatAreTooSlowAreRefused(int heartbeatTicks) {
    Core.Builder builder = core(1).options(o -> o.heartbeatTicks(heartbeatTicks));

    assertThatThrownBy(builder::build).hasMessageContaining("electionTicks must exceed");
  }

  /** Paper §5.6: safety does not depend on timing: a clock that runs wild costs no entry. */
  @Test
  void clockThatRunsWildLosesNothing() {
    Group group = Group.ofVoters(3);
    group.lose(m -> m.to() == 3 && m instanceof Message.AppendRequest);
    for (int i = 0; i < 20; i++) {
      group.elect(1);
      group.elect(1); // Its first campaign told it of the term of 3.
      group.core(1).propose("x" + i);
      group.settle();
      group.core(3).tick(2 * Core.ELECTION_TICKS);
      group.settle();
      assertThat(group.core(3).node.isLeader()).isFalse();
    }
    group.heal();
    group.elect(1);
    group.elect(1);

    assertThat(group.leader().id).isEqualTo(1);
    for (long id = 1; id <= 3; id++) {
      assertThat(group.core(id).appliedTexts()).hasSize(20).startsWith("x0", "x1").endsWith("x19");
    }
    assertThat(group.leader().node.term()).isGreaterThan(20);
  }
}
