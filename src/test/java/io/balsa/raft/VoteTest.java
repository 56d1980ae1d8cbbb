package io.balsa.raft;

import static io.balsa.raft.Core.at;
import static io.balsa.raft.Core.core;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Message;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Votes, pre-votes and leases, where the paper leaves a choice. */
class VoteTest {
  private static final UnaryOperator<RaftConfig.Builder> BOTH =
      o -> o.preVote(true).checkQuorum(true);

  private static Message.VoteRequest preVote(long from, long to, long term, EntryId last) {
    return new Message.VoteRequest(from, to, term, last, true, false);
  }

  // ---- Campaigns

  @Test
  void timeoutIsDrawnAnewFromOneToAlmostTwoIntervals() {
    Core core = core(1).build();
    Set<Integer> drawn = new TreeSet<>();
    for (int i = 0; i < 300; i++) {
      long term = core.node.term();
      int ticks = 0;
      for (; core.node.term() == term; ticks++) {
        core.tick(1);
      }
      drawn.add(ticks);
    }
    assertThat(drawn).containsExactly(10, 11, 12, 13, 14, 15, 16, 17, 18, 19);
  }

  @Test
  void quorumOfVotesWinsAndAQuorumOfRefusalsLoses() {
    for (boolean refused : new boolean[] {false, true}) {
      Core core = core(1).voters(1, 2, 3, 4, 5).build();
      core.node.campaign();
      core.run();
      for (long voter = 2; voter <= 4; voter++) {
        assertThat(core.node.role()).isIn(Role.CANDIDATE, refused ? Role.CANDIDATE : Role.LEADER);
        core.stepAndRun(new Message.VoteResponse(voter, 1, 1, false, refused));
      }
      assertThat(core.node.role()).isEqualTo(refused ? Role.FOLLOWER : Role.LEADER);
      assertThat(core.node.term()).isEqualTo(1);
    }
  }

  @Test
  void candidatesFollowALeaderOfTheirTermAndTakeWhatItSends() {
    for (boolean preVote : new boolean[] {false, true}) {
      Core core = core(1).options(o -> o.preVote(preVote)).hardState(4, 0, 0).build();
      core.node.campaign();
      core.run();
      long term = core.node.term();

      core.stepAndRun(core.append(2, term, EntryId.ZERO, 1, term));

      assertThat(core.node.role()).isEqualTo(Role.FOLLOWER);
      assertThat(core.node.term()).isEqualTo(term);
      assertThat(core.node.leader()).isEqualTo(2);
      assertThat(core.node.commit()).isEqualTo(1);
    }
  }

  // ---- Votes

  @Test
  void memberVotesForOneCandidateInATermAlsoAfterARestart() {
    Core core = core(1).build();
    core.stepAndRun(core.voteRequest(2, 3, EntryId.ZERO));
    core.stepAndRun(core.voteRequest(3, 3, EntryId.ZERO));
    assertThat(core.node.status().vote()).isEqualTo(2);
    assertThat(core.take())
        .containsExactly(
            new Message.VoteResponse(1, 2, 3, false, false),
            new Message.VoteResponse(1, 3, 3, false, true));

    Core again = core(1).hardState(3, 2, 0).build();
    again.stepAndRun(again.voteRequest(3, 3, EntryId.ZERO));
    again.stepAndRun(again.voteRequest(2, 3, EntryId.ZERO));
    assertThat(again.take())
        .containsExactly(
            new Message.VoteResponse(1, 3, 3, false, true),
            new Message.VoteResponse(1, 2, 3, false, false));
  }

  @Test
  void memberThatKnowsALeaderOfTheTermDoesNotVoteInIt() {
    Core core = core(1).build();
    core.stepAndRun(core.heartbeat(2, 3));
    core.take();

    core.stepAndRun(core.voteRequest(3, 3, at(9, 9)));

    assertThat(core.take()).containsExactly(new Message.VoteResponse(1, 3, 3, false, true));
    assertThat(core.node.status().vote()).isZero();
  }

  @Test
  void logsAreComparedByTheirLastTermAndThenByLength() {
    Core core = core(1).log(1, 3).hardState(3, 0, 0).build();
    List<EntryId> behind = List.of(at(2, 9), at(3, 1), at(0, 0));
    List<EntryId> upToDate = List.of(at(3, 2), at(3, 3), at(4, 1));
    long term = 3;
    for (EntryId last : behind) {
      core.stepAndRun(core.voteRequest(2, ++term, last));
      assertThat(core.take()).containsExactly(new Message.VoteResponse(1, 2, term, false, true));
    }
    for (EntryId last : upToDate) {
      core.stepAndRun(core.voteRequest(2, ++term, last));
      assertThat(core.take()).containsExactly(new Message.VoteResponse(1, 2, term, false, false));
    }
  }

  @Test
  void campaignIsIgnoredWhileALeaderIsHeardUnlessTheLeaderAskedForIt() {
    Core core = core(1).options(o -> o.checkQuorum(true)).build();
    core.stepAndRun(core.heartbeat(2, 3));
    core.take();

    core.tick(Core.ELECTION_TICKS - 1);
    core.stepAndRun(core.voteRequest(3, 9, at(9, 9)));
    assertThat(core.take()).isEmpty();
    assertThat(core.node.term()).isEqualTo(3);
    core.stepAndRun(new Message.VoteRequest(3, 1, 9, at(9, 9), false, true));
    assertThat(core.take()).containsExactly(new Message.VoteResponse(1, 3, 9, false, false));
  }

