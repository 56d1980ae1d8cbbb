package io.balsa.raft;

import static io.balsa.raft.Core.at;
import static io.balsa.raft.Core.core;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.data.Bytes;
import io.balsa.data.InvariantException;
import io.balsa.raft.confchange.Changer;
import io.balsa.raft.confchange.ConfChangeException;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfChange.Operation;
import io.balsa.raft.message.ConfChange.OperationType;
import io.balsa.raft.message.ConfChange.Transition;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import io.balsa.raft.tracker.ProgressTracker.Limits;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Changes of the configuration, from the proposal to what they bring about. */
class ConfChangeTest {
  private static final ConfChange ADD_4 = ConfChange.of(OperationType.ADD_VOTER, 4);

  private static ConfChange change(Transition transition, Operation... operations) {
    return new ConfChange(transition, List.of(operations), Bytes.EMPTY);
  }

  private static Operation op(OperationType type, long member) {
    return new Operation(type, member);
  }

  private static Core settledLeader(Core.Builder builder) {
    Core core = builder.leader();
    acknowledgeAll(core);
    return core;
  }

  private static void acknowledgeAll(Core core) {
    core.run();
    long last;
    do {
      last = core.node.lastIndex();
      for (long id : core.node.status().progress().keySet()) {
        if (id != 1) {
          core.stepAndRun(core.acknowledge(id, last));
        }
      }
    } while (last != core.node.lastIndex());
    core.take();
  }

  private static Entry last(Core core) {
    core.run();
    long index = core.storage.lastIndex();
    return core.storage.entries(index, index + 1, 0).get(0);
  }

  // ---- Proposals that become empty entries

  @Test
  void secondChangeIsReplacedWhileTheFirstIsNotApplied() {
    Core core = settledLeader(core(1));
    core.propose(ADD_4);
    core.propose(ConfChange.of(OperationType.ADD_VOTER, 5));

    assertThat(last(core)).isEqualTo(new Entry(1, 3, EntryType.NORMAL, Bytes.EMPTY));
    assertThat(core.refusals).containsExactly(ConfChangeRefusal.PENDING);
    acknowledgeAll(core);
    core.propose(ConfChange.of(OperationType.ADD_VOTER, 5));

    assertThat(last(core).type()).isEqualTo(EntryType.CONF_CHANGE_V2);
    assertThat(core.refusals).hasSize(1);
  }

  @Test
  void newLeaderWaitsUntilAllItInheritedIsApplied() {
    Core core =
        core(1)
            .log(1)
            .entry(new Entry(1, 2, EntryType.CONF_CHANGE_V2, ADD_4.encode()))
            .hardState(1, 0, 1)
            .leader();

    core.propose(ConfChange.of(OperationType.ADD_VOTER, 5));

    assertThat(core.refusals).containsExactly(ConfChangeRefusal.PENDING);
    assertThat(last(core).type()).isEqualTo(EntryType.NORMAL);
  }

  @Test
  void jointConfigurationMustBeLeftBeforeAnotherChange() {
    Core core = settledLeader(core(1));
    core.propose(ConfChange.LEAVE_JOINT);
    acknowledgeAll(core);
    core.propose(change(Transition.JOINT_EXPLICIT, op(OperationType.ADD_VOTER, 4)));
    acknowledgeAll(core);
    assertThat(core.node.status().isJoint()).isTrue();
    core.propose(ConfChange.of(OperationType.ADD_VOTER, 5));
    acknowledgeAll(core);
    core.propose(ConfChange.LEAVE_JOINT);
    acknowledgeAll(core);

    assertThat(core.refusals).containsExactly(ConfChangeRefusal.NOT_JOINT, ConfChangeRefusal.JOINT);
    assertThat(core.node.status().configuration())
        .isEqualTo(ConfState.ofVoters(List.of(1L, 2L, 3L, 4L)));
  }

  @Test
  void changeThatCouldNotBeAppliedIsReplaced() throws Exception {
    Core core = settledLeader(core(1).voters(1));
    core.propose(ConfChange.of(OperationType.REMOVE, 1));
    core.node.propose(
        List.of(Entry.proposal(EntryType.CONF_CHANGE_V2, Bytes.wrap(new byte[] {99}))));
    core.run();

    assertThat(core.refusals).containsExactly(ConfChangeRefusal.INVALID, ConfChangeRefusal.INVALID);
    assertThat(core.node.status().configuration().voters()).containsExactly(1L);
  }

