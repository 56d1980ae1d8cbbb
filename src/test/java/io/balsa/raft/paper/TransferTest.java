package io.balsa.raft.paper;

import static io.balsa.raft.Core.core;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.Core;
import io.balsa.raft.Group;
import io.balsa.raft.ProposalDroppedException.Reason;
import io.balsa.raft.Role;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfChange.OperationType;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A leader hands its office to another member. */
class TransferTest {
  private static Core transferringTo3() {
    Core core = core(1).leader();
    core.stepAndRun(core.acknowledge(2, 1));
    core.take();
    core.node.transferLeader(3);
    core.run();
    assertThat(core.node.status().transferee()).isEqualTo(3);
    return core;
  }

  /** Thesis §3.10: all of it: the target leads the next term, without a wait for timeouts. */
  @Test
  void targetLeadsTheNextTermWithoutATimeout() {
    Group group = Group.ofVoters(3);
    group.elect(1);
    group.core(1).propose("x");

    group.core(1).node.transferLeader(3);
    group.settle();

    assertThat(group.leader().id).isEqualTo(3);
    assertThat(group.leader().node.term()).isEqualTo(2);
    assertThat(group.core(1).node.leader()).isEqualTo(3);
    assertThat(group.core(3).appliedTexts()).containsExactly("x");
  }

  /** Thesis §3.10, step 1: the leader takes no commands, or the target would never catch up. */
  @Test
  void leaderTakesNoCommandsWhileItHandsOver() {
    Core core = transferringTo3();

    assertThat(core.dropReason("x")).isEqualTo(Reason.TRANSFERRING);
    assertThat(core.node.lastIndex()).isEqualTo(1);
  }

  /** Thesis §3.10, step 2: the target gets what it lacks before it may campaign. */
  @Test
  void targetIsBroughtUpToDateFirst() {
    Core core = transferringTo3();
    assertThat(core.take(Message.TimeoutNow.class)).isEmpty();

    core.stepAndRun(core.acknowledge(3, 1));

    assertThat(core.take(Message.TimeoutNow.class))
        .containsExactly(new Message.TimeoutNow(1, 3, 1));
  }

  /** Thesis §3.10, step 3: a target that has all is told at once to campaign. */
  @Test
  void targetThatHasAllIsToldAtOnce() {
    Core core = core(1).leader().acknowledgedByAll();

    core.node.transferLeader(3);
    core.run();

    assertThat(core.take()).containsExactly(new Message.TimeoutNow(1, 3, 1));
  }

  /** Thesis §3.10: the target campaigns as if its time had run out, and says that it was told. */
  @Test
  void targetCampaignsAtOnceWithoutAPreVote() {
    Core core = core(3).options(o -> o.preVote(true).checkQuorum(true)).build();
    core.stepAndRun(core.heartbeat(1, 1));
    core.take();

    core.stepAndRun(new Message.TimeoutNow(1, 3, 1));

    assertThat(core.node.role()).isEqualTo(Role.CANDIDATE);
    assertThat(core.take())
        .containsExactly(
            new Message.VoteRequest(3, 1, 2, EntryId.ZERO, false, true),
            new Message.VoteRequest(3, 2, 2, EntryId.ZERO, false, true));
  }

  /** Thesis §3.10, §4.2.3: members vote in such a campaign though they hear the leader. */
  @Test
  void membersThatHearTheLeaderVoteForItsSuccessor() {
    Group group = Group.ofVoters(3, o -> o.preVote(true).checkQuorum(true));
    group.elect(1);
    group.tick(1);

    group.core(1).node.transferLeader(3);
    group.settle();

    assertThat(group.leader().id).isEqualTo(3);
  }

  /** Thesis §3.10: a transfer that takes an election timeout is given up. */
  @Test
  void transferIsGivenUpAfterAnElectionTimeout() {
    Core core = transferringTo3();

    core.tick(Core.ELECTION_TICKS - 1);
    assertThat(core.dropReason("x")).isEqualTo(Reason.TRANSFERRING);
    core.tick(1);

    assertThat(core.node.isLeader()).isTrue();
    assertThat(core.node.status().transferee()).isZero();
    assertThat(core.dropReason("x")).isNull();
    core.stepAndRun(core.acknowledge(3, 2));
    assertThat(core.take(Message.TimeoutNow.class)).isEmpty();
  }

