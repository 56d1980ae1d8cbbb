package io.balsa.raft.paper;

import static io.balsa.raft.Core.at;
import static io.balsa.raft.Core.core;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.Core;
import io.balsa.raft.Group;
import io.balsa.raft.Role;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Message;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Terms and elections. */
class ElectionTest {
  // ---- Terms (paper §5.1)

  @ParameterizedTest
  @EnumSource(
      value = Role.class,
      names = {"FOLLOWER", "CANDIDATE", "LEADER"})
  void higherTermMakesEveryRoleFollowerOfThatTerm(Role role) {
    Core core = core(1).build();
    if (role == Role.CANDIDATE) {
      core.node.campaign();
      core.run();
    } else if (role == Role.LEADER) {
      core.win();
    }
    assertThat(core.node.role()).isEqualTo(role);

    core.stepAndRun(core.append(2, 7, EntryId.ZERO, 0));

    assertThat(core.node.term()).isEqualTo(7);
    assertThat(core.node.role()).isEqualTo(Role.FOLLOWER);
    assertThat(core.node.leader()).isEqualTo(2);
  }

  @Test
  void messageOfAnOlderTermChangesNothing() {
    Core core = core(1).hardState(5, 0, 0).build();

    core.stepAndRun(core.append(2, 4, EntryId.ZERO, 0, 4));

    assertThat(core.node.term()).isEqualTo(5);
    assertThat(core.node.leader()).isZero();
    assertThat(core.node.lastIndex()).isZero();
    assertThat(core.take()).isEmpty();
  }

  // ---- Elections (paper §5.2)

  @Test
  void serversStartAsFollowers() {
    assertThat(core(1).build().node.role()).isEqualTo(Role.FOLLOWER);
  }

  @Test
  void leaderSendsHeartbeatsToAllOthersEveryHeartbeatInterval() {
    Core core = core(1).leader();

    core.tick(1);

    assertThat(core.take())
        .containsExactly(
            new Message.Heartbeat(1, 2, 1, 0, 0), new Message.Heartbeat(1, 3, 1, 0, 0));
  }

  @Test
  void followerThatHearsNothingRaisesItsTermVotesForItselfAndAsksAllOthers() {
    Core core = core(1).hardState(4, 0, 0).log(2).build();

    core.tick(2 * Core.ELECTION_TICKS);

    assertThat(core.node.role()).isEqualTo(Role.CANDIDATE);
    assertThat(core.node.term()).isEqualTo(5);
    assertThat(core.node.status().vote()).isEqualTo(1);
    assertThat(core.take())
        .containsExactly(
            new Message.VoteRequest(1, 2, 5, at(2, 1), false, false),
            new Message.VoteRequest(1, 3, 5, at(2, 1), false, false));
  }

  @Test
  void candidateThatGetsNoAnswerCampaignsAgainInANewTerm() {
    Core core = core(1).build();
    core.node.campaign();
    core.run();
    assertThat(core.node.term()).isEqualTo(1);

    core.tick(2 * Core.ELECTION_TICKS);

    assertThat(core.node.role()).isEqualTo(Role.CANDIDATE);
    assertThat(core.node.term()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0, 0, LEADER",
    "3, 0, 0, CANDIDATE",
    "3, 1, 0, LEADER",
    "3, 0, 2, FOLLOWER",
    "4, 1, 0, CANDIDATE",
    "4, 2, 0, LEADER",
    "5, 1, 2, CANDIDATE",
    "5, 2, 2, LEADER",
    "5, 1, 3, FOLLOWER",
  })
  void majorityOfVotesWinsAndMajorityOfRefusalsLoses(
      int voters, int granted, int refused, Role outcome) {
    Core core = core(1).voters(LongStream.rangeClosed(1, voters).toArray()).build();
    core.node.campaign();
    core.run();

    for (long voter = 2; voter < 2 + granted + refused; voter++) {
      boolean rejected = voter >= 2 + granted;
      core.stepAndRun(new Message.VoteResponse(voter, 1, 1, false, rejected));
    }

    assertThat(core.node.role()).isEqualTo(outcome);
    assertThat(core.node.term()).isEqualTo(1);
  }

