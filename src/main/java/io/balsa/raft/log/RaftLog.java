package io.balsa.raft.log;

import io.balsa.data.Checks;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Storage and the unstable tail as one log, with its marks. */
public final class RaftLog {
  /** No limit in bytes. */
  public static final long NO_LIMIT = Long.MAX_VALUE;

  private final LogStorage storage;
  private final Unstable unstable;
  private final long applyingBytesMax;
  private final boolean applyUnstable;
  // Invariant: applied <= applying <= committed <= last index.
  private long committed;
  private long applying;
  private long applied;
  private long applyingBytes;
  private boolean applyingPaused;

  /**
   * A log on top of what storage holds.
   *
   * @param applyingBytesMax encoded bytes handed out and not acknowledged as applied
   * @param applyUnstable whether committed entries may be handed out before they are known to be
   *     durable here: only where the caller stores each Ready before it applies it
   */
  public RaftLog(LogStorage storage, long applyingBytesMax, boolean applyUnstable) {
    this.storage = storage;
    this.unstable = new Unstable(storage.lastIndex() + 1);
    this.applyingBytesMax = applyingBytesMax;
    this.applyUnstable = applyUnstable;
    this.committed = storage.firstIndex() - 1;
    this.applying = committed;
    this.applied = committed;
  }

  /** At start: what was stored as committed, or is known to have been applied. */
  public void start(long commit, long appliedBefore) {
    // A commit index alone needs no sync, so after a crash more may be applied than it says.
    commitTo(Math.max(commit, appliedBefore));
    if (appliedBefore > applied) {
      appliedTo(appliedBefore, 0);
    }
  }

