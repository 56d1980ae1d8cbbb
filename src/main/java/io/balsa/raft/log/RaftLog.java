package io.balsa.raft.log;

import io.balsa.data.Checks;
import io.balsa.raft.message.Entries;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Snapshot;
import java.util.List;
import java.util.Optional;

/** The whole log of one member, durable or not, with the positions that move through it. */
public final class RaftLog {
  private final LogStorage storage;
  private final Unstable unstable;
  private final boolean appliesUnstable;
  private final long applyingBytesMax;
  // Invariant: applied <= applying <= committed. Up to applying entries are handed out.
  private long committed;
  private long applying;
  private long applied;
  private long applyingBytes;
  private boolean applyingPaused;

  /**
   * Starts with everything in {@code storage} stable and nothing beyond its snapshot committed.
   *
   * @param appliesUnstable whether committed entries may be handed out before they are durable,
   *     because the caller stores a Ready before applying it
   * @param applyingBytesMax the encoded size of entries that may be handed out and not applied
   */
  public RaftLog(LogStorage storage, boolean appliesUnstable, long applyingBytesMax) {
    this.storage = storage;
    this.unstable = new Unstable(storage.lastIndex() + 1);
    this.appliesUnstable = appliesUnstable;
    this.applyingBytesMax = applyingBytesMax;
    this.committed = storage.firstIndex() - 1;
    this.applying = committed;
    this.applied = committed;
  }

  // ---- Positions

  /** The index of the first entry that is not compacted. */
  public long firstIndex() {
    Snapshot snapshot = unstable.snapshot();
    return snapshot.isEmpty() ? storage.firstIndex() : snapshot.last().index() + 1;
  }

  /** The index of the last entry. */
  public long lastIndex() {
    if (!unstable.isEmpty()) {
      return unstable.end() - 1;
    }
    Snapshot snapshot = unstable.snapshot();
    return snapshot.isEmpty() ? storage.lastIndex() : snapshot.last().index();
  }

  /** The last entry's place. */
  public EntryId last() {
    long index = lastIndex();
    return new EntryId(term(index), index);
  }

  /** The highest index known to be committed. */
  public long committed() {
    return committed;
  }

  /** The highest index that the application has applied. */
  public long applied() {
    return applied;
  }

  /**
   * The term of the entry at {@code index}.
   *
   * @throws EntryUnavailableException unless firstIndex − 1 ≤ index ≤ lastIndex
   */
  public long term(long index) {
    if (index < firstIndex() - 1) {
      throw EntryUnavailableException.compacted(index, firstIndex());
    }
    if (index > lastIndex()) {
      throw EntryUnavailableException.beyondLast(index, lastIndex());
    }
    if (!unstable.isEmpty() && index >= unstable.offset()) {
      return unstable.term(index);
    }
    EntryId snapshot = unstable.snapshot().last();
    return snapshot.index() != 0 && index == snapshot.index()
        ? snapshot.term()
        : storage.term(index);
  }

  /** Whether the log still knows the term at {@code index}. */
  public boolean knowsTerm(long index) {
    return index >= firstIndex() - 1 && index <= lastIndex();
  }

  /** Whether the log has just this entry. */
  public boolean matches(EntryId id) {
    return hasTerm(id.index(), id.term());
  }

  // Without an id, which would be an object for every entry of every append.
  private boolean hasTerm(long index, long term) {
    return knowsTerm(index) && term(index) == term;
  }

  /**
   * Whether a log that ends with {@code other} has all that may be committed (Raft paper §5.4.1).
   */
  public boolean isUpToDate(EntryId other) {
    EntryId own = last();
    return other.term() > own.term() || other.term() == own.term() && other.index() >= own.index();
  }

  /**
   * The last place at or before {@code index} whose term is not above {@code term}: a log with an
   * entry of that term at {@code index} can agree with this one at most up to there. The term is 0
   * where it is unknown.
   */
  public EntryId lastAtMostTerm(long index, long term) {
    long place = index;
    while (knowsTerm(place) && term(place) > term) {
      place--;
    }
    return new EntryId(knowsTerm(place) ? term(place) : 0, place);
  }