  @Test
  void sameVoteCountsOnce() {
    Core core = core(1).voters(1, 2, 3, 4, 5).build();
    core.node.campaign();
    core.run();

    core.stepAndRun(new Message.VoteResponse(2, 1, 1, false, false));
    core.stepAndRun(new Message.VoteResponse(2, 1, 1, false, false));

    assertThat(core.node.role()).isEqualTo(Role.CANDIDATE);
  }

  @Test
  void eachServerVotesForOneCandidateInATermButAnswersItAgain() {
    Core core = core(1).build();

    core.stepAndRun(core.voteRequest(2, 3, EntryId.ZERO));
    core.stepAndRun(core.voteRequest(3, 3, EntryId.ZERO));
    core.stepAndRun(core.voteRequest(2, 3, EntryId.ZERO));

    assertThat(core.take())
        .containsExactly(
            new Message.VoteResponse(1, 2, 3, false, false),
            new Message.VoteResponse(1, 3, 3, false, true),
            new Message.VoteResponse(1, 2, 3, false, false));
  }

  @Test
  void voteOutlivesARestart() {
    Core core = core(1).hardState(3, 2, 0).build();

    core.stepAndRun(core.voteRequest(3, 3, EntryId.ZERO));

    assertThat(core.take()).containsExactly(new Message.VoteResponse(1, 3, 3, false, true));
  }

  @Test
  void followerOfALeaderDoesNotVoteInThatTermThoughItHasNotVoted() {
    Core core = core(1).build();
    core.stepAndRun(core.heartbeat(2, 3));
    core.take();

    core.stepAndRun(core.voteRequest(3, 3, EntryId.ZERO));

    assertThat(core.take()).containsExactly(new Message.VoteResponse(1, 3, 3, false, true));
  }

  @Test
  void candidateThatHearsFromALeaderOfItsTermFollowsIt() {
    Core core = core(1).build();
    core.node.campaign();
    core.run();

    core.stepAndRun(core.append(2, 1, EntryId.ZERO, 0, 1));

    assertThat(core.node.role()).isEqualTo(Role.FOLLOWER);
    assertThat(core.node.leader()).isEqualTo(2);
    assertThat(core.logTerms()).containsExactly(1L);
  }

  @Test
  void electionTimeoutsAreSpreadFromOneToTwoIntervals() {
    Set<Integer> seen = new TreeSet<>();
    Core core = core(1).build();
    for (int i = 0; i < 300; i++) {
      long term = core.node.term();
      int ticks = 0;
      while (core.node.term() == term) {
        core.tick(1);
        ticks++;
      }
      seen.add(ticks);
    }
    assertThat(seen).containsExactly(10, 11, 12, 13, 14, 15, 16, 17, 18, 19);
  }

  @Test
  void heartbeatsKeepAFollowerFromCampaigning() {
    Core core = core(1).build();

    for (int i = 0; i < 100; i++) {
      core.stepAndRun(core.heartbeat(2, 1));
      core.tick(Core.ELECTION_TICKS - 1);
    }

    assertThat(core.node.role()).isEqualTo(Role.FOLLOWER);
    assertThat(core.node.term()).isEqualTo(1);
  }

  // ---- The restriction on elections (paper §5.4.1)

  @ParameterizedTest
  @CsvSource({
    // The candidate's last term and index against a log of terms 1, 2.
    "2, 2, true",
    "2, 3, true",
    "3, 1, true",
    "2, 1, false",
    "1, 9, false",
  })
  void voterRefusesACandidateWhoseLogIsLessUpToDate(long term, long index, boolean granted) {
    Core core = core(1).log(1, 2).hardState(2, 0, 0).build();

    core.stepAndRun(core.voteRequest(2, 5, at(term, index)));

    assertThat(core.take(Message.VoteResponse.class))
        .containsExactly(new Message.VoteResponse(1, 2, 5, false, !granted));
  }

  // ---- PreVote (thesis §9.6)