  @Test
  void changeThatIsNotValidIsRefusedWhenAppliedAndChangesNothing() {
    Core core = core(1).voters(1).build();
    assertThatThrownBy(() -> core.node.applyConfChange(1, ConfChange.of(OperationType.REMOVE, 1)))
        .isInstanceOf(ConfChangeException.class)
        .hasMessage("removed all voters");
    assertThat(core.node.status().configuration().voters()).containsExactly(1L);
  }

  @Test
  void validationThatIsSwitchedOffTakesEverythingButWhatNobodyCanRead() throws Exception {
    Core core = settledLeader(core(1).options(o -> o.disableConfChangeValidation(true)));
    core.propose(ADD_4);
    core.propose(ConfChange.of(OperationType.ADD_VOTER, 5));
    core.propose(ConfChange.LEAVE_JOINT);
    core.node.propose(
        List.of(Entry.proposal(EntryType.CONF_CHANGE_V2, Bytes.wrap(new byte[] {99}))));
    core.run();

    assertThat(core.storage.entries(2, 6, Long.MAX_VALUE))
        .extracting(Entry::type)
        .containsExactly(
            EntryType.CONF_CHANGE_V2,
            EntryType.CONF_CHANGE_V2,
            EntryType.CONF_CHANGE_V2,
            EntryType.NORMAL);
    assertThat(core.refusals).containsExactly(ConfChangeRefusal.INVALID);
  }

  @Test
  void otherEntriesOfAProposalKeepTheirPlacesBesideAReplacedChange() throws Exception {
    Core core = settledLeader(core(1));
    core.node.propose(
        List.of(
            Entry.proposal(EntryType.NORMAL, Bytes.utf8("a")),
            Entry.proposal(EntryType.CONF_CHANGE_V2, ADD_4.encode()),
            Entry.proposal(EntryType.CONF_CHANGE_V2, ADD_4.encode()),
            Entry.proposal(EntryType.NORMAL, Bytes.utf8("b"))));
    core.run();

    assertThat(core.storage.entries(2, 6, Long.MAX_VALUE))
        .containsExactly(
            new Entry(1, 2, EntryType.NORMAL, Bytes.utf8("a")),
            new Entry(1, 3, EntryType.CONF_CHANGE_V2, ADD_4.encode()),
            new Entry(1, 4, EntryType.NORMAL, Bytes.EMPTY),
            new Entry(1, 5, EntryType.NORMAL, Bytes.utf8("b")));
  }

  @Test
  void changeThatIsDroppedWithItsProposalIsNotPending() throws Exception {
    Core core = settledLeader(core(1).options(o -> o.maxUncommittedBytes(1)));
    core.propose("x");
    assertThatThrownBy(() -> core.node.proposeConfChange(ADD_4))
        .isInstanceOf(ProposalDroppedException.class);
    acknowledgeAll(core);

    core.propose(ADD_4);

    assertThat(core.refusals).isEmpty();
    assertThat(last(core).type()).isEqualTo(EntryType.CONF_CHANGE_V2);
  }

  @Test
  void firstFormHasOneOperationAndItsOwnEntryType() throws Exception {
    Core core = settledLeader(core(1));
    core.node.proposeConfChangeV1(ADD_4);
    assertThat(last(core).type()).isEqualTo(EntryType.CONF_CHANGE);
    acknowledgeAll(core);
    assertThat(core.node.status().configuration().voters()).containsExactly(1L, 2L, 3L, 4L);

    for (ConfChange tooMuch :
        List.of(
            change(Transition.JOINT_EXPLICIT, op(OperationType.REMOVE, 4)),
            change(Transition.AUTO, op(OperationType.REMOVE, 4), op(OperationType.REMOVE, 3)))) {
      assertThatThrownBy(() -> core.node.proposeConfChangeV1(tooMuch))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("v1 conf change can only have one operation and no transition");
    }
  }

  // ---- Joint configurations

