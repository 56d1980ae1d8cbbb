package io.balsa.raft.paper;

import static io.balsa.raft.Core.at;
import static io.balsa.raft.Core.core;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.Core;
import io.balsa.raft.Role;
import io.balsa.raft.Status;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Message;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Terms, the logical clock that tells what is out of date. */
class TermTest {
  private static Core inRole(Role role) {
    Core core = core(1).options(o -> o.preVote(role == Role.PRE_CANDIDATE)).build();
    if (role == Role.LEADER) {
      core.win();
    } else if (role != Role.FOLLOWER) {
      core.campaign();
    }
    core.take();
    assertThat(core.node.role()).isEqualTo(role);
    return core;
  }

  /** Paper §5.1: a server starts in term 0 as follower, without a vote or a leader. */
  @Test
  void serversStartAsFollowersOfNobodyInTermZero() {
    Status status = core(1).build().node.status();

    assertThat(status.role()).isEqualTo(Role.FOLLOWER);
    assertThat(status.term()).isZero();
    assertThat(status.vote()).isZero();
    assertThat(status.leader()).isZero();
  }

  /** Paper §5.1: whoever sees a higher term adopts it and, whatever it was, becomes follower. */
  @ParameterizedTest
  @EnumSource(Role.class)
  void higherTermMakesEveryRoleFollowerOfThatTerm(Role role) {
    Core core = inRole(role);

    core.stepAndRun(core.append(2, 7, EntryId.ZERO, 0));

    assertThat(core.node.term()).isEqualTo(7);
    assertThat(core.node.role()).isEqualTo(Role.FOLLOWER);
    assertThat(core.node.leader()).isEqualTo(2);
  }

  static Stream<Message> messagesOfTerm7ThatNoLeaderSends() {
    return Stream.of(
        new Message.AppendResponse(2, 1, 7, 0, true, EntryId.ZERO),
        new Message.HeartbeatResponse(2, 1, 7, 0),
        new Message.VoteRequest(2, 1, 7, EntryId.ZERO, false, false),
        new Message.VoteResponse(2, 1, 7, false, true));
  }

  /** Paper §5.1: answers and requests for votes tell a higher term as well, but not its leader. */
  @ParameterizedTest
  @MethodSource("messagesOfTerm7ThatNoLeaderSends")
  void leaderThatSeesAHigherTermStepsDownWithoutKnowingItsLeader(Message message) {
    Core core = inRole(Role.LEADER);

    core.stepAndRun(message);

    assertThat(core.node.term()).isEqualTo(7);
    assertThat(core.node.role()).isEqualTo(Role.FOLLOWER);
    assertThat(core.node.leader()).isZero();
  }

  /** Paper §5.1: every message carries its sender's term. */
  @Test
  void everyMessageCarriesTheSendersTerm() {
    Core core = core(1).hardState(4, 0, 0).build();
    core.campaign();
    core.stepAndRun(core.grant(2));
    core.tick(1);
    assertThat(core.take()).hasSize(6).allMatch(m -> m.term() == 5);

    core.stepAndRun(core.heartbeat(2, 8));
    core.stepAndRun(core.append(2, 8, EntryId.ZERO, 0, 8));
    core.stepAndRun(core.voteRequest(3, 8, EntryId.ZERO));
    assertThat(core.take()).hasSize(3).allMatch(m -> m.term() == 8);
  }

  static Stream<Message> messagesOfTerm4() {
    return Stream.of(
        new Message.AppendRequest(2, 1, 4, EntryId.ZERO, List.of(), 1),
        new Message.AppendResponse(2, 1, 4, 2, false, EntryId.ZERO),
        new Message.Heartbeat(2, 1, 4, 1, 0),
        new Message.HeartbeatResponse(2, 1, 4, 0),
        new Message.InstallSnapshot(2, 1, 4, core(1).build().install(2, 4, at(4, 9)).snapshot()),
        new Message.VoteRequest(2, 1, 4, at(9, 9), false, false),
        new Message.VoteResponse(2, 1, 4, false, false),
        new Message.TimeoutNow(2, 1, 4));
  }

  /** Paper §5.1: a message of an older term is out of date, and nobody acts on it. */
  @ParameterizedTest
  @MethodSource("messagesOfTerm4")
  void messageOfAnOlderTermChangesNothing(Message message) {
    Core follower = core(1).hardState(5, 0, 0).build();
    Core candidate = core(1).hardState(4, 0, 0).build();
    candidate.campaign();
    Core leader = core(1).hardState(4, 0, 0).leader();
    for (Core core : List.of(follower, candidate, leader)) {
      core.take();
      Status before = core.node.status();

      core.stepAndRun(message);

      assertThat(core.node.status())
          .usingRecursiveComparison()
          .ignoringFields("progress")
          .isEqualTo(before);
      assertThat(core.node.lastIndex()).isEqualTo(before.role() == Role.LEADER ? 1 : 0);
      assertThat(core.take()).isEmpty();
    }
  }

  /** Paper §5.1: each term has at most one leader, and a vote ends with its term. */
  @Test
  void voteOfAnOlderTermDoesNotBindInANewOne() {
    Core core = core(1).hardState(4, 2, 0).build();

    core.stepAndRun(core.voteRequest(3, 5, EntryId.ZERO));

    assertThat(core.take()).containsExactly(new Message.VoteResponse(1, 3, 5, false, false));
    assertThat(core.node.status().vote()).isEqualTo(3);
  }
}
