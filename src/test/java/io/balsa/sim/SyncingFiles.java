package io.balsa.sim;

import io.balsa.storage.file.FileSystem;
import io.balsa.storage.file.StoreFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** A file system that syncs files in its own way. */
class SyncingFiles implements FileSystem {
  /** How a file is synced. */
  interface Sync {
    void force(StoreFile file, boolean metadata) throws IOException;
  }

  private final FileSystem files;
  private final Sync sync;

  SyncingFiles(FileSystem files, Sync sync) {
    this.files = files;
    this.sync = sync;
  }

  private record Syncing(StoreFile file, Sync sync) implements StoreFile {
    @Override
    public void write(ByteBuffer source, long position) throws IOException {
      file.write(source, position);
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
      return file.read(target, position);
    }

    @Override
    public void force(boolean metadata) throws IOException {
      sync.force(file, metadata);
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    files.createDirectories(directory);
  }

  @Override
  public boolean exists(Path path) throws IOException {
    return files.exists(path);
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    return files.list(directory);
  }

  @Override
  public StoreFile create(Path file) throws IOException {
    return new Syncing(files.create(file), sync);
  }

  @Override
  public StoreFile open(Path file) throws IOException {
    return new Syncing(files.open(file), sync);
  }

  @Override
  public StoreFile openForRead(Path file) throws IOException {
    return files.openForRead(file);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    files.rename(from, to);
  }

  @Override
  public void delete(Path path) throws IOException {
    files.delete(path);
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    files.syncDirectory(directory);
  }

  @Override
  public Closeable lock(Path file) throws IOException {
    return files.lock(file);
  }

  @Override
  public long usableBytes(Path directory) throws IOException {
    return files.usableBytes(directory);
  }
}
