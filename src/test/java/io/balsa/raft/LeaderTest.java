package io.balsa.raft;

import static io.balsa.raft.Core.at;
import static io.balsa.raft.Core.core;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Bytes;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfChange.OperationType;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a leader does, and does once, when its peers answer and its configuration changes. */
class LeaderTest {
  private static Core settled(Core core) {
    core.stepAndRun(core.acknowledge(2, core.node.lastIndex()));
    core.stepAndRun(core.acknowledge(3, core.node.lastIndex()));
    core.take();
    return core;
  }

  // ---- Quorum

  @Test
  void leaderThatLosesItsQuorumSendsNothingMore() {
    Core core = settled(core(1).options(o -> o.checkQuorum(true)).leader());
    while (core.node.isLeader()) {
      core.take();
      core.tick(1);
    }
    assertThat(core.take()).isEmpty();
  }

  @Test
  void leaderCountsItselfAsActiveWhileItsDiskIsSlow() {
    Core core = core(1).options(o -> o.checkQuorum(true)).build();
    core.node.campaign();
    core.run();
    core.step(new Message.VoteResponse(2, 1, 1, false, false));
    assertThat(core.node.isLeader()).isTrue();

    // Nothing is stored from here on, so it does not hear of itself.
    for (int i = 0; i < 3 * Core.ELECTION_TICKS; i++) {
      core.step(new Message.HeartbeatResponse(2, 1, 1, 0));
      core.node.tick();
    }
    assertThat(core.node.isLeader()).isTrue();
  }

  // ---- Appends

  @Test
  void peerThatHasAllIsSentNothingOnItsHeartbeatResponse() {
    Core core = settled(core(1).leader());
    core.stepAndRun(new Message.HeartbeatResponse(2, 1, 1, 0));
    assertThat(core.take(Message.AppendRequest.class)).isEmpty();
  }

  @Test
  void hintWithoutATermIsTakenAsItIs() {
    Core core = core(1).log(1, 1, 1, 1, 1, 1, 1, 1).hardState(1, 0, 0).leader();

    // Its log is compacted there: it cannot say which term it has.
    core.stepAndRun(new Message.AppendResponse(2, 1, 2, 8, true, at(0, 5)));

    assertThat(core.take(Message.AppendRequest.class))
        .singleElement()
        .satisfies(m -> assertThat(m.previous()).isEqualTo(at(1, 5)));
  }

  @Test
  void peerWhoseEntriesAreCompactedWaitsWhileThereIsNoSnapshot() {
    Core core = core(1).log(1, 1, 1, 1).hardState(1, 0, 4).leader();
    core.storage.compact(4);

    core.stepAndRun(core.acknowledge(2, 2));
    assertThat(core.take()).isEmpty();

    core.storage.createSnapshot(4, core.node.status().configuration());
    core.stepAndRun(new Message.HeartbeatResponse(2, 1, 2, 0));
    assertThat(core.take(Message.InstallSnapshot.class)).hasSize(1);
  }

  // ---- Reads

  @Test
  void readThatWaitedForTheFirstCommitIsAnsweredOnce() {
    Core core = core(1).leader();
    core.node.readIndex(7);
    core.stepAndRun(core.acknowledge(2, 1));
    core.propose("x");
    core.run();
    core.stepAndRun(core.acknowledge(2, 2));
    for (long position = 1; position <= 5; position++) {
      core.stepAndRun(new Message.HeartbeatResponse(2, 1, 1, position));
    }

    assertThat(core.reads).containsExactly(new ReadState(1, 7));
  }

  // ---- Configuration

  /** Voters 1 to 4; the removal of 4 is entry 2 and committed by the next acknowledgement of 3. */
  private static Core removing(List<Long> commits) {
    RaftObserver observer =
        new RaftObserver() {
          @Override
          public void commitAdvanced(long index) {
            commits.add(index);
          }
        };
    Core core = core(1).voters(1, 2, 3, 4).options(o -> o.observer(observer)).leader();
    core.stepAndRun(core.acknowledge(2, 1));
    core.stepAndRun(core.acknowledge(3, 1));
    core.propose(ConfChange.of(OperationType.REMOVE, 4));
    core.run();
    return core;
  }

