package io.balsa.raft.log;

import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Snapshot;
import java.util.List;
import java.util.Optional;

/** The durable part of the log, read by the core on its own thread. */
public interface LogStorage {
  /** The stored hard state, read once at start. */
  HardState hardState();

  /** The configuration at the snapshot, read once at start. */
  ConfState confState();

  /**
   * Entries from {@code low} on and below {@code high}.
   *
   * @param bytesMax of encoded entries; at least one entry is given whatever its size
   * @throws CompactedException if {@code low} is before the first index
   */
  List<Entry> entries(long low, long high, long bytesMax) throws CompactedException;

  /**
   * The term of an entry from first index − 1 to last index.
   *
   * @throws CompactedException if it is before
   */
  long term(long index) throws CompactedException;

  /** The index of the first entry kept. */
  long firstIndex();

  /** The index of the last entry, or of the snapshot. */
  long lastIndex();

  /** The newest snapshot; empty if it cannot be had just now, and may be later. */
  Optional<Snapshot> snapshot();
}