  // ---- Terms

  @Test
  void leaderOfAHigherTermIsFollowedByEveryRole() {
    Core candidate = core(1).build();
    candidate.node.campaign();
    candidate.run();
    for (Core core : List.of(core(1).build(), candidate, core(1).leader())) {
      core.stepAndRun(core.heartbeat(2, 7));
      assertThat(core.node.role()).isEqualTo(Role.FOLLOWER);
      assertThat(core.node.term()).isEqualTo(7);
      assertThat(core.node.leader()).isEqualTo(2);
      assertThat(core.node.status().vote()).isZero();
    }
  }

  @Test
  void messagesOfAnOlderTermChangeNothing() {
    Core core = core(1).leader();
    core.stepAndRun(core.heartbeat(2, 5));
    core.win(); // Leads term 6.
    List<Message> late =
        List.of(
            core.append(2, 5, EntryId.ZERO, 1, 5),
            core.heartbeat(2, 5),
            core.voteRequest(3, 5, at(9, 9)),
            new Message.VoteResponse(3, 1, 5, false, false),
            new Message.AppendResponse(2, 1, 5, 2, false, EntryId.ZERO),
            new Message.TimeoutNow(2, 1, 5));
    late.forEach(core::stepAndRun);

    assertThat(core.take()).isEmpty();
    assertThat(core.node.isLeader()).isTrue();
    assertThat(core.node.commit()).isZero();
  }

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
  void preVoteChangesNobodysTermOrVote() {
    Core asking = core(1).options(BOTH).hardState(4, 0, 0).build();
    asking.stepAndRun(asking.heartbeat(2, 4));
    asking.tick(2 * Core.ELECTION_TICKS);
    assertThat(asking.node.status().term()).isEqualTo(4);
    assertThat(asking.node.status().vote()).isZero();
    assertThat(asking.node.leader()).isZero();
    assertThat(asking.take(Message.VoteRequest.class))
        .hasSize(2)
        .contains(preVote(1, 2, 5, EntryId.ZERO), preVote(1, 3, 5, EntryId.ZERO));

    Core asked = core(1).options(BOTH).hardState(4, 0, 0).build();
    asked.stepAndRun(preVote(2, 1, 5, EntryId.ZERO)).stepAndRun(preVote(3, 1, 5, EntryId.ZERO));
    assertThat(asked.take())
        .containsExactly(
            new Message.VoteResponse(1, 2, 5, true, false),
            new Message.VoteResponse(1, 3, 5, true, false));
    assertThat(asked.node.status().term()).isEqualTo(4);
    assertThat(asked.node.status().vote()).isZero();
  }

  @Test
  void refusedPreCandidateCatchesUpWithTheTermOfTheRefusal() {
    Core core = core(1).options(BOTH).hardState(4, 0, 0).build();
    core.node.campaign();
    core.run();

    core.stepAndRun(new Message.VoteResponse(2, 1, 9, true, true));

    assertThat(core.node.term()).isEqualTo(9);
    assertThat(core.node.role()).isEqualTo(Role.FOLLOWER);
  }

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

  // ---- Learners

  @Test
  void learnersVoteWhenAskedAndNeverCampaign() {
    Core core =
        core(1)
            .members(new ConfState(List.of(2L, 3L), List.of(), List.of(1L), List.of(), false))
            .build();
    core.tick(4 * Core.ELECTION_TICKS);
    core.node.campaign();
    assertThat(core.node.role()).isEqualTo(Role.FOLLOWER);

    core.stepAndRun(core.voteRequest(2, 5, EntryId.ZERO));

    assertThat(core.take()).containsExactly(new Message.VoteResponse(1, 2, 5, false, false));
    assertThat(core.node.status().vote()).isEqualTo(2);
  }

  @Test
  void learnersDoNotKeepALeaderInOffice() {
    ConfState members =
        new ConfState(List.of(1L, 2L, 3L), List.of(), List.of(4L, 5L), List.of(), false);
    Core core = core(1).members(members).options(o -> o.checkQuorum(true)).leader();
    for (int i = 0; i < 2 * Core.ELECTION_TICKS; i++) {
      if (core.node.isLeader()) {
        core.stepAndRun(new Message.HeartbeatResponse(4, 1, 1, 0));
        core.stepAndRun(new Message.HeartbeatResponse(5, 1, 1, 0));
      }
      core.tick(1);
    }
    assertThat(core.node.term()).isEqualTo(1);
    assertThat(core.node.isLeader()).isFalse();
  }

  // ---- Joint configurations

  @Test
  void bothHalvesMustGrant() {
    ConfState joint =
        new ConfState(List.of(1L, 2L, 3L), List.of(1L, 4L, 5L), List.of(), List.of(), false);
    Core core = core(1).members(joint).build();
    core.node.campaign();
    core.run();

    core.stepAndRun(new Message.VoteResponse(2, 1, 1, false, false));
    core.stepAndRun(new Message.VoteResponse(3, 1, 1, false, false));
    assertThat(core.node.role()).isEqualTo(Role.CANDIDATE);
    core.stepAndRun(new Message.VoteResponse(5, 1, 1, false, false));

    assertThat(core.node.isLeader()).isTrue();
  }

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
