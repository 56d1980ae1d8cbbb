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
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The question whether an election could be won, before the term is raised. */
class PreVoteTest {
  private static Core.Builder asking(long id) {
    return core(id).options(o -> o.preVote(true));
  }

  private static Message.VoteResponse answer(long from, long term, boolean rejected) {
    return new Message.VoteResponse(from, 1, term, true, rejected);
  }

  // ---- The question

  /** Thesis §9.6: a pre-candidate asks about the next term, and enters it not yet. */
  @Test
  void preCandidateRaisesNobodysTermAndForgetsItsLeader() {
    Core core = asking(1).log(4).hardState(4, 0, 0).build();
    core.stepAndRun(core.heartbeat(2, 4));
    core.take();

    core.tick(2 * Core.ELECTION_TICKS - 1);

    assertThat(core.node.role()).isEqualTo(Role.PRE_CANDIDATE);
    assertThat(core.node.term()).isEqualTo(4);
    assertThat(core.node.status().vote()).isZero();
    assertThat(core.node.leader()).isZero();
    assertThat(core.take())
        .containsExactly(
            new Message.VoteRequest(1, 2, 5, at(4, 1), true, false),
            new Message.VoteRequest(1, 3, 5, at(4, 1), true, false));
  }

  /** Thesis §9.6: only a majority of answers lets it begin the election. */
  @ParameterizedTest
  @CsvSource({
    "0, 0, PRE_CANDIDATE, 4",
    "1, 0, PRE_CANDIDATE, 4",
    "2, 0, CANDIDATE, 5",
    "1, 2, PRE_CANDIDATE, 4",
    "1, 3, FOLLOWER, 4",
  })
  void majorityOfPreVotesBeginsTheElection(int granted, int refused, Role outcome, long term) {
    Core core = asking(1).voters(1, 2, 3, 4, 5).hardState(4, 0, 0).build().campaign();
    core.take();

    for (long voter = 2; voter < 2 + granted + refused; voter++) {
      boolean rejected = voter >= 2 + granted;
      core.stepAndRun(answer(voter, rejected ? 4 : 5, rejected));
    }

    assertThat(core.node.role()).isEqualTo(outcome);
    assertThat(core.node.term()).isEqualTo(term);
    assertThat(core.take(Message.VoteRequest.class))
        .hasSize(outcome == Role.CANDIDATE ? 4 : 0)
        .allMatch(m -> !m.preVote() && m.term() == 5);
  }

  /** Thesis §9.6: answers to the question are no votes. */
  @Test
  void preVotesDoNotCountAsVotes() {
    Core core = asking(1).voters(1, 2, 3, 4, 5).build().campaign();
    core.stepAndRun(answer(2, 1, false)).stepAndRun(answer(3, 1, false));
    assertThat(core.node.role()).isEqualTo(Role.CANDIDATE);

    core.stepAndRun(answer(4, 1, false)).stepAndRun(answer(5, 1, false));
    assertThat(core.node.role()).isEqualTo(Role.CANDIDATE);
    core.stepAndRun(core.grant(2)).stepAndRun(core.grant(3));

    assertThat(core.node.isLeader()).isTrue();
  }

  /** Thesis §9.6: a pre-candidate that hears from the leader of its term follows it. */
  @Test
  void preCandidateThatHearsFromALeaderFollowsIt() {
    Core core = asking(1).hardState(4, 0, 0).build().campaign();

    core.stepAndRun(core.heartbeat(2, 4));

    assertThat(core.node.role()).isEqualTo(Role.FOLLOWER);
    assertThat(core.node.leader()).isEqualTo(2);
  }

  // ---- The answer

  /** Thesis §9.6: an answer binds nobody: neither term, vote nor timeout change. */
  @Test
  void preVoteChangesNothingOfTheVoter() {
    Core core = asking(1).hardState(4, 0, 0).build();
    RawNodeAccess.setRandomizedElectionTimeout(core.node, Core.ELECTION_TICKS);
    core.tick(Core.ELECTION_TICKS - 1);

    core.stepAndRun(core.preVoteRequest(2, 5, EntryId.ZERO));
    core.stepAndRun(core.preVoteRequest(3, 5, EntryId.ZERO));

    assertThat(core.take()).containsExactly(toMember(2, 5, false), toMember(3, 5, false));
    assertThat(core.node.term()).isEqualTo(4);
    assertThat(core.node.status().vote()).isZero();
    core.tick(1);
    assertThat(core.node.role()).isEqualTo(Role.PRE_CANDIDATE);
  }