  @ParameterizedTest
  @CsvSource({
    // Transition, operations; whether the change is joint, and left without being asked.
    "AUTO, 1, false, false",
    "AUTO, 2, true, true",
    "JOINT_IMPLICIT, 1, true, true",
    "JOINT_IMPLICIT, 2, true, true",
    "JOINT_EXPLICIT, 1, true, false",
    "JOINT_EXPLICIT, 2, true, false",
  })
  void transitionDecidesHowAChangePassesThroughTheJointConfiguration(
      Transition transition, int operations, boolean joint, boolean leavesByItself) {
    Core core = settledLeader(core(1));
    List<Operation> all = List.of(op(OperationType.ADD_VOTER, 4), op(OperationType.ADD_VOTER, 5));
    core.propose(new ConfChange(transition, all.subList(0, operations), Bytes.EMPTY));
    core.run();
    core.stepAndRun(core.acknowledge(2, 2));

    ConfState state = core.node.status().configuration();
    assertThat(state.isJoint()).isEqualTo(joint);
    assertThat(state.autoLeave()).isEqualTo(leavesByItself);
    assertThat(core.node.lastIndex()).isEqualTo(leavesByItself ? 3 : 2);
    acknowledgeAll(core);
    assertThat(core.node.status().isJoint()).isEqualTo(joint && !leavesByItself);
    if (core.node.status().isJoint()) {
      core.propose(ConfChange.LEAVE_JOINT);
      acknowledgeAll(core);
    }
    assertThat(core.node.status().configuration())
        .isEqualTo(ConfState.ofVoters(List.of(1L, 2L, 3L, 4L, 5L).subList(0, 3 + operations)));
  }

  @Test
  void jointConfigurationIsLeftThoughTheUncommittedLimitIsReached() throws Exception {
    Core core = settledLeader(core(1).options(o -> o.maxUncommittedBytes(1)));
    ConfChange change = change(Transition.JOINT_IMPLICIT, op(OperationType.ADD_LEARNER, 4));
    core.node.propose(
        List.of(
            Entry.proposal(EntryType.CONF_CHANGE_V2, change.encode()),
            Entry.proposal(EntryType.NORMAL, Bytes.utf8("more than one byte"))));
    core.run();

    core.stepAndRun(core.acknowledge(2, 2));

    assertThat(core.dropReason("x")).isEqualTo(ProposalDroppedException.Reason.UNCOMMITTED_LIMIT);
    assertThat(last(core)).isEqualTo(new Entry(1, 4, EntryType.CONF_CHANGE_V2, Bytes.EMPTY));
  }

  @Test
  void autoLeaveIsRetriedByTheNextLeader() {
    Core core =
        core(1)
            .members(
                new ConfState(List.of(1L, 2L, 3L), List.of(1L, 4L), List.of(), List.of(), true))
            .log(1)
            .hardState(1, 0, 0)
            .leader();
    assertThat(core.node.status().isJoint()).isTrue();

    acknowledgeAll(core);

    assertThat(core.node.status().isJoint()).isFalse();
    assertThat(core.node.status().configuration().voters()).containsExactly(1L, 2L, 3L);
  }

  @Test
  void autoLeaveIsRetriedAfterATransferThatFailed() {
    Core core = settledLeader(core(1));
    core.propose(change(Transition.JOINT_IMPLICIT, op(OperationType.ADD_VOTER, 4)));
    core.run();
    core.node.transferLeader(2);
    core.stepAndRun(core.acknowledge(2, 2));
    assertThat(core.node.status().isJoint()).isTrue();
    assertThat(core.node.lastIndex()).isEqualTo(2);

    core.tick(Core.ELECTION_TICKS);
    core.propose("x");
    acknowledgeAll(core);

    assertThat(core.node.status().isJoint()).isFalse();
  }

  @Test
  void demotedVoterBecomesLearnerWhenTheJointConfigurationIsLeft() {
    Core core = settledLeader(core(1));
    core.propose(
        change(
            Transition.JOINT_EXPLICIT,
            op(OperationType.ADD_LEARNER, 3),
            op(OperationType.ADD_VOTER, 4)));
    acknowledgeAll(core);
    assertThat(core.node.status().configuration())
        .isEqualTo(
            new ConfState(List.of(1L, 2L, 4L), List.of(1L, 2L, 3L), List.of(), List.of(3L), false));

    core.propose(ConfChange.LEAVE_JOINT);
    acknowledgeAll(core);

    assertThat(core.node.status().configuration())
        .isEqualTo(new ConfState(List.of(1L, 2L, 4L), List.of(), List.of(3L), List.of(), false));
    assertThat(core.node.status().progress().get(3L).learner()).isTrue();
  }

