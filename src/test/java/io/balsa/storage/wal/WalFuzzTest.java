package io.balsa.storage.wal;

import io.balsa.data.ByteReader;
import io.balsa.data.ByteWriter;
import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import io.balsa.fuzz.Fuzzer;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Snapshot;
import io.balsa.storage.Batches;
import io.balsa.storage.file.SimulatedFileSystem;
import io.balsa.storage.file.StorageException;
import io.balsa.storage.file.StoreFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A log that is not as it was written: bytes of the disk, and records under good checksums. */
class WalFuzzTest {
  private static final int BODY_BYTES_MAX = 64 << 10;
  private static final int SIMULATED_DISK_BYTES = 4 << 20; // What it allocates of its own.

  @Test
  void records() {
    new Fuzzer<>(
            getClass(),
            "record of the log",
            MalformedException.class,
            input -> {
              ByteReader reader = new ByteReader(Bytes.wrap(input));
              return Record.read(reader.u8(), reader);
            })
        .samples(WalFuzzTest::record)
        .encodedBy(WalFuzzTest::encoded)
        .run();
  }

  @Test
  void segments() {
    new Fuzzer<>(getClass(), "segment of the log", StorageException.class, WalFuzzTest::open)
        .samples(random -> segment(records(random)))
        .allocates(SIMULATED_DISK_BYTES, 200)
        .inputs(3_000)
        .run();
  }

  @Test
  void segmentsOfRecordsUnderGoodChecksums() {
    new Fuzzer<>(
            getClass(),
            "sealed records of the log",
            StorageException.class,
            input -> open(segment(input)))
        .samples(WalFuzzTest::records)
        .allocates(SIMULATED_DISK_BYTES, 400)
        .inputs(3_000)
        .run();
  }

  /** Opens the log twice: what the first opening made of it must be what the second one finds. */
  private static List<Object> open(byte[] segment) throws IOException, StorageException {
    SimulatedFileSystem files = new SimulatedFileSystem(new SplittableRandom(1));
    files.createDirectories(WalHarness.DIRECTORY);
    try (StoreFile file = files.create(WalHarness.segment(1))) {
      file.write(ByteBuffer.wrap(segment), 0);
    }
    WalRecovery first = WalHarness.open(files).recovery();
    files.killProcess();
    WalRecovery second = WalHarness.open(files).recovery();
    List<Object> found = found(first);
    if (second.tornTail().isPresent() || !found.equals(found(second))) {
      throw new AssertionError("opened again it is another log: " + first + ", " + second);
    }
    return found;
  }

  private static List<Object> found(WalRecovery log) {
    return List.of(log.hardState(), log.firstIndex(), log.entries(), log.last(), log.marks());
  }

  // ---- Records one after the other: each its kind, its length in two bytes, its body

  private static byte[] records(Random random) {
    ByteWriter all = new ByteWriter(256);
    put(
        all,
        encoded(new Record.Head(WalHarness.OWNER, 0, HardState.EMPTY, EntryId.ZERO, List.of())));
    long index = 1;
    for (int i = random.nextInt(5); i > 0; i--) {
      List<Entry> entries = entries(random, index, random.nextInt(3));
      index += entries.size();
      put(all, encoded(new Record.Batch(new HardState(3, 1, index - 1), EntryId.ZERO, entries)));
      if (random.nextInt(3) == 0) {
        put(all, encoded(new Record.Mark(new EntryId(1, index - 1))));
      }
    }
    return all.toArray();
  }

  private static void put(ByteWriter all, byte[] record) {
    int length = record.length - 1;
    all.u8(record[0]).u8(length & 0xff).u8(length >> 8).raw(record, 1, length);
  }

  /** The file in which these records stand, as many as there are whole. */
  private static byte[] segment(byte[] records) {
    ByteBuffer file =
        ByteBuffer.allocate(16 * records.length + (int) WalHarness.OPTIONS.segmentBytes())
            .order(ByteOrder.LITTLE_ENDIAN);
    Frame.Checksums checksums = new Frame.Checksums();
    int chain = 0;
    int at = 0;
    while (records.length - at >= 4) {
      int kind = records[at] & 0xff;
      int length = (records[at + 1] & 0xff) | (records[at + 2] & 0xff) << 8;
      length = Math.min(Math.max(1, length), records.length - at - 3);
      int start = file.position();
      file.position(start + Frame.HEADER_BYTES);
      file.put(records, at + 3, length);
      chain = Frame.seal(file, start, kind, 1, start, chain, 0, checksums);
      at += 3 + length;
    }
    return file.array();
  }

  // ---- One record: its kind, then its body

  private static byte[] record(Random random) {
    return encoded(
        switch (random.nextInt(4)) {
          case 0 ->
              new Record.Head(
                  WalHarness.OWNER, random.nextInt(1_000), state(random), id(random), ids(random));
          case 1 -> new Record.Mark(id(random));
          case 2 -> new Record.End();
          default ->
              new Record.Batch(
                  state(random),
                  random.nextBoolean() ? EntryId.ZERO : id(random),
                  entries(random, 1 + random.nextInt(100), random.nextInt(4)));
        });
  }

  private static byte[] encoded(Record record) {
    ByteBuffer out = ByteBuffer.allocate(2 * BODY_BYTES_MAX).order(ByteOrder.LITTLE_ENDIAN);
    if (record instanceof Record.Head head) {
      out.put((byte) Record.HEAD);
      Record.put(out, head);
    } else if (record instanceof Record.Batch batch) {
      out.put((byte) Record.BATCH);
      Snapshot installed = new Snapshot(batch.installed(), ConfState.EMPTY);
      Record.put(out, Batches.batch(batch.hardState(), batch.entries(), installed, true));
    } else if (record instanceof Record.Mark mark) {
      out.put((byte) Record.MARK);
      Record.put(out, mark.snapshot());
    } else {
      out.put((byte) Record.END).put((byte) 0);
    }
    byte[] bytes = new byte[out.position()];
    out.get(0, bytes);
    return bytes;
  }

  private static HardState state(Random random) {
    return random.nextBoolean()
        ? HardState.EMPTY
        : new HardState(1 + random.nextInt(300), random.nextInt(4), random.nextInt(300));
  }

  private static EntryId id(Random random) {
    return new EntryId(1 + random.nextInt(300), 1 + random.nextInt(300));
  }

  private static List<EntryId> ids(Random random) {
    List<EntryId> ids = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      ids.add(id(random));
    }
    return ids;
  }

  private static List<Entry> entries(Random random, long index, int count) {
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] data = new byte[random.nextInt(40)];
      random.nextBytes(data);
      entries.add(new Entry(3, index + i, EntryType.NORMAL, Bytes.wrap(data)));
    }
    return entries;
  }
}
