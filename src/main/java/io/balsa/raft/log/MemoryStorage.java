package io.balsa.raft.log;

import io.balsa.data.Checks;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The log since the last compaction, in memory. The application fills it with what it made durable,
 * on the core's thread.
 */
public class MemoryStorage implements LogStorage {
  private HardState hardState = HardState.EMPTY;
  private Snapshot snapshot = Snapshot.EMPTY;
  // The position before the first entry kept: its term must stay known for the consistency check.
  private EntryId before = EntryId.ZERO;
  // Entries below `dropped` are compacted; they leave the list in bulk, so that dropping is cheap.
  private ArrayList<Entry> entries = new ArrayList<>();
  private int dropped;

  @Override
  public HardState hardState() {
    return hardState;
  }

  /** Replaces the hard state. */
  public void setHardState(HardState state) {
    this.hardState = state;
  }

  @Override
  public ConfState confState() {
    return snapshot.confState();
  }

  @Override
  public List<Entry> entries(long low, long high, long bytesMax) throws CompactedException {
    if (low <= before.index()) {
      throw new CompactedException(low, firstIndex());
    }
    Checks.invariant(high <= lastIndex() + 1, "entries read beyond the log", high, lastIndex());
    return RaftLog.limitBytes(entries.subList(position(low), position(high)), bytesMax);
  }

  @Override
  public long term(long index) throws CompactedException {
    if (index == before.index()) {
      return before.term();
    }
    if (index < before.index()) {
      throw new CompactedException(index, firstIndex());
    }
    Checks.invariant(index <= lastIndex(), "term read beyond the log", index, lastIndex());
    return entries.get(position(index)).term();
  }

  @Override
  public long firstIndex() {
    return before.index() + 1;
  }

  @Override
  public long lastIndex() {
    return before.index() + entries.size() - dropped;
  }

  @Override
  public Optional<Snapshot> snapshot() {
    return Optional.of(snapshot);
  }

  /**
   * Stores entries; they replace any at their indexes and all after. Compacted ones are left out.
   */
  public void append(List<Entry> added) {
    int skip = 0;
    while (skip < added.size() && added.get(skip).index() < firstIndex()) {
      skip++;
    }
    if (skip == added.size()) {
      return;
    }
    long first = added.get(skip).index();
    Checks.invariant(
        first <= lastIndex() + 1, "gap in the log, append and last", first, lastIndex());
    if (first <= lastIndex()) {
      entries.subList(position(first), entries.size()).clear();
    }
    entries.addAll(added.subList(skip, added.size()));
  }

  /**
   * Drops the entries up to and including {@code index}.
   *
   * @throws CompactedException if they are gone already
   */
  public void compact(long index) throws CompactedException {
    if (index <= before.index()) {
      throw new CompactedException(index, firstIndex());
    }
    EntryId newBefore = new EntryId(term(index), index);
    int newDropped = position(index) + 1;
    for (int i = dropped; i < newDropped; i++) {
      entries.set(i, null);
    }
    dropped = newDropped;
    before = newBefore;
    if (dropped > entries.size() / 2) {
      entries = new ArrayList<>(entries.subList(dropped, entries.size()));
      dropped = 0;
    }
  }

  /** Names the state at {@code index} as the newest snapshot; the log stays. */
  public void createSnapshot(long index, ConfState confState) throws CompactedException {
    Checks.invariant(
        index > snapshot.last().index(),
        "snapshot is not newer, index and newest",
        index,
        snapshot.last().index());
    snapshot = new Snapshot(new EntryId(term(index), index), confState);
  }

  /** Replaces the log by a snapshot. */
  public void applySnapshot(Snapshot installed) {
    Checks.invariant(
        snapshot.isEmpty() || installed.last().index() > snapshot.last().index(),
        "snapshot out of date, index and newest",
        installed.last().index(),
        snapshot.last().index());
    snapshot = installed;
    before = installed.last();
    entries = new ArrayList<>();
    dropped = 0;
  }

  private int position(long index) {
    return Math.toIntExact(index - firstIndex()) + dropped;
  }
}
