package io.balsa.raft;

import static io.balsa.raft.Core.at;
import static io.balsa.raft.Core.core;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.log.LogStorage;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import io.balsa.raft.tracker.ProgressState;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Snapshots that a leader sends and a follower takes. */
class SnapshotTest {
  private static final ConfState MEMBERS = ConfState.ofVoters(List.of(1L, 2L, 3L));

  private static Message install(long term, EntryId last, ConfState members) {
    return new Message.InstallSnapshot(2, 1, term, new Snapshot(last, members));
  }

  private static List<Long> acknowledged(Core core) {
    return core.take(Message.AppendResponse.class).stream()
        .map(Message.AppendResponse::index)
        .toList();
  }

  // ---- Taking

  @Test
  void snapshotThatIsNotBeyondTheCommitIndexIsIgnored() {
    Core core = core(1).log(1, 1, 1).hardState(1, 0, 2).build();
    ConfState others = ConfState.ofVoters(List.of(1L, 7L));

    core.stepAndRun(install(1, at(1, 2), others));

    assertThat(acknowledged(core)).containsExactly(2L);
    assertThat(core.logTerms()).hasSize(3);
    assertThat(core.node.status().configuration()).isEqualTo(MEMBERS);
  }

  @Test
  void snapshotFromBeforeTheLogDoesNotTakeTheLogBack() {
    Core core = core(1).snapshot(1, 10).log(1).hardState(1, 0, 10).build();

    core.stepAndRun(install(1, at(1, 5), MEMBERS));

    assertThat(acknowledged(core)).containsExactly(10L);
    assertThat(core.node.lastIndex()).isEqualTo(11);
    assertThat(core.node.commit()).isEqualTo(10);
  }

  @Test
  void snapshotThatTheLogHoldsMovesTheCommitIndexAndKeepsTheLog() {
    Core core = core(1).log(1, 1, 1).hardState(1, 0, 1).build();

    core.step(install(1, at(1, 2), MEMBERS));
    Ready ready = core.runOnce();

    assertThat(ready.snapshot()).isEqualTo(Snapshot.EMPTY);
    assertThat(core.node.commit()).isEqualTo(2);
    assertThat(core.node.lastIndex()).isEqualTo(3);
  }

  @Test
  void snapshotReplacesALogThatDiffers() {
    Core core = core(1).log(1, 1, 1).hardState(1, 0, 1).build();

    core.step(install(2, at(2, 2), MEMBERS));
    Ready ready = core.runOnce();

    assertThat(ready.snapshot().last()).isEqualTo(at(2, 2));
    assertThat(core.node.commit()).isEqualTo(2);
    assertThat(core.node.applied()).isEqualTo(2);
    assertThat(core.node.lastIndex()).isEqualTo(2);
    assertThat(core.storage.firstIndex()).isEqualTo(3);
    assertThat(acknowledged(core)).containsExactly(2L);
  }

  @Test
  void snapshotIsTakenByAnyMemberThatItNames() {
    List<ConfState> namings =
        List.of(
            ConfState.ofVoters(List.of(1L, 2L)),
            new ConfState(List.of(2L), List.of(1L, 2L), List.of(), List.of(), false),
            new ConfState(List.of(2L), List.of(), List.of(1L), List.of(), false));
    for (ConfState naming : namings) {
      Core core = core(1).build();
      core.stepAndRun(install(1, at(1, 9), naming));
      assertThat(core.node.lastIndex()).isEqualTo(9);
      assertThat(core.node.status().configuration()).isEqualTo(naming);
    }
  }

  @Test
  void snapshotThatDoesNotNameTheMemberChangesNothing() {
    Core core = core(1).log(1).hardState(1, 0, 1).build();

    core.stepAndRun(install(1, at(1, 9), ConfState.ofVoters(List.of(2L, 3L))));

    assertThat(acknowledged(core)).containsExactly(1L);
    assertThat(core.node.lastIndex()).isEqualTo(1);
    assertThat(core.node.status().configuration()).isEqualTo(MEMBERS);
  }

