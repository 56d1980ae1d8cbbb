package io.balsa.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Bytes;
import io.balsa.raft.log.MemoryStorage;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfChange.Operation;
import io.balsa.raft.message.ConfChange.OperationType;
import io.balsa.raft.message.ConfChange.Transition;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * The apply thread may still be at an entry when a snapshot from beyond it has replaced the log and
 * the configuration. Found by {@link SafetyTest}, seed 796557451, schedule 8.
 */
class SnapshotDuringApplyTest {
  private static final ConfState JOINT =
      new ConfState(List.of(1L, 2L, 3L), List.of(1L, 2L), List.of(), List.of(), true);
  private static final ConfChange ENTER_JOINT =
      new ConfChange(
          Transition.JOINT_IMPLICIT,
          List.of(new Operation(OperationType.ADD_VOTER, 3)),
          Bytes.EMPTY);

  @Test
  void aChangeThatTheSnapshotHoldsIsNotTakenTwice() throws Exception {
    RawNode node = followerWithSnapshotAt(9);

    assertThat(node.applyConfChange(8, ENTER_JOINT)).isEqualTo(JOINT);
    assertThat(node.applyConfChange(9, ENTER_JOINT)).isEqualTo(JOINT);
  }

  @Test
  void theNextChangeIsTaken() throws Exception {
    RawNode node = followerWithSnapshotAt(9);

    assertThat(node.applyConfChange(10, ConfChange.LEAVE_JOINT))
        .isEqualTo(ConfState.ofVoters(List.of(1L, 2L, 3L)));
  }

  private static RawNode followerWithSnapshotAt(long index) throws Exception {
    MemoryStorage storage = new MemoryStorage();
    storage.applySnapshot(new Snapshot(new EntryId(1, 2), ConfState.ofVoters(List.of(1L, 2L))));
    RawNode node =
        new RawNode(
            RaftConfig.builder(1, storage, new SplittableRandom(1))
                .asyncStorageWrites(true)
                .applied(2)
                .build());
    node.step(new Message.InstallSnapshot(2, 1, 1, new Snapshot(new EntryId(1, index), JOINT)));
    return node;
  }
}
