package io.balsa.wire;

import io.balsa.data.Bytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Writes protobuf from the end of the buffer to its front, so that the length of a nested message
 * is known when its turn comes and nothing is measured beforehand. The caller therefore writes the
 * last field first. Fields with the default value are left out. One thread only.
 */
final class ProtoWriter {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int DELIMITED = 2;
  private static final int FIXED32 = 5;

  private byte[] buffer;
  private int start;

  /** Starts empty, with room for {@code capacity} bytes before it must grow. */
  ProtoWriter(int capacity) {
    this.buffer = new byte[capacity];
    this.start = capacity;
  }

  /** The number of bytes written: taken before a nested message, it is what closes it. */
  int size() {
    return buffer.length - start;
  }

  /** Closes the nested message that began when the size was {@code sizeBefore}. */
  void nested(int field, int sizeBefore) {
    rawVarint(size() - sizeBefore);
    tag(field, DELIMITED);
  }

  void uint64(int field, long value) {
    if (value != 0) {
      rawVarint(value);
      tag(field, VARINT);
    }
  }

  void bool(int field, boolean value) {
    uint64(field, value ? 1 : 0);
  }

  void fixed64(int field, long value) {
    if (value != 0) {
      rawFixed64(value);
      tag(field, FIXED64);
    }
  }

  void fixed32(int field, int value) {
    if (value != 0) {
      ensure(Integer.BYTES);
      for (int shift = 24; shift >= 0; shift -= 8) {
        buffer[--start] = (byte) (value >>> shift);
      }
      tag(field, FIXED32);
    }
  }

  void bytes(int field, Bytes value) {
    if (!value.isEmpty()) {
      int length = value.length();
      ensure(length);
      start -= length;
      value.copyTo(buffer, start);
      rawVarint(length);
      tag(field, DELIMITED);
    }
  }

  void text(int field, String value) {
    if (!value.isEmpty()) {
      bytes(field, Bytes.utf8(value));
    }
  }

  /** A packed list of fixed64. */
  void fixed64s(int field, List<Long> values) {
    if (values.isEmpty()) {
      return;
    }
    int length = values.size() * Long.BYTES;
    ensure(length);
    start -= length;
    ByteBuffer target = ByteBuffer.wrap(buffer, start, length);
    target.order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      target.putLong(value);
    }
    rawVarint(length);
    tag(field, DELIMITED);
  }

  /** Everything written, without a copy; the writer must not be used afterwards. */
  ByteBuffer toBuffer() {
    return ByteBuffer.wrap(buffer, start, size());
  }

  private void rawFixed64(long value) {
    ensure(Long.BYTES);
    for (int shift = 56; shift >= 0; shift -= 8) {
      buffer[--start] = (byte) (value >>> shift);
    }
  }

  private void tag(int field, int wireType) {
    rawVarint(field << 3 | wireType);
  }

  private void rawVarint(long value) {
    int length = (70 - Long.numberOfLeadingZeros(value | 1)) / 7;
    ensure(length);
    start -= length;
    int at = start;
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      buffer[at++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    buffer[at] = (byte) rest;
  }

  private void ensure(int extra) {
    if (start >= extra) {
      return;
    }
    int size = size();
    byte[] larger = new byte[Math.max(Math.addExact(size, extra), buffer.length * 2)];
    System.arraycopy(buffer, start, larger, larger.length - size, size);
    start = larger.length - size;
    buffer = larger;
  }
}