  @Test
  void nothingCommittedIsHandedOutBesideASnapshot() {
    Core core = core(1).log(1, 1).hardState(1, 0, 1).build();
    core.step(install(1, at(1, 9), MEMBERS));
    core.step(core.append(2, 1, at(1, 9), 10, 1));

    Ready ready = core.runOnce();
    assertThat(ready.snapshot().last()).isEqualTo(at(1, 9));
    assertThat(ready.entries()).extracting(Entry::index).containsExactly(10L);
    assertThat(ready.committedEntries()).isEmpty();

    assertThat(core.runOnce().committedEntries()).extracting(Entry::index).containsExactly(10L);
  }

  // ---- Sending

  /** A storage whose newest snapshot is not to be had for a while. */
  private static final class SlowSnapshots extends ForwardedStorage {
    private boolean available;

    SlowSnapshots(LogStorage storage) {
      super(storage);
    }

    @Override
    public Optional<Snapshot> snapshot() {
      return available ? super.snapshot() : Optional.empty();
    }
  }

  @Test
  void snapshotThatIsNotToBeHadYetIsAskedForAgain() throws Exception {
    Core disk = core(1).snapshot(1, 10).log(1).hardState(1, 0, 11).build();
    SlowSnapshots slow = new SlowSnapshots(disk.storage);
    RawNode leader =
        new RawNode(
            RaftConfig.builder(1, slow, new Random(1)).preVote(false).checkQuorum(false).build());
    leader.campaign();
    leader.ready();
    leader.advance();
    leader.step(new Message.VoteResponse(2, 1, 2, false, false));
    Ready first = leader.ready();
    disk.storage.append(first.entries());
    leader.advance();

    leader.step(new Message.AppendResponse(3, 1, 2, 11, true, EntryId.ZERO));
    assertThat(leader.hasReady() ? leader.ready().messages() : List.of())
        .noneMatch(Message.InstallSnapshot.class::isInstance);
    leader.advance();
    assertThat(leader.status().progress().get(3L).state()).isEqualTo(ProgressState.PROBE);
    slow.available = true;
    leader.step(new Message.HeartbeatResponse(3, 1, 2, 0));

    assertThat(leader.ready().messages())
        .containsExactly(new Message.InstallSnapshot(1, 3, 2, new Snapshot(at(1, 10), MEMBERS)));
    assertThat(leader.status().progress().get(3L).pendingSnapshot()).isEqualTo(10);
  }

  @Test
  void acknowledgementThatDoesNotReachTheLogLeavesThePeerInSnapshotState() {
    Core core = core(1).log(1, 1, 1, 1).hardState(1, 0, 4).build();
    core.run();
    core.storage.createSnapshot(4, MEMBERS);
    core.storage.compact(4);
    core.win();
    core.stepAndRun(core.acknowledge(2, core.node.lastIndex()));
    core.stepAndRun(new Message.AppendResponse(3, 1, 2, 4, true, EntryId.ZERO));
    assertThat(core.take(Message.InstallSnapshot.class)).hasSize(1);

    core.stepAndRun(core.acknowledge(3, 3));
    assertThat(core.take()).isEmpty();
    assertThat(core.node.status().progress().get(3L).state()).isEqualTo(ProgressState.SNAPSHOT);
    core.stepAndRun(core.acknowledge(3, 4));
    assertThat(core.node.status().progress().get(3L).state()).isEqualTo(ProgressState.REPLICATE);
  }

  @Test
  void deliveryIsReportedOfTheSnapshotThatIsUnderWayOnly() {
    Core core = core(1).leader();
    core.stepAndRun(core.acknowledge(2, 1));

    core.node.reportSnapshot(2, false);
    core.node.reportSnapshot(9, true);

    assertThat(core.node.status().progress().get(2L).state()).isEqualTo(ProgressState.REPLICATE);
  }
}