  @Test
  void storedConfigurationThatNoChangesLeadToIsRefused() {
    for (ConfState state :
        List.of(
            new ConfState(List.of(1L, 1L), List.of(), List.of(), List.of(), false),
            new ConfState(List.of(1L, 2L), List.of(), List.of(2L), List.of(), false),
            new ConfState(List.of(1L, 2L), List.of(), List.of(), List.of(2L), false),
            new ConfState(List.of(1L), List.of(), List.of(3L, 3L), List.of(), false),
            new ConfState(List.of(1L), List.of(), List.of(), List.of(), true))) {
      assertThatThrownBy(() -> core(1).members(state).build())
          .as("%s", state)
          .isInstanceOf(InvariantException.class);
    }
  }

  @Test
  void simpleChangeOfMoreThanOneVoterIsRefused() {
    Limits limits = new Limits(1, 1);
    Changer changer =
        new Changer(Changer.restore(ConfState.ofVoters(List.of(1L, 2L, 3L)), 1, limits), 1, limits);
    assertThatThrownBy(
            () ->
                changer.simple(
                    List.of(op(OperationType.ADD_VOTER, 4), op(OperationType.REMOVE, 3))))
        .isInstanceOf(ConfChangeException.class)
        .hasMessage("more than one voter changed without entering joint config");
  }

  // ---- Effects

  @Test
  void operationThatTheApplicationCancelsOrThatIsAnUpdateChangesNothing() {
    Core core = core(1).build();
    for (Operation nothing : List.of(op(OperationType.ADD_VOTER, 0), op(OperationType.UPDATE, 2))) {
      ConfState state = core.node.applyConfChange(1, change(Transition.AUTO, nothing));
      assertThat(state).isEqualTo(ConfState.ofVoters(List.of(1L, 2L, 3L)));
    }
  }

  @Test
  void changeTakesEffectWhenItIsAppliedNotWhenItIsAppended() {
    Core core = settledLeader(core(1));
    core.propose(ADD_4);
    core.run();
    assertThat(core.node.status().configuration().voters()).containsExactly(1L, 2L, 3L);

    core.stepAndRun(core.acknowledge(2, 2));

    assertThat(core.node.status().configuration().voters()).containsExactly(1L, 2L, 3L, 4L);
  }

  @Test
  void newMemberIsProbedAtOnceAndCountsAsActive() {
    Core core = settledLeader(core(1).options(o -> o.checkQuorum(true)));
    core.propose(ADD_4);
    core.run();
    core.stepAndRun(core.acknowledge(2, 2));

    assertThat(core.take(Message.AppendRequest.class)).anyMatch(m -> m.to() == 4);
    assertThat(core.node.status().progress().get(4L).recentActive()).isTrue();
  }

  @Test
  void smallerQuorumCommitsWhatItAlreadyHas() {
    Core core = settledLeader(core(1).voters(1, 2, 3, 4));
    core.propose(ConfChange.of(OperationType.REMOVE, 4));
    core.propose("x");
    core.run();
    core.stepAndRun(core.acknowledge(2, 3));
    assertThat(core.node.commit()).isEqualTo(1);

    core.stepAndRun(core.acknowledge(3, 2)); // Commits the removal: now 1 and 2 of 3 have x.

    assertThat(core.appliedTexts()).containsExactly("x");
  }

  @Test
  void removedLeaderGoesOnButCountsNotItselfAndTakesNoProposals() {
    Core core = settledLeader(core(1));
    core.propose(ConfChange.of(OperationType.REMOVE, 1));
    core.propose("x");
    core.run();
    core.stepAndRun(core.acknowledge(2, 2));
    assertThat(core.node.isLeader()).isTrue();
    assertThat(core.dropReason("y")).isEqualTo(ProposalDroppedException.Reason.NOT_A_MEMBER);

    core.stepAndRun(core.acknowledge(2, 3));
    assertThat(core.node.commit()).isEqualTo(2);
    core.stepAndRun(core.acknowledge(3, 3));
    assertThat(core.node.commit()).isEqualTo(3);
  }

