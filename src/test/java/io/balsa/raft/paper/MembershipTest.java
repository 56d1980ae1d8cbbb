package io.balsa.raft.paper;

import static io.balsa.raft.Core.core;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.data.Bytes;
import io.balsa.raft.ConfChangeRefusal;
import io.balsa.raft.Core;
import io.balsa.raft.Group;
import io.balsa.raft.ProposalDroppedException.Reason;
import io.balsa.raft.Role;
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
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Changes of one server at a time, learners, and members that leave. A configuration counts when
 * its entry is applied: see {@link JointConsensusTest}.
 */
class MembershipTest {
  private static final ConfChange ADD_4 = ConfChange.of(OperationType.ADD_VOTER, 4);
  private static final ConfChange ADD_5 = ConfChange.of(OperationType.ADD_VOTER, 5);
  private static final ConfChange LEARN_4 = ConfChange.of(OperationType.ADD_LEARNER, 4);

  private static ConfChange remove(long member) {
    return ConfChange.of(OperationType.REMOVE, member);
  }

  // ---- One server at a time

  /** Thesis §4.1: one voter more or less needs no joint configuration: majorities overlap. */
  @Test
  void oneVoterIsAddedOrRemovedInOneStep() {
    Core core = core(1).leader().acknowledgedByAll();
    core.propose(ADD_4);
    core.acknowledgedByAll();
    assertThat(core.node.status().configuration())
        .isEqualTo(ConfState.ofVoters(List.of(1L, 2L, 3L, 4L)));

    core.propose(remove(2));
    core.acknowledgedByAll();

    assertThat(core.node.status().configuration())
        .isEqualTo(ConfState.ofVoters(List.of(1L, 3L, 4L)));
    assertThat(core.node.lastIndex()).isEqualTo(3);
  }

  /** Thesis §4.1: more than one voter at once could make majorities that do not overlap. */
  @Test
  void twoVotersAreNotChangedInOneStep() {
    ConfChange two =
        new ConfChange(
            Transition.AUTO,
            List.of(
                new Operation(OperationType.ADD_VOTER, 4),
                new Operation(OperationType.ADD_VOTER, 5)),
            Bytes.EMPTY);
    Core core = core(1).leader().acknowledgedByAll();
    core.propose(two);
    core.run();
    core.stepAndRun(core.acknowledge(2, 2));

    assertThat(core.node.status().isJoint()).isTrue();
  }

  /** Thesis §4.1: the quorum of the new configuration decides from then on. */
  @Test
  void quorumGrowsWithTheConfiguration() {
    Core core = core(1).leader().acknowledgedByAll();
    core.propose(ADD_4);
    core.acknowledgedByAll();
    core.propose("x");
    core.run();

    core.stepAndRun(core.acknowledge(2, 3));
    assertThat(core.node.commit()).isEqualTo(2);
    core.stepAndRun(core.acknowledge(4, 3));

    assertThat(core.node.commit()).isEqualTo(3);
  }

  /** Thesis §4.1: the change itself is committed as any entry, and takes effect thereafter. */
  @Test
  void changeTakesEffectOnceItIsCommitted() {
    Core core = core(1).leader().acknowledgedByAll();
    core.propose(ADD_4);
    core.run();
    assertThat(core.node.status().configuration().voters()).containsExactly(1L, 2L, 3L);

    core.stepAndRun(core.acknowledge(2, 2));

    assertThat(core.node.status().configuration().voters()).containsExactly(1L, 2L, 3L, 4L);
  }

  /** Thesis §4.1: no change while the last one is under way, or two steps would be one. */
  @Test
  void secondChangeIsReplacedWhileTheFirstIsUnderWay() {
    Core core = core(1).leader().acknowledgedByAll();
    core.propose(ADD_4);
    core.propose(ADD_5);
    core.run();

    assertThat(core.refusals).containsExactly(ConfChangeRefusal.PENDING);
    assertThat(core.storage.entries(3, 4, 0))
        .containsExactly(new Entry(1, 3, EntryType.NORMAL, Bytes.EMPTY));
    core.acknowledgedByAll();
    core.propose(ADD_5);
    core.acknowledgedByAll();
    assertThat(core.node.status().configuration().voters()).containsExactly(1L, 2L, 3L, 4L, 5L);
  }

