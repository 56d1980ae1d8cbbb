package io.balsa.api.etcd;

import io.balsa.data.Bytes;
import java.nio.charset.StandardCharsets;

/**
 * Writes a protobuf message from its end to its beginning, so that the length of what is nested is
 * known when it is to be written, in one pass. The caller writes fields in descending order.
 *
 * <p>As in proto3, a field that has its default is left out.
 */
final class BackwardWriter {
  private static final int VARINT_BYTES_MAX = 10;
  private static final int VARINT = 0;
  private static final int LENGTH_DELIMITED = 2;

  private byte[] array;
  private int start; // What is written stands from here to the end.

  /**
   * An empty message.
   *
   * @param capacity grows where it is not enough
   */
  BackwardWriter(int capacity) {
    this.array = new byte[capacity];
    this.start = capacity;
  }

  /** How many bytes are written. */
  int length() {
    return array.length - start;
  }

  BackwardWriter number(int field, long value) {
    if (value != 0) {
      reserve(2 * VARINT_BYTES_MAX);
      varint(value);
      tag(field, VARINT);
    }
    return this;
  }

  BackwardWriter flag(int field, boolean value) {
    return number(field, value ? 1 : 0);
  }

  BackwardWriter bytes(int field, Bytes value) {
    return value.isEmpty() ? this : element(field, value);
  }

  /** As {@link #bytes}, for an element of a list, which stands there even if it is empty. */
  BackwardWriter element(int field, Bytes value) {
    int length = value.length();
    reserve(length + 2 * VARINT_BYTES_MAX);
    start -= length;
    value.copyTo(array, start);
    varint(length);
    tag(field, LENGTH_DELIMITED);
    return this;
  }

  BackwardWriter text(int field, String value) {
    return bytes(field, Bytes.wrap(value.getBytes(StandardCharsets.UTF_8)));
  }

  /** What was written since {@link #length} was {@code before} becomes a message in a field. */
  BackwardWriter message(int field, int before) {
    int length = length() - before;
    reserve(2 * VARINT_BYTES_MAX);
    varint(length);
    tag(field, LENGTH_DELIMITED);
    return this;
  }

  /** Puts bytes in front that are no field. */
  BackwardWriter raw(byte... value) {
    reserve(value.length);
    start -= value.length;
    System.arraycopy(value, 0, array, start, value.length);
    return this;
  }

  /** The array whose last {@link #length} bytes are the message. */
  byte[] array() {
    return array;
  }

  /** A copy of the message. */
  byte[] toArray() {
    return java.util.Arrays.copyOfRange(array, start, array.length);
  }

  private void tag(int field, int type) {
    varint((long) field << 3 | type);
  }

  private void varint(long value) {
    int length = 1;
    for (long rest = value >>> 7; rest != 0; rest >>>= 7) {
      length++;
    }
    start -= length;
    long rest = value;
    for (int i = 0; i < length - 1; i++) {
      array[start + i] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    array[start + length - 1] = (byte) rest;
  }

  private void reserve(int bytes) {
    if (start < bytes) {
      int written = length();
      byte[] larger = new byte[Math.max(2 * array.length, written + bytes)];
      System.arraycopy(array, start, larger, larger.length - written, written);
      array = larger;
      start = larger.length - written;
    }
  }
}
