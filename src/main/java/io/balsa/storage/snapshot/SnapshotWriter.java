package io.balsa.storage.snapshot;

import io.balsa.data.Bytes;
import io.balsa.raft.message.Snapshot;
import io.balsa.storage.file.DiskFullException;
import io.balsa.storage.file.FileSystem;
import io.balsa.storage.file.SpaceReserve;
import io.balsa.storage.file.StorageException;
import io.balsa.storage.file.StoreFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * Writes one snapshot: parts in order, then {@link #finish}. One thread only. Any failure ends the
 * writing and leaves nothing under the snapshot's name; it is not final for the store.
 */
public final class SnapshotWriter {
  private final FileSystem files;
  private final Path temporary;
  private final Path target;
  private final SpaceReserve reserve;
  private final Snapshot snapshot;
  private final int descriptionBytes;
  private final int descriptionCrc;
  private final CRC32C contentCrc = new CRC32C();
  private final ByteBuffer block =
      SnapshotFormat.buffer(SnapshotFormat.BLOCK_BYTES + SnapshotFormat.CRC_BYTES);
  private StoreFile file;
  private long contentBytes;
  private long blocksWritten;

  SnapshotWriter(
      FileSystem files,
      Path temporary,
      Path target,
      SpaceReserve reserve,
      long clusterId,
      Snapshot snapshot)
      throws StorageException {
    this.files = files;
    this.temporary = temporary;
    this.target = target;
    this.reserve = reserve;
    this.snapshot = snapshot;
    byte[] description = SnapshotFormat.describe(clusterId, snapshot);
    this.descriptionBytes = description.length;
    this.descriptionCrc = SnapshotFormat.crc(description);
    try {
      if (files.exists(temporary)) {
        files.delete(temporary);
      }
      reserve.need(SnapshotFormat.PREAMBLE_BYTES + descriptionBytes);
      file = files.create(temporary);
      ByteBuffer head = SnapshotFormat.buffer(SnapshotFormat.PREAMBLE_BYTES + descriptionBytes);
      head.putLong(SnapshotFormat.MAGIC)
          .putInt(SnapshotFormat.VERSION)
          .putInt(descriptionBytes)
          .putInt(descriptionCrc)
          .put(description);
      file.write(head.flip(), 0);
    } catch (IOException e) {
      abort();
      throw failed("begun", e);
    }
  }

  /** What is being written. */
  public Snapshot snapshot() {
    return snapshot;
  }

  /** Where the next part must begin, in bytes of the content. */
  public long nextOffset() {
    return contentBytes;
  }

  /**
   * Writes the part of the content that begins at {@code offset}.
   *
   * @return where the next part must begin
   * @throws DiskFullException if it would use up the reserve
   * @throws StorageException if the part is out of order or cannot be written; the writing is over
   */
  public long append(long offset, Bytes data) throws StorageException {
    if (file == null || offset != contentBytes) {
      String found = file == null ? "the writing is over" : "expected the one at " + contentBytes;
      abort();
      throw new StorageException(
          "snapshot: part at %d of %s refused: %s".formatted(offset, target.getFileName(), found));
    }
    try {
      reserve.need(data.length() + SnapshotFormat.BLOCK_BYTES);
      contentCrc.update(data.unsafeBuffer());
      for (ByteBuffer rest = data.unsafeBuffer(); rest.hasRemaining(); ) {
        int count = Math.min(rest.remaining(), SnapshotFormat.BLOCK_BYTES - block.position());
        block.put(block.position(), rest, rest.position(), count);
        block.position(block.position() + count);
        rest.position(rest.position() + count);
        if (block.position() == SnapshotFormat.BLOCK_BYTES) {
          writeBlock();
        }
      }
      contentBytes += data.length();
      return contentBytes;
    } catch (DiskFullException e) {
      abort();
      throw e;
    } catch (IOException e) {
      abort();
      throw failed("written", e);
    }
  }

  /** Completes the file and gives it its name; when this returns, a crash does not lose it. */
  public void finish() throws StorageException {
    if (file == null) {
      throw new StorageException(
          "snapshot: " + target.getFileName() + " not finished: the writing is over");
    }
    try {
      if (block.position() > 0) {
        writeBlock();
      }
      int crc = (int) contentCrc.getValue();
      ByteBuffer footer = SnapshotFormat.buffer(SnapshotFormat.FOOTER_BYTES);
      footer
          .putLong(contentBytes)
          .putInt(crc)
          .putInt(SnapshotFormat.footerCrc(descriptionCrc, contentBytes, crc));
      file.write(footer.flip(), SnapshotFormat.footerPosition(descriptionBytes, contentBytes));
      file.force(true);
      file.close();
      files.rename(temporary, target);
      files.syncDirectory(target.getParent());
      file = null;
    } catch (IOException e) {
      abort();
      throw failed("finished", e);
    }
  }

  /** Gives up and deletes what was written. Nothing happens when the writing is over. */
  public void abort() {
    if (file == null) {
      return;
    }
    try {
      file.close();
      if (files.exists(temporary)) {
        files.delete(temporary);
      }
    } catch (IOException e) {
      // It stays behind under its temporary name, until the next start deletes it.
    }
    file = null;
  }

  private void writeBlock() throws IOException {
    int length = block.position();
    block.putInt(SnapshotFormat.blockCrc(descriptionCrc, blocksWritten, block.array(), length));
    file.write(block.flip(), SnapshotFormat.blockPosition(descriptionBytes, blocksWritten));
    block.clear();
    blocksWritten++;
  }

  private StorageException failed(String what, IOException e) {
    return new StorageException(
        "snapshot: %s could not be %s".formatted(target.getFileName(), what), e);
  }
}
