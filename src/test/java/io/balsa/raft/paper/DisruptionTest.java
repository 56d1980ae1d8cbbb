package io.balsa.raft.paper;

import static io.balsa.raft.Core.at;
import static io.balsa.raft.Core.core;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.Core;
import io.balsa.raft.Group;
import io.balsa.raft.Role;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfChange.OperationType;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that campaign without need, and leaders that lead nobody. */
class DisruptionTest {
  private static Core.Builder checked() {
    return core(1).options(o -> o.checkQuorum(true));
  }

  // ---- Campaigns without need

  /** Paper §6, thesis §4.2.3: who hears a leader ignores campaigns, and their term. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void memberThatHearsALeaderIgnoresCampaigns(boolean preVote) {
    Core core = checked().build();
    core.stepAndRun(core.heartbeat(2, 1));
    core.take();
    core.tick(Core.ELECTION_TICKS - 1);

    core.stepAndRun(new Message.VoteRequest(3, 1, 5, at(9, 9), preVote, false));

    assertThat(core.take()).isEmpty();
    assertThat(core.node.term()).isEqualTo(1);
    assertThat(core.node.leader()).isEqualTo(2);
  }

  /** Thesis §4.2.3: a leader that has a quorum ignores them as well. */
  @Test
  void leaderIgnoresCampaigns() {
    Core core = checked().leader();

    core.stepAndRun(core.voteRequest(3, 5, at(9, 9)));

    assertThat(core.node.isLeader()).isTrue();
    assertThat(core.take()).isEmpty();
  }

  /** Thesis §4.2.3: but for campaigns that the leader asked for. */
  @Test
  void memberThatHearsALeaderVotesForTheSuccessorThatTheLeaderChose() {
    Core core = checked().build();
    core.stepAndRun(core.heartbeat(2, 1));
    core.take();

    core.stepAndRun(new Message.VoteRequest(3, 1, 5, at(9, 9), false, true));

    assertThat(core.take()).containsExactly(new Message.VoteResponse(1, 3, 5, false, false));
  }

  /** Paper §6: within the minimum election timeout only; then normal elections must go on. */
  @Test
  void memberVotesAnElectionTimeoutAfterTheLastWordOfTheLeader() {
    Core core = core(1).voters(2, 3).learners(1).options(o -> o.checkQuorum(true)).build();
    core.stepAndRun(core.heartbeat(2, 1));
    core.take();

    core.tick(Core.ELECTION_TICKS);
    core.stepAndRun(core.voteRequest(3, 5, at(9, 9)));

    assertThat(core.take()).containsExactly(new Message.VoteResponse(1, 3, 5, false, false));
  }

  /** Thesis §4.2.3: so a removed server that was not told cannot depose the leader. */
  @Test
  void removedServerThatWasNotToldDisturbsNobody() {
    Group group = Group.ofVoters(4, o -> o.checkQuorum(true));
    group.elect(1);
    group.isolate(4);
    group.core(1).propose(ConfChange.of(OperationType.REMOVE, 4));
    group.settle();
    group.heal();

    group.tick(20 * Core.ELECTION_TICKS);

    assertThat(group.core(4).node.term()).isGreaterThan(1);
    assertThat(group.core(1).node.isLeader()).isTrue();
    for (long id = 1; id <= 3; id++) {
      assertThat(group.core(id).node.term()).isEqualTo(1);
    }
  }

  /** Thesis §4.2.3: where votes are ignored, a member of a higher term must tell it otherwise. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void oldLeaderIsToldOfTheNewTermWhenItsMessagesComeLate(boolean append) {
    Core core = checked().hardState(7, 0, 0).build();

    core.stepAndRun(append ? core.append(2, 3, EntryId.ZERO, 0, 3) : core.heartbeat(2, 3));

    assertThat(core.take())
        .containsExactly(new Message.AppendResponse(1, 2, 7, 0, false, EntryId.ZERO));
    assertThat(core.node.lastIndex()).isZero();
  }

  /** Thesis §4.2.3: so a member whose term ran ahead is taken in again, at a higher term. */
  @Test
  void memberOfAHigherTermIsTakenInAgain() {
    Group group = Group.ofVoters(3, o -> o.checkQuorum(true));
    group.elect(1);
    group.isolate(3);
    group.tick(5 * Core.ELECTION_TICKS);
    long ahead = group.core(3).node.term();
    assertThat(ahead).isGreaterThan(1);
    group.heal();

    group.tick(6 * Core.ELECTION_TICKS);

    long term = group.leader().node.term();
    assertThat(term).isGreaterThanOrEqualTo(ahead);
    assertThat(group.core(3).node.term()).isEqualTo(term);
  }

  // ---- Leaders that lead nobody

  /** Thesis §6.2: a leader that no quorum answers steps down, so that clients look elsewhere. */
  @Test
  void leaderThatHearsFromNoQuorumStepsDownWithinTwoElectionTimeouts() {
    Core core = checked().leader().acknowledgedByAll();

    core.tick(2 * Core.ELECTION_TICKS);

    assertThat(core.node.role()).isEqualTo(Role.FOLLOWER);
    assertThat(core.node.term()).isEqualTo(1);
    assertThat(core.node.leader()).isZero();
  }

  /** Thesis §6.2: a quorum with itself is enough, whatever is heard. */
  @Test
  void leaderThatHearsFromAQuorumStays() {
    Core core = checked().voters(1, 2, 3, 4, 5).leader();

    for (int i = 0; i < 10; i++) {
      core.tick(Core.ELECTION_TICKS - 1);
      core.stepAndRun(core.heartbeatResponse(2, 0)).stepAndRun(core.acknowledge(5, 1));
      core.tick(1);
    }

    assertThat(core.node.isLeader()).isTrue();
  }

  /** Thesis §6.2, §4.2.1: learners do not count. */
  @Test
  void learnersDoNotKeepALeaderInOffice() {
    Core core = checked().learners(4, 5).leader();

    for (int i = 0; i < 2 * Core.ELECTION_TICKS && core.node.isLeader(); i++) {
      core.stepAndRun(core.heartbeatResponse(4, 0)).stepAndRun(core.heartbeatResponse(5, 0));
      core.tick(1);
    }

    assertThat(core.node.isLeader()).isFalse();
  }

  /** Thesis §6.2: a leader that is cut off ends as follower, while the others go on. */
  @Test
  void leaderThatIsCutOffGivesUpItsOffice() {
    Group group = Group.ofVoters(3, o -> o.checkQuorum(true));
    group.elect(1);
    group.isolate(1);

    group.tick(6 * Core.ELECTION_TICKS);

    assertThat(group.core(1).node.isLeader()).isFalse();
    assertThat(group.leader().id).isNotEqualTo(1);
  }
}
