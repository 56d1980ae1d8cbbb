package io.balsa.raft;

import static io.balsa.raft.Core.at;
import static io.balsa.raft.Core.core;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Bytes;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfChange.OperationType;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import io.balsa.raft.tracker.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * What the observer is told. That it is told every change of state, whatever happens, is shown by
 * {@link FaultyClusterTest}: there a {@link Mirror} follows each member by these calls alone.
 */
class RaftObserverTest {
  private static final ConfState MEMBERS = ConfState.ofVoters(List.of(1L, 2L, 3L));

  private final Recorder recorder = new Recorder();

  /** Writes down every call. */
  private static final class Recorder implements RaftObserver {
    private final List<String> events = new ArrayList<>();

    private List<String> take() {
      List<String> taken = List.copyOf(events);
      events.clear();
      return taken;
    }

    @Override
    public void stateChanged(long term, Role role, long leader) {
      events.add("state term " + term + " " + role + " leader " + leader);
    }

    @Override
    public void voted(long term, long member) {
      events.add("voted term " + term + " for " + member);
    }

    @Override
    public void quorumLost(long term) {
      events.add("quorum lost term " + term);
    }

    @Override
    public void commitAdvanced(long index) {
      events.add("commit " + index);
    }

    @Override
    public void appliedAdvanced(long index) {
      events.add("applied " + index);
    }

    @Override
    public void configurationApplied(ConfState configuration) {
      events.add("configuration " + configuration);
    }

    @Override
    public void confChangeReplaced(
        Entry proposal, EntryId place, ConfChangeRefusal reason, String detail) {
      events.add("replaced " + proposal + " at " + place + " " + reason + ": " + detail);
    }

    @Override
    public void proposalDropped(ProposalDroppedException.Reason reason, int count) {
      events.add("dropped " + count + " " + reason);
    }

    @Override
    public void snapshotRestored(Snapshot snapshot) {
      events.add("restored " + snapshot);
    }

    @Override
    public void snapshotStored(Snapshot snapshot) {
      events.add("stored " + snapshot);
    }

    @Override
    public void progressChanged(long member, Progress progress) {
      events.add("progress of " + member + " " + progress);
    }

    @Override
    public void transferChanged(long transferee) {
      events.add("transferee " + transferee);
    }

    @Override
    public void readRoundStarted(long position, long index) {
      events.add("read " + position + " at " + index);
    }

    @Override
    public void readRoundConfirmed(int reads) {
      events.add("confirmed " + reads);
    }

    @Override
    public void readsLost(int reads) {
      events.add("lost reads " + reads);
    }

    @Override
    public void messageIgnored(Message message, String reason) {
      events.add("ignored " + message + " because " + reason);
    }
  }

  private Core.Builder observed(UnaryOperator<RaftConfig.Builder> options) {
    return core(1).options(o -> options.apply(o.observer(recorder)));
  }

  private Core.Builder observed() {
    return observed(o -> o);
  }

  private Core settledLeader(Core.Builder builder) {
    Core core = builder.leader();
    core.stepAndRun(core.acknowledge(2, core.node.lastIndex()));
    core.stepAndRun(core.acknowledge(3, core.node.lastIndex()));
    recorder.take();
    return core;
  }

  @Test
  void electionIsToldFromTheCampaignToTheFirstCommit() {
    Core core = observed(o -> o.preVote(true)).build();
    recorder.take();

    core.win();
    core.stepAndRun(core.acknowledge(2, 1));

    assertThat(recorder.take())
        .filteredOn(e -> !e.startsWith("ignored")) // Votes that came late.
        .containsExactly(
            "state term 0 PRE_CANDIDATE leader 0",
            "state term 1 CANDIDATE leader 0",
            "voted term 1 for 1",
            "state term 1 LEADER leader 1",
            "progress of 2 REPLICATE match 1 next 2",
            "commit 1",
            "applied 1");
  }

  @Test
  void voteAndTermOfAFollowerAreTold() {
    Core core = observed().build();
    recorder.take();

    core.stepAndRun(core.voteRequest(2, 3, EntryId.ZERO));
    core.stepAndRun(core.voteRequest(2, 3, EntryId.ZERO)); // Again: nothing changes.
    core.stepAndRun(core.append(2, 3, EntryId.ZERO, 1, 3));

    assertThat(recorder.take())
        .containsExactly(
            "state term 3 FOLLOWER leader 0",
            "voted term 3 for 2",
            "state term 3 FOLLOWER leader 2",
            "commit 1",
            "applied 1");
  }

  @Test
  void leaderThatIsForgottenOrLosesItsQuorumIsTold() {
    Core follower = observed().build();
    follower.stepAndRun(follower.heartbeat(2, 1));
    recorder.take();
    follower.node.forgetLeader();
    assertThat(recorder.take()).containsExactly("state term 1 FOLLOWER leader 0");

    Core leader = settledLeader(observed(o -> o.checkQuorum(true)));
    leader.tick(2 * Core.ELECTION_TICKS);
    assertThat(recorder.take())
        .containsExactly("quorum lost term 1", "state term 1 FOLLOWER leader 0");
  }

  @Test
  void droppedProposalsAreToldWithTheReasonAndHowMany() throws Exception {
    Core core = observed(o -> o.maxUncommittedBytes(1)).build();
    recorder.take();
    core.dropReason("x");
    core.win();
    core.propose("xy");
    core.dropReason("z");
    core.node.transferLeader(2);
    core.dropReason("z");

    assertThat(recorder.take())
        .filteredOn(e -> e.startsWith("dropped"))
        .containsExactly(
            "dropped 1 NO_LEADER", "dropped 1 UNCOMMITTED_LIMIT", "dropped 1 TRANSFERRING");
  }

