package io.balsa.storage;

import io.balsa.data.Bytes;
import io.balsa.data.Checks;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Message.StorageAppend;
import io.balsa.raft.message.Snapshot;
import io.balsa.storage.file.DamagedException;
import io.balsa.storage.file.DiskFullException;
import io.balsa.storage.file.StorageException;
import io.balsa.storage.snapshot.SnapshotReader;
import io.balsa.storage.snapshot.SnapshotStore;
import io.balsa.storage.snapshot.SnapshotWriter;
import io.balsa.storage.wal.LogOwner;
import io.balsa.storage.wal.Wal;
import io.balsa.storage.wal.WalOptions;
import io.balsa.storage.wal.WalRecovery;
import io.balsa.storage.wal.WalStats;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/**
 * The durable state of one member: log and snapshots together. One thread only, but for {@link
 * #prepare}, {@link #isPrepared} and {@link #stats}.
 */
public final class MemberStore implements AutoCloseable {
  private final DataDir dataDir;
  private final Identity identity;
  private final boolean fresh;
  private final SnapshotStore snapshots;
  private final Wal wal;
  private final Recovered recovered;
  // By origin.
  private final Map<Long, SnapshotWriter> writers = new TreeMap<>();
  private final Map<EntryId, SnapshotReader> readers = new LinkedHashMap<>();
  // The snapshots to start from, the newest last, and at most two: those that have a file and that
  // the log goes on from.
  private final Deque<EntryId> starts = new ArrayDeque<>();

  private MemberStore(
      DataDir dataDir,
      Identity identity,
      boolean fresh,
      SnapshotStore snapshots,
      Wal wal,
      Recovered recovered) {
    this.dataDir = dataDir;
    this.identity = identity;
    this.fresh = fresh;
    this.snapshots = snapshots;
    this.wal = wal;
    this.recovered = recovered;
  }

  /**
   * Recovers the member in {@code dataDir}, or creates it in a fresh one. The store closes the
   * directory when it is closed; when opening fails, the caller still has to.
   *
   * @param nanoClock measures syncs, in nanoseconds
   * @throws DamagedException if something that was durable is not there as it was: the member must
   *     not take part with a hole in its memory
   * @throws DiskFullException if there is no room to create it
   * @throws StorageException if it holds another member's data, or cannot be read or written
   */
  public static MemberStore open(
      DataDir dataDir, Identity identity, WalOptions options, LongSupplier nanoClock)
      throws StorageException {
    Optional<Identity> found = dataDir.identity();
    if (found.isEmpty()) {
      dataDir.create(identity, options);
    } else if (found.get().clusterId() != identity.clusterId()
        || found.get().memberId() != identity.memberId()) {
      throw new StorageException(
          "storage: data directory %s is that of another: expected %s, found %s"
              .formatted(dataDir.root(), identity, found.get()));
    } else {
      dataDir.syncNames();
    }
    SnapshotStore snapshots =
        new SnapshotStore(
            dataDir.files(), dataDir.snapshots(), identity.clusterId(), options.reserveBytes());
    List<String> deleted = new ArrayList<>(snapshots.deleteTemporary());
    List<String> quarantined = new ArrayList<>();
    Deque<EntryId> candidates = new ArrayDeque<>(snapshots.list());
    Snapshot newest = newestWhole(snapshots, candidates, quarantined);
    Wal.Opened log =
        Wal.open(
            dataDir.files(),
            dataDir.wal(),
            new LogOwner(identity.clusterId(), identity.memberId()),
            options,
            newest.last(),
            nanoClock);
    try {
      EntryId newestMark = newestMark(log.recovery());
      Snapshot snapshot = newest;
      while (!snapshot.isEmpty() && !isStart(log.recovery(), snapshot.last())) {
        // Written, but nothing refers to it, because a crash came between: the log still has what
        // it stands for, or the leader sends it again.
        if (snapshot.last().index() > newestMark.index()) {
          snapshots.delete(snapshot.last());
          deleted.add(SnapshotStore.nameOf(snapshot.last()));
        }
        snapshot = newestWhole(snapshots, candidates, quarantined);
      }
      mustMeet(log.recovery(), snapshot, newestMark, quarantined);
      log.recovery()
          .spared()
          .map(
              damage ->
                  "%s; not needed: the snapshot at index %d stands for it"
                      .formatted(damage.getMessage(), newest.last().index()))
          .ifPresent(quarantined::add);
      Recovered.Report report =
          new Recovered.Report(log.recovery().tornTail(), quarantined, deleted);
      MemberStore store =
          new MemberStore(
              dataDir,
              identity,
              found.isEmpty(),
              snapshots,
              log.wal(),
              recovered(log.recovery(), snapshot, report));
      store.findStarts(log.recovery().marks());
      return store;
    } catch (StorageException | RuntimeException e) {
      log.wal().close();
      throw e;
    }
  }

