package io.balsa.raft;

import static io.balsa.raft.Core.core;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfChange.OperationType;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Message.Heartbeat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Reads that need no log entry (Raft thesis §6.4). */
class ReadIndexTest {
  private static Core settledLeader(Core.Builder builder) {
    Core core = builder.leader();
    core.stepAndRun(core.acknowledge(2, core.node.lastIndex()));
    core.take();
    return core;
  }

  private static long position(Core core) {
    return core.take(Heartbeat.class).get(0).readPosition();
  }

  @Test
  void readIsAnsweredWithTheCommitIndexAfterAQuorumAnsweredALaterHeartbeat() {
    Core core = settledLeader(core(1));
    core.node.readIndex(77);
    core.run();
    assertThat(core.reads).isEmpty();
    long position = position(core);

    core.stepAndRun(new Message.HeartbeatResponse(3, 1, 1, position));

    assertThat(core.reads).containsExactly(new ReadState(1, 77));
  }

  @Test
  void answerToAnEarlierHeartbeatConfirmsNothing() {
    Core core = settledLeader(core(1));
    core.node.readIndex(77);
    core.run();
    long earlier = position(core);
    core.node.readIndex(77); // The same context once more, later.
    core.run();
    long later = position(core);

    core.stepAndRun(new Message.HeartbeatResponse(3, 1, 1, earlier));
    assertThat(core.reads).hasSize(1);
    core.stepAndRun(new Message.HeartbeatResponse(3, 1, 1, later));
    assertThat(core.reads).hasSize(2);
  }

  @Test
  void laterAnswerConfirmsAllEarlierReadsInOrder() {
    Core core = settledLeader(core(1));
    for (long context = 1; context <= 3; context++) {
      core.node.readIndex(context);
      core.run();
    }
    long newest = core.take(Heartbeat.class).get(5).readPosition();

    core.stepAndRun(new Message.HeartbeatResponse(2, 1, 1, newest));

    assertThat(core.reads).extracting(ReadState::context).containsExactly(1L, 2L, 3L);
  }

  @Test
  void answersOfSeveralMembersTogetherMakeTheQuorum() {
    Core core = settledLeader(core(1).voters(1, 2, 3, 4, 5));
    core.stepAndRun(core.acknowledge(3, 1));
    core.take();
    core.node.readIndex(1);
    core.run();
    long first = position(core);
    core.node.readIndex(2);
    core.run();
    long second = position(core);

    core.stepAndRun(new Message.HeartbeatResponse(2, 1, 1, first));
    assertThat(core.reads).isEmpty();
    core.stepAndRun(new Message.HeartbeatResponse(3, 1, 1, second));
    assertThat(core.reads).extracting(ReadState::context).containsExactly(1L);
  }

  @Test
  void learnersConfirmNothing() {
    ConfState members =
        new ConfState(List.of(1L, 2L, 3L), List.of(), List.of(4L), List.of(), false);
    Core core = settledLeader(core(1).members(members));
    core.node.readIndex(7);
    core.run();
    long position = position(core);

    core.stepAndRun(new Message.HeartbeatResponse(4, 1, 1, position));
    assertThat(core.reads).isEmpty();
  }

  @Test
  void positionsThatWereNeverSentConfirmNothing() {
    Core core = settledLeader(core(1));
    core.stepAndRun(new Message.HeartbeatResponse(3, 1, 1, Long.MAX_VALUE));
    core.node.readIndex(7);
    core.run();

    assertThat(core.reads).isEmpty();
  }

  @Test
  void bothHalvesOfAJointConfigurationMustConfirm() {
    ConfState joint =
        new ConfState(List.of(1L, 2L, 3L), List.of(1L, 4L, 5L), List.of(), List.of(), false);
    Core core = core(1).members(joint).leader();
    core.stepAndRun(core.acknowledge(2, 1)).stepAndRun(core.acknowledge(4, 1));
    core.take();
    core.node.readIndex(7);
    core.run();
    long position = position(core);

    core.stepAndRun(new Message.HeartbeatResponse(2, 1, 1, position));
    core.stepAndRun(new Message.HeartbeatResponse(3, 1, 1, position));
    assertThat(core.reads).isEmpty();
    core.stepAndRun(new Message.HeartbeatResponse(5, 1, 1, position));
    assertThat(core.reads).hasSize(1);
  }

