package io.balsa.storage.wal;

import io.balsa.storage.file.DiskFullException;
import io.balsa.storage.file.FileSystem;
import io.balsa.storage.file.SpaceReserve;
import io.balsa.storage.file.StorageException;
import io.balsa.storage.file.StoreFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * The segment that comes next, written full of zeros beforehand: syncing bytes that overwrite
 * others costs about half of syncing a file that grows. Safe for two threads: one that prepares,
 * and the log's own, which waits for the step in progress and does what is left when it needs the
 * segment at once.
 */
final class SpareSegment {
  static final String NAME = "spare.tmp";

  private static final int STEP_BYTES = 1 << 20;

  private final FileSystem files;
  private final Path directory;
  private final long segmentBytes;
  private final SpaceReserve reserve;
  private final ByteBuffer zeros;
  private StoreFile file;
  private long filledBytes;

  SpareSegment(FileSystem files, Path directory, long segmentBytes, SpaceReserve reserve) {
    this.files = files;
    this.directory = directory;
    this.segmentBytes = segmentBytes;
    this.reserve = reserve;
    this.zeros = ByteBuffer.allocateDirect((int) Math.min(STEP_BYTES, segmentBytes));
  }

  /**
   * Writes and syncs up to 1 MiB of zeros.
   *
   * @return whether the segment is ready
   */
  synchronized boolean prepare() throws StorageException {
    try {
      return step();
    } catch (IOException e) {
      throw new StorageException("wal: cannot prepare the next segment", e);
    }
  }

  private boolean step() throws IOException, DiskFullException {
    try {
      return write();
    } catch (IOException e) {
      // Nothing of the log is in it: where others took the space meanwhile, the disk is full, not
      // broken.
      discard();
      reserve.need(segmentBytes);
      throw e;
    }
  }

  private boolean write() throws IOException, DiskFullException {
    if (file == null) {
      reserve.need(segmentBytes);
      Path path = directory.resolve(NAME);
      if (files.exists(path)) {
        files.delete(path);
      }
      file = files.create(path);
      filledBytes = 0;
    }
    if (filledBytes < segmentBytes) {
      zeros.clear().limit((int) Math.min(zeros.capacity(), segmentBytes - filledBytes));
      int count = zeros.remaining();
      file.write(zeros, filledBytes);
      file.force(true);
      filledBytes += count;
    }
    return filledBytes >= segmentBytes;
  }

  /** Whether the next segment can be had without using more of the disk. */
  synchronized boolean isReady() {
    return file != null && filledBytes >= segmentBytes;
  }

  /**
   * Makes the spare the segment of the given name: {@code head} is forced in it first.
   *
   * @return the file, the caller's to close
   */
  synchronized StoreFile promote(Path name, ByteBuffer head) throws IOException, DiskFullException {
    while (!step()) {
      continue;
    }
    file.write(head, 0);
    file.force(false);
    files.rename(directory.resolve(NAME), name);
    files.syncDirectory(directory);
    StoreFile promoted = file;
    file = null;
    return promoted;
  }

  /** Takes a segment that is no longer needed, to be written over; deletes it if not needed. */
  synchronized void recycle(Path released) throws IOException {
    if (file == null) {
      files.rename(released, directory.resolve(NAME));
      // Or a crash could bring its name back with a part of its records.
      files.syncDirectory(directory);
      file = files.open(directory.resolve(NAME));
      filledBytes = 0;
      if (file.size() > segmentBytes) {
        discard();
      }
    } else {
      files.delete(released);
    }
  }

  synchronized void close() throws IOException {
    if (file != null) {
      file.close();
      file = null;
    }
  }

  /** Frees the space: a disk that failed because it is full must not stay so. */
  private void discard() {
    try {
      close();
      files.delete(directory.resolve(NAME));
    } catch (IOException e) {
      file = null; // The next step tries to delete it once more.
    }
  }
}
