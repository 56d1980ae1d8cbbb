package io.balsa.raft.paper;

import static io.balsa.raft.Core.core;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.Core;
import io.balsa.raft.Group;
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
    group.elect(1);
    for (int i = 0; i < 50; i++) {
      group.core(3).tick(2 * Core.ELECTION_TICKS);
      group.tick(1);
      if (group.core(1).node.isLeader()) {
        group.core(1).propose("x" + i);
      }
      group.settle();
    }
    group.tick(10 * Core.ELECTION_TICKS);

    for (long id = 1; id <= 3; id++) {
      assertThat(group.core(id).appliedTexts()).isEqualTo(group.leader().appliedTexts());
    }
    assertThat(group.core(3).node.term()).isGreaterThan(1);
  }
}