  @Test
  void preCandidateRaisesNobodysTermAndForgetsItsLeader() {
    Core core = core(1).options(o -> o.preVote(true)).build();
    core.stepAndRun(core.heartbeat(2, 4));
    core.take();

    core.tick(2 * Core.ELECTION_TICKS);

    assertThat(core.node.role()).isEqualTo(Role.PRE_CANDIDATE);
    assertThat(core.node.term()).isEqualTo(4);
    assertThat(core.node.leader()).isZero();
    assertThat(core.take())
        .containsExactly(
            new Message.VoteRequest(1, 2, 5, EntryId.ZERO, true, false),
            new Message.VoteRequest(1, 3, 5, EntryId.ZERO, true, false));
  }

  @Test
  void preVoteChangesNeitherTermNorVoteOfTheVoter() {
    Core core = core(1).options(o -> o.preVote(true)).hardState(4, 0, 0).build();

    core.stepAndRun(new Message.VoteRequest(2, 1, 5, EntryId.ZERO, true, false));
    core.stepAndRun(new Message.VoteRequest(3, 1, 5, EntryId.ZERO, true, false));

    assertThat(core.take())
        .containsExactly(
            new Message.VoteResponse(1, 2, 5, true, false),
            new Message.VoteResponse(1, 3, 5, true, false));
    assertThat(core.node.term()).isEqualTo(4);
    assertThat(core.node.status().vote()).isZero();
  }

  @Test
  void wonPreVoteIsFollowedByTheElection() {
    Core core = core(1).options(o -> o.preVote(true)).build();
    core.node.campaign();
    core.run();
    core.take();

    core.stepAndRun(new Message.VoteResponse(2, 1, 1, true, false));

    assertThat(core.node.role()).isEqualTo(Role.CANDIDATE);
    assertThat(core.node.term()).isEqualTo(1);
    assertThat(core.take()).contains(new Message.VoteRequest(1, 3, 1, EntryId.ZERO, false, false));
  }

  @Test
  void preVoteOfAnOlderTermIsRefusedWithTheOwnTermSoThatTheSenderCatchesUp() {
    Core voter = core(1).options(o -> o.preVote(true)).hardState(9, 0, 0).build();
    voter.stepAndRun(new Message.VoteRequest(2, 1, 5, EntryId.ZERO, true, false));
    List<Message> answers = voter.take();
    assertThat(answers).containsExactly(new Message.VoteResponse(1, 2, 9, true, true));

    Core preCandidate = core(2).options(o -> o.preVote(true)).hardState(4, 0, 0).build();
    preCandidate.node.campaign();
    preCandidate.run();
    preCandidate.stepAndRun(answers.get(0));

    assertThat(preCandidate.node.term()).isEqualTo(9);
    assertThat(preCandidate.node.role()).isEqualTo(Role.FOLLOWER);
  }

  @Test
  void memberThatWasCutOffDoesNotDeposeTheLeaderWhenItComesBack() {
    Group group =
        Group.of(
            core(1).options(o -> o.preVote(true).checkQuorum(true)).build(),
            core(2).options(o -> o.preVote(true).checkQuorum(true)).build(),
            core(3).options(o -> o.preVote(true).checkQuorum(true)).build());
    group.elect(1);
    group.isolate(3);
    group.tick(10 * Core.ELECTION_TICKS);
    group.heal();
    group.tick(3 * Core.ELECTION_TICKS);

    assertThat(group.leader().id).isEqualTo(1);
    assertThat(group.core(3).node.term()).isEqualTo(1);
    assertThat(group.core(3).node.leader()).isEqualTo(1);
  }

  // ---- CheckQuorum and the lease (thesis §6.2, §4.2.3)

  @Test
  void leaderThatHearsFromNoQuorumStepsDownWithinTwoElectionTimeouts() {
    Core core = core(1).options(o -> o.checkQuorum(true)).leader();

    core.tick(2 * Core.ELECTION_TICKS);

    assertThat(core.node.role()).isEqualTo(Role.FOLLOWER);
    assertThat(core.node.term()).isEqualTo(1);
  }

