package io.balsa.engine;

import io.balsa.engine.request.Reply;
import io.balsa.raft.message.Message.StorageAppend;
import io.balsa.storage.MemberStore;
import io.balsa.storage.SnapshotPart;
import io.balsa.storage.file.DamagedException;
import io.balsa.storage.file.DiskFullException;
import io.balsa.storage.file.StorageException;
import io.balsa.storage.wal.WalStats;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes durable what the raft loop hands it, and reads and writes snapshots between the batches.
 *
 * <p>One thread only, which may wait for the disk, but for {@link #prepare}.
 */
public final class DiskWriter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DiskWriter.class);

  private final MemberStore store;
  private final Outbox out;
  // Found no room; tried again with each report that the raft loop asks for.
  private DiskInput.Append withoutRoom;
  private boolean full;
  private volatile boolean preparationFails;

  /** Takes over an open store, and closes it in the end. */
  public DiskWriter(MemberStore store, Outbox out) {
    this.store = store;
    this.out = out;
  }

  /**
   * Takes one input.
   *
   * @throws StorageException final: the log can no longer be trusted to keep what it is given; the
   *     member must stop
   */
  public void handle(DiskInput input) throws StorageException {
    if (input instanceof DiskInput.Append append) {
      append(append);
    } else if (input instanceof DiskInput.Report) {
      report();
    } else if (input instanceof DiskInput.ReadSnapshot read) {
      read(read);
    } else if (input instanceof DiskInput.WriteSnapshot write) {
      write(write);
    } else if (input instanceof DiskInput.Release release) {
      release(release);
    } else if (input instanceof DiskInput.Prepared prepared) {
      space(prepared.full());
    }
  }

  private void append(DiskInput.Append append) throws StorageException {
    List<StorageAppend> batches = append.batches();
    try {
      store.append(batches);
      withoutRoom = null;
      out.toRaft(new RaftInput.Stored(batches));
      store.vouch();
    } catch (DiskFullException e) {
      if (withoutRoom == null) {
        LOG.warn("log has no room, waiting for space reason={}", e.getMessage());
      }
      withoutRoom = append;
      space(true);
    }
  }

  private void report() throws StorageException {
    if (withoutRoom != null) {
      append(withoutRoom);
    }
    WalStats.Values stats = store.stats();
    out.toRaft(
        new RaftInput.DiskReport(
            new Reply.Wal(
                stats.fsyncs(),
                stats.entries(),
                stats.bytes(),
                stats.syncNanosP50() / 1000,
                stats.syncNanosP99() / 1000,
                stats.syncNanosMax() / 1000,
                stats.syncNanosSum() / 1000,
                stats.syncsWithin())));
  }

  private void space(boolean nowFull) {
    if (nowFull != full) {
      full = nowFull;
      out.toRaft(new RaftInput.DiskSpace(full));
    }
  }

  private void read(DiskInput.ReadSnapshot read) {
    SnapshotIo answer;
    try {
      SnapshotPart part = store.readSnapshot(read.last(), read.offset(), read.bytesMax());
      answer =
          new SnapshotIo.Part(
              read.ticket(), part.snapshot(), part.offset(), part.data(), part.end());
    } catch (StorageException e) {
      if (e instanceof DamagedException) {
        LOG.warn("snapshot cannot be used index={} reason={}", read.last().index(), e.getMessage());
        out.toRaft(new RaftInput.SnapshotDamaged(read.last()));
      }
      answer = new SnapshotIo.Failed(read.ticket(), e.getMessage());
    }
    answer(read.replyTo(), answer);
  }

  private void write(DiskInput.WriteSnapshot write) {
    SnapshotIo answer;
    try {
      long next =
          store.writeSnapshot(
              write.origin(), write.snapshot(), write.offset(), write.data(), write.end());
      answer = new SnapshotIo.Written(write.ticket(), write.snapshot(), next, write.end());
    } catch (StorageException e) {
      answer = new SnapshotIo.Failed(write.ticket(), e.getMessage());
    }
    answer(write.replyTo(), answer);
  }

  private void answer(String replyTo, SnapshotIo answer) {
    if (replyTo.equals(DiskInput.REPLICA)) {
      out.toReplica(new ReplicaInput.Io(answer));
    } else {
      out.toSnapshotUser(replyTo, answer);
    }
  }

  private void release(DiskInput.Release release) throws StorageException {
    try {
      store.release(release.snapshot(), release.firstIndexNeeded());
      store.vouch();
    } catch (DiskFullException e) {
      // The next snapshot tries again.
      LOG.warn("log not released reason={}", e.getMessage());
    }
  }

  /** Whether the next segment of the log should be prepared. Any thread. */
  public boolean wantsPreparation() {
    return !store.isPrepared();
  }

  /**
   * Does one step towards the next segment of the log, beside the appends. Any thread; may wait for
   * the disk. The result is to be handed to {@link #handle}.
   */
  public DiskInput.Prepared prepare() {
    try {
      store.prepare();
      preparationFails = false;
      return new DiskInput.Prepared(false, false);
    } catch (DiskFullException e) {
      return new DiskInput.Prepared(true, false);
    } catch (StorageException e) {
      // Not final: if the log needs the segment and the disk still fails, that append fails.
      if (!preparationFails) {
        LOG.warn("next log segment not prepared, trying again reason={}", e.getMessage());
      }
      preparationFails = true;
      return new DiskInput.Prepared(false, true);
    }
  }

  /** Makes everything durable and gives the data directory back. */
  @Override
  public void close() throws StorageException {
    store.close();
  }
}
