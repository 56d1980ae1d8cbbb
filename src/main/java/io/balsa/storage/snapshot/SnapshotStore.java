package io.balsa.storage.snapshot;

import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Snapshot;
import io.balsa.storage.file.DamagedException;
import io.balsa.storage.file.FileSystem;
import io.balsa.storage.file.SpaceReserve;
import io.balsa.storage.file.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The directory of snapshot files of one member. One thread only. */
public final class SnapshotStore {
  private static final Comparator<EntryId> ORDER =
      Comparator.comparingLong(EntryId::index).thenComparingLong(EntryId::term);

  private final FileSystem files;
  private final Path directory;
  private final long clusterId;
  private final SpaceReserve reserve;

  /** The snapshots in an existing directory. */
  public SnapshotStore(FileSystem files, Path directory, long clusterId, long reserveBytes) {
    this.files = files;
    this.directory = directory;
    this.clusterId = clusterId;
    this.reserve = new SpaceReserve(files, directory, reserveBytes);
  }

  /** The snapshots there are, by index; which are whole is for {@link #verify} to say. */
  public List<EntryId> list() throws StorageException {
    try {
      List<EntryId> ids = new ArrayList<>();
      for (String name : files.list(directory)) {
        if (SnapshotFormat.isSnapshot(name)) {
          ids.add(SnapshotFormat.id(name));
        }
      }
      ids.sort(ORDER);
      return ids;
    } catch (IOException e) {
      throw new StorageException("snapshot: cannot list " + directory, e);
    }
  }

  /** Whether a snapshot has its file. */
  public boolean contains(EntryId last) throws StorageException {
    try {
      return files.exists(path(last));
    } catch (IOException e) {
      throw new StorageException("snapshot: cannot look for " + path(last), e);
    }
  }

  /** The name of a snapshot's file. */
  public static String nameOf(EntryId last) {
    return SnapshotFormat.name(last);
  }

  /**
   * Begins to write a snapshot.
   *
   * @param origin whoever writes: each has one writing at a time, and beginning another drops it
   */
  public SnapshotWriter write(Snapshot snapshot, long origin) throws StorageException {
    String temporary = SnapshotFormat.name(snapshot.last()) + ".%016x.tmp".formatted(origin);
    return new SnapshotWriter(
        files, directory.resolve(temporary), path(snapshot.last()), reserve, clusterId, snapshot);
  }

  /**
   * Opens a snapshot; it stays readable when it is deleted meanwhile.
   *
   * @throws DamagedException if head or foot are not what was written
   */
  public SnapshotReader read(EntryId last) throws StorageException {
    String name = SnapshotFormat.name(last);
    try {
      return new SnapshotReader(files.openForRead(path(last)), name, clusterId);
    } catch (IOException e) {
      throw new StorageException("snapshot: cannot open " + name, e);
    }
  }

  /**
   * Reads a whole snapshot against its checksums.
   *
   * @throws DamagedException if it is not what was written
   */
  public Snapshot verify(EntryId last) throws StorageException {
    try (SnapshotReader reader = read(last)) {
      reader.verify();
      return reader.snapshot();
    }
  }

  /**
   * Reads a whole snapshot against its checksums. If it is not what was written it gets the ending
   * {@code .broken}, so that it is kept for whoever wants to look into it but never used.
   *
   * @param quarantined the message is added to it
   */
  public Optional<Snapshot> verifyOrQuarantine(EntryId last, List<String> quarantined)
      throws StorageException {
    try {
      return Optional.of(verify(last));
    } catch (DamagedException e) {
      quarantine(last);
      quarantined.add(e.getMessage());
      return Optional.empty();
    }
  }

  private void quarantine(EntryId last) throws StorageException {
    Path path = path(last);
    try {
      files.rename(path, path.resolveSibling(path.getFileName() + ".broken"));
    } catch (IOException e) {
      throw new StorageException("snapshot: cannot set aside " + path, e);
    }
  }

  /** Deletes what interrupted writings left behind; returns the names. */
  public List<String> deleteTemporary() throws StorageException {
    List<String> deleted = new ArrayList<>();
    try {
      for (String name : files.list(directory)) {
        if (name.endsWith(".tmp")) {
          files.delete(directory.resolve(name));
          deleted.add(name);
        }
      }
      return deleted;
    } catch (IOException e) {
      throw new StorageException("snapshot: cannot clean up " + directory, e);
    }
  }

  /** Deletes a snapshot. */
  public void delete(EntryId last) throws StorageException {
    try {
      files.delete(path(last));
    } catch (IOException e) {
      throw new StorageException("snapshot: cannot delete " + path(last), e);
    }
  }

  private Path path(EntryId last) {
    return directory.resolve(SnapshotFormat.name(last));
  }
}
