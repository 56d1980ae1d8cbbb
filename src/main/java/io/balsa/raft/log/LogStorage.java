package io.balsa.raft.log;

import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Snapshot;
import java.util.List;
import java.util.Optional;

/**
 * The durable part of the log, for reading. Called on the core's thread; it may change only between
 * calls of the core. Nothing here may wait for a disk: the core reads it for every message.
 */
public interface LogStorage {
  /** What a member starts from. */
  record InitialState(HardState hardState, ConfState confState) {}

  /** What was stored last, and the configuration of the snapshot. */
  InitialState initialState();

  /**
   * The entries from {@code low} inclusive to {@code high} exclusive, or the first of them whose
   * encoded sizes stay within {@code bytesMax} together, but at least one.
   *
   * @throws EntryUnavailableException unless firstIndex ≤ low ≤ high ≤ lastIndex + 1
   */
  List<Entry> entries(long low, long high, long bytesMax);

  /**
   * The term of the entry at {@code index}.
   *
   * @throws EntryUnavailableException unless firstIndex − 1 ≤ index ≤ lastIndex; the term just
   *     before the first entry stays known for the check of the previous entry
   */
  long term(long index);

  /** The index of the first entry that is not compacted, or would be there. */
  long firstIndex();

  /** The index of the last entry, firstIndex − 1 if there is none. */
  long lastIndex();

  /** The newest snapshot to send, empty while there is none to be had: the core asks again. */
  Optional<Snapshot> snapshot();
}
