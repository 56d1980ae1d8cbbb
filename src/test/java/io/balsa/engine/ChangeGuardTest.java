package io.balsa.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.engine.request.Refusal;
import io.balsa.raft.Role;
import io.balsa.raft.Status;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfChange.OperationType;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.tracker.Inflights;
import io.balsa.raft.tracker.Progress;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Member 1 leads voters 1, 2 and 3 and learner 4; its log ends at 5,000. */
class ChangeGuardTest {
  private final TreeMap<Long, Progress> progress = new TreeMap<>();
  private ConfState members =
      new ConfState(List.of(1L, 2L, 3L), List.of(), List.of(4L), List.of(), false);

  ChangeGuardTest() {
    for (long id = 1; id <= 4; id++) {
      replicates(id, 5_000);
    }
  }

  private Progress probes(long member, long match) {
    Progress of = new Progress(match, match + 1, member == 4, true, new Inflights(8, 1 << 20));
    progress.put(member, of);
    return of;
  }

  private void replicates(long member, long match) {
    probes(member, match).becomeReplicate();
  }

  private Membership.Fault judge(
      OperationType type, long member, boolean force, Long... answering) {
    Status status = new Status(1, 7, 1, 5_000, 5_000, 1, Role.LEADER, 0, members, progress);
    Set<Long> active = Set.of(answering);
    return ChangeGuard.judge(
        status, active::contains, ConfChange.of(type, member), "m" + member, force);
  }

  @Test
  void removesAMemberThatIsDeadWhileTheOthersAreAQuorum() {
    assertThat(judge(OperationType.REMOVE, 3, false, 1L, 2L)).isNull();
  }

  @Test
  void refusesToRemoveWhatTheQuorumNeedsUnlessForced() {
    assertThat(judge(OperationType.REMOVE, 2, false, 1L, 2L).refusal()).isEqualTo(Refusal.CONFLICT);
    assertThat(judge(OperationType.REMOVE, 2, true, 1L, 2L)).isNull();
  }

  @Test
  void neverRemovesTheLastVoter() {
    members = new ConfState(List.of(1L), List.of(), List.of(), List.of(), false);
    assertThat(judge(OperationType.REMOVE, 1, true, 1L).detail()).contains("m1", "last voter");
  }

  @Test
  void removesWhoAnswersOnlyWhenTheLogFlowsToIt() {
    probes(2, 0);
    assertThat(judge(OperationType.REMOVE, 2, false, 1L, 2L, 3L).refusal())
        .as("tried again")
        .isEqualTo(Refusal.NO_LEADER);
    assertThat(judge(OperationType.REMOVE, 2, false, 1L, 3L)).as("it does not answer").isNull();
  }

  @Test
  void promotesALearnerThatIsCloseBehind() {
    replicates(4, 4_000);
    assertThat(judge(OperationType.ADD_VOTER, 4, false, 1L, 2L, 3L, 4L)).isNull();
    replicates(4, 3_999);
    assertThat(judge(OperationType.ADD_VOTER, 4, false, 1L, 2L, 3L, 4L).detail())
        .contains("1001 entries behind");
    assertThat(judge(OperationType.ADD_VOTER, 4, false, 1L, 2L, 3L).detail())
        .contains("does not answer");
  }
}
