package io.balsa.raft.log;

import io.balsa.data.Checks;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Snapshot;
import java.util.List;
import java.util.Optional;

/**
 * The log in memory: the picture that the core reads of what a disk keeps. Its owner changes it as
 * soon as the disk reports something durable. One thread only.
 */
public final class MemoryStorage implements LogStorage {
  private HardState hardState = HardState.EMPTY;
  private Snapshot snapshot = Snapshot.EMPTY;
  // The position before the first entry.
  private EntryId before = EntryId.ZERO;
  private final EntryQueue entries = new EntryQueue();

  /** An empty log without a configuration. */
  public MemoryStorage() {}

  @Override
  public InitialState initialState() {
    return new InitialState(hardState, snapshot.confState());
  }

  @Override
  public List<Entry> entries(long low, long high, long bytesMax) {
    if (low < firstIndex()) {
      throw EntryUnavailableException.compacted(low, firstIndex());
    }
    if (high > lastIndex() + 1) {
      throw EntryUnavailableException.beyondLast(high - 1, lastIndex());
    }
    return entries.slice(place(low), place(high), bytesMax);
  }

  @Override
  public long term(long index) {
    if (index < before.index()) {
      throw EntryUnavailableException.compacted(index, firstIndex());
    }
    if (index > lastIndex()) {
      throw EntryUnavailableException.beyondLast(index, lastIndex());
    }
    return index == before.index() ? before.term() : entries.get(place(index)).term();
  }

  @Override
  public long firstIndex() {
    return before.index() + 1;
  }

  @Override
  public long lastIndex() {
    return before.index() + entries.size();
  }

  @Override
  public Optional<Snapshot> snapshot() {
    return snapshot.isEmpty() ? Optional.empty() : Optional.of(snapshot);
  }

  /** Replaces the hard state. */
  public void setHardState(HardState state) {
    hardState = state;
  }

  /**
   * Appends; the first of {@code added} replaces an entry at its index and all after it. What is
   * compacted already is left out.
   *
   * @throws io.balsa.data.InvariantException if entries between would be missing
   */
  public void append(List<Entry> added) {
    int known = 0;
    while (known < added.size() && added.get(known).index() < firstIndex()) {
      known++;
    }
    if (known == added.size()) {
      return;
    }
    long first = added.get(known).index();
    Checks.invariant(
        first <= lastIndex() + 1, "storage: entries are missing between", lastIndex(), first);
    entries.truncate(place(first));
    entries.append(added, known);
  }

  /**
   * Drops the entries up to and including {@code index}; costs as much as is dropped.
   *
   * @return false if they were dropped before
   * @throws EntryUnavailableException beyond the last entry
   */
  public boolean compact(long index) {
    if (index <= before.index()) {
      return false;
    }
    EntryId last = new EntryId(term(index), index);
    entries.dropFirst(place(index + 1));
    before = last;
    return true;
  }

  /**
   * Notes that the application's state up to {@code index} is stored, to be sent to members that
   * lag behind. The log stays until {@link #compact}.
   *
   * @return the newest snapshot: an older one than that changes nothing
   * @throws EntryUnavailableException beyond the last entry
   */
  public Snapshot createSnapshot(long index, ConfState confState) {
    if (index > snapshot.last().index()) {
      snapshot = new Snapshot(new EntryId(term(index), index), confState);
    }
    return snapshot;
  }

  /**
   * Replaces the log by a snapshot.
   *
   * @throws io.balsa.data.InvariantException if it is not newer than the one there
   */
  public void applySnapshot(Snapshot newer) {
    Checks.invariant(
        snapshot.isEmpty() || newer.last().index() > snapshot.last().index(),
        "storage: snapshot is out of date",
        newer.last().index(),
        snapshot.last().index());
    snapshot = newer;
    before = newer.last();
    entries.truncate(0);
  }

  private int place(long index) {
    return Math.toIntExact(index - firstIndex());
  }
}
