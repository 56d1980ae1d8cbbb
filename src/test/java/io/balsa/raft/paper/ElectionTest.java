package io.balsa.raft.paper;

import static io.balsa.raft.Core.at;
import static io.balsa.raft.Core.core;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.Core;
import io.balsa.raft.Group;
import io.balsa.raft.RawNodeAccess;
import io.balsa.raft.Role;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The election of a leader. */
class ElectionTest {
  private static final int ROUNDS = 1000;

  // ---- Heartbeats

  /** Paper §5.2: a leader keeps its authority by heartbeats to all others, at an interval. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void leaderSendsHeartbeatsToAllOthersEveryHeartbeatInterval(int heartbeatTicks) {
    Core core = core(1).options(o -> o.heartbeatTicks(heartbeatTicks)).leader();
    for (int round = 0; round < 3; round++) {
      core.tick(heartbeatTicks - 1);
      assertThat(core.take()).isEmpty();

      core.tick(1);

      assertThat(core.take())
          .containsExactly(
              new Message.Heartbeat(1, 2, 1, 0, 0), new Message.Heartbeat(1, 3, 1, 0, 0));
    }
  }

  /** Paper §5.2: a follower stays follower as long as it hears from a leader or a candidate. */
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

  /** Paper §5.2, figure 2: a vote granted starts the timeout anew, a vote refused does not. */
  @ParameterizedTest
  @CsvSource({"0, FOLLOWER", "2, CANDIDATE"})
  void onlyAGrantedVoteStartsTheTimeoutAnew(long votedFor, Role outcome) {
    Core core = core(1).hardState(3, votedFor, 0).build();
    RawNodeAccess.setRandomizedElectionTimeout(core.node, Core.ELECTION_TICKS);
    core.tick(Core.ELECTION_TICKS - 1);

    core.stepAndRun(core.voteRequest(3, 3, EntryId.ZERO));
    core.tick(Core.ELECTION_TICKS - 1);

    assertThat(core.node.role()).isEqualTo(outcome);
  }

  // ---- Campaigns

  /** Paper §5.2: in silence a follower raises its term, votes for itself and asks all others. */
  @Test
  void followerThatHearsNothingRaisesItsTermVotesForItselfAndAsksAllOthers() {
    Core core = core(1).hardState(4, 0, 0).log(2).build();

    core.tick(2 * Core.ELECTION_TICKS - 1);

    assertThat(core.node.role()).isEqualTo(Role.CANDIDATE);
    assertThat(core.node.term()).isEqualTo(5);
    assertThat(core.node.status().vote()).isEqualTo(1);
    assertThat(core.take())
        .containsExactly(
            new Message.VoteRequest(1, 2, 5, at(2, 1), false, false),
            new Message.VoteRequest(1, 3, 5, at(2, 1), false, false));
  }

  /** Paper §5.2: a candidate whose time runs out begins another election in a new term. */
  @Test
  void candidateThatGetsNoAnswerCampaignsAgainInANewTerm() {
    Core core = core(1).build().campaign();
    core.take();

    core.tick(2 * Core.ELECTION_TICKS - 1);

    assertThat(core.node.role()).isEqualTo(Role.CANDIDATE);
    assertThat(core.node.term()).isEqualTo(2);
    assertThat(core.take())
        .containsExactly(
            new Message.VoteRequest(1, 2, 2, EntryId.ZERO, false, false),
            new Message.VoteRequest(1, 3, 2, EntryId.ZERO, false, false));
  }

  /** Paper §5.2: a majority of all voters in the same term wins; without one, nobody does. */
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
    Core core = core(1).voters(LongStream.rangeClosed(1, voters).toArray()).build().campaign();

    for (long voter = 2; voter < 2 + granted + refused; voter++) {
      core.stepAndRun(voter < 2 + granted ? core.grant(voter) : core.refuse(voter));
    }

