package io.balsa.raft.paper;

import static io.balsa.raft.Core.core;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Bytes;
import io.balsa.raft.ConfChangeRefusal;
import io.balsa.raft.Core;
import io.balsa.raft.Group;
import io.balsa.raft.Role;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfChange.Operation;
import io.balsa.raft.message.ConfChange.OperationType;
import io.balsa.raft.message.ConfChange.Transition;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.Message;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Changes of the configuration through a joint one. The papers let a configuration count as soon as
 * it is in the log; here, as in etcd, it counts when its entry is applied, and a leader appends no
 * second change before.
 */
class JointConsensusTest {
  private static ConfChange change(Transition transition, Operation... operations) {
    return new ConfChange(transition, List.of(operations), Bytes.EMPTY);
  }

  private static Operation op(OperationType type, long member) {
    return new Operation(type, member);
  }

  /** From voters 1, 2 and 3 to 1, 4 and 5. */
  private static ConfChange replaceTwo(Transition transition) {
    return change(
        transition,
        op(OperationType.REMOVE, 2),
        op(OperationType.REMOVE, 3),
        op(OperationType.ADD_VOTER, 4),
        op(OperationType.ADD_VOTER, 5));
  }

  private static Core.Builder joint() {
    return core(1).voters(1, 4, 5).outgoing(1, 2, 3);
  }

  // ---- Both halves

  /** Paper §6: an election needs a majority of the old and a majority of the new voters. */
  @ParameterizedTest
  @CsvSource({
    "2 3, CANDIDATE",
    "4 5, CANDIDATE",
    "2 4, LEADER",
    "3 5, LEADER",
  })
  void electionNeedsAMajorityOfEachHalf(String granted, Role outcome) {
    Core core = joint().build().campaign();

    for (String voter : granted.split(" ")) {
      core.stepAndRun(core.grant(Long.parseLong(voter)));
    }

    assertThat(core.node.role()).isEqualTo(outcome);
  }

  /** Paper §6: a majority of refusals in one half is enough to lose. */
  @ParameterizedTest
  @CsvSource({"2, 3", "4, 5"})
  void refusalsOfOneHalfLoseTheElection(long first, long second) {
    Core core = joint().build().campaign();

    core.stepAndRun(core.refuse(first)).stepAndRun(core.refuse(second));

    assertThat(core.node.role()).isEqualTo(Role.FOLLOWER);
  }

  /** Paper §6: an entry needs a majority of the old and a majority of the new voters. */
  @ParameterizedTest
  @CsvSource({"2 3, 0", "4 5, 0", "2 4, 1", "3 5, 1"})
  void commitNeedsAMajorityOfEachHalf(String acknowledged, long commit) {
    Core core = joint().leader();

    for (String voter : acknowledged.split(" ")) {
      core.stepAndRun(core.acknowledge(Long.parseLong(voter), 1));
    }

    assertThat(core.node.commit()).isEqualTo(commit);
  }

  /** Paper §6: entries go to the servers of both halves. */
  @Test
  void entriesGoToBothHalves() {
    Core core = joint().leader().acknowledgedByAll();

    core.propose("x");
    core.run();

    assertThat(core.take(Message.AppendRequest.class))
        .extracting(Message::to)
        .containsExactly(2L, 3L, 4L, 5L);
  }

  /** Paper §6: a server of either half may lead. */
  @ParameterizedTest
  @ValueSource(longs = {1, 3, 5})
  void serverOfEitherHalfMayLead(long candidate) {
    Group group =
        Group.of(
            LongStream.rangeClosed(1, 5)
                .mapToObj(id -> core(id).voters(1, 4, 5).outgoing(1, 2, 3).build())
                .toArray(Core[]::new));
    group.elect(candidate);

    assertThat(group.leader().id).isEqualTo(candidate);
    assertThat(group.leader().node.commit()).isEqualTo(1);
  }

  // ---- In and out

  /** Paper §6, figure 11: first the joint configuration, then the new one, each by an entry. */
  @ParameterizedTest
  @EnumSource(
      value = Transition.class,
      names = {"AUTO", "JOINT_IMPLICIT"})
  void leaderLeavesTheJointConfigurationByASecondEntry(Transition transition) {
    Core core = core(1).leader().acknowledgedByAll();
    core.propose(replaceTwo(transition));
    core.run();
    core.stepAndRun(core.acknowledge(2, 2));
    assertThat(core.node.status().configuration())
        .isEqualTo(
            new ConfState(List.of(1L, 4L, 5L), List.of(1L, 2L, 3L), List.of(), List.of(), true));
    assertThat(core.node.lastIndex()).isEqualTo(3);

    core.stepAndRun(core.acknowledge(4, 3));
    assertThat(core.node.status().isJoint()).isTrue();
    core.stepAndRun(core.acknowledge(2, 3));

    assertThat(core.node.status().configuration())
        .isEqualTo(ConfState.ofVoters(List.of(1L, 4L, 5L)));
    assertThat(core.storage.entries(2, 4, Long.MAX_VALUE))
        .allMatch(e -> e.type() == EntryType.CONF_CHANGE_V2);
  }

