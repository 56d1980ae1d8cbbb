package io.balsa.storage.wal;

import io.balsa.data.Bytes;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Message.StorageAppend;
import io.balsa.storage.Batches;
import io.balsa.storage.file.LocalFileSystem;
import io.balsa.storage.file.StorageException;
import io.balsa.storage.file.StoreFile;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * Appends of entries of 256 bytes against writing and forcing as many bytes by hand into a file
 * filled with zeros, the two in turn so that both see the same disk. Arguments: an empty directory,
 * and the seconds for each size.
 */
final class WalBench {
  private static final int ROUND = 50;

  private WalBench() {}

  public static void main(String[] args) throws Exception {
    Path directory = Path.of(args[0]);
    long nanosEach = Long.parseLong(args[1]) * 1_000_000_000L;
    System.out.println(
        "entries  wal p50 us  p99 us  entries/s   raw p50 us  p99 us  p50 wal/raw  cpu us/entry");
    for (int entries : new int[] {1, 10, 100, 1000}) {
      measure(directory.resolve("entries-" + entries), entries, nanosEach);
    }
  }

  private static void measure(Path directory, int entriesEach, long nanosEach)
      throws IOException, StorageException {
    LocalFileSystem files = new LocalFileSystem();
    Files.createDirectories(directory.resolve("wal"));
    LogOwner owner = new LogOwner(1, 1);
    Wal.create(files, directory.resolve("wal"), owner, WalOptions.DEFAULT);
    Wal wal =
        Wal.open(
                files,
                directory.resolve("wal"),
                owner,
                WalOptions.DEFAULT,
                EntryId.ZERO,
                System::nanoTime)
            .wal();
    Histogram walNanos = new Histogram(3);
    Histogram rawNanos = new Histogram(3);
    long entries = 0;
    long total = 0;
    long cpuNanos = 0;
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    try (StoreFile raw = files.create(directory.resolve("raw"))) {
      long rawBytes = WalOptions.DEFAULT.segmentBytes();
      raw.write(ByteBuffer.allocate((int) rawBytes), 0);
      raw.force(true);
      ByteBuffer bytes = ByteBuffer.allocateDirect((int) Frame.sizeOf(64 + 272L * entriesEach));
      long rawPosition = 0;
      long end = System.nanoTime() + nanosEach;
      while (System.nanoTime() < end) {
        while (!wal.prepare()) {
          continue; // Off the hot path: not measured.
        }
        for (int i = 0; i < ROUND; i++) {
          List<StorageAppend> batches = List.of(batch(entries + 1, entriesEach));
          long cpuStart = threads.getCurrentThreadCpuTime();
          long start = System.nanoTime();
          wal.append(batches);
          long nanos = System.nanoTime() - start;
          cpuNanos += threads.getCurrentThreadCpuTime() - cpuStart;
          walNanos.recordValue(nanos);
          total += nanos;
          entries += entriesEach;
        }
        wal.release(entries);
        for (int i = 0; i < ROUND; i++) {
          bytes.clear();
          if (rawPosition + bytes.limit() > rawBytes) {
            rawPosition = 0;
          }
          long start = System.nanoTime();
          raw.write(bytes, rawPosition);
          raw.force(false);
          rawNanos.recordValue(System.nanoTime() - start);
          rawPosition += bytes.limit();
        }
      }
    }
    wal.close();
    double p50 = walNanos.getValueAtPercentile(50) / 1e3;
    double rawP50 = rawNanos.getValueAtPercentile(50) / 1e3;
    System.out.printf(
        "%7d  %10.0f  %6.0f  %9.0f  %10.0f  %7.0f  %11.2f  %12.2f%n",
        entriesEach,
        p50,
        walNanos.getValueAtPercentile(99) / 1e3,
        entries * 1e9 / total,
        rawP50,
        rawNanos.getValueAtPercentile(99) / 1e3,
        p50 / rawP50,
        cpuNanos / 1e3 / entries);
  }

  private static StorageAppend batch(long firstIndex, int count) {
    List<Entry> entries = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      entries.add(new Entry(1, firstIndex + i, EntryType.NORMAL, Bytes.wrap(new byte[256])));
    }
    return Batches.append(new HardState(1, 1, firstIndex - 1), entries);
  }
}
