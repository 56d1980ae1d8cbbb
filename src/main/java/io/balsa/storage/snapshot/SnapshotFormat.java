package io.balsa.storage.snapshot;

import io.balsa.data.ByteReader;
import io.balsa.data.ByteWriter;
import io.balsa.data.MalformedException;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Snapshot;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/** Where things lie in a snapshot file, and its checksums. */
final class SnapshotFormat {
  static final int VERSION = 1;
  static final int BLOCK_BYTES = 64 << 10;
  static final int CRC_BYTES = 4;
  static final int PREAMBLE_BYTES = 20;
  static final int FOOTER_BYTES = 16;
  static final int DESCRIPTION_BYTES_MAX = 1 << 20;

  /** The first eight bytes: BALSASNP. */
  static final long MAGIC = 0x504e5341534c4142L;

  private SnapshotFormat() {}

  static byte[] describe(long clusterId, Snapshot snapshot) {
    ByteWriter out = new ByteWriter(128);
    out.fixed64(clusterId).varint(snapshot.last().term()).varint(snapshot.last().index());
    ConfState state = snapshot.confState();
    putIds(out, state.voters());
    putIds(out, state.votersOutgoing());
    putIds(out, state.learners());
    putIds(out, state.learnersNext());
    return out.bool(state.autoLeave()).toArray();
  }

  /** Reads a description, and refuses that of another cluster. */
  static Snapshot read(byte[] description, long clusterId) throws MalformedException {
    ByteReader in = new ByteReader(description, 0, description.length);
    long found = in.fixed64();
    if (found != clusterId) {
      throw new MalformedException("cluster %x, expected %x".formatted(found, clusterId));
    }
    EntryId last = new EntryId(in.varint(), in.varint());
    ConfState state = new ConfState(readIds(in), readIds(in), readIds(in), readIds(in), in.bool());
    in.expectEnd();
    return new Snapshot(last, state);
  }

  private static void putIds(ByteWriter out, List<Long> ids) {
    out.varint(ids.size());
    for (long id : ids) {
      out.fixed64(id);
    }
  }

  private static List<Long> readIds(ByteReader in) throws MalformedException {
    int count = in.count(8);
    List<Long> ids = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      ids.add(in.fixed64());
    }
    return ids;
  }

  static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  static int crc(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  /** The checksum of block {@code number}, counted from 0. */
  static int blockCrc(int descriptionCrc, long number, byte[] block, int length) {
    CRC32C crc = new CRC32C();
    crc.update(buffer(12).putInt(descriptionCrc).putLong(number).array());
    crc.update(block, 0, length);
    return (int) crc.getValue();
  }

  static int footerCrc(int descriptionCrc, long contentBytes, int contentCrc) {
    return crc(buffer(16).putInt(descriptionCrc).putLong(contentBytes).putInt(contentCrc).array());
  }

  static long blocks(long contentBytes) {
    return (contentBytes + BLOCK_BYTES - 1) / BLOCK_BYTES;
  }

  /** Where block {@code number} begins in the file. */
  static long blockPosition(int descriptionBytes, long number) {
    return PREAMBLE_BYTES + descriptionBytes + number * (BLOCK_BYTES + CRC_BYTES);
  }

  static long footerPosition(int descriptionBytes, long contentBytes) {
    return PREAMBLE_BYTES + descriptionBytes + contentBytes + blocks(contentBytes) * CRC_BYTES;
  }

  static String name(EntryId last) {
    return "%016x-%016x.snap".formatted(last.term(), last.index());
  }

  static boolean isSnapshot(String name) {
    return name.matches("[0-9a-f]{16}-[0-9a-f]{16}\\.snap");
  }

  static EntryId id(String name) {
    return new EntryId(
        Long.parseUnsignedLong(name.substring(0, 16), 16),
        Long.parseUnsignedLong(name.substring(17, 33), 16));
  }
}