  /**
   * Appends what a leader sent, from the first conflict on, and moves the commit index.
   *
   * @return the last index now known to agree, or -1 if there is no entry {@code previous}
   */
  public long maybeAppend(EntryId previous, List<Entry> entries, long leaderCommit) {
    if (!matches(previous)) {
      return -1;
    }
    long last = previous.index() + entries.size();
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      // Only a real conflict truncates: a late append must not cut off what came after it.
      if (!matches(entry.id())) {
        Checks.invariant(
            entry.index() > committed,
            "entry conflicts with a committed one, index and commit",
            entry.index(),
            committed);
        unstable.truncateAndAppend(entries.subList(i, entries.size()));
        break;
      }
    }
    // Not simply leaderCommit: what lies past the message is not known to agree (paper §5.3).
    commitTo(Math.min(leaderCommit, last));
    return last;
  }

  /** Appends entries of this leader's own. */
  public void append(List<Entry> entries) {
    if (!entries.isEmpty()) {
      unstable.truncateAndAppend(entries);
    }
  }

  /** Whether the entry named is in the log. */
  public boolean matches(EntryId id) {
    if (id.index() > lastIndex()) {
      return false;
    }
    Optional<Long> term = term(id.index());
    return term.isPresent() && term.get() == id.term();
  }

  /** The term at an index from first − 1 to last; empty where it is compacted. */
  public Optional<Long> term(long index) {
    long term = termOrUnknown(index);
    return term < 0 ? Optional.empty() : Optional.of(term);
  }

  private long termOrUnknown(long index) {
    long term = unstable.term(index);
    if (term >= 0) {
      return term;
    }
    if (index + 1 < firstIndex() || index > lastIndex()) {
      return -1;
    }
    try {
      return storage.term(index);
    } catch (CompactedException e) {
      return -1;
    }
  }

  /**
   * The last entry at or before {@code index} whose term is at most {@code term}: the best guess of
   * where two logs agree (paper §5.3, end).
   *
   * @return with term 0 where the search ran into compacted entries
   */
  public EntryId findConflictByTerm(long index, long term) {
    for (long at = index; at > 0; at--) {
      long here = termOrUnknown(at);
      if (here < 0) {
        return new EntryId(0, at);
      }
      if (here <= term) {
        return new EntryId(here, at);
      }
    }
    return EntryId.ZERO;
  }

  /** Whether a log that ends with {@code last} is at least as far as this one (paper §5.4.1). */
  public boolean isUpToDate(EntryId last) {
    EntryId own = last();
    return last.term() > own.term() || (last.term() == own.term() && last.index() >= own.index());
  }

  /** The index of the first entry kept. */
  public long firstIndex() {
    return unstable.hasSnapshot() ? unstable.snapshot().last().index() + 1 : storage.firstIndex();
  }

  /** The index of the last entry, or of the snapshot. */
  public long lastIndex() {
    long last = unstable.lastIndex();
    return last >= 0 ? last : storage.lastIndex();
  }

  /** The last entry's name. */
  public EntryId last() {
    long index = lastIndex();
    return new EntryId(termOrUnknown(index), index);
  }

  /** The commit index. */
  public long committed() {
    return committed;
  }

  /** The last index acknowledged as applied. */
  public long applied() {
    return applied;
  }

  /** Moves the commit index up; never down. */
  public void commitTo(long index) {
    if (index > committed) {
      Checks.invariant(
          index <= lastIndex(), "commit beyond the log: was it lost?", index, lastIndex());
      committed = index;
    }
  }

  /** Commits up to {@code index} if the entry there is of {@code term} (paper §5.4.2). */
  public boolean maybeCommit(long index, long term) {
    if (index > committed && termOrUnknown(index) == term) {
      commitTo(index);
      return true;
    }
    return false;
  }

  /** Entries from {@code low} to the last, at most {@code bytesMax} but at least one. */
  public List<Entry> entriesFrom(long low, long bytesMax) throws CompactedException {
    return low > lastIndex() ? List.of() : slice(low, lastIndex() + 1, bytesMax);
  }

  /** Entries from {@code low} on and below {@code high}. */
  public List<Entry> slice(long low, long high, long bytesMax) throws CompactedException {
    if (low < firstIndex()) {
      throw new CompactedException(low, firstIndex());
    }
    if (low >= high) {
      return List.of();
    }
    long offset = unstable.offset();
    if (low >= offset) {
      return List.copyOf(limitBytes(unstable.slice(low, high), bytesMax));
    }
    List<Entry> stable = storage.entries(low, Math.min(high, offset), bytesMax);
    long bytes = encodedBytes(stable);
    if (high <= offset || stable.size() < offset - low || bytes >= bytesMax) {
      return List.copyOf(stable);
    }
    List<Entry> rest = limitBytes(unstable.slice(offset, high), bytesMax - bytes);
    if (bytes + encodedBytes(rest) > bytesMax) {
      return List.copyOf(stable); // The one entry that a limit always lets through does not fit.
    }
    List<Entry> all = new ArrayList<>(stable.size() + rest.size());
    all.addAll(stable);
    all.addAll(rest);
    return List.copyOf(all);
  }

  /** The longest start of the list within the limit; at least one entry if there is any. */
  static List<Entry> limitBytes(List<Entry> entries, long bytesMax) {
    if (bytesMax == NO_LIMIT || entries.size() <= 1) {
      return entries;
    }
    long bytes = 0;
    for (int i = 0; i < entries.size(); i++) {
      bytes += entries.get(i).encodedBytes();
      if (bytes > bytesMax && i > 0) {
        return entries.subList(0, i);
      }
    }
    return entries;
  }

  /** The sum of encoded sizes. */
  public static long encodedBytes(List<Entry> entries) {
    long bytes = 0;
    for (Entry entry : entries) {
      bytes += entry.encodedBytes();
    }
    return bytes;
  }

  /** The newest snapshot, durable or not; empty if it cannot be had just now. */
  public Optional<Snapshot> snapshot() {
    return unstable.hasSnapshot() ? Optional.of(unstable.snapshot()) : storage.snapshot();
  }

  /** Replaces the log by a snapshot of the leader's. */
  public void restore(Snapshot snapshot) {
    committed = snapshot.last().index();
    unstable.restore(snapshot);
  }

  /** Whether a snapshot is not durable yet: until then nothing behind it may be applied. */
  public boolean hasUnstableSnapshot() {
    return unstable.hasSnapshot();
  }

  /** Whether there are entries not known to be durable. */
  public boolean hasUnstableEntries() {
    return unstable.hasEntries();
  }

  /** Entries to be stored, not handed out yet. */
  public List<Entry> nextUnstableEntries() {
    return List.copyOf(unstable.nextEntries());
  }

  /** Whether there are any. */
  public boolean hasNextUnstableEntries() {
    return unstable.hasNextEntries();
  }

  /** The snapshot to be stored, not handed out yet; empty for none. */
  public Snapshot nextUnstableSnapshot() {
    return unstable.nextSnapshot();
  }

  /** What is unstable was handed out. */
  public void acceptUnstable() {
    unstable.acceptInProgress();
  }

  /** All up to {@code last} is durable, if that is still the entry there. */
  public void stableTo(EntryId last) {
    unstable.stableTo(last);
  }

  /** The snapshot at this index is durable. */
  public void stableSnapshotTo(long index) {
    unstable.stableSnapshotTo(index);
  }

  /** Whether committed entries wait to be handed out. */
  public boolean hasNextCommittedEntries() {
    return !applyingPaused && !unstable.hasSnapshot() && applying < appliableIndex();
  }

  /** Committed entries to be applied, not handed out yet, within the limit. */
  public List<Entry> nextCommittedEntries() {
    if (!hasNextCommittedEntries()) {
      return List.of();
    }
    try {
      return slice(applying + 1, appliableIndex() + 1, applyingBytesMax - applyingBytes);
    } catch (CompactedException e) {
      throw new IllegalStateException("committed entry was compacted before it was applied", e);
    }
  }

  /** These committed entries were handed out. */
  public void acceptApplying(List<Entry> entries) {
    applying = entries.get(entries.size() - 1).index();
    applyingBytes += encodedBytes(entries);
    applyingPaused = applyingBytes >= applyingBytesMax || applying < appliableIndex();
  }

  /** All up to {@code index} is applied; {@code bytes} of what was handed out are done. */
  public void appliedTo(long index, long bytes) {
    Checks.invariant(
        index <= committed && index >= applied, "applied out of range", index, committed);
    applied = index;
    applying = Math.max(applying, index);
    applyingBytes = Math.max(0, applyingBytes - bytes);
    applyingPaused = applyingBytes >= applyingBytesMax;
  }

  private long appliableIndex() {
    return applyUnstable ? committed : Math.min(committed, unstable.offset() - 1);
  }
}