  /** Paper §6: the joint configuration can last; where asked for, it is left on demand only. */
  @Test
  void jointConfigurationLastsUntilItIsToBeLeft() {
    Core core = core(1).leader().acknowledgedByAll();
    core.propose(replaceTwo(Transition.JOINT_EXPLICIT));
    core.acknowledgedByAll();
    core.propose("x");
    core.acknowledgedByAll();
    assertThat(core.node.status().isJoint()).isTrue();
    assertThat(core.appliedTexts()).containsExactly("x");

    core.propose(ConfChange.LEAVE_JOINT);
    core.acknowledgedByAll();

    assertThat(core.node.status().configuration())
        .isEqualTo(ConfState.ofVoters(List.of(1L, 4L, 5L)));
  }

  /** Paper §6: from a joint configuration the only way leads to its new half. */
  @Test
  void jointConfigurationMustBeLeftBeforeAnotherChange() {
    Core core = core(1).leader().acknowledgedByAll();
    core.propose(replaceTwo(Transition.JOINT_EXPLICIT));
    core.acknowledgedByAll();

    core.propose(ConfChange.of(OperationType.ADD_VOTER, 6));
    core.acknowledgedByAll();

    assertThat(core.refusals).containsExactly(ConfChangeRefusal.JOINT);
    assertThat(core.node.status().configuration().voters()).containsExactly(1L, 4L, 5L);
    assertThat(core.node.status().isJoint()).isTrue();
  }

  /** Thesis §4.3: a leader that crashes between the two entries is followed by one that goes on. */
  @Test
  void nextLeaderLeavesTheJointConfigurationOfTheLast() {
    Core core =
        core(1)
            .members(
                new ConfState(List.of(1L, 4L, 5L), List.of(1L, 2L, 3L), List.of(), List.of(), true))
            .leader();

    core.acknowledgedByAll();

    assertThat(core.node.status().configuration())
        .isEqualTo(ConfState.ofVoters(List.of(1L, 4L, 5L)));
  }

  /** Paper §6: a leader that is not in the new half leads until the end, uncounted there. */
  @Test
  void leaderOutsideTheNewHalfLeadsUntilItIsLeftAndThenStepsDown() {
    Core core = core(1).options(o -> o.stepDownOnRemoval(true)).leader().acknowledgedByAll();
    core.propose(
        change(
            Transition.JOINT_EXPLICIT,
            op(OperationType.REMOVE, 1),
            op(OperationType.REMOVE, 2),
            op(OperationType.ADD_VOTER, 4),
            op(OperationType.ADD_VOTER, 5)));
    core.run();
    core.stepAndRun(core.acknowledge(2, 2));
    assertThat(core.node.status().isJoint()).isTrue();
    assertThat(core.node.isLeader()).isTrue();

    core.propose("x");
    core.run();
    core.stepAndRun(core.acknowledge(2, 3)).stepAndRun(core.acknowledge(4, 3));
    assertThat(core.node.commit()).isEqualTo(2); // One of three in the new half.
    core.stepAndRun(core.acknowledge(5, 3));
    assertThat(core.node.commit()).isEqualTo(3);

    core.propose(ConfChange.LEAVE_JOINT);
    core.run();
    assertThat(core.node.isLeader()).isTrue();
    core.stepAndRun(core.acknowledge(3, 4)).stepAndRun(core.acknowledge(4, 4));

    assertThat(core.node.role()).isEqualTo(Role.FOLLOWER);
    assertThat(core.node.status().configuration().voters()).containsExactly(3L, 4L, 5L);
  }

  /** Paper §6, thesis §4.3: an old voter that is to learn still votes in the old half. */
  @Test
  void demotedVoterBecomesLearnerWhenTheJointConfigurationIsLeft() {
    Core core = core(1).leader().acknowledgedByAll();
    core.propose(change(Transition.JOINT_EXPLICIT, op(OperationType.ADD_LEARNER, 3)));
    core.acknowledgedByAll();
    assertThat(core.node.status().configuration())
        .isEqualTo(
            new ConfState(List.of(1L, 2L), List.of(1L, 2L, 3L), List.of(), List.of(3L), false));

    core.propose(ConfChange.LEAVE_JOINT);
    core.acknowledgedByAll();

    assertThat(core.node.status().configuration())
        .isEqualTo(new ConfState(List.of(1L, 2L), List.of(), List.of(3L), List.of(), false));
  }

  /** Paper §6: all of it, over five servers, with commands before, between and after. */
  @Test
  void groupMovesToOtherServersWithoutLosingACommand() {
    Group group =
        Group.of(
            LongStream.rangeClosed(1, 5).mapToObj(id -> core(id).build()).toArray(Core[]::new));
    group.elect(1);
    group.core(1).propose("before");
    group.core(1).propose(replaceTwo(Transition.AUTO));
    group.core(1).propose("between");
    group.settle();
    group.core(1).propose("after");
    group.settle();
    group.tick(2);

    for (long id : new long[] {1, 4, 5}) {
      assertThat(group.core(id).appliedTexts()).containsExactly("before", "between", "after");
      assertThat(group.core(id).node.status().configuration())
          .isEqualTo(ConfState.ofVoters(List.of(1L, 4L, 5L)));
    }
  }
}
