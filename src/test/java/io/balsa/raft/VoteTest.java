package io.balsa.raft;

import static io.balsa.raft.Core.at;
import static io.balsa.raft.Core.core;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Message;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Votes, pre-votes and leases, where the paper leaves a choice. */
class VoteTest {
  private static final UnaryOperator<RaftConfig.Builder> BOTH =
      o -> o.preVote(true).checkQuorum(true);

  private static Message.VoteRequest preVote(long from, long to, long term, EntryId last) {
    return new Message.VoteRequest(from, to, term, last, true, false);
  }

  // ---- Terms

  @Test
  void campaignOfAHigherTermLeavesNoLeader() {
    Core core = core(1).build();
    core.stepAndRun(core.heartbeat(2, 3));

    core.stepAndRun(core.voteRequest(3, 4, EntryId.ZERO));

    assertThat(core.node.term()).isEqualTo(4);
    assertThat(core.node.leader()).isZero();
  }

  @Test
  void messagesOfAnOlderLeaderAreAnsweredWhereVotesMayBeIgnored() {
    List<UnaryOperator<RaftConfig.Builder>> choices =
        List.of(o -> o.preVote(true), o -> o.checkQuorum(true), BOTH);
    for (UnaryOperator<RaftConfig.Builder> choice : choices) {
      Core core = core(1).options(choice).hardState(7, 0, 0).log(5).build();
      for (Message late : List.of(core.append(2, 3, at(3, 4), 0, 3), core.heartbeat(2, 3))) {
        core.stepAndRun(late);
        assertThat(core.take())
            .containsExactly(new Message.AppendResponse(1, 2, 7, 0, false, EntryId.ZERO));
      }
      assertThat(core.node.term()).isEqualTo(7);
      assertThat(core.node.leader()).isZero();
    }
  }

  @Test
  void preVoteOfAnOlderTermIsRefusedWithTheOwnTermWhateverIsChosen() {
    for (UnaryOperator<RaftConfig.Builder> choice :
        List.<UnaryOperator<RaftConfig.Builder>>of(o -> o, BOTH)) {
      Core core = core(1).options(choice).hardState(7, 0, 0).build();
      core.stepAndRun(preVote(2, 1, 5, at(4, 4)));
      assertThat(core.take()).containsExactly(new Message.VoteResponse(1, 2, 7, true, true));
    }
  }

  // ---- Pre-votes

  @Test
  void grantedPreVotesRaiseTheTermOnlyTogether() {
    Core core = core(1).voters(1, 2, 3, 4, 5).options(BOTH).hardState(4, 0, 0).build();
    core.node.campaign();
    core.run();

    core.stepAndRun(new Message.VoteResponse(2, 1, 5, true, false));
    assertThat(core.node.term()).isEqualTo(4);
    assertThat(core.node.role()).isEqualTo(Role.PRE_CANDIDATE);
    core.stepAndRun(new Message.VoteResponse(3, 1, 5, true, false));
    assertThat(core.node.term()).isEqualTo(5);
    assertThat(core.node.role()).isEqualTo(Role.CANDIDATE);
  }

  @Test
  void lostPreVoteMakesAFollowerAgainInTheSameTerm() {
    Core core = core(1).options(BOTH).hardState(4, 0, 0).build();
    core.node.campaign();
    core.run();

    core.stepAndRun(new Message.VoteResponse(2, 1, 4, true, true));
    core.stepAndRun(new Message.VoteResponse(3, 1, 4, true, true));

    assertThat(core.node.role()).isEqualTo(Role.FOLLOWER);
    assertThat(core.node.term()).isEqualTo(4);
  }

  @Test
  void latePreVoteIsNoVote() {
    Core core = core(1).voters(1, 2, 3, 4, 5).options(BOTH).build();
    core.node.campaign();
    core.run();
    core.stepAndRun(new Message.VoteResponse(2, 1, 1, true, false));
    core.stepAndRun(new Message.VoteResponse(3, 1, 1, true, false));
    assertThat(core.node.role()).isEqualTo(Role.CANDIDATE);

    core.stepAndRun(new Message.VoteResponse(4, 1, 1, true, false));
    core.stepAndRun(new Message.VoteResponse(5, 1, 1, true, false));

    assertThat(core.node.role()).isEqualTo(Role.CANDIDATE);
  }

  @Test
  void preCandidatesThatKnewALeaderDoNotRefuseEachOtherForEver() {
    Group group =
        Group.of(core(1).options(BOTH).build(), core(2).options(BOTH).build(), core(3).build());
    group.elect(3);
    group.isolate(3);

    group.tick(4 * Core.ELECTION_TICKS);

    assertThat(List.of(group.core(1), group.core(2))).anyMatch(core -> core.node.isLeader());
  }

