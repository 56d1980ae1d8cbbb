package io.balsa.raft.log;

import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Snapshot;
import java.util.List;

/**
 * What is in the log but not known to be durable: the newest entries, and a snapshot that is to
 * replace everything before them. It is handed out to be stored, and stays here until that is
 * acknowledged.
 */
final class Unstable {
  private final EntryQueue entries = new EntryQueue();
  // The index of the first entry here, or of the next one; all before it are in the storage.
  private long offset;
  // Invariant: offset <= offsetInProgress. Entries before it are handed out.
  private long offsetInProgress;
  private Snapshot snapshot = Snapshot.EMPTY;
  private boolean snapshotInProgress;

  Unstable(long offset) {
    this.offset = offset;
    this.offsetInProgress = offset;
  }

  long offset() {
    return offset;
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  Snapshot snapshot() {
    return snapshot;
  }

  /** The index behind the last entry here. */
  long end() {
    return offset + entries.size();
  }

  long term(long index) {
    return entries.get((int) (index - offset)).term();
  }

  List<Entry> slice(long low, long high, long bytesMax) {
    return entries.slice((int) (low - offset), (int) (high - offset), bytesMax);
  }

  boolean hasNextEntries() {
    return offsetInProgress < end();
  }

  List<Entry> nextEntries() {
    return slice(offsetInProgress, end(), Long.MAX_VALUE);
  }

  /** The snapshot to hand out, empty if there is none or it is handed out. */
  Snapshot nextSnapshot() {
    return snapshotInProgress ? Snapshot.EMPTY : snapshot;
  }

  /** Everything here is handed out. */
  void acceptInProgress() {
    offsetInProgress = end();
    snapshotInProgress = !snapshot.isEmpty();
  }

  /**
   * Everything up to {@code last} is durable. Ignored if the entry there is another by now: an
   * acknowledgement of entries that were replaced says nothing about those that replaced them.
   */
  void stableTo(EntryId last) {
    if (last.index() < offset || last.index() >= end() || term(last.index()) != last.term()) {
      return;
    }
    entries.dropFirst((int) (last.index() + 1 - offset));
    offset = last.index() + 1;
    offsetInProgress = Math.max(offsetInProgress, offset);
  }

  void stableSnapshotTo(long index) {
    if (snapshot.last().index() == index) {
      snapshot = Snapshot.EMPTY;
      snapshotInProgress = false;
    }
  }

  void restore(Snapshot newer) {
    entries.truncate(0);
    offset = newer.last().index() + 1;
    offsetInProgress = offset;
    snapshot = newer;
    snapshotInProgress = false;
  }

  /**
   * Appends entries from {@code from} on; the first replaces the one at its index and all after.
   */
  void append(List<Entry> added, int from) {
    long first = added.get(from).index();
    entries.truncate((int) Math.max(0, first - offset));
    offset = Math.min(offset, first);
    // What replaces entries under way must be handed out as well.
    offsetInProgress = Math.min(offsetInProgress, first);
    entries.append(added, from);
  }
}
