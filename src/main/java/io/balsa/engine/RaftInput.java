package io.balsa.engine;

import io.balsa.engine.request.Reply;
import io.balsa.raft.message.ConfChange;
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

  /** The process of {@code member}, to which there was a stream, has ended. */
  record Gone(long member) implements RaftInput {}

  /** The snapshot stream to {@code member} has ended, well or not. */
  record SnapshotSent(long member, boolean delivered) implements RaftInput {}

  /** The disk made these batches durable, in order: their responses may go. */
  record Stored(List<Message.StorageAppend> batches) implements RaftInput {
    public Stored {
      batches = List.copyOf(batches);
    }
  }

  /**
   * The replica applied everything up to the end of the batch.
   *
   * @param confChanges one for each configuration entry of the batch, in order: the change, or one
   *     whose operations name no member where the state machine refused it
   */
  record Applied(Message.StorageApply batch, List<ConfChange> confChanges) implements RaftInput {
    public Applied {
      confChanges = List.copyOf(confChanges);
    }
  }

  /** A snapshot of this member's own state is durable: the log before it may go. */
  record SnapshotTaken(Snapshot snapshot) implements RaftInput {}

  /** A snapshot on this member's disk is not what was written: nobody may be sent it. */
  record SnapshotDamaged(EntryId last) implements RaftInput {}

  /**
   * Commands of this member's clients, in order, for the leader of just this term: in any other
   * term they are refused, so that a proposal whose term has passed is known never to be applied.
   */
  record Propose(long term, List<Proposal> proposals) implements RaftInput {
    public Propose {
      proposals = List.copyOf(proposals);
    }
  }

  /** Asks for a read index; answered with the same context. */
  record ReadIndex(long context) implements RaftInput {}

  /** Hands leadership over; 0 picks the member that is furthest. */
  record TransferLeader(long member) implements RaftInput {}

  /** Whether the disk is too full for new proposals; those under way still have room. */
  record DiskSpace(boolean full) implements RaftInput {}

  /** A peer that applied it says that the log removed this member. */
  record Removed() implements RaftInput {}

  /** What the log writer did since start. */
  record DiskReport(Reply.Wal wal) implements RaftInput {}
}
