package io.balsa.storage;

import io.balsa.storage.file.DamagedException;
import io.balsa.storage.file.FileSystem;
import io.balsa.storage.file.StorageException;
import io.balsa.storage.file.StoreFile;
import io.balsa.storage.wal.LogOwner;
import io.balsa.storage.wal.Wal;
import io.balsa.storage.wal.WalOptions;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A data directory that this process holds, until it is closed. */
public final class DataDir implements AutoCloseable {
  private static final int IDENTITY_BYTES_MAX = 64 << 10;

  private final FileSystem files;
  private final Path root;
  private final Closeable lock;

  private DataDir(FileSystem files, Path root, Closeable lock) {
    this.files = files;
    this.root = root;
    this.lock = lock;
  }

  /**
   * Takes the directory, creating it if it is not there.
   *
   * @throws StorageException if another process holds it
   */
  public static DataDir open(FileSystem files, Path root) throws StorageException {
    try {
      Path absolute = root.toAbsolutePath().normalize();
      createDurably(files, absolute);
      return new DataDir(files, absolute, files.lock(absolute.resolve("lock")));
    } catch (IOException e) {
      throw new StorageException("storage: cannot take data directory " + root, e);
    }
  }

  private static void createDurably(FileSystem files, Path directory) throws IOException {
    Path parent = directory.getParent();
    if (parent == null) {
      return;
    }
    if (files.exists(directory)) {
      if (!files.exists(directory.resolve("member"))) {
        syncIfAllowed(files, parent); // An earlier process may have made it and ended.
      }
      return;
    }
    createDurably(files, parent);
    files.createDirectories(directory);
    files.syncDirectory(parent);
  }

  private static void syncIfAllowed(FileSystem files, Path directory) throws IOException {
    try {
      files.syncDirectory(directory);
    } catch (AccessDeniedException e) {
      // Then it is not one that a process of this user has written to.
    }
  }

  /** The directory itself. */
  public Path root() {
    return root;
  }

  /** A small file of this name, which is there in a fresh directory too once it is written. */
  public NoteFile note(String name) {
    return new NoteFile(files, root.resolve(name));
  }

  FileSystem files() {
    return files;
  }

  Path wal() {
    return wal(root);
  }

  Path snapshots() {
    return snapshots(root);
  }

  static Path wal(Path root) {
    return root.resolve("member").resolve("wal");
  }

  static Path snapshots(Path root) {
    return root.resolve("member").resolve("snap");
  }

  /**
   * Whose data is in it; empty in a fresh directory.
   *
   * @throws DamagedException if the identity file is missing beside data, or is not as written
   */
  public Optional<Identity> identity() throws StorageException {
    return identity(files, root);
  }

  static Optional<Identity> identity(FileSystem files, Path root) throws StorageException {
    Path member = root.resolve("member");
    Path path = member.resolve("identity");
    try {
      if (!files.exists(member)) {
        return Optional.empty();
      }
      if (!files.exists(path)) {
        throw new DamagedException("storage: no identity file in " + member, "identity", 0);
      }
      try (StoreFile file = files.openForRead(path)) {
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(file.size(), IDENTITY_BYTES_MAX));
        file.read(bytes, 0);
        return Optional.of(Identity.decode(bytes.array()));
      }
    } catch (IllegalArgumentException e) {
      throw new DamagedException(
          "storage: damaged identity file %s: %s".formatted(path, e.getMessage()), "identity", 0);
    } catch (IOException e) {
      throw new StorageException("storage: cannot read " + path, e);
    }
  }

  /**
   * Makes the names of all files durable: an earlier process may have ended between giving a name
   * and making it so, and what is found under it now will be relied on.
   */
  void syncNames() throws StorageException {
    try {
      for (Path directory : List.of(root, root.resolve("member"), wal(), snapshots())) {
        files.syncDirectory(directory);
      }
    } catch (IOException e) {
      throw new StorageException("storage: cannot sync the names in " + root, e);
    }
  }

  /** Fills a fresh directory: after a crash it is complete or still fresh. */
  void create(Identity identity, WalOptions options) throws StorageException {
    Path draft = root.resolve("member.tmp");
    try {
      deleteAll(draft);
      files.createDirectories(draft.resolve("wal"));
      files.createDirectories(draft.resolve("snap"));
      LogOwner owner = new LogOwner(identity.clusterId(), identity.memberId());
      Wal.create(files, draft.resolve("wal"), owner, options);
      try (StoreFile file = files.create(draft.resolve("identity"))) {
        file.write(ByteBuffer.wrap(identity.encode()), 0);
        file.force(true);
      }
      files.syncDirectory(draft.resolve("snap"));
      files.syncDirectory(draft);
      files.rename(draft, root.resolve("member"));
      files.syncDirectory(root);
    } catch (IOException e) {
      throw new StorageException("storage: cannot create " + root.resolve("member"), e);
    }
  }

  /** Deletes a directory of files and directories of files. */
  private void deleteAll(Path directory) throws IOException {
    if (!files.exists(directory)) {
      return;
    }
    for (String name : files.list(directory)) {
      Path path = directory.resolve(name);
      if (name.equals("wal") || name.equals("snap")) {
        deleteAll(path);
      } else {
        files.delete(path);
      }
    }
    files.delete(directory);
  }

  /** Lets another process have the directory. */
  @Override
  public void close() throws StorageException {
    try {
      lock.close();
    } catch (IOException e) {
      throw new StorageException("storage: cannot release " + root, e);
    }
  }
}