  // ---- Reading

  /** The entries from {@code low} on, as many as fit into {@code bytesMax}, at least one if any. */
  public List<Entry> entriesFrom(long low, long bytesMax) {
    long last = lastIndex();
    return low > last ? List.of() : slice(low, last + 1, bytesMax);
  }

  /**
   * The entries from {@code low} inclusive to {@code high} exclusive, as many as fit into {@code
   * bytesMax} encoded bytes, but at least one.
   *
   * @throws EntryUnavailableException if any is not there
   */
  public List<Entry> slice(long low, long high, long bytesMax) {
    if (low < firstIndex()) {
      throw EntryUnavailableException.compacted(low, firstIndex());
    }
    if (high > lastIndex() + 1) {
      throw EntryUnavailableException.beyondLast(high - 1, lastIndex());
    }
    long offset = unstable.offset();
    if (low >= offset) {
      return unstable.slice(low, high, bytesMax);
    }
    long stableHigh = Math.min(high, offset);
    List<Entry> stable = storage.entries(low, stableHigh, bytesMax);
    long rest = bytesMax - encodedBytes(stable);
    if (high <= offset || stable.size() < stableHigh - low) {
      return stable;
    }
    List<Entry> newer = unstable.slice(offset, high, rest);
    if (newer.get(0).encodedBytes() > rest) {
      return stable;
    }
    return Entries.concat(stable, newer);
  }

  /** The newest snapshot to send, empty while there is none to be had. */
  public Optional<Snapshot> snapshot() {
    return unstable.snapshot().isEmpty() ? storage.snapshot() : Optional.of(unstable.snapshot());
  }

  /** The encoded size of {@code entries} together, in bytes. */
  public static long encodedBytes(List<Entry> entries) {
    long bytes = 0;
    for (int i = 0; i < entries.size(); i++) {
      bytes += entries.get(i).encodedBytes();
    }
    return bytes;
  }

  @Override
  public String toString() {
    return "log from "
        + firstIndex()
        + " to "
        + last()
        + ", committed "
        + committed
        + ", applying "
        + applying
        + ", applied "
        + applied
        + ", unstable from "
        + unstable.offset()
        + (hasUnstableSnapshot() ? " with " + unstable.snapshot() : "");
  }

  // ---- Appending

  /** Appends entries that follow the last one. */
  public void append(List<Entry> entries) {
    append(entries, 0);
  }

  /**
   * Stores what follows {@code previous}, if the log has that entry, and commits. Only a real
   * conflict truncates: the append may be an old one, behind which newer entries stand.
   *
   * @return the last index now known to agree with the leader's log, −1 if the previous entry is
   *     missing
   */
  public long maybeAppend(EntryId previous, List<Entry> entries, long leaderCommit) {
    if (!matches(previous)) {
      return -1;
    }
    int agreeing = 0;
    while (agreeing < entries.size()
        && hasTerm(entries.get(agreeing).index(), entries.get(agreeing).term())) {
      agreeing++;
    }
    if (agreeing < entries.size()) {
      append(entries, agreeing);
    }
    long lastNew = previous.index() + entries.size();
    // Not simply leaderCommit: entries past the append may be left from an older leader and are
    // not known to agree (Raft paper §5.3, figure 2).
    commitTo(Math.min(leaderCommit, lastNew));
    return lastNew;
  }

  private void append(List<Entry> entries, int from) {
    long first = entries.get(from).index();
    Checks.invariant(
        first > committed,
        "log: committed entry would be replaced: index, commit",
        first,
        committed);
    Checks.invariant(
        first <= lastIndex() + 1, "log: entries are missing: first, last", first, lastIndex());
    unstable.append(entries, from);
  }