  /** The newest of the candidates that is whole; it and those before it are taken off. */
  private static Snapshot newestWhole(
      SnapshotStore snapshots, Deque<EntryId> candidates, List<String> quarantined)
      throws StorageException {
    while (!candidates.isEmpty()) {
      Optional<Snapshot> whole = snapshots.verifyOrQuarantine(candidates.removeLast(), quarantined);
      if (whole.isPresent()) {
        return whole.get();
      }
    }
    return Snapshot.EMPTY;
  }

  /**
   * Whether the log goes on from this snapshot: one that is marked, or an older one that outlived
   * its mark because a newer one was damaged.
   */
  static boolean isStart(
      EntryId snapshot, List<EntryId> marks, HardState hardState, long firstIndex) {
    return marks.contains(snapshot)
        || !marks.isEmpty()
            && snapshot.index() < marks.get(marks.size() - 1).index()
            && snapshot.index() <= hardState.commit()
            && snapshot.index() + 1 >= firstIndex;
  }

  private static boolean isStart(WalRecovery log, EntryId snapshot) {
    return isStart(snapshot, log.marks(), log.hardState(), log.firstIndex());
  }

  private void findStarts(List<EntryId> marks) throws StorageException {
    EntryId newest = recovered.snapshot().last();
    for (EntryId mark : marks) {
      if (mark.index() < newest.index() && snapshots.contains(mark)) {
        started(mark);
      }
    }
    if (newest.index() > 0) {
      started(newest);
    }
  }

  private void started(EntryId snapshot) {
    if (starts.isEmpty() || starts.getLast().index() < snapshot.index()) {
      starts.addLast(snapshot);
      if (starts.size() > 2) {
        starts.removeFirst();
      }
    }
  }

  /** Refuses a hole between the snapshot and the log. */
  private static void mustMeet(
      WalRecovery log, Snapshot snapshot, EntryId newestMark, List<String> quarantined)
      throws DamagedException {
    if (log.firstIndex() > snapshot.last().index() + 1) {
      String missing = SnapshotStore.nameOf(newestMark);
      throw new DamagedException(
          ("storage: %s is damaged or missing: the log begins at entry %d,"
                  + " the last good snapshot ends at %d%s")
              .formatted(
                  missing,
                  log.firstIndex(),
                  snapshot.last().index(),
                  quarantined.isEmpty() ? "" : " (" + String.join("; ", quarantined) + ")"),
          missing,
          0);
    }
  }

  private static EntryId newestMark(WalRecovery log) {
    return log.marks().isEmpty() ? EntryId.ZERO : log.marks().get(log.marks().size() - 1);
  }

  private static Recovered recovered(WalRecovery log, Snapshot snapshot, Recovered.Report report) {
    long index = snapshot.last().index();
    List<Entry> entries = log.entries();
    int skip = (int) Math.min(entries.size(), Math.max(0, index - log.firstIndex() + 1));
    HardState found = log.hardState();
    // What is in a snapshot was committed, whether or not the log came to say so.
    HardState hardState =
        new HardState(found.term(), found.vote(), Math.max(found.commit(), index));
    return new Recovered(hardState, snapshot, entries.subList(skip, entries.size()), report);
  }

  /** Whether the directory was fresh: there is nothing to recover. */
  public boolean isFresh() {
    return fresh;
  }

  /** Whose data this is. */
  public Identity identity() {
    return identity;
  }

  /** What was found when the store was opened. */
  public Recovered recovered() {
    return recovered;
  }

  /**
   * Makes the batches durable, in order: {@link Wal#append}. A batch may install a snapshot only
   * when its file is durable.
   *
   * @throws DiskFullException if there is no room; nothing was written, the call may be repeated
   * @throws StorageException final: if writing or syncing fails, now or at an earlier call
   */
  public void append(List<StorageAppend> batches) throws StorageException {
    for (StorageAppend batch : batches) {
      if (!batch.snapshot().isEmpty()) {
        mustHaveFile(batch.snapshot());
      }
    }
    wal.append(batches);
    for (StorageAppend batch : batches) {
      if (!batch.snapshot().isEmpty()) {
        starts.clear(); // The log that went on from them was replaced.
        started(batch.snapshot().last());
      }
    }
  }

  /**
   * To be called when nobody waits, after {@link #append}: from then on damage in what was appended
   * is known for rot though nothing was appended behind it: {@link Wal#vouch}.
   *
   * @throws StorageException final: if writing fails, now or at an earlier call
   */
  public void vouch() throws StorageException {
    wal.vouch();
  }

  private void mustHaveFile(Snapshot snapshot) throws StorageException {
    Checks.invariant(
        snapshots.contains(snapshot.last()),
        "storage: snapshot %s has no durable file",
        snapshot.last());
  }