  @Test
  void removedOrDemotedLeaderStepsDownWhereThatIsWanted() {
    for (OperationType type : List.of(OperationType.REMOVE, OperationType.ADD_LEARNER)) {
      Core core = settledLeader(core(1).options(o -> o.stepDownOnRemoval(true)));
      core.propose(ConfChange.of(type, 1));
      core.run();
      core.stepAndRun(core.acknowledge(2, 2));

      assertThat(core.node.role()).isEqualTo(Role.FOLLOWER);
      assertThat(core.node.term()).isEqualTo(1);
    }
  }

  @Test
  void transferToAVoterThatLeavesIsGivenUp() {
    Core core = settledLeader(core(1));
    core.propose(ConfChange.of(OperationType.REMOVE, 3));
    core.run();
    core.node.transferLeader(3);
    core.stepAndRun(core.acknowledge(2, 2));

    assertThat(core.node.status().transferee()).isZero();
  }

  // ---- Campaigns and votes

  @Test
  void changeBehindMoreEntriesThanAreLookedAtTogetherStopsACampaignAsWell() {
    Bytes large = Bytes.wrap(new byte[700_000]);
    Core.Builder builder = core(1).hardState(1, 0, 6);
    for (long index = 1; index <= 5; index++) {
      builder.entry(new Entry(1, index, EntryType.NORMAL, large));
    }
    Core core = builder.entry(new Entry(1, 6, EntryType.CONF_CHANGE_V2, ADD_4.encode())).build();

    core.node.campaign();

    assertThat(core.node.role()).isEqualTo(Role.FOLLOWER);
  }

  @Test
  void learnersAndStrangersDoNotCampaignButVote() {
    ConfState members = new ConfState(List.of(2L, 3L), List.of(), List.of(1L), List.of(), false);
    for (Core core : List.of(core(1).members(members).build(), core(1).voters(2, 3).build())) {
      core.tick(3 * Core.ELECTION_TICKS);
      assertThat(core.node.role()).isEqualTo(Role.FOLLOWER);

      core.stepAndRun(core.voteRequest(2, 5, EntryId.ZERO));
      assertThat(core.take()).containsExactly(new Message.VoteResponse(1, 2, 5, false, false));
    }
  }

  // ---- Snapshots

  @Test
  void snapshotWithoutThisMemberIsRefused() {
    Core core = core(1).build();
    Snapshot snapshot = new Snapshot(at(1, 9), ConfState.ofVoters(List.of(2L, 3L)));

    core.stepAndRun(new Message.InstallSnapshot(2, 1, 1, snapshot));

    assertThat(core.node.lastIndex()).isZero();
    assertThat(core.node.status().configuration().voters()).containsExactly(1L, 2L, 3L);
  }

  // ---- Beginnings

  @Test
  void foundersBeginWithOneCommittedEntryEach() {
    Core core = core(1).members(ConfState.EMPTY).build();
    core.node.bootstrap(List.of(new Peer(1, Bytes.utf8("here")), new Peer(2, Bytes.EMPTY)));

    Ready ready = core.runOnce();

    assertThat(ready.hardState().term()).isEqualTo(1);
    assertThat(ready.hardState().commit()).isEqualTo(2);
    assertThat(ready.entries()).isEqualTo(ready.committedEntries()).hasSize(2);
    assertThat(core.node.status().configuration().voters()).containsExactly(1L, 2L);
    assertThatThrownBy(() -> core.node.bootstrap(List.of(new Peer(1, Bytes.EMPTY))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("raft: cannot bootstrap a storage that is not empty: last index 2");
  }

  @Test
  void commitIndexThatACrashLostIsNotBehindWhatWasApplied() {
    Core core = core(1).log(1, 1, 1).hardState(1, 0, 1).options(o -> o.applied(3)).build();

    assertThat(core.node.commit()).isEqualTo(3);
    assertThat(core.node.applied()).isEqualTo(3);
    assertThat(core.run().applied).isEmpty();
  }

  @Test
  void logThatLacksCommittedEntriesIsRefused() {
    assertThatThrownBy(() -> core(1).log(1).hardState(1, 0, 5).build())
        .hasMessageContaining("commit is beyond the last entry");
  }
}