  /**
   * Thesis §4.1, and the author's note of 2015 on it: a new leader makes no change before an entry
   * of its own term is committed, for it may have inherited one that is not committed.
   */
  @Test
  void newLeaderMakesNoChangeBeforeItHasCommittedInItsTerm() {
    Core core =
        core(1)
            .log(1)
            .entry(new Entry(1, 2, EntryType.CONF_CHANGE_V2, ADD_4.encode()))
            .hardState(1, 0, 1)
            .leader();
    core.propose(ADD_5);
    core.run();
    assertThat(core.refusals).containsExactly(ConfChangeRefusal.PENDING);

    core.acknowledgedByAll();
    core.propose(ADD_5);
    core.acknowledgedByAll();

    assertThat(core.refusals).hasSize(1);
    assertThat(core.node.status().configuration().voters()).containsExactly(1L, 2L, 3L, 4L, 5L);
  }

  /** Thesis §4.1: a change that was not committed may be undone by another leader's log. */
  @Test
  void changeThatALaterLeaderReplacesNeverCounts() {
    Group group = Group.ofVoters(3);
    group.elect(1);
    group.isolate(1);
    group.core(1).propose(ADD_4);
    group.settle();
    group.elect(2);
    group.heal();
    group.tick(3);

    for (long id = 1; id <= 3; id++) {
      assertThat(group.core(id).node.status().configuration().voters()).containsExactly(1L, 2L, 3L);
      assertThat(group.core(id).logTerms()).containsExactly(1L, 2L);
    }
  }

  /** Thesis §4.1: a smaller quorum may have stored more already. */
  @Test
  void smallerQuorumCommitsWhatItAlreadyHas() {
    Core core = core(1).voters(1, 2, 3, 4).leader().acknowledgedByAll();
    core.propose(remove(4));
    core.propose("x");
    core.run();
    core.stepAndRun(core.acknowledge(2, 3));
    assertThat(core.node.commit()).isEqualTo(1);

    core.stepAndRun(core.acknowledge(3, 2)); // Commits the removal: now 1 and 2 of 3 have x.

    assertThat(core.appliedTexts()).containsExactly("x");
  }

  /** Thesis §4.1: a configuration without voters could never change again. */
  @Test
  void lastVoterCannotBeRemoved() {
    Core core = core(1).voters(1).leader();
    core.propose(remove(1));
    core.run();

    assertThat(core.refusals).containsExactly(ConfChangeRefusal.INVALID);
    assertThat(core.node.status().configuration().voters()).containsExactly(1L);
    assertThatThrownBy(() -> core.node.applyConfChange(9, remove(1)))
        .isInstanceOf(ConfChangeException.class);
  }

  /** Thesis §4.1: a server listens to and votes for servers that it knows no configuration of. */
  @Test
  void serversOutsideTheConfigurationAreServed() {
    Core core = core(1).voters(1, 2).build();

    core.stepAndRun(core.append(9, 1, EntryId.ZERO, 1, 1));
    assertThat(core.applied).hasSize(1);
    core.stepAndRun(core.voteRequest(8, 2, Core.at(1, 1)));

    assertThat(core.take())
        .containsExactly(
            new Message.AppendResponse(1, 9, 1, 1, false, EntryId.ZERO),
            new Message.VoteResponse(1, 8, 2, false, false));
  }

  // ---- New servers

  /** Thesis §4.2.1: a new server begins with an empty log, and the leader sends it all. */
  @Test
  void newServerGetsTheWholeLog() {
    Group group = Group.of(core(1).voters(1).build(), core(4).voters(1).build());
    group.elect(1);
    group.core(1).propose("x");
    group.core(1).propose(LEARN_4);

    group.tick(3);

    assertThat(group.core(4).appliedTexts()).containsExactly("x");
    assertThat(group.core(4).logTerms()).isEqualTo(group.core(1).logTerms());
  }

  /** Thesis §4.2.1: a learner gets entries, but counts neither for commits nor for elections. */
  @Test
  void learnerIsSentToButDoesNotCount() {
    Core core = core(1).learners(4, 5).build().campaign();
    assertThat(core.take()).extracting(Message::to).containsExactly(2L, 3L);
    core.stepAndRun(core.grant(4)).stepAndRun(core.grant(5));
    assertThat(core.node.role()).isEqualTo(Role.CANDIDATE);
    core.stepAndRun(core.grant(2));
    assertThat(core.take()).extracting(Message::to).containsExactly(2L, 3L, 4L, 5L);

    core.stepAndRun(core.acknowledge(4, 1)).stepAndRun(core.acknowledge(5, 1));
    assertThat(core.node.commit()).isZero();
    core.stepAndRun(core.acknowledge(3, 1));

    assertThat(core.node.commit()).isEqualTo(1);
  }

