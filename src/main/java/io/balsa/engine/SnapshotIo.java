package io.balsa.engine;

import io.balsa.data.Bytes;
import io.balsa.raft.message.Snapshot;

/** What the disk writer answers to those who read and write snapshots. */
public sealed interface SnapshotIo {
  /** Chosen by the asker. */
  long ticket();

  /**
   * A part of a snapshot's content.
   *
   * @param snapshot with the configuration, as the file has it
   * @param end whether this is the last part
   */
  record Part(long ticket, Snapshot snapshot, long offset, Bytes data, boolean end)
      implements SnapshotIo {}

  /**
   * A part is written.
   *
   * @param nextOffset where the next part must begin
   * @param durable whether the whole snapshot now is
   */
  record Written(long ticket, Snapshot snapshot, long nextOffset, boolean durable)
      implements SnapshotIo {}

  /** It could not be read or written; the reading or writing is over. */
  record Failed(long ticket, String reason) implements SnapshotIo {}
}