  private static Message toMember(long to, long term, boolean rejected) {
    return new Message.VoteResponse(1, to, term, true, rejected);
  }

  /** Thesis §9.6: the answer is yes only where the log is as up-to-date as for a vote. */
  @ParameterizedTest
  @CsvSource({"2, 2, true", "2, 3, true", "3, 1, true", "2, 1, false", "1, 9, false"})
  void preVoteIsRefusedToALogThatIsLessUpToDate(long term, long index, boolean granted) {
    Core core = asking(1).log(1, 2).hardState(2, 0, 0).build();

    core.stepAndRun(core.preVoteRequest(2, 5, at(term, index)));

    assertThat(core.take()).containsExactly(toMember(2, granted ? 5 : 2, !granted));
    assertThat(core.node.term()).isEqualTo(2);
  }

  /** Thesis §9.6: nor does anyone say yes who hears from a leader. */
  @Test
  void memberThatHearsALeaderDoesNotAnswer() {
    Core core = asking(1).options(o -> o.checkQuorum(true)).build();
    core.stepAndRun(core.heartbeat(2, 1));
    core.take();

    core.stepAndRun(core.preVoteRequest(3, 2, at(9, 9)));
    assertThat(core.take()).isEmpty();
    RawNodeAccess.setRandomizedElectionTimeout(core.node, 2 * Core.ELECTION_TICKS);
    core.tick(Core.ELECTION_TICKS);
    core.stepAndRun(core.preVoteRequest(3, 2, at(9, 9)));

    assertThat(core.take()).containsExactly(toMember(3, 2, false));
  }

  /** Thesis §9.6: a vote given in a term does not keep from saying yes about the next. */
  @Test
  void votedMemberAnswersAboutTheNextTermOnly() {
    Core core = asking(1).hardState(4, 2, 0).build();

    core.stepAndRun(core.preVoteRequest(3, 4, EntryId.ZERO));
    core.stepAndRun(core.preVoteRequest(3, 5, EntryId.ZERO));

    assertThat(core.take()).containsExactly(toMember(3, 4, true), toMember(3, 5, false));
  }

  /** Thesis §9.6, paper §5.1: a refusal tells a higher term, so that the asker catches up. */
  @Test
  void preVoteOfAnOlderTermIsRefusedWithTheOwnTermSoThatTheSenderCatchesUp() {
    Core voter = asking(1).hardState(9, 0, 0).build();
    voter.stepAndRun(voter.preVoteRequest(2, 5, EntryId.ZERO));
    List<Message> answers = voter.take();
    assertThat(answers).containsExactly(toMember(2, 9, true));

    Core preCandidate = asking(2).hardState(4, 0, 0).build().campaign();
    preCandidate.stepAndRun(answers.get(0));

    assertThat(preCandidate.node.term()).isEqualTo(9);
    assertThat(preCandidate.node.role()).isEqualTo(Role.FOLLOWER);
  }

  // ---- What it is for

  /** Thesis §9.6: a server that was cut off comes back without deposing the leader. */
  @Test
  void memberThatWasCutOffDoesNotDeposeTheLeaderWhenItComesBack() {
    Group group = Group.ofVoters(3, o -> o.preVote(true).checkQuorum(true));
    group.elect(1);
    group.isolate(3);
    group.tick(10 * Core.ELECTION_TICKS);
    assertThat(group.core(3).node.term()).isEqualTo(1);
    group.heal();
    group.tick(3 * Core.ELECTION_TICKS);

    assertThat(group.leader().id).isEqualTo(1);
    assertThat(group.leader().node.term()).isEqualTo(1);
    assertThat(group.core(3).node.leader()).isEqualTo(1);
  }

  /** Thesis §9.6: where the leader is gone, an election comes as without the question. */
  @Test
  void groupWithoutItsLeaderElectsAnother() {
    Group group = Group.ofVoters(3, o -> o.preVote(true).checkQuorum(true));
    group.elect(1);
    group.crash(1);

    group.tick(6 * Core.ELECTION_TICKS);

    assertThat(group.leader().id).isNotEqualTo(1);
  }
}
