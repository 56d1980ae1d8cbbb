package io.balsa.engine;

import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import java.util.List;

/** Everything that reaches the raft loop, in one total order. */
public sealed interface RaftInput {
  /** One tick of the clock has passed. */
  record Tick() implements RaftInput {}

  /** Messages from one peer, in the order of its stream. */
  record FromPeer(List<Message> messages) implements RaftInput {
    public FromPeer {
      messages = List.copyOf(messages);
    }
  }

  /** Messages to {@code member} are being lost. */
  record Unreachable(long member) implements RaftInput {}

  /** The snapshot stream to {@code member} has ended, well or not. */
  record SnapshotSent(long member, boolean delivered) implements RaftInput {}

  /** The disk made these batches durable, in order: their responses may go. */
  record Stored(List<Message.StorageAppend> batches) implements RaftInput {
    public Stored {
      batches = List.copyOf(batches);
    }
  }

  /** The replica applied everything up to the end of the batch. */
  record Applied(Message.StorageApply batch) implements RaftInput {}

  /** A snapshot of this member's own state is durable: the log before it may go. */
  record SnapshotTaken(Snapshot snapshot) implements RaftInput {}

  /** Commands of this member's clients, in order. */
  record Propose(List<Proposal> proposals) implements RaftInput {
    public Propose {
      proposals = List.copyOf(proposals);
    }
  }

  /** Asks for a read index; answered with the same context. */
  record ReadIndex(long context) implements RaftInput {}

  /** Hands leadership over; 0 picks the member that is furthest. */
  record TransferLeader(long member) implements RaftInput {}

  /** The disk has made no progress for an election timeout, or makes it again. */
  record DiskStalled(boolean stalled) implements RaftInput {}

  /** The replica has restored the state of this installed snapshot. */
  record SnapshotRestored(EntryId last) implements RaftInput {}
}
