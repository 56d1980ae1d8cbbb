package io.balsa.storage;

import io.balsa.raft.message.EntryId;
import io.balsa.storage.file.DamagedException;
import io.balsa.storage.file.FileSystem;
import io.balsa.storage.file.StorageException;
import io.balsa.storage.snapshot.SnapshotReader;
import io.balsa.storage.snapshot.SnapshotStore;
import io.balsa.storage.wal.LogReport;
import io.balsa.storage.wal.SegmentInfo;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Explains a data directory without changing or locking it: stopped, copied, or beside a running
 * member.
 */
public final class WalInspector {
  // Beside a running member a reader may see half a write, or a file vanish.
  private static final int ATTEMPTS = 5;

  private WalInspector() {}

  /** What a member would make of the directory. */
  public enum Verdict {
    /** It would start from all of it. */
    CLEAN,
    /** It would cut off the end of an unfinished write, then start. */
    TORN_TAIL,
    /** Something that was durable is not there as it was. */
    DAMAGED
  }

  /**
   * A snapshot file.
   *
   * @param contentBytes 0 if it is damaged
   * @param marked whether the log refers to it
   * @param damage what is wrong with it
   */
  public record SnapshotInfo(
      String name, EntryId last, long contentBytes, boolean marked, Optional<String> damage) {
    @Override
    public String toString() {
      return "snapshot %s term=%d index=%d bytes=%d %s%s"
          .formatted(
              name,
              last.term(),
              last.index(),
              contentBytes,
              marked ? "marked" : "not marked",
              damage.map(reason -> " damaged").orElse(""));
    }
  }

  /**
   * What was found.
   *
   * @param damage one message for each damage, with file and offset
   */
  public record Report(
      Path dataDir,
      Identity identity,
      LogReport log,
      List<SnapshotInfo> snapshots,
      List<String> damage) {
    public Report {
      snapshots = List.copyOf(snapshots);
      damage = List.copyOf(damage);
    }

    /** The sum of it. */
    public Verdict verdict() {
      if (!damage.isEmpty()) {
        return Verdict.DAMAGED;
      }
      return log.tornTail().isPresent() ? Verdict.TORN_TAIL : Verdict.CLEAN;
    }

    /** All of it, for people. */
    public List<String> lines() {
      List<String> lines = new ArrayList<>();
      lines.add("data directory " + dataDir + ": " + identity);
      for (SegmentInfo segment : log.segments()) {
        lines.add("segment " + segment);
      }
      lines.add(
          "hard state term=%d vote=%x commit=%d"
              .formatted(log.hardState().term(), log.hardState().vote(), log.hardState().commit()));
      lines.add(
          "log first=%d last=%d lastTerm=%d"
              .formatted(log.firstIndex(), log.last().index(), log.last().term()));
      snapshots.forEach(snapshot -> lines.add(snapshot.toString()));
      lines.addAll(findings());
      return lines;
    }

    /** What is wrong, and the verdict in the last line. */
    public List<String> findings() {
      List<String> lines = new ArrayList<>();
      log.tornTail().ifPresent(torn -> lines.add(torn.toString()));
      damage.forEach(reason -> lines.add("damage: " + reason));
      lines.add(
          switch (verdict()) {
            case CLEAN -> "clean";
            case TORN_TAIL -> "clean but for a torn tail, which the next start cuts off";
            case DAMAGED -> "damaged";
          });
      return lines;
    }

    @Override
    public String toString() {
      return String.join("\n", lines());
    }
  }

  /**
   * Reads all of a data directory.
   *
   * @throws DamagedException if it does not even tell whose it is
   * @throws StorageException if there is no member's data in it, or it cannot be read
   */
  public static Report inspect(FileSystem files, Path dataDir) throws StorageException {
    Report report = null;
    IOException vanished = null;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        report = read(files, dataDir.toAbsolutePath().normalize());
        if (report.verdict() == Verdict.CLEAN) {
          return report;
        }
      } catch (NoSuchFileException e) {
        vanished = e;
      } catch (IOException e) {
        throw new StorageException("storage: cannot read " + dataDir, e);
      }
    }
    if (report == null) {
      throw new StorageException("storage: cannot read " + dataDir, vanished);
    }
    return report;
  }

  private static Report read(FileSystem files, Path dataDir) throws IOException, StorageException {
    Identity identity =
        DataDir.identity(files, dataDir)
            .orElseThrow(() -> new StorageException("storage: no member's data in " + dataDir));
    LogReport log = LogReport.read(files, DataDir.wal(dataDir));
    List<String> damage = new ArrayList<>();
    log.damage().ifPresent(found -> damage.add(found.getMessage()));
    log.owner()
        .filter(
            owner ->
                owner.clusterId() != identity.clusterId()
                    || owner.memberId() != identity.memberId())
        .ifPresent(owner -> damage.add("the log is that of " + owner));
    List<SnapshotInfo> snapshots = snapshots(files, dataDir, identity, log, damage);
    long start = 0;
    for (SnapshotInfo snapshot : snapshots) {
      boolean isStart =
          MemberStore.isStart(snapshot.last(), log.marks(), log.hardState(), log.firstIndex());
      if (isStart && snapshot.damage().isEmpty()) {
        start = Math.max(start, snapshot.last().index());
      }
    }
    if (log.damage().isEmpty() && log.firstIndex() > start + 1) {
      damage.add(
          "the log begins at entry %d, the last good snapshot ends at %d"
              .formatted(log.firstIndex(), start));
    }
    return new Report(dataDir, identity, log, snapshots, damage);
  }

  private static List<SnapshotInfo> snapshots(
      FileSystem files, Path dataDir, Identity identity, LogReport log, List<String> damage)
      throws NoSuchFileException, StorageException {
    SnapshotStore store =
        new SnapshotStore(files, DataDir.snapshots(dataDir), identity.clusterId(), 0);
    List<SnapshotInfo> snapshots = new ArrayList<>();
    for (EntryId last : store.list()) {
      String name = SnapshotStore.nameOf(last);
      boolean marked = log.marks().contains(last);
      try (SnapshotReader reader = store.read(last)) {
        reader.verify();
        snapshots.add(
            new SnapshotInfo(name, last, reader.contentBytes(), marked, Optional.empty()));
      } catch (DamagedException e) {
        damage.add(e.getMessage());
        snapshots.add(new SnapshotInfo(name, last, 0, marked, Optional.of(e.getMessage())));
      } catch (StorageException e) {
        if (e.getCause() instanceof NoSuchFileException vanished) {
          throw vanished;
        }
        throw e;
      }
    }
    return snapshots;
  }
}
