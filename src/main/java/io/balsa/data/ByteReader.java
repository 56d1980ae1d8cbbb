package io.balsa.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Reads what {@link ByteWriter} wrote. Every method checks its bounds: hostile input ends in a
 * {@link MalformedException}, never in another exception or a large allocation. One thread only.
 */
public final class ByteReader {
  private final Bytes source; // Null where the caller may change the array.
  private final byte[] buffer;
  private final int start;
  private final int end;
  private int position;

  /** Reads all of {@code bytes}. */
  public ByteReader(Bytes bytes) {
    this(bytes, bytes.unsafeBuffer());
  }

  private ByteReader(Bytes source, ByteBuffer buffer) {
    this.source = source;
    this.buffer = buffer.array();
    this.start = buffer.position();
    this.position = start;
    this.end = buffer.limit();
  }

  /** Reads {@code length} bytes of {@code buffer} from {@code offset} on. */
  public ByteReader(byte[] buffer, int offset, int length) {
    this.source = null;
    this.buffer = buffer;
    this.start = offset;
    this.position = offset;
    this.end = offset + length;
  }

  /** One byte, 0 to 255. */
  public int u8() throws MalformedException {
    need(1);
    return buffer[position++] & 0xff;
  }

  /** One byte, which must be 0 or 1. */
  public boolean bool() throws MalformedException {
    int value = u8();
    if (value > 1) {
      throw new MalformedException("boolean must be 0 or 1: " + value);
    }
    return value == 1;
  }

  /** Eight bytes, little-endian. */
  public long fixed64() throws MalformedException {
    need(8);
    long value = 0;
    for (int i = 0; i < 8; i++) {
      value |= (buffer[position++] & 0xffL) << (8 * i);
    }
    return value;
  }

  /** Four bytes, little-endian. */
  public int fixed32() throws MalformedException {
    need(4);
    int value = 0;
    for (int i = 0; i < 4; i++) {
      value |= (buffer[position++] & 0xff) << (8 * i);
    }
    return value;
  }

  /** A varint of at most ten bytes. */
  public long varint() throws MalformedException {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int next = u8();
      value |= (next & 0x7fL) << shift;
      if (next < 0x80) {
        return value;
      }
    }
    throw new MalformedException("varint longer than ten bytes");
  }

  /**
   * A varint that counts things which follow, each of at least {@code bytesEach} bytes, so that a
   * false count cannot make the reader allocate more than the input is long.
   */
  public int count(int bytesEach) throws MalformedException {
    long value = varint();
    if (value < 0 || value > remaining() / Math.max(1, bytesEach)) {
      throw new MalformedException(
          "count larger than the input: " + Long.toUnsignedString(value) + " > " + remaining());
    }
    return (int) value;
  }

  /** A byte string with its length in front; see {@link Bytes#slice} for when it is a copy. */
  public Bytes bytes() throws MalformedException {
    int length = count(1);
    Bytes value =
        source == null
            ? Bytes.copyOf(buffer, position, length)
            : source.slice(position - start, length);
    position += length;
    return value;
  }

  /** A UTF-8 text with its length in front. */
  public String text() throws MalformedException {
    int length = count(1);
    String value = new String(buffer, position, length, StandardCharsets.UTF_8);
    position += length;
    return value;
  }

  /** The number of bytes not read yet. */
  public int remaining() {
    return end - position;
  }

  /** Refuses bytes that are left over. */
  public void expectEnd() throws MalformedException {
    if (remaining() != 0) {
      throw new MalformedException("bytes left over: " + remaining());
    }
  }

  private void need(int count) throws MalformedException {
    if (remaining() < count) {
      throw new MalformedException("input ends early: " + remaining() + " of " + count + " bytes");
    }
  }
}