  /** Thesis §4.2.1: a learner does not campaign. */
  @Test
  void learnerDoesNotCampaign() {
    Core core = core(1).voters(2, 3).learners(1).build();

    core.tick(3 * Core.ELECTION_TICKS);
    core.campaign();
    core.stepAndRun(new Message.TimeoutNow(2, 1, 0));

    assertThat(core.node.role()).isEqualTo(Role.FOLLOWER);
    assertThat(core.node.term()).isZero();
  }

  /** Thesis §4.2.1: a learner that has caught up becomes voter, with what it has. */
  @Test
  void learnerThatBecomesVoterCountsWithWhatItHas() {
    Core core = core(1).learners(4).leader().acknowledgedByAll();
    core.propose(ADD_4);
    core.run();
    core.stepAndRun(core.acknowledge(4, 2)).stepAndRun(core.acknowledge(2, 2));

    assertThat(core.node.status().configuration())
        .isEqualTo(ConfState.ofVoters(List.of(1L, 2L, 3L, 4L)));
    assertThat(core.node.status().progress().get(4L).match()).isEqualTo(2);
  }

  /** Thesis §4.2.1: a learner may be a voter and not know yet, so it does vote if asked. */
  @Test
  void learnerVotesIfAsked() {
    Core core = core(1).voters(2, 3).learners(1).build();

    core.stepAndRun(core.voteRequest(2, 5, EntryId.ZERO));

    assertThat(core.take()).containsExactly(new Message.VoteResponse(1, 2, 5, false, false));
  }

  // ---- The leader that removes itself

  /** Thesis §4.2.2: a leader removed from the configuration steps down once that is committed. */
  @ParameterizedTest
  @EnumSource(
      value = OperationType.class,
      names = {"REMOVE", "ADD_LEARNER"})
  void leaderStepsDownOnceItsOwnRemovalIsCommitted(OperationType type) {
    Core core = core(1).options(o -> o.stepDownOnRemoval(true)).leader().acknowledgedByAll();
    core.propose(ConfChange.of(type, 1));
    core.run();
    assertThat(core.node.isLeader()).isTrue();

    core.stepAndRun(core.acknowledge(2, 2));

    assertThat(core.node.role()).isEqualTo(Role.FOLLOWER);
    core.tick(3 * Core.ELECTION_TICKS);
    assertThat(core.node.term()).isEqualTo(1);
  }

  /** Thesis §4.2.2: where it does not step down it serves the others, and does not count itself. */
  @Test
  void removedLeaderThatGoesOnDoesNotCountItself() {
    Core core = core(1).leader().acknowledgedByAll();
    core.propose(remove(1));
    core.propose("x");
    core.run();
    core.stepAndRun(core.acknowledge(2, 2));
    assertThat(core.node.isLeader()).isTrue();
    assertThat(core.dropReason("y")).isEqualTo(Reason.NOT_A_MEMBER);

    core.stepAndRun(core.acknowledge(2, 3));
    assertThat(core.node.commit()).isEqualTo(2);
    core.stepAndRun(core.acknowledge(3, 3));

    assertThat(core.node.commit()).isEqualTo(3);
  }

  /** Thesis §4.2.2: the others elect a leader among themselves, and nothing is lost. */
  @Test
  void othersGoOnWithoutTheLeaderThatRemovedItself() {
    Group group = Group.ofVoters(3, o -> o.stepDownOnRemoval(true));
    group.elect(1);
    group.core(1).propose("x");
    group.core(1).propose(remove(1));
    group.settle();

    group.tick(5 * Core.ELECTION_TICKS);

    assertThat(group.leader().id).isNotEqualTo(1);
    for (long id = 2; id <= 3; id++) {
      assertThat(group.core(id).appliedTexts()).containsExactly("x");
      assertThat(group.core(id).node.status().configuration().voters()).containsExactly(2L, 3L);
    }
  }

  /** Thesis §4.2.2, §4.1: who has a committed change to apply does not count by the old one. */
  @Test
  void memberWithUnappliedCommittedChangesDoesNotCampaign() {
    Core core =
        core(1)
            .log(1)
            .entry(new Entry(1, 2, EntryType.CONF_CHANGE_V2, ADD_4.encode()))
            .hardState(1, 0, 2)
            .build();
    core.node.campaign();
    assertThat(core.node.role()).isEqualTo(Role.FOLLOWER);

    core.run();
    core.node.campaign();

    assertThat(core.node.role()).isEqualTo(Role.CANDIDATE);
  }
}