  /** Thesis §3.10: the time is counted from the request on, which may be repeated. */
  @Test
  void repeatedRequestDoesNotStartTheTimeAnew() {
    Core core = core(1).leader();
    core.tick(Core.ELECTION_TICKS - 1);
    core.node.transferLeader(3);
    core.tick(Core.ELECTION_TICKS - 1);
    assertThat(core.node.status().transferee()).isEqualTo(3);

    core.node.transferLeader(3);
    core.tick(1);

    assertThat(core.node.status().transferee()).isZero();
  }

  /** Thesis §3.10: a request for another target takes the place of the one under way. */
  @Test
  void newTargetReplacesTheOldOne() {
    Core core = transferringTo3();
    core.take();

    core.node.transferLeader(2);
    core.run();

    assertThat(core.take()).containsExactly(new Message.TimeoutNow(1, 2, 1));
    core.stepAndRun(core.acknowledge(3, 1));
    assertThat(core.take(Message.TimeoutNow.class)).isEmpty();
  }

  /** Thesis §3.10: a request for the leader itself ends a transfer and begins none. */
  @Test
  void transferToTheLeaderItselfKeepsItInOffice() {
    Core core = transferringTo3();

    core.node.transferLeader(1);
    core.run();

    assertThat(core.node.status().transferee()).isZero();
    assertThat(core.dropReason("x")).isNull();
  }

  /** Thesis §3.10, §4.2.1: only a voter can succeed. */
  @ParameterizedTest
  @ValueSource(longs = {4, 9})
  void transferToALearnerOrAStrangerIsIgnored(long target) {
    Core core = core(1).learners(4).leader().acknowledgedByAll();

    core.node.transferLeader(target);
    core.run();

    assertThat(core.node.status().transferee()).isZero();
    assertThat(core.take()).isEmpty();
  }

  /** Thesis §3.10: a follower hands the request on to the leader. */
  @Test
  void transferAskedOfAFollowerReachesTheLeader() {
    Group group = Group.ofVoters(3);
    group.elect(1);

    group.core(2).node.transferLeader(2);
    group.settle();

    assertThat(group.leader().id).isEqualTo(2);
  }

  /** Thesis §3.10: a transfer to a member that is removed meanwhile is given up. */
  @Test
  void transferToAVoterThatLeavesIsGivenUp() {
    Core core = core(1).leader();
    core.propose(ConfChange.of(OperationType.REMOVE, 3));
    core.run();
    core.node.transferLeader(3);
    core.stepAndRun(core.acknowledge(2, 2));

    assertThat(core.node.status().transferee()).isZero();
    assertThat(core.dropReason("x")).isNull();
  }

  /** Thesis §3.10: the target still has to win: if it does not, the group is as without it. */
  @Test
  void transferThatFailsLeavesTheGroupWithALeader() {
    Group group = Group.ofVoters(3);
    group.elect(1);
    group.lose(m -> m instanceof Message.VoteRequest);
    group.core(1).node.transferLeader(3);
    group.settle();
    assertThat(group.core(3).node.role()).isEqualTo(Role.CANDIDATE);
    group.heal();

    group.tick(10 * Core.ELECTION_TICKS);

    assertThat(group.leader().node.term()).isGreaterThanOrEqualTo(2);
  }

  /** Thesis §3.10: being told to campaign late, in a term that is over, means nothing. */
  @Test
  void lateWordToCampaignIsIgnored() {
    Core core = core(3).hardState(5, 0, 0).build();

    core.stepAndRun(new Message.TimeoutNow(1, 3, 4));

    assertThat(core.node.role()).isEqualTo(Role.FOLLOWER);
    assertThat(core.node.term()).isEqualTo(5);
  }
}