  @Test
  void whatASmallerQuorumHasIsCommittedAndToldAtOnce() {
    List<Long> commits = new ArrayList<>();
    Core core = removing(commits);
    core.propose("x");
    core.run();
    core.stepAndRun(core.acknowledge(2, 3));
    core.take();

    core.stepAndRun(core.acknowledge(3, 2));

    assertThat(core.node.commit()).isEqualTo(3);
    assertThat(commits).containsExactly(1L, 2L, 3L);
    assertThat(core.take(Message.AppendRequest.class))
        .filteredOn(m -> m.commit() == 3)
        .extracting(Message::to)
        .containsExactly(2L, 3L);
  }

  @Test
  void readThatASmallerQuorumHasConfirmedIsAnsweredAtOnce() {
    Core core = removing(new ArrayList<>());
    core.node.readIndex(7);
    core.run();
    core.stepAndRun(new Message.HeartbeatResponse(2, 1, 1, 1));
    core.stepAndRun(core.acknowledge(2, 2));
    assertThat(core.reads).isEmpty();

    core.stepAndRun(core.acknowledge(3, 2));

    assertThat(core.node.status().configuration().voters()).containsExactly(1L, 2L, 3L);
    assertThat(core.reads).containsExactly(new ReadState(1, 7));
  }

  @Test
  void removedLeaderGoesOnWithoutItsOwnCopy() {
    Core core = settled(core(1).leader());
    core.propose(ConfChange.of(OperationType.REMOVE, 1));
    core.run();
    core.stepAndRun(core.acknowledge(2, 2));
    core.stepAndRun(core.acknowledge(3, 2));

    assertThat(core.node.isLeader()).isTrue();
    assertThat(core.dropReason("x")).isEqualTo(ProposalDroppedException.Reason.NOT_A_MEMBER);
    assertThat(core.node.status().progress()).doesNotContainKey(1L);
  }

  @Test
  void leaderLeavesAJointConfigurationOnceThoughOlderEntriesAreAppliedMeanwhile() {
    Core core = settled(core(1).leader());
    core.propose(
        new ConfChange(
            ConfChange.Transition.JOINT_IMPLICIT,
            List.of(new ConfChange.Operation(OperationType.ADD_LEARNER, 4)),
            Bytes.EMPTY));
    core.propose("a");
    core.propose("b");
    core.run();
    core.stepAndRun(core.acknowledge(2, 2));
    assertThat(core.node.status().configuration().isJoint()).isTrue();
    assertThat(core.node.lastIndex()).isEqualTo(5);

    core.stepAndRun(core.acknowledge(2, 3));
    assertThat(core.node.lastIndex()).isEqualTo(5);
    core.stepAndRun(core.acknowledge(2, 5));

    assertThat(core.node.status().configuration().isJoint()).isFalse();
    assertThat(core.node.lastIndex()).isEqualTo(5);
  }

  // ---- What its followers do with what it sends

  @Test
  void candidateTakesTheEntriesOfTheLeaderItFinds() {
    Core core = core(1).build();
    core.node.campaign();
    core.run();
    core.take();

    core.stepAndRun(core.append(2, 1, EntryId.ZERO, 0, 1, 1));

    assertThat(core.logTerms()).containsExactly(1L, 1L);
    assertThat(core.take())
        .containsExactly(new Message.AppendResponse(1, 2, 1, 2, false, EntryId.ZERO));
  }

  @Test
  void emptyLogAgreesToNothingAsWell() {
    Core core = core(1).build();
    core.stepAndRun(core.append(2, 1, EntryId.ZERO, 0));
    assertThat(core.take())
        .containsExactly(new Message.AppendResponse(1, 2, 1, 0, false, EntryId.ZERO));
  }

  @Test
  void refusedSnapshotAcknowledgesNoMoreThanWhatIsCommitted() {
    Core core = core(1).log(1, 1, 1).hardState(1, 0, 1).build();
    Snapshot ofOthers = new Snapshot(at(1, 9), ConfState.ofVoters(List.of(2L, 3L)));

    core.stepAndRun(new Message.InstallSnapshot(2, 1, 1, ofOthers));

    // Entries 2 and 3 may differ from the leader's: they must not count for its quorum.
    assertThat(core.take())
        .containsExactly(new Message.AppendResponse(1, 2, 1, 1, false, EntryId.ZERO));
  }
}
