package io.balsa.storage.snapshot;

import io.balsa.data.Bytes;
import io.balsa.fuzz.Fuzzer;
import io.balsa.raft.message.Snapshot;
import io.balsa.storage.Batches;
import io.balsa.storage.file.SimulatedFileSystem;
import io.balsa.storage.file.StorageException;
import io.balsa.storage.file.StoreFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A snapshot file that is not as it was written, and descriptions under good checksums. */
class SnapshotFuzzTest {
  private static final Path DIRECTORY = Path.of("/snap");
  private static final long CLUSTER = 7;
  private static final Snapshot SNAPSHOT = Batches.snapshot(2, 20);
  private static final int SIMULATED_DISK_BYTES = 4 << 20; // What it allocates of its own.

  @Test
  void files() {
    new Fuzzer<>(
            getClass(), "snapshot file", StorageException.class, input -> readAll(store(input)))
        .samples(SnapshotFuzzTest::file)
        .allocates(SIMULATED_DISK_BYTES, 200)
        .inputs(5_000)
        .run();
  }

  @Test
  void descriptionsUnderGoodChecksums() {
    new Fuzzer<>(
            getClass(),
            "sealed description of a snapshot",
            StorageException.class,
            input -> readAll(store(around(input))))
        .samples(random -> SnapshotFormat.describe(CLUSTER, SNAPSHOT))
        .encodedBy(read -> SnapshotFormat.describe(CLUSTER, (Snapshot) read.get(0)))
        .allocates(SIMULATED_DISK_BYTES, 200)
        .inputs(5_000)
        .run();
  }

  private static List<Object> readAll(SnapshotStore store) throws StorageException {
    store.verify(SNAPSHOT.last());
    try (SnapshotReader reader = store.read(SNAPSHOT.last())) {
      return List.of(reader.snapshot(), reader.read(0, (int) reader.contentBytes()));
    }
  }

  private static SnapshotStore store(byte[] file) throws IOException {
    SimulatedFileSystem files = new SimulatedFileSystem(new SplittableRandom(1));
    files.createDirectories(DIRECTORY);
    try (StoreFile out = files.create(DIRECTORY.resolve(SnapshotStore.nameOf(SNAPSHOT.last())))) {
      out.write(ByteBuffer.wrap(file), 0);
    }
    return new SnapshotStore(files, DIRECTORY, CLUSTER, 0);
  }

  /** A good file with some content. */
  private static byte[] file(Random random) {
    try {
      SimulatedFileSystem files = new SimulatedFileSystem(new SplittableRandom(1));
      files.createDirectories(DIRECTORY);
      SnapshotStore store = new SnapshotStore(files, DIRECTORY, CLUSTER, 0);
      byte[] content = new byte[random.nextInt(3_000)];
      random.nextBytes(content);
      SnapshotWriter writer = store.write(SNAPSHOT, 1);
      writer.append(0, Bytes.wrap(content));
      writer.finish();
      return files.content(DIRECTORY.resolve(SnapshotStore.nameOf(SNAPSHOT.last())));
    } catch (IOException | StorageException e) {
      throw new AssertionError(e);
    }
  }

  /** A file without content, good but for this description. */
  private static byte[] around(byte[] description) {
    ByteBuffer file =
        SnapshotFormat.buffer(
            SnapshotFormat.PREAMBLE_BYTES + description.length + SnapshotFormat.FOOTER_BYTES);
    int crc = SnapshotFormat.crc(description);
    file.putLong(SnapshotFormat.MAGIC).putInt(SnapshotFormat.VERSION);
    file.putInt(description.length).putInt(crc).put(description);
    file.putLong(0).putInt(0).putInt(SnapshotFormat.footerCrc(crc, 0, 0));
    return file.array();
  }
}