  /** Replaces the whole log by a snapshot that is still to be stored. */
  public void restore(Snapshot snapshot) {
    unstable.restore(snapshot);
    committed = snapshot.last().index();
  }

  // ---- Committing

  /**
   * Everything up to {@code index} is committed; never moves back.
   *
   * @throws io.balsa.data.InvariantException beyond the last entry: this member acknowledged
   *     entries that it has no more
   */
  public void commitTo(long index) {
    Checks.invariant(
        index <= lastIndex(),
        "log: commit is beyond the last entry, was the log lost or truncated: commit, last",
        index,
        lastIndex());
    committed = Math.max(committed, index);
  }

  /**
   * Commits what a quorum has, if it ends with an entry of {@code term}, the leader's own: older
   * entries are committed only by a later one (Raft paper §5.4.2, figure 8).
   *
   * @return whether that is news
   */
  public boolean maybeCommit(long index, long term) {
    if (index <= committed || !knowsTerm(index) || term(index) != term) {
      return false;
    }
    commitTo(index);
    return true;
  }

  // ---- Storing

  /** Whether there are entries to hand out for storing. */
  public boolean hasNextUnstableEntries() {
    return unstable.hasNextEntries();
  }

  /** The entries to hand out for storing. */
  public List<Entry> nextUnstableEntries() {
    return unstable.nextEntries();
  }

  /** Whether any entry is not known to be durable, handed out or not. */
  public boolean hasUnstableEntries() {
    return !unstable.isEmpty();
  }

  /** The snapshot to hand out for storing, empty if there is none. */
  public Snapshot nextUnstableSnapshot() {
    return unstable.nextSnapshot();
  }

  /** Whether a snapshot is not known to be durable, handed out or not. */
  public boolean hasUnstableSnapshot() {
    return !unstable.snapshot().isEmpty();
  }

  /** Everything unstable was handed out for storing. */
  public void acceptUnstable() {
    unstable.acceptInProgress();
  }

  /** Everything up to {@code last} is durable; ignored if that entry was replaced. */
  public void stableTo(EntryId last) {
    unstable.stableTo(last);
  }

  /** The snapshot that ends at {@code index} is durable. */
  public void stableSnapshotTo(long index) {
    unstable.stableSnapshotTo(index);
  }

  // ---- Applying

  /** Whether there are committed entries to hand out. */
  public boolean hasNextCommittedEntries() {
    return !applyingPaused && !hasUnstableSnapshot() && applying < applicableIndex();
  }

  /** The committed entries to hand out, within the limit in bytes. */
  public List<Entry> nextCommittedEntries() {
    if (!hasNextCommittedEntries()) {
      return List.of();
    }
    return slice(applying + 1, applicableIndex() + 1, applyingBytesMax - applyingBytes);
  }

  /** These committed entries, not none, were handed out. */
  public void acceptApplying(List<Entry> entries) {
    long index = entries.get(entries.size() - 1).index();
    Checks.invariant(
        index <= committed, "log: applying is beyond commit: index, commit", index, committed);
    applying = index;
    applyingBytes += encodedBytes(entries);
    // A list that was cut waits as well: the rest must not follow as if the limit had room.
    applyingPaused = applyingBytes >= applyingBytesMax || index < applicableIndex();
  }

  /**
   * The application has applied everything up to {@code index}.
   *
   * @param bytes the encoded size of the entries that this acknowledges
   */
  public void appliedTo(long index, long bytes) {
    Checks.invariant(
        index >= applied, "log: applied would move back: index, applied", index, applied);
    Checks.invariant(
        index <= committed, "log: applied is beyond commit: index, commit", index, committed);
    applied = index;
    applying = Math.max(applying, index);
    applyingBytes = Math.max(0, applyingBytes - bytes);
    applyingPaused = applyingBytes >= applyingBytesMax;
  }

  private long applicableIndex() {
    return appliesUnstable ? committed : Math.min(committed, unstable.offset() - 1);
  }
}
