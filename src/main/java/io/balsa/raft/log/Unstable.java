package io.balsa.raft.log;

import io.balsa.data.Checks;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Snapshot;
import java.util.ArrayList;
import java.util.List;

/** The tail of the log that is not known to be durable, and a snapshot in the same case. */
final class Unstable {
  private Snapshot snapshot = Snapshot.EMPTY;
  private boolean snapshotInProgress;
  private final ArrayList<Entry> entries = new ArrayList<>();
  // The index of the first entry. Invariant: offset <= offsetInProgress <= offset + entries.size().
  private long offset;
  // Entries below it were handed to storage.
  private long offsetInProgress;

  Unstable(long offset) {
    this.offset = offset;
    this.offsetInProgress = offset;
  }

  long offset() {
    return offset;
  }

  boolean hasEntries() {
    return !entries.isEmpty();
  }

  boolean hasSnapshot() {
    return !snapshot.isEmpty();
  }

  Snapshot snapshot() {
    return snapshot;
  }

  /** The index of the last entry or the snapshot, -1 if there is neither. */
  long lastIndex() {
    if (!entries.isEmpty()) {
      return offset + entries.size() - 1;
    }
    return hasSnapshot() ? snapshot.last().index() : -1;
  }

  /** The term at {@code index}, -1 if it is not known here. */
  long term(long index) {
    if (index < offset) {
      return hasSnapshot() && snapshot.last().index() == index ? snapshot.last().term() : -1;
    }
    int position = Math.toIntExact(index - offset);
    return position < entries.size() ? entries.get(position).term() : -1;
  }

  List<Entry> slice(long low, long high) {
    return entries.subList(Math.toIntExact(low - offset), Math.toIntExact(high - offset));
  }

  /** Entries not handed to storage yet. */
  List<Entry> nextEntries() {
    return slice(offsetInProgress, offset + entries.size());
  }

  boolean hasNextEntries() {
    return offsetInProgress < offset + entries.size();
  }

  /** The snapshot if it was not handed to storage yet. */
  Snapshot nextSnapshot() {
    return snapshotInProgress ? Snapshot.EMPTY : snapshot;
  }

  /** All there is was handed to storage. */
  void acceptInProgress() {
    offsetInProgress = offset + entries.size();
    snapshotInProgress = hasSnapshot();
  }

  /**
   * All up to {@code last} is durable. Without effect where another entry stands there now: it was
   * replaced while it was being written.
   */
  void stableTo(EntryId last) {
    if (last.index() < offset || term(last.index()) != last.term()) {
      return;
    }
    int stable = Math.toIntExact(last.index() + 1 - offset);
    entries.subList(0, stable).clear();
    offset = last.index() + 1;
    offsetInProgress = Math.max(offsetInProgress, offset);
  }

  void stableSnapshotTo(long index) {
    if (hasSnapshot() && snapshot.last().index() == index) {
      snapshot = Snapshot.EMPTY;
      snapshotInProgress = false;
    }
  }

  void restore(Snapshot installed) {
    snapshot = installed;
    snapshotInProgress = false;
    entries.clear();
    offset = installed.last().index() + 1;
    offsetInProgress = offset;
  }

  void truncateAndAppend(List<Entry> added) {
    long first = added.get(0).index();
    Checks.invariant(
        first <= offset + entries.size(), "gap in the log, append and end", first, lastIndex());
    if (first <= offset) {
      entries.clear();
      offset = first;
      offsetInProgress = first;
    } else if (first < offset + entries.size()) {
      entries.subList(Math.toIntExact(first - offset), entries.size()).clear();
      // What is being written and now replaced must be handed out anew.
      offsetInProgress = Math.min(offsetInProgress, first);
    }
    entries.addAll(added);
  }
}
