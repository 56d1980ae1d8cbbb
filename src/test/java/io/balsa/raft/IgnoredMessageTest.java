package io.balsa.raft;

import static io.balsa.raft.Core.at;
import static io.balsa.raft.Core.core;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.data.InvariantException;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Messages that mean nothing: each is told to the observer with the reason and changes nothing. */
class IgnoredMessageTest {
  private static final String ROLE = "it means nothing in this role";
  private static final String NO_LEADER = "no leader is known";

  private final List<String> ignored = new ArrayList<>();
  private final Core.Builder builder =
      core(1)
          .options(
              o ->
                  o.observer(
                      new RaftObserver() {
                        @Override
                        public void messageIgnored(Message message, String reason) {
                          ignored.add(message.getClass().getSimpleName() + ": " + reason);
                        }
                      }));

  @BeforeEach
  void members() {
    builder.members(new ConfState(List.of(1L, 2L, 3L), List.of(), List.of(4L), List.of(), false));
  }

  private Core leader() {
    Core core = builder.leader();
    core.stepAndRun(core.acknowledge(2, 1));
    core.take();
    ignored.clear();
    return core;
  }

  private Core follower() {
    Core core = builder.build();
    core.stepAndRun(core.heartbeat(2, 1));
    core.take();
    ignored.clear();
    return core;
  }

  private Core candidate(boolean preVote) {
    Core core = builder.options(o -> o.preVote(preVote)).build();
    core.node.campaign();
    core.run();
    core.take();
    ignored.clear();
    return core;
  }

  private void assertIgnored(Core core, Message message, String reason) {
    Status before = core.node.status();
    core.stepAndRun(message);
    assertThat(ignored).containsExactly(message.getClass().getSimpleName() + ": " + reason);
    assertThat(core.take()).isEmpty();
    assertThat(core.reads).isEmpty();
    Status after = core.node.status();
    assertThat(after.role()).isEqualTo(before.role());
    assertThat(after.term()).isEqualTo(before.term());
    assertThat(after.commit()).isEqualTo(before.commit());
    assertThat(after.leader()).isEqualTo(before.leader());
    ignored.clear();
  }

  @Test
  void leaderTakesNothingThatOnlyALeaderSends() {
    Core core = leader();
    assertIgnored(core, core.append(2, 1, at(1, 1), 1, 1), ROLE);
    assertIgnored(core, core.heartbeat(2, 1), ROLE);
    assertIgnored(
        core,
        new Message.InstallSnapshot(
            2, 1, 1, new Snapshot(at(1, 9), ConfState.ofVoters(List.of(1L, 2L, 3L)))),
        ROLE);
    assertIgnored(core, new Message.TimeoutNow(2, 1, 1), ROLE);
    assertIgnored(core, new Message.ReadIndexResponse(2, 1, 1, 1, 7), ROLE);
    assertThat(core.node.lastIndex()).isEqualTo(1);
  }

  @Test
  void leaderTakesNoVoteThatComesLate() {
    assertIgnored(leader(), new Message.VoteResponse(3, 1, 1, false, true), ROLE);
  }

  @Test
  void leaderTakesNoProposalWithoutEntries() {
    assertIgnored(leader(), new Message.Propose(2, 1, 0, List.of()), ROLE);
  }

  @Test
  void leaderTakesNoAcknowledgementOfWhatItDoesNotHave() {
    Core core = leader();
    assertIgnored(core, core.acknowledge(3, 2), "it acknowledges an index beyond the last");
    assertThat(core.node.status().progress().get(3L).match()).isZero();
  }

  @Test
  void leaderTakesNoAnswerOfNobody() {
    Core core = leader();
    long thread = Message.APPEND_THREAD;
    String reason = "its sender is no member";
    assertIgnored(core, new Message.AppendResponse(thread, 1, 1, 1, false, EntryId.ZERO), reason);
    assertIgnored(core, new Message.HeartbeatResponse(thread, 1, 1, 0), reason);
  }

  @Test
  void leaderHandsOverToVotersOnly() {
    Core core = leader();
    assertIgnored(core, new Message.TransferLeader(4, 1, 1), "its sender is no voter");
    assertIgnored(core, new Message.TransferLeader(7, 1, 1), "its sender is no voter");
    assertThat(core.node.status().transferee()).isZero();
  }

  @Test
  void followerTakesNoAnswers() {
    Core core = follower();
    assertIgnored(core, core.acknowledge(3, 1), ROLE);
    assertIgnored(core, new Message.VoteResponse(3, 1, 1, false, false), ROLE);
    assertIgnored(core, new Message.HeartbeatResponse(3, 1, 1, 0), ROLE);
  }

  @Test
  void followerWithoutALeaderHandsNothingOn() {
    Core core = builder.build();
    assertIgnored(core, new Message.TransferLeader(3, 1, 0), NO_LEADER);
    assertIgnored(core, new Message.ReadIndexRequest(3, 1, 0, 7), NO_LEADER);
  }

  @Test
  void candidateKnowsNoLeaderToHandOnTo() {
    for (boolean preVote : new boolean[] {true, false}) {
      Core core = candidate(preVote);
      long term = core.node.term();
      assertIgnored(core, new Message.TransferLeader(3, 1, term), NO_LEADER);
      assertIgnored(core, new Message.ReadIndexRequest(3, 1, 0, 7), NO_LEADER);
      assertIgnored(core, new Message.ReadIndexResponse(3, 1, term, 1, 7), ROLE);
      assertIgnored(core, new Message.TimeoutNow(3, 1, term), ROLE);
      assertIgnored(core, new Message.HeartbeatResponse(3, 1, term, 0), ROLE);
      assertIgnored(core, core.acknowledge(3, 1), ROLE);
    }
  }

  @Test
  void candidateCountsVotesOfItsOwnKindOnly() {
    Core asking = candidate(true);
    assertIgnored(asking, new Message.VoteResponse(2, 1, 0, false, false), ROLE);
    Core campaigning = candidate(false);
    assertIgnored(campaigning, new Message.VoteResponse(2, 1, 1, true, true), ROLE);
  }

  @Test
  void workForStorageThreadsAndTheEngineIsNotForTheCore() {
    Core core = follower();
    long thread = Message.APPEND_THREAD;
    assertIgnored(
        core,
        new Message.StorageAppend(
            thread, 1, new HardState(1, 0, 0), List.of(), Snapshot.EMPTY, false, List.of()),
        "it is for a storage thread");
    assertIgnored(
        core,
        new Message.ProposeRefused(2, 1, 1, List.of(1L), "NO_LEADER", "why"),
        "it is for the engine");
    Core fresh = builder.build();
    assertIgnored(
        fresh,
        new Message.StorageApply(Message.APPLY_THREAD, 1, List.of(), List.of()),
        "it is for a storage thread");
  }

  @Test
  void messageOfThisMemberToItselfFromOutsideStopsIt() {
    Core core = builder.build();
    assertThatThrownBy(() -> core.step(core.heartbeat(1, 1)))
        .isInstanceOf(InvariantException.class)
        .hasMessage("raft: message to itself: from, to: 1, 1");
  }
}
