package io.balsa.engine;

import io.balsa.data.Bytes;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import java.util.List;

/** Everything that reaches the disk writer, in one total order. */
public sealed interface DiskInput {
  /** Stands for this member's replica where an answer's address is named. */
  String REPLICA = "";

  /**
   * Make these durable, in order, with one write and one sync; the answer is {@link
   * RaftInput.Stored}. One at a time: the raft loop gathers the next ones meanwhile.
   */
  record Append(List<Message.StorageAppend> batches) implements DiskInput {
    public Append {
      batches = List.copyOf(batches);
    }
  }

  /** Tell the raft loop what the log writer did since start: {@link RaftInput.DiskReport}. */
  record Report() implements DiskInput {}

  /**
   * Reads a part of a snapshot's content; the answer is {@link SnapshotIo.Part}.
   *
   * @param replyTo the address that the answer goes to, {@link #REPLICA} for this member's replica
   */
  record ReadSnapshot(String replyTo, long ticket, EntryId last, long offset, int bytesMax)
      implements DiskInput {}

  /**
   * Writes a part of a snapshot's content, taken here or received from a peer; the answer is {@link
   * SnapshotIo.Written}. Offset 0 starts over; parts come in order without holes; the one marked as
   * the end makes the whole durable under its name. One writing at a time for each {@code origin}.
   *
   * @param origin who writes: this member's own id, or the peer that streams it
   * @param replyTo the address that the answer goes to, {@link #REPLICA} for this member's replica
   */
  record WriteSnapshot(
      String replyTo,
      long ticket,
      long origin,
      Snapshot snapshot,
      long offset,
      Bytes data,
      boolean end)
      implements DiskInput {}

  /** The log before this snapshot is no longer needed, nor are older snapshots. */
  record Release(Snapshot snapshot, long firstIndexNeeded) implements DiskInput {}

  /**
   * The next segment of the log was worked at.
   *
   * @param full whether the disk had no room for it
   * @param failed whether the disk failed: it is tried again later
   */
  record Prepared(boolean full, boolean failed) implements DiskInput {}
}