  @Test
  void preVoteIsIgnoredWhileALeaderIsHeard() {
    Core core = core(1).options(BOTH).build();
    core.stepAndRun(core.heartbeat(2, 3));
    core.take();

    core.stepAndRun(preVote(3, 1, 4, at(9, 9)));
    assertThat(core.take()).isEmpty();
    core.tick(Core.ELECTION_TICKS);
    core.take();
    core.stepAndRun(preVote(3, 1, 4, at(9, 9)));
    assertThat(core.take()).containsExactly(new Message.VoteResponse(1, 3, 4, true, false));
  }

  @Test
  void preVoteOfALogThatIsBehindIsRefusedWithTheOwnTerm() {
    Core core = core(1).options(BOTH).log(1, 2).hardState(2, 0, 0).build();

    core.stepAndRun(preVote(3, 1, 3, at(1, 9)));

    assertThat(core.take()).containsExactly(new Message.VoteResponse(1, 3, 2, true, true));
  }

  // ---- The election timeout

  @Test
  void grantedVoteStartsTheElectionTimeoutAnewAndARefusalDoesNot() {
    Core core = core(1).hardState(3, 0, 0).log(2).build();
    core.node.setRandomizedElectionTimeout(Core.ELECTION_TICKS);
    core.tick(Core.ELECTION_TICKS - 1);
    core.stepAndRun(core.voteRequest(2, 3, at(2, 1)));
    core.tick(Core.ELECTION_TICKS - 1);
    assertThat(core.node.role()).isEqualTo(Role.FOLLOWER);
    core.stepAndRun(core.voteRequest(3, 3, at(2, 1)));
    core.tick(1);

    assertThat(core.node.role()).isEqualTo(Role.CANDIDATE);
  }

  @Test
  void forgottenLeaderLeavesTheElectionTimeoutAsItIs() {
    Core core = core(1).build();
    core.stepAndRun(core.heartbeat(2, 1));
    core.node.setRandomizedElectionTimeout(Core.ELECTION_TICKS);
    core.tick(Core.ELECTION_TICKS - 1);

    core.node.forgetLeader();
    assertThat(core.node.role()).isEqualTo(Role.FOLLOWER);
    assertThat(core.node.term()).isEqualTo(1);
    core.tick(1);

    assertThat(core.node.role()).isEqualTo(Role.CANDIDATE);
  }

  @Test
  void forgettingTheLeaderMeansNothingToTheLeaderItself() {
    Core core = core(1).leader();
    core.node.forgetLeader();
    assertThat(core.node.isLeader()).isTrue();
    assertThat(core.node.leader()).isEqualTo(1);
  }

  @Test
  void campaignMeansNothingToALeader() {
    Core core = core(1).leader();
    core.node.campaign();
    assertThat(core.node.hasReady()).isFalse();
    assertThat(core.node.isLeader()).isTrue();
  }

  // ---- Joint configurations

  @Test
  void votersOfBothHalvesAreAskedAndNoLearners() {
    ConfState joint =
        new ConfState(List.of(1L, 2L), List.of(1L, 3L, 4L), List.of(5L), List.of(4L), false);
    Core core = core(1).members(joint).build();

    core.node.campaign();
    core.run();

    assertThat(core.take(Message.VoteRequest.class))
        .extracting(Message.VoteRequest::to)
        .containsExactly(2L, 3L, 4L);
  }

  @Test
  void refusalOfOneHalfLosesTheElection() {
    ConfState joint =
        new ConfState(List.of(1L, 2L, 3L), List.of(1L, 4L, 5L), List.of(), List.of(), false);
    Core core = core(1).members(joint).build();
    core.node.campaign();
    core.run();

    core.stepAndRun(new Message.VoteResponse(4, 1, 1, false, true));
    assertThat(core.node.role()).isEqualTo(Role.CANDIDATE);
    core.stepAndRun(new Message.VoteResponse(5, 1, 1, false, true));

    assertThat(core.node.role()).isEqualTo(Role.FOLLOWER);
  }

  @Test
  void leaderStaysOnlyWhileBothHalvesAreHeardOf() {
    ConfState joint =
        new ConfState(List.of(1L, 2L, 3L), List.of(1L, 4L, 5L), List.of(), List.of(), false);
    for (boolean outgoingToo : new boolean[] {true, false}) {
      Core core = core(1).members(joint).options(o -> o.checkQuorum(true)).leader();
      for (int i = 0; i < 2 * Core.ELECTION_TICKS && core.node.isLeader(); i++) {
        core.stepAndRun(new Message.HeartbeatResponse(2, 1, 1, 0));
        if (outgoingToo) {
          core.stepAndRun(new Message.HeartbeatResponse(4, 1, 1, 0));
        }
        core.tick(1);
      }
      assertThat(core.node.isLeader()).isEqualTo(outgoingToo);
    }
  }
}