  @Test
  void readWaitsUntilTheLeaderHasCommittedInItsOwnTerm() {
    Core core = core(1).log(1, 1).hardState(1, 0, 1).leader();
    core.node.readIndex(7);
    core.run();
    assertThat(core.take()).isEmpty();

    core.stepAndRun(core.acknowledge(2, 3));
    long position = position(core);
    core.stepAndRun(new Message.HeartbeatResponse(2, 1, 2, position));

    assertThat(core.reads).containsExactly(new ReadState(3, 7));
  }

  @Test
  void onlyVoterAnswersAtOnceButNotBeforeItKnowsItsCommitIndex() {
    // Entry 2 was acknowledged to a client, but the crash lost the commit index.
    Core core = core(1).voters(1).log(1, 1).hardState(1, 0, 1).build();
    core.node.campaign();
    core.runOnce();
    assertThat(core.node.isLeader()).isTrue();
    core.node.readIndex(7);
    core.run();
    core.node.readIndex(8);
    core.run();

    assertThat(core.reads).containsExactly(new ReadState(3, 7), new ReadState(3, 8));
  }

  @Test
  void leaderThatIsNoMemberDoesNotAnswerForTheOnlyVoter() {
    Core core = settledLeader(core(1).voters(1, 2));
    core.propose(ConfChange.of(OperationType.REMOVE, 1));
    core.run();
    core.stepAndRun(core.acknowledge(2, 2));
    assertThat(core.node.status().configuration().voters()).containsExactly(2L);
    assertThat(core.node.isLeader()).isTrue();

    core.node.readIndex(7);
    core.run();
    assertThat(core.reads).isEmpty();
    long position = position(core);
    core.stepAndRun(new Message.HeartbeatResponse(2, 1, 1, position));
    assertThat(core.reads).hasSize(1);
  }

  @Test
  void leaseAnswersAtOnce() {
    Core core =
        settledLeader(
            core(1).options(o -> o.checkQuorum(true).readOnlyOption(ReadOnlyOption.LEASE_BASED)));
    core.node.readIndex(7);
    core.run();

    assertThat(core.reads).containsExactly(new ReadState(1, 7));
    assertThat(core.take()).isEmpty();
  }

  @Test
  void followersReadGoesToTheLeaderAndComesBackAsItsOwn() {
    Group group = Group.of(core(1).build(), core(2).build(), core(3).build());
    group.elect(1);

    group.core(2).node.readIndex(7);
    group.settle();

    assertThat(group.core(2).reads).containsExactly(new ReadState(1, 7));
    assertThat(group.core(1).reads).isEmpty();
  }

  @Test
  void readWithoutALeaderIsLost() {
    Core core = core(1).build();
    core.node.readIndex(7);
    assertThat(core.node.hasReady()).isFalse();
  }

  @Test
  void deposedLeaderAnswersNoRead() {
    Core core = settledLeader(core(1));
    core.node.readIndex(7);
    core.run();
    long position = position(core);
    core.stepAndRun(core.heartbeat(2, 2));

    core.stepAndRun(new Message.HeartbeatResponse(3, 1, 1, position));

    assertThat(core.reads).isEmpty();
  }

  @Test
  void followerForgetsItsLeaderExceptWhereLeasesRelyOnIt() {
    Core core = core(1).build();
    core.stepAndRun(core.heartbeat(2, 1));
    core.node.forgetLeader();
    assertThat(core.node.leader()).isZero();
    core.stepAndRun(core.voteRequest(3, 1, Core.at(0, 0)));
    assertThat(core.take(Message.VoteResponse.class))
        .containsExactly(new Message.VoteResponse(1, 3, 1, false, false));

    Core leased =
        core(1)
            .options(o -> o.checkQuorum(true).readOnlyOption(ReadOnlyOption.LEASE_BASED))
            .build();
    leased.stepAndRun(leased.heartbeat(2, 1));
    leased.node.forgetLeader();
    assertThat(leased.node.leader()).isEqualTo(2);
    List<Message> rest = leased.take();
    assertThat(rest).hasSize(1);
  }
}
