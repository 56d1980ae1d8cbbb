package io.balsa.engine;

import io.balsa.raft.log.LogStorage;
import io.balsa.raft.log.MemoryStorage;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Message.StorageAppend;
import io.balsa.raft.message.Snapshot;
import io.balsa.storage.Recovered;
import java.util.List;
import java.util.Optional;

/**
 * What the disk holds durably of this member's log, as the core reads it. A snapshot is only handed
 * out while its configuration knows every member: one that joined later would have to refuse it.
 */
final class MemberLog implements LogStorage {
  private final MemoryStorage entries = new MemoryStorage();
  private Snapshot snapshot;
  private ConfState configuration;
  private boolean snapshotNeeded;
  private boolean snapshotDamaged;
  private long bytesSinceSnapshot;

  MemberLog(Recovered recovered) {
    snapshot = recovered.snapshot();
    configuration = snapshot.confState();
    if (!snapshot.isEmpty()) {
      entries.applySnapshot(snapshot);
    }
    entries.setHardState(recovered.hardState());
    append(recovered.entries());
  }

  /** The configuration in force. */
  void configuration(ConfState inForce) {
    configuration = inForce;
  }

  /** Takes what became durable. */
  void stored(StorageAppend batch) {
    if (!batch.hardState().isEmpty()) {
      entries.setHardState(batch.hardState());
    }
    if (!batch.snapshot().isEmpty()) {
      entries.applySnapshot(batch.snapshot());
      tookSnapshot(batch.snapshot());
    }
    append(batch.entries());
  }

  private void append(List<Entry> added) {
    entries.append(added);
    for (Entry entry : added) {
      bytesSinceSnapshot += entry.encodedBytes();
    }
  }

  /**
   * A snapshot of this member's own state is durable: the log before it goes, but for its last
   * entries, as many as both limits allow.
   *
   * @return false if a newer one was there already
   */
  boolean compact(Snapshot taken, long keepEntries, long keepBytes) {
    if (snapshotDamaged && taken.last().equals(snapshot.last())) {
      tookSnapshot(taken); // Its file took the place of the damaged one.
      return false;
    }
    if (taken.last().index() <= snapshot.last().index()) {
      return false;
    }
    EntryId last = taken.last();
    entries.createSnapshot(last.index(), taken.confState());
    long from = Math.max(firstIndex(), last.index() - keepEntries + 1);
    List<Entry> recent = entries.entries(from, last.index() + 1, Long.MAX_VALUE);
    long bytes = 0;
    int kept = 0;
    while (kept < recent.size()) {
      bytes += recent.get(recent.size() - 1 - kept).encodedBytes();
      if (bytes > keepBytes) {
        break;
      }
      kept++;
    }
    entries.compact(last.index() - kept);
    tookSnapshot(taken);
    return true;
  }

  private void tookSnapshot(Snapshot newest) {
    snapshot = newest;
    snapshotNeeded = false;
    snapshotDamaged = false;
    bytesSinceSnapshot = 0;
  }

  /**
   * The file of this snapshot is damaged.
   *
   * @return whether it is the newest, which then is handed out no more
   */
  boolean damaged(EntryId last) {
    if (!last.equals(snapshot.last()) || snapshotDamaged) {
      return false;
    }
    snapshotDamaged = true;
    return true;
  }

  /** The newest durable snapshot. */
  Snapshot newestSnapshot() {
    return snapshot;
  }

  /** Whether the core asked for a snapshot, and the newest does not know every member. */
  boolean snapshotNeeded() {
    return snapshotNeeded;
  }

  /** About how many bytes of log a restart would replay. */
  long bytesSinceSnapshot() {
    return bytesSinceSnapshot;
  }

  private boolean knowsEveryMember(ConfState known) {
    return knows(known, configuration.voters())
        && knows(known, configuration.votersOutgoing())
        && knows(known, configuration.learners());
  }

  private static boolean knows(ConfState known, List<Long> members) {
    for (Long member : members) {
      if (!known.voters().contains(member)
          && !known.votersOutgoing().contains(member)
          && !known.learners().contains(member)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public Optional<Snapshot> snapshot() {
    if (snapshot.isEmpty() || snapshotDamaged) {
      return Optional.empty();
    }
    if (!knowsEveryMember(snapshot.confState())) {
      snapshotNeeded = true;
      return Optional.empty();
    }
    return Optional.of(snapshot);
  }

  @Override
  public InitialState initialState() {
    return entries.initialState();
  }

  @Override
  public List<Entry> entries(long low, long high, long bytesMax) {
    return entries.entries(low, high, bytesMax);
  }

  @Override
  public long term(long index) {
    return entries.term(index);
  }

  @Override
  public long firstIndex() {
    return entries.firstIndex();
  }

  @Override
  public long lastIndex() {
    return entries.lastIndex();
  }
}
