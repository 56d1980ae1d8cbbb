package io.balsa.storage.wal;

import io.balsa.raft.message.EntryId;
import io.balsa.storage.file.SimulatedFileSystem;
import io.balsa.storage.file.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;

/** A log on a simulated disk. */
final class WalHarness {
  static final Path DIRECTORY = Path.of("/wal");
  static final LogOwner OWNER = new LogOwner(0xc1, 0xa1);
  static final WalOptions OPTIONS = new WalOptions(4096, 0);

  private WalHarness() {}

  /** A disk with a new log. */
  static SimulatedFileSystem disk() throws IOException, StorageException {
    return disk(OPTIONS);
  }

  static SimulatedFileSystem disk(WalOptions options) throws IOException, StorageException {
    SimulatedFileSystem files = new SimulatedFileSystem(new SplittableRandom(1));
    files.createDirectories(DIRECTORY);
    files.syncDirectory(DIRECTORY.getParent());
    Wal.create(files, DIRECTORY, OWNER, options);
    return files;
  }

  static Wal.Opened open(SimulatedFileSystem files) throws StorageException {
    return open(files, OPTIONS);
  }

  static Wal.Opened open(SimulatedFileSystem files, WalOptions options) throws StorageException {
    return Wal.open(files, DIRECTORY, OWNER, options, EntryId.ZERO, () -> 0);
  }

  static Path segment(long sequence) {
    return DIRECTORY.resolve(WalReader.name(sequence));
  }
}
