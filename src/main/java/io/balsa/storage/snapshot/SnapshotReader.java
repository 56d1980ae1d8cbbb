package io.balsa.storage.snapshot;

import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Snapshot;
import io.balsa.storage.file.DamagedException;
import io.balsa.storage.file.StorageException;
import io.balsa.storage.file.StoreFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Reads a snapshot from any offset; nothing unchecked comes out. One thread only. */
public final class SnapshotReader implements AutoCloseable {
  private final StoreFile file;
  private final String name;
  private final Snapshot snapshot;
  private final int descriptionBytes;
  private final int descriptionCrc;
  private final long contentBytes;
  private final int contentCrc;
  private final ByteBuffer block;
  private long blockRead = -1;

  /** Checks head and foot; the content only as it is read. Closes the file if that fails. */
  SnapshotReader(StoreFile file, String name, long clusterId) throws IOException, StorageException {
    this.file = file;
    this.name = name;
    try {
      ByteBuffer preamble = readRaw(0, SnapshotFormat.PREAMBLE_BYTES);
      if (preamble.getLong(0) != SnapshotFormat.MAGIC) {
        throw damaged("not a snapshot", 0);
      }
      this.descriptionBytes = preamble.getInt(12);
      this.descriptionCrc = preamble.getInt(16);
      if (preamble.getInt(8) != SnapshotFormat.VERSION) {
        throw otherVersion(preamble.getInt(8));
      }
      if (descriptionBytes < 0 || descriptionBytes > SnapshotFormat.DESCRIPTION_BYTES_MAX) {
        throw damaged("impossible length of the description " + descriptionBytes, 12);
      }
      byte[] description = readRaw(SnapshotFormat.PREAMBLE_BYTES, descriptionBytes).array();
      expect(SnapshotFormat.crc(description), descriptionCrc, 16);
      this.snapshot = describe(description, clusterId);
      long footerPosition = file.size() - SnapshotFormat.FOOTER_BYTES;
      ByteBuffer footer = readRaw(footerPosition, SnapshotFormat.FOOTER_BYTES);
      this.contentBytes = footer.getLong(0);
      this.contentCrc = footer.getInt(8);
      expect(footerCrc(footer), footer.getInt(12), footerPosition);
      if (SnapshotFormat.footerPosition(descriptionBytes, contentBytes) != footerPosition) {
        throw damaged("content of %d bytes does not fit".formatted(contentBytes), footerPosition);
      }
      this.block = SnapshotFormat.buffer(blockBytes(0) + SnapshotFormat.CRC_BYTES);
    } catch (IOException | StorageException e) {
      file.close();
      throw e;
    }
  }

  private int footerCrc(ByteBuffer footer) {
    return SnapshotFormat.footerCrc(descriptionCrc, footer.getLong(0), footer.getInt(8));
  }

  /** No checksum covers the version: where the foot is that of this version, it is rot. */
  private StorageException otherVersion(int found) throws IOException, DamagedException {
    long footerPosition = file.size() - SnapshotFormat.FOOTER_BYTES;
    ByteBuffer footer = readRaw(footerPosition, SnapshotFormat.FOOTER_BYTES);
    if (footerCrc(footer) == footer.getInt(12)) {
      return damaged(
          "format version %d before a foot of version %d".formatted(found, SnapshotFormat.VERSION),
          8);
    }
    return new StorageException(
        "snapshot: %s has format version %d, this release reads %d"
            .formatted(name, found, SnapshotFormat.VERSION));
  }

  private Snapshot describe(byte[] description, long clusterId) throws DamagedException {
    try {
      Snapshot found = SnapshotFormat.read(description, clusterId);
      EntryId named = SnapshotFormat.id(name);
      if (!found.last().equals(named)) {
        throw damaged("holds " + found.last(), SnapshotFormat.PREAMBLE_BYTES);
      }
      return found;
    } catch (MalformedException e) {
      throw damaged(e.getMessage(), SnapshotFormat.PREAMBLE_BYTES);
    }
  }

  /** What the file holds. */
  public Snapshot snapshot() {
    return snapshot;
  }

  /** The length of the content. */
  public long contentBytes() {
    return contentBytes;
  }

  /**
   * The content from {@code offset} on, {@code bytesMax} bytes or what is left.
   *
   * @throws DamagedException if a checksum does not match
   * @throws StorageException if it cannot be read, or {@code offset} lies beyond the end
   */
  public Bytes read(long offset, int bytesMax) throws StorageException {
    if (offset < 0 || offset > contentBytes || bytesMax < 0) {
      throw new StorageException(
          "snapshot: %d bytes at %d of %s asked for, it has %d"
              .formatted(bytesMax, offset, name, contentBytes));
    }
    byte[] part = new byte[(int) Math.min(bytesMax, contentBytes - offset)];
    for (int done = 0; done < part.length; ) {
      long at = offset + done;
      load(at / SnapshotFormat.BLOCK_BYTES);
      int inBlock = (int) (at % SnapshotFormat.BLOCK_BYTES);
      int count = Math.min(part.length - done, blockBytes(blockRead) - inBlock);
      System.arraycopy(block.array(), inBlock, part, done, count);
      done += count;
    }
    return Bytes.wrap(part);
  }

  /** Reads all of it against every checksum. */
  public void verify() throws StorageException {
    CRC32C crc = new CRC32C();
    for (long number = 0; number < SnapshotFormat.blocks(contentBytes); number++) {
      load(number);
      crc.update(block.array(), 0, blockBytes(number));
    }
    expect(
        (int) crc.getValue(),
        contentCrc,
        SnapshotFormat.footerPosition(descriptionBytes, contentBytes));
  }

  @Override
  public void close() throws StorageException {
    try {
      file.close();
    } catch (IOException e) {
      throw new StorageException("snapshot: " + name + " could not be closed", e);
    }
  }

  private int blockBytes(long number) {
    return (int)
        Math.min(SnapshotFormat.BLOCK_BYTES, contentBytes - number * SnapshotFormat.BLOCK_BYTES);
  }

  private void load(long number) throws StorageException {
    if (number == blockRead) {
      return;
    }
    blockRead = -1;
    long position = SnapshotFormat.blockPosition(descriptionBytes, number);
    int length = blockBytes(number);
    block.clear().limit(length + SnapshotFormat.CRC_BYTES);
    try {
      if (file.read(block, position) < length + SnapshotFormat.CRC_BYTES) {
        throw damaged("cut off", position);
      }
    } catch (IOException e) {
      throw new StorageException("snapshot: " + name + " could not be read", e);
    }
    expect(
        SnapshotFormat.blockCrc(descriptionCrc, number, block.array(), length),
        block.getInt(length),
        position);
    blockRead = number;
  }

  private ByteBuffer readRaw(long position, int length) throws IOException, DamagedException {
    ByteBuffer bytes = SnapshotFormat.buffer(length);
    if (position < 0 || file.read(bytes, position) < length) {
      throw damaged("cut off", Math.max(0, position));
    }
    return bytes;
  }

  private void expect(int expected, int found, long offset) throws DamagedException {
    if (expected != found) {
      throw new DamagedException(
          "snapshot: checksum mismatch in %s at byte %d: expected %08x, found %08x"
              .formatted(name, offset, expected, found),
          name,
          offset);
    }
  }

  private DamagedException damaged(String what, long offset) {
    return new DamagedException(
        "snapshot: damage in %s at byte %d: %s".formatted(name, offset, what), name, offset);
  }
}
