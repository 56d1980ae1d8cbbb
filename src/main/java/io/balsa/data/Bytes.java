package io.balsa.data;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;

/**
 * An immutable byte string with content equality and unsigned lexicographic order, the order of
 * keys in etcd. Safe to share between threads.
 */
public final class Bytes implements Comparable<Bytes> {
  /** The empty byte string. */
  public static final Bytes EMPTY = new Bytes(new byte[0], 0, 0);

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] array;
  private final int offset;
  private final int length;

  private Bytes(byte[] array, int offset, int length) {
    this.array = array;
    this.offset = offset;
    this.length = length;
  }

  /** Takes over {@code array}, which the caller must not change afterwards. */
  public static Bytes wrap(byte[] array) {
    return array.length == 0 ? EMPTY : new Bytes(array, 0, array.length);
  }

  /** A copy of {@code array}. */
  public static Bytes copyOf(byte[] array) {
    return wrap(array.clone());
  }

  /** A copy of {@code length} bytes of {@code array} from {@code offset} on. */
  public static Bytes copyOf(byte[] array, int offset, int length) {
    return wrap(Arrays.copyOfRange(array, offset, offset + length));
  }

  /** The UTF-8 form of {@code text}. */
  public static Bytes utf8(String text) {
    return wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The {@code count} bytes from {@code from} on. They stay where they are if they are at least
   * half of what is in memory there, and are copied otherwise: no small part keeps a large whole
   * alive.
   */
  public Bytes slice(int from, int count) {
    Objects.checkFromIndexSize(from, count, length);
    if (count == 0) {
      return EMPTY;
    }
    return count >= array.length / 2
        ? new Bytes(array, offset + from, count)
        : copyOf(array, offset + from, count);
  }

  /** The number of bytes. */
  public int length() {
    return length;
  }

  /** Whether there are no bytes. */
  public boolean isEmpty() {
    return length == 0;
  }

  /** The byte at {@code index}, counted from 0, as 0 to 255. */
  public int at(int index) {
    return array[offset + Objects.checkIndex(index, length)] & 0xff;
  }

  /** The eight bytes from {@code index} on as a number, the lowest first. */
  public long longAt(int index) {
    Objects.checkFromIndexSize(index, Long.BYTES, length);
    return (long) LONGS.get(array, offset + index);
  }

  /** A fresh array of the bytes, the caller's to keep. */
  public byte[] toArray() {
    return Arrays.copyOfRange(array, offset, offset + length);
  }

  /** Puts the bytes into {@code target}, from {@code at} on. */
  public void copyTo(byte[] target, int at) {
    System.arraycopy(array, offset, target, at, length);
  }

  /**
   * The bytes without a copy, for handing to IO: a fresh buffer with an array, whose content the
   * caller must not change.
   */
  public ByteBuffer unsafeBuffer() {
    return ByteBuffer.wrap(array, offset, length);
  }

  /** Whether the first bytes are those of {@code prefix}. */
  public boolean startsWith(Bytes prefix) {
    return length >= prefix.length
        && Arrays.equals(
            array,
            offset,
            offset + prefix.length,
            prefix.array,
            prefix.offset,
            prefix.offset + prefix.length);
  }

  /** These bytes followed by one more. */
  public Bytes append(int value) {
    byte[] longer = new byte[length + 1];
    copyTo(longer, 0);
    longer[length] = (byte) value;
    return wrap(longer);
  }

  /** These bytes followed by others. */
  public Bytes append(Bytes others) {
    if (isEmpty()) {
      return others;
    }
    byte[] longer = new byte[Math.addExact(length, others.length)];
    copyTo(longer, 0);
    others.copyTo(longer, length);
    return wrap(longer);
  }

  /** The text where the bytes are well-formed UTF-8, otherwise empty. */
  public Optional<String> asUtf8() {
    try {
      CharBuffer text =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(unsafeBuffer());
      return Optional.of(text.toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }

  @Override
  public int compareTo(Bytes other) {
    return Arrays.compareUnsigned(
        array, offset, offset + length, other.array, other.offset, other.offset + other.length);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bytes that
        && Arrays.equals(
            array, offset, offset + length, that.array, that.offset, that.offset + that.length);
  }

  @Override
  public int hashCode() {
    int result = 1;
    for (int i = offset; i < offset + length; i++) {
      result = 31 * result + array[i];
    }
    return result;
  }

  /** Text where it is printable UTF-8, else {@code 0x} and hexadecimal digits: for messages. */
  @Override
  public String toString() {
    return asUtf8()
        .filter(text -> text.chars().noneMatch(Character::isISOControl))
        .orElseGet(() -> "0x" + HexFormat.of().formatHex(array, offset, offset + length));
  }
}