  @Test
  void transferIsToldFromItsBeginToWhateverEndsIt() {
    Core core = settledLeader(observed());
    core.node.transferLeader(3);
    core.node.transferLeader(2);
    core.node.transferLeader(1);
    assertThat(recorder.take()).containsExactly("transferee 3", "transferee 2", "transferee 0");

    core.node.transferLeader(3);
    core.tick(Core.ELECTION_TICKS);
    assertThat(recorder.take()).containsExactly("transferee 3", "transferee 0");

    core.node.transferLeader(3);
    core.stepAndRun(core.voteRequest(3, 2, at(1, 1)));
    assertThat(recorder.take())
        .containsExactly(
            "transferee 3", "transferee 0", "state term 2 FOLLOWER leader 0", "voted term 2 for 3");
  }

  @Test
  void readRoundsAreToldAndReadsThatAreLostWithTheLeadership() {
    Core core = settledLeader(observed());
    core.node.readIndex(7);
    core.node.readIndex(8);
    core.stepAndRun(new Message.HeartbeatResponse(2, 1, 1, 2));
    core.node.readIndex(9);
    core.stepAndRun(core.heartbeat(3, 2));

    assertThat(recorder.take())
        .containsExactly(
            "read 1 at 1",
            "read 2 at 1",
            "confirmed 2",
            "read 3 at 1",
            "lost reads 1",
            "state term 2 FOLLOWER leader 3");

    core.win(); // Commits nothing in its term: the read waits.
    core.node.readIndex(10);
    recorder.take();
    core.stepAndRun(core.heartbeat(3, 4));
    assertThat(recorder.take()).first().isEqualTo("lost reads 1");
  }

  @Test
  void readWithoutALeaderIsTold() {
    Core core = observed().build();
    recorder.take();
    core.node.readIndex(7);
    assertThat(recorder.take())
        .containsExactly("ignored ReadIndexRequest 0->1: context 7 because no leader is known");
  }

  @Test
  void everyStateOfAPeerIsTold() {
    Core core = observed().log(1, 1, 1, 1).hardState(1, 0, 4).build();
    core.run();
    core.storage.createSnapshot(4, MEMBERS);
    core.storage.compact(4);
    core.win();
    core.stepAndRun(core.acknowledge(2, 5));
    recorder.take();

    core.stepAndRun(new Message.AppendResponse(3, 1, 2, 4, true, EntryId.ZERO));
    core.node.reportSnapshot(3, false);
    core.stepAndRun(new Message.HeartbeatResponse(3, 1, 2, 0));
    core.node.reportSnapshot(3, true);
    core.stepAndRun(core.acknowledge(3, 5));
    core.node.reportUnreachable(3);

    assertThat(recorder.take())
        .containsExactly(
            "progress of 3 SNAPSHOT match 0 next 5 snapshot 4",
            "progress of 3 PROBE match 0 next 1",
            "progress of 3 SNAPSHOT match 0 next 5 snapshot 4",
            "progress of 3 PROBE match 0 next 5",
            "progress of 3 REPLICATE match 5 next 6",
            "progress of 3 PROBE match 5 next 6");
  }

  @Test
  void rejectionThatMakesAPeerAProbeIsTold() {
    Core core = settledLeader(observed());
    core.propose("x");
    core.run();

    core.stepAndRun(new Message.AppendResponse(2, 1, 1, 2, true, at(1, 1)));

    assertThat(recorder.take()).containsExactly("progress of 2 PROBE match 1 next 2");
  }

  @Test
  void snapshotIsToldWhenItIsTakenAndWhenItIsStored() {
    Core core = observed().build();
    core.stepAndRun(core.heartbeat(2, 1));
    recorder.take();

    core.step(new Message.InstallSnapshot(2, 1, 1, new Snapshot(at(1, 9), MEMBERS)));
    assertThat(recorder.take())
        .containsExactly("restored snapshot 1/9 of voters [1, 2, 3]", "commit 9");
    core.run();
    assertThat(recorder.take())
        .containsExactly("stored snapshot 1/9 of voters [1, 2, 3]", "applied 9");
  }

  @Test
  void changesAreToldWhenTheyAreAppliedOrReplaced() {
    Core core = settledLeader(observed());
    core.propose(ConfChange.of(OperationType.ADD_LEARNER, 4));
    core.propose(ConfChange.of(OperationType.ADD_VOTER, 5));
    core.run();
    core.stepAndRun(core.acknowledge(2, 3));

    assertThat(recorder.take())
        .containsExactly(
            "replaced proposed CONF_CHANGE_V2 (AUTO [ADD_VOTER 5]) at 1/3 PENDING:"
                + " possible unapplied conf change at index 2 (applied to 1)",
            "commit 3",
            "configuration voters [1, 2, 3] learners [4]",
            "applied 3");
  }

  @Test
  void foundersEntriesAreToldAsCommitted() {
    Core core = observed().members(ConfState.EMPTY).build();
    recorder.take();

    core.node.bootstrap(List.of(new Peer(1, Bytes.EMPTY)));

    assertThat(recorder.take())
        .containsExactly("state term 1 FOLLOWER leader 0", "commit 1", "configuration voters [1]");
  }

  @Test
  void transferToAMemberThatMayNotCampaignIsToldThere() {
    Core core =
        observed()
            .members(new ConfState(List.of(2L), List.of(), List.of(1L), List.of(), false))
            .build();
    core.stepAndRun(core.heartbeat(2, 1));
    recorder.take();

    core.stepAndRun(new Message.TimeoutNow(2, 1, 1));

    assertThat(recorder.take())
        .containsExactly("ignored TimeoutNow 2->1 term 1 because this member may not campaign");
  }
}
