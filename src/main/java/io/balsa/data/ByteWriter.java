package io.balsa.data;

import java.util.Arrays;

/**
 * Grows a byte array: the writing half of all of our own binary formats. Numbers are unsigned
 * little-endian base-128 varints unless fixed; byte strings and lists have their length in front.
 * One thread only.
 */
public final class ByteWriter {
  private byte[] buffer;
  private int size;

  /** Starts empty, with room for {@code capacity} bytes before it must grow. */
  public ByteWriter(int capacity) {
    this.buffer = new byte[Math.max(16, capacity)];
  }

  /** One byte, 0 to 255. */
  public ByteWriter u8(int value) {
    ensure(1);
    buffer[size++] = (byte) value;
    return this;
  }

  /** One byte, 0 or 1. */
  public ByteWriter bool(boolean value) {
    return u8(value ? 1 : 0);
  }

  /** Eight bytes, little-endian. */
  public ByteWriter fixed64(long value) {
    ensure(8);
    for (int i = 0; i < 8; i++) {
      buffer[size++] = (byte) (value >>> (8 * i));
    }
    return this;
  }

  /** Four bytes, little-endian. */
  public ByteWriter fixed32(int value) {
    ensure(4);
    for (int i = 0; i < 4; i++) {
      buffer[size++] = (byte) (value >>> (8 * i));
    }
    return this;
  }

  /** One to ten bytes; small non-negative numbers take the fewest. */
  public ByteWriter varint(long value) {
    ensure(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      buffer[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    buffer[size++] = (byte) rest;
    return this;
  }

  /** How many bytes a varint takes. */
  public static int varintBytes(long value) {
    return (Long.SIZE - Long.numberOfLeadingZeros(value | 1) + 6) / 7;
  }

  /** The length as a varint, then the bytes. */
  public ByteWriter bytes(Bytes value) {
    return varint(value.length()).raw(value);
  }

  /** The UTF-8 form of {@code text} as {@link #bytes}. */
  public ByteWriter text(String text) {
    return bytes(Bytes.utf8(text));
  }

  /** The bytes alone. */
  public ByteWriter raw(Bytes value) {
    ensure(value.length());
    value.copyTo(buffer, size);
    size += value.length();
    return this;
  }

  /** The bytes alone. */
  public ByteWriter raw(byte[] source, int offset, int length) {
    ensure(length);
    System.arraycopy(source, offset, buffer, size, length);
    size += length;
    return this;
  }

  /** The number of bytes written. */
  public int size() {
    return size;
  }

  /** Forgets everything written, but keeps the room. */
  public void clear() {
    size = 0;
  }

  /** Everything written, as a copy. */
  public Bytes toBytes() {
    return Bytes.copyOf(buffer, 0, size);
  }

  /**
   * Everything written; the writer must not be used afterwards. A copy only where much room is
   * left.
   */
  public Bytes finish() {
    return Bytes.wrap(buffer).slice(0, size);
  }

  /** Everything written; the writer must not be used afterwards. Copies only where it must. */
  public byte[] toArray() {
    return size == buffer.length ? buffer : Arrays.copyOf(buffer, size);
  }

  private void ensure(int extra) {
    if (buffer.length - size < extra) {
      buffer = Arrays.copyOf(buffer, Math.max(Math.addExact(size, extra), buffer.length * 2));
    }
  }
}
