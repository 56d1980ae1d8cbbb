package io.balsa.storage.wal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * The header of a frame, all numbers little-endian:
 *
 * <pre>
 *  0  u32  bytes of the body without padding, at least 1; 0 where the segment ends
 *  4  u32  what the body is: {@link Record}
 *  8  u32  checksum of the frame before this one, over segment borders too: the chain
 * 12  u32  how many bytes of this segment were known to be forced when this was written
 * 16  u32  CRC-32C of segment number, position and the bytes 0 to 16
 * 20  u32  CRC-32C of the bytes 16 to 20, the body and its padding: the frame's checksum
 * 24       body, padded with zeros to a multiple of eight bytes
 * </pre>
 *
 * The header has a checksum of its own so that a frame behind a damaged one can be found.
 */
record Frame(int bodyBytes, int kind, int previousCrc, int forcedBytes, int headerCrc, int crc) {
  static final int HEADER_BYTES = 24;
  static final int ALIGNMENT_BYTES = 8;

  private static final int KIND = 4;
  private static final int PREVIOUS_CRC = 8;
  private static final int FORCED_BYTES = 12;
  private static final int HEADER_CRC = 16;
  private static final int CRC = 20;

  /** The bytes that a body of this length takes with header and padding. */
  static long sizeOf(long bodyBytes) {
    return HEADER_BYTES + aligned(bodyBytes);
  }

  static long aligned(long bytes) {
    return (bytes + ALIGNMENT_BYTES - 1) & -ALIGNMENT_BYTES;
  }

  /** The bytes of this frame on disk. */
  long size() {
    return sizeOf(bodyBytes);
  }

  /** Reads the header at {@code offset} without judging it. */
  static Frame read(ByteBuffer buffer, int offset) {
    return new Frame(
        buffer.getInt(offset),
        buffer.getInt(offset + KIND),
        buffer.getInt(offset + PREVIOUS_CRC),
        buffer.getInt(offset + FORCED_BYTES),
        buffer.getInt(offset + HEADER_CRC),
        buffer.getInt(offset + CRC));
  }

  /** Computes checksums; keeps its scratch space, so one thread only. */
  static final class Checksums {
    private final CRC32C crc = new CRC32C();
    private final ByteBuffer place = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);

    /** The checksum that belongs into the header at {@code offset} of {@code buffer}. */
    int ofHeader(long sequence, long position, ByteBuffer buffer, int offset) {
      crc.reset();
      place.putLong(0, sequence).putLong(8, position);
      crc.update(place.array());
      return update(buffer, offset, HEADER_CRC);
    }

    /** The checksum of the frame at {@code offset}, whose header checksum is in place. */
    int ofFrame(ByteBuffer buffer, int offset, int paddedBodyBytes) {
      crc.reset();
      update(buffer, offset + HEADER_CRC, 4);
      return update(buffer, offset + HEADER_BYTES, paddedBodyBytes);
    }

    private int update(ByteBuffer buffer, int offset, int length) {
      int limit = buffer.limit();
      int position = buffer.position();
      buffer.limit(offset + length).position(offset);
      crc.update(buffer);
      buffer.limit(limit).position(position);
      return (int) crc.getValue();
    }
  }

  /**
   * Completes the frame that starts at {@code offset}: its body lies in the buffer already, up to
   * the buffer's position. Pads it, fills in the header, and leaves the position behind it.
   *
   * @return the frame's checksum
   */
  static int seal(
      ByteBuffer buffer,
      int offset,
      int kind,
      long sequence,
      long position,
      int previousCrc,
      int forcedBytes,
      Checksums checksums) {
    int bodyBytes = buffer.position() - offset - HEADER_BYTES;
    int paddedBytes = (int) aligned(bodyBytes);
    for (int i = bodyBytes; i < paddedBytes; i++) {
      buffer.put((byte) 0);
    }
    buffer.putInt(offset, bodyBytes);
    buffer.putInt(offset + KIND, kind);
    buffer.putInt(offset + PREVIOUS_CRC, previousCrc);
    buffer.putInt(offset + FORCED_BYTES, forcedBytes);
    buffer.putInt(offset + HEADER_CRC, checksums.ofHeader(sequence, position, buffer, offset));
    int crc = checksums.ofFrame(buffer, offset, paddedBytes);
    buffer.putInt(offset + CRC, crc);
    return crc;
  }
}