  @Test
  void leaderThatHearsFromAQuorumStays() {
    Core core = core(1).options(o -> o.checkQuorum(true)).leader();

    for (int i = 0; i < 10; i++) {
      core.tick(Core.ELECTION_TICKS - 1);
      core.stepAndRun(new Message.HeartbeatResponse(2, 1, 1, 0));
      core.tick(1);
    }

    assertThat(core.node.isLeader()).isTrue();
  }

  @Test
  void learnersDoNotKeepALeaderInOffice() {
    ConfState members =
        new ConfState(List.of(1L, 2L, 3L), List.of(), List.of(4L, 5L), List.of(), false);
    Core core = core(1).members(members).options(o -> o.checkQuorum(true)).leader();

    for (int i = 0; i < 2 * Core.ELECTION_TICKS; i++) {
      core.stepAndRun(new Message.HeartbeatResponse(4, 1, 1, 0));
      core.stepAndRun(new Message.HeartbeatResponse(5, 1, 1, 0));
      core.tick(1);
      if (!core.node.isLeader()) {
        return;
      }
    }
    throw new AssertionError("still leads");
  }

  @Test
  void memberThatHearsALeaderIgnoresCampaignsButThoseTheLeaderAskedFor() {
    Core core = core(1).options(o -> o.checkQuorum(true)).build();
    core.stepAndRun(core.heartbeat(2, 1));
    core.take();

    core.stepAndRun(core.voteRequest(3, 5, at(9, 9)));
    assertThat(core.take()).isEmpty();
    assertThat(core.node.term()).isEqualTo(1);

    core.stepAndRun(new Message.VoteRequest(3, 1, 5, at(9, 9), false, true));
    assertThat(core.take()).containsExactly(new Message.VoteResponse(1, 3, 5, false, false));
  }

  @Test
  void leaseEndsAnElectionTimeoutAfterTheLastWordOfTheLeader() {
    Core core =
        core(1)
            .members(new ConfState(List.of(2L, 3L), List.of(), List.of(1L), List.of(), false))
            .options(o -> o.checkQuorum(true))
            .build();
    core.stepAndRun(core.heartbeat(2, 1));
    core.take();

    core.tick(Core.ELECTION_TICKS);
    core.stepAndRun(core.voteRequest(3, 5, at(9, 9)));

    assertThat(core.take()).containsExactly(new Message.VoteResponse(1, 3, 5, false, false));
  }

  @Test
  void oldLeaderIsToldOfTheNewTermWhenItsMessagesComeLate() {
    Core core = core(1).options(o -> o.checkQuorum(true)).hardState(7, 0, 0).build();

    core.stepAndRun(core.heartbeat(2, 3));

    assertThat(core.take())
        .containsExactly(new Message.AppendResponse(1, 2, 7, 0, false, EntryId.ZERO));
  }

  // ---- Leadership transfer (thesis §3.10)

  @Test
  void transferLetsTheCaughtUpTargetCampaignAtOnce() {
    Group group =
        Group.of(
            core(1).options(o -> o.preVote(true).checkQuorum(true)).build(),
            core(2).options(o -> o.preVote(true).checkQuorum(true)).build(),
            core(3).options(o -> o.preVote(true).checkQuorum(true)).build());
    group.elect(1);

    group.core(1).node.transferLeader(3);
    group.settle();

    assertThat(group.leader().id).isEqualTo(3);
    assertThat(group.core(1).node.leader()).isEqualTo(3);
  }

  @Test
  void transferAskedOfAFollowerReachesTheLeader() {
    Group group = Group.of(core(1).build(), core(2).build(), core(3).build());
    group.elect(1);

    group.core(2).node.transferLeader(2);
    group.settle();

    assertThat(group.leader().id).isEqualTo(2);
  }

  @Test
  void transferBringsTheTargetUpToDateFirst() {
    Core core = core(1).leader();
    core.stepAndRun(core.acknowledge(2, 1));
    core.take();

    core.node.transferLeader(3);
    core.run();
    assertThat(core.take(Message.TimeoutNow.class)).isEmpty();

    core.stepAndRun(core.acknowledge(3, 1));
    assertThat(core.take(Message.TimeoutNow.class))
        .containsExactly(new Message.TimeoutNow(1, 3, 1));
  }
}