  /**
   * Writes a part of a snapshot's content. Offset 0 starts over; parts come in order without holes.
   * With the part marked as the end the whole is durable when this returns.
   *
   * @param origin who writes: each has one writing at a time
   * @return where the next part must begin
   * @throws DiskFullException if it would use up the reserve; the writing is over, not the store
   * @throws StorageException if the part is out of order or cannot be written; the writing is over,
   *     not the store
   */
  public long writeSnapshot(long origin, Snapshot snapshot, long offset, Bytes data, boolean end)
      throws StorageException {
    SnapshotWriter writer = writers.get(origin);
    if (offset == 0) {
      abandonSnapshot(origin);
      writer = snapshots.write(snapshot, origin);
      writers.put(origin, writer);
    } else if (writer == null || !writer.snapshot().equals(snapshot)) {
      abandonSnapshot(origin);
      throw new StorageException(
          "snapshot: part at %d of %s refused: it was not begun"
              .formatted(offset, SnapshotStore.nameOf(snapshot.last())));
    }
    boolean going = false;
    try {
      long next = writer.append(offset, data);
      if (end) {
        closeReader(snapshot.last()); // It may have the file that is replaced now.
        writer.finish();
      }
      going = !end;
      return next;
    } finally {
      if (!going) {
        writers.remove(origin);
      }
    }
  }

  /** Gives up what {@code origin} was writing, if it was. */
  public void abandonSnapshot(long origin) {
    SnapshotWriter writer = writers.remove(origin);
    if (writer != null) {
      writer.abort();
    }
  }

  /**
   * Reads a part of a snapshot's content.
   *
   * @param bytesMax the part is shorter only at the end
   * @throws StorageException if there is no such snapshot, or it is damaged there; not final
   */
  public SnapshotPart readSnapshot(EntryId last, long offset, int bytesMax)
      throws StorageException {
    SnapshotReader reader = readers.get(last);
    if (reader == null) {
      reader = snapshots.read(last);
      readers.put(last, reader);
    }
    Bytes data = reader.read(offset, bytesMax);
    boolean end = offset + data.length() == reader.contentBytes();
    return new SnapshotPart(reader.snapshot(), offset, data, end);
  }

  /**
   * Marks a durable snapshot in the log, then deletes the snapshots and the segments that nobody
   * needs: two snapshots stay, and the log since the older of them, so that the loss of the newer
   * one loses nothing.
   *
   * @param snapshot {@link Snapshot#EMPTY} for none
   * @param firstIndexNeeded the log before it is not needed but for that
   * @throws DiskFullException if there is no room for the mark; the call may be repeated
   * @throws StorageException final: if writing, syncing or deleting fails
   */
  public void release(Snapshot snapshot, long firstIndexNeeded) throws StorageException {
    if (!snapshot.isEmpty()) {
      mustHaveFile(snapshot);
      wal.mark(snapshot.last());
      started(snapshot.last());
    }
    for (EntryId id : snapshots.list()) {
      if (!starts.isEmpty() && id.index() < starts.getFirst().index()) {
        closeReader(id);
        snapshots.delete(id);
      }
    }
    wal.release(Math.min(firstIndexNeeded, fallbackIndex() + 1));
  }

  /** What the member would start from if the newest snapshot were lost. */
  private long fallbackIndex() {
    long older = starts.size() < 2 ? 0 : starts.getFirst().index();
    if (older < wal.installed().index()) {
      // The log since then was replaced: there is nothing to fall back to.
      return Long.MAX_VALUE - 1;
    }
    return older;
  }

  private void closeReader(EntryId last) throws StorageException {
    SnapshotReader reader = readers.remove(last);
    if (reader != null) {
      reader.close();
    }
  }

  /**
   * Does one step towards the next segment: {@link Wal#prepare}. Any thread.
   *
   * @return whether nothing is left to do
   * @throws DiskFullException if it would use up the reserve: refuse new writes now, while there is
   *     room for those under way, and call again
   * @throws StorageException if the disk fails; not final
   */
  public boolean prepare() throws StorageException {
    return wal.prepare();
  }

  /** Whether the next segment is ready. Any thread. */
  public boolean isPrepared() {
    return wal.isPrepared();
  }

  /** What was written and how long syncs took. Any thread. */
  public WalStats.Values stats() {
    return wal.stats().values();
  }

  /** Makes everything durable, drops unfinished snapshots, and gives the directory back. */
  @Override
  public void close() throws StorageException {
    for (SnapshotWriter writer : writers.values()) {
      writer.abort();
    }
    writers.clear();
    try {
      for (SnapshotReader reader : readers.values()) {
        reader.close();
      }
      readers.clear();
      wal.close();
    } finally {
      dataDir.close();
    }
  }
}