    assertThat(core.node.role()).isEqualTo(outcome);
    assertThat(core.node.term()).isEqualTo(1);
  }

  /** Paper §5.2: a majority of voters, not of messages. */
  @Test
  void sameVoteCountsOnce() {
    Core core = core(1).voters(1, 2, 3, 4, 5).build().campaign();

    core.stepAndRun(core.grant(2)).stepAndRun(core.grant(2));

    assertThat(core.node.role()).isEqualTo(Role.CANDIDATE);
  }

  /** Paper §5.2: a new leader at once tells all others, which prevents new elections. */
  @Test
  void newLeaderSpeaksToAllOthersAtOnce() {
    Core core = core(1).voters(1, 2, 3, 4, 5).build().campaign();
    core.stepAndRun(core.grant(2));
    core.take();

    core.stepAndRun(core.grant(3));

    assertThat(core.take(Message.AppendRequest.class))
        .extracting(Message::to)
        .containsExactly(2L, 3L, 4L, 5L);
  }

  // ---- Votes

  /** Paper §5.2: in a term a server votes for at most one candidate, the first to ask. */
  @ParameterizedTest
  @CsvSource({"0, 2, true", "0, 3, true", "2, 2, true", "3, 3, true", "2, 3, false", "3, 2, false"})
  void eachServerVotesForOneCandidateInATermButAnswersItAgain(
      long votedFor, long candidate, boolean granted) {
    Core core = core(1).hardState(3, votedFor, 0).build();

    core.stepAndRun(core.voteRequest(candidate, 3, EntryId.ZERO));

    assertThat(core.take())
        .containsExactly(new Message.VoteResponse(1, candidate, 3, false, !granted));
    assertThat(core.node.status().vote()).isEqualTo(granted ? candidate : votedFor);
  }

  /** Paper §5.2: a candidate's vote is its own already. */
  @Test
  void candidateVotesForNobodyElseInItsTerm() {
    Core core = core(1).build().campaign();
    core.take();

    core.stepAndRun(core.voteRequest(2, 1, at(9, 9)));

    assertThat(core.take()).containsExactly(new Message.VoteResponse(1, 2, 1, false, true));
  }

  /** Paper §5.2: a term that has its leader needs no other. */
  @Test
  void followerOfALeaderDoesNotVoteInThatTermThoughItHasNotVoted() {
    Core core = core(1).build();
    core.stepAndRun(core.heartbeat(2, 3));
    core.take();

    core.stepAndRun(core.voteRequest(3, 3, EntryId.ZERO));

    assertThat(core.take()).containsExactly(new Message.VoteResponse(1, 3, 3, false, true));
  }

  // ---- Another leader

  static Stream<Message> wordsOfALeaderInTerm1() {
    Core core = core(1).build();
    return Stream.of(
        core.append(2, 1, EntryId.ZERO, 0), core.heartbeat(2, 1), core.install(2, 1, at(1, 1)));
  }

  /** Paper §5.2: a candidate that hears from a leader of its term follows it. */
  @ParameterizedTest
  @MethodSource("wordsOfALeaderInTerm1")
  void candidateThatHearsFromALeaderOfItsTermFollowsIt(Message message) {
    Core core = core(1).build().campaign();

    core.stepAndRun(message);

    assertThat(core.node.role()).isEqualTo(Role.FOLLOWER);
    assertThat(core.node.term()).isEqualTo(1);
    assertThat(core.node.leader()).isEqualTo(2);
  }

  /** Paper §5.2: a leader of an older term does not make a candidate give up. */
  @ParameterizedTest
  @MethodSource("wordsOfALeaderInTerm1")
  void candidateIgnoresALeaderOfAnOlderTerm(Message message) {
    Core core = core(1).hardState(1, 0, 0).build().campaign();

    core.stepAndRun(message);

    assertThat(core.node.role()).isEqualTo(Role.CANDIDATE);
    assertThat(core.node.term()).isEqualTo(2);
  }

  // ---- Split votes

  /** Paper §5.2: a split vote ends without a leader; a later term elects one. */
  @Test
  void splitVoteEndsWithoutALeaderAndALaterTermHasOne() {
    Group group = Group.ofVoters(4);
    // 3 hears only of candidate 1 and 4 only of candidate 2.
    group.lose(m -> m.from() + m.to() == 5);
    group.core(1).node.campaign();
    group.core(2).node.campaign();
    group.settle();
    assertThat(List.of(1L, 2L, 3L, 4L)).noneMatch(id -> group.core(id).node.isLeader());

    group.heal();
    group.tick(10 * Core.ELECTION_TICKS);

    assertThat(group.leader().node.term()).isGreaterThan(1);
  }

  /** Paper §5.2: timeouts of followers are drawn from a fixed interval. */
  @Test
  void followersTimeoutsAreSpreadFromOneToTwoIntervals() {
    Set<Integer> seen = new TreeSet<>();
    Core core = core(1).build();
    for (int i = 0; i < ROUNDS; i++) {
      core.stepAndRun(core.heartbeat(2, core.node.term() + 1));
      seen.add(ticksToCampaign(List.of(core)).get(0));
    }
    assertThat(seen).containsExactly(10, 11, 12, 13, 14, 15, 16, 17, 18, 19);
  }

  /** Paper §5.2: a candidate draws its timeout anew at each election. */
  @Test
  void candidatesTimeoutsAreSpreadFromOneToTwoIntervals() {
    Set<Integer> seen = new TreeSet<>();
    Core core = core(1).build().campaign();
    for (int i = 0; i < ROUNDS; i++) {
      seen.add(ticksToCampaign(List.of(core)).get(0));
    }
    assertThat(seen).containsExactly(10, 11, 12, 13, 14, 15, 16, 17, 18, 19);
  }

  /** Paper §5.2: so mostly a single follower is first, and wins before others time out. */
  @Test
  void followersSeldomTimeOutTogether() {
    List<Core> cores = fiveVoters();
    int together = 0;
    for (int i = 0; i < ROUNDS; i++) {
      cores.forEach(core -> core.stepAndRun(core.heartbeat(9, core.node.term() + 1)));
      together += firstIsAlone(ticksToCampaign(cores)) ? 0 : 1;
    }
    // Five draws of ten values: the smallest is drawn twice or more in 23 of 100 rounds.
    assertThat(together).isBetween(ROUNDS / 10, ROUNDS * 3 / 10);
  }

  /** Paper §5.2: after a split vote the candidates mostly do not split the next one. */
  @Test
  void candidatesSeldomTimeOutTogether() {
    List<Core> cores = fiveVoters();
    cores.forEach(Core::campaign);
    int together = 0;
    for (int i = 0; i < ROUNDS; i++) {
      together += firstIsAlone(ticksToCampaign(cores)) ? 0 : 1;
    }
    assertThat(together).isBetween(ROUNDS / 10, ROUNDS * 3 / 10);
  }

  private static List<Core> fiveVoters() {
    return LongStream.rangeClosed(1, 5)
        .mapToObj(id -> core(id).voters(1, 2, 3, 4, 5).build())
        .toList();
  }

  /** How many ticks each core waits for its next campaign. */
  private static List<Integer> ticksToCampaign(List<Core> cores) {
    List<Integer> result = new ArrayList<>();
    for (Core core : cores) {
      long term = core.node.term();
      int ticks = 0;
      while (core.node.term() == term) {
        assertThat(ticks).isLessThan(3 * Core.ELECTION_TICKS);
        core.tick(1);
        ticks++;
      }
      core.take();
      result.add(ticks);
    }
    return result;
  }

  private static boolean firstIsAlone(List<Integer> ticks) {
    int first = ticks.stream().min(Integer::compare).orElseThrow();
    return ticks.stream().filter(t -> t == first).count() == 1;
  }
}
