package io.balsa.raft;

import static io.balsa.raft.Core.at;
import static io.balsa.raft.Core.core;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Message;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Leadership transfer, beyond the way that goes well. */
class TransferTest {
  private static Core replicating() {
    Core core = core(1).leader();
    core.stepAndRun(core.acknowledge(2, 1)).stepAndRun(core.acknowledge(3, 1));
    core.take();
    return core;
  }

  @Test
  void targetCampaignsWithoutAPreVoteAndSaysThatTheLeaderWantsIt() {
    Core core = core(1).options(o -> o.preVote(true).checkQuorum(true)).build();
    core.stepAndRun(core.heartbeat(2, 3));
    core.take();

    core.stepAndRun(new Message.TimeoutNow(2, 1, 3));

    assertThat(core.node.role()).isEqualTo(Role.CANDIDATE);
    assertThat(core.take())
        .containsExactly(
            new Message.VoteRequest(1, 2, 4, at(0, 0), false, true),
            new Message.VoteRequest(1, 3, 4, at(0, 0), false, true));
  }

  @Test
  void targetThatIsNoVoterOfItsOwnConfigurationDoesNotCampaign() {
    Core core =
        core(1)
            .members(new ConfState(List.of(2L, 3L), List.of(), List.of(1L), List.of(), false))
            .build();
    core.stepAndRun(core.heartbeat(2, 3));

    core.stepAndRun(new Message.TimeoutNow(2, 1, 3));

    assertThat(core.node.role()).isEqualTo(Role.FOLLOWER);
    assertThat(core.node.term()).isEqualTo(3);
  }

  @Test
  void targetThatIsBehindIsSentTheRestAtOnceAndAskedWhenItHasIt() {
    Core core = core(1).leader();
    core.stepAndRun(core.acknowledge(2, 1));
    core.take();
    core.node.reportUnreachable(3);
    core.stepAndRun(new Message.HeartbeatResponse(3, 1, 1, 0));
    core.take();
    core.stepAndRun(new Message.HeartbeatResponse(3, 1, 1, 0));
    core.take();

    core.node.transferLeader(3);
    core.run();
    assertThat(core.take(Message.TimeoutNow.class)).isEmpty();
    core.stepAndRun(core.acknowledge(3, 1));

    assertThat(core.take(Message.TimeoutNow.class))
        .containsExactly(new Message.TimeoutNow(1, 3, 1));
  }

  @Test
  void anotherTargetTakesThePlaceOfTheFirstAndTheSameOneDoesNotBeginAnew() {
    Core core = replicating();
    core.node.transferLeader(2);
    core.run();
    core.node.transferLeader(3);
    core.run();
    assertThat(core.take(Message.TimeoutNow.class))
        .extracting(Message.TimeoutNow::to)
        .containsExactly(2L, 3L);
    assertThat(core.node.status().transferee()).isEqualTo(3);

    core.tick(Core.ELECTION_TICKS - 1);
    core.node.transferLeader(3);
    core.run();
    assertThat(core.take(Message.TimeoutNow.class)).isEmpty();
    core.tick(1);

    assertThat(core.node.status().transferee()).isZero();
  }

  @Test
  void followerHandsARequestForATransferOnToTheLeader() {
    Group group = Group.of(core(1).build(), core(2).build(), core(3).build());
    group.elect(1);

    group.core(2).node.transferLeader(3);
    group.settle();

    assertThat(group.leader().id).isEqualTo(3);
    assertThat(group.core(1).node.leader()).isEqualTo(3);
  }

  @Test
  void learnersStrangersAndTheLeaderItselfAreNoTargets() {
    ConfState members =
        new ConfState(List.of(1L, 2L, 3L), List.of(), List.of(4L), List.of(), false);
    Core core = core(1).members(members).leader();
    for (long target : new long[] {4, 9, 1}) {
      core.node.transferLeader(target);
      assertThat(core.node.status().transferee()).isZero();
    }
    assertThat(core.dropReason("x")).isNull();
  }

  @Test
  void transferWithoutALeaderIsLost() {
    Core core = core(1).build();
    core.node.transferLeader(2);
    core.run();
    assertThat(core.take()).isEmpty();
  }

  @Test
  void transferEndsWithTheLeadership() {
    Core core = replicating();
    core.node.transferLeader(3);
    core.stepAndRun(core.heartbeat(3, 2));
    assertThat(core.node.status().transferee()).isZero();

    core.win();

    assertThat(core.node.status().transferee()).isZero();
    assertThat(core.dropReason("x")).isNull();
  }

  @Test
  void leaderTakesProposalsAgainWhenTheTransferTookTooLong() {
    Core core = replicating();
    core.node.transferLeader(3);
    core.tick(Core.ELECTION_TICKS - 1);
    assertThat(core.dropReason("x")).isEqualTo(ProposalDroppedException.Reason.TRANSFERRING);
    assertThat(core.node.lastIndex()).isEqualTo(1);
    core.tick(1);

    assertThat(core.dropReason("x")).isNull();
  }
}
