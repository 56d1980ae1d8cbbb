package io.balsa.data;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * An immutable byte string with content equality and unsigned lexicographic order, the order of
 * keys in etcd. Safe to share between threads.
 */
public final class Bytes implements Comparable<Bytes> {
  /** The empty byte string. */
  public static final Bytes EMPTY = new Bytes(new byte[0]);

  private final byte[] array;
  private int hash; // Zero until computed; racing threads compute the same value.

  private Bytes(byte[] array) {
    this.array = array;
  }

  /** Takes over {@code array}, which the caller must not change afterwards. */
  public static Bytes wrap(byte[] array) {
    return array.length == 0 ? EMPTY : new Bytes(array);
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

  /** The number of bytes. */
  public int length() {
    return array.length;
  }

  /** Whether there are no bytes. */
  public boolean isEmpty() {
    return array.length == 0;
  }

  /** The byte at {@code index}, counted from 0, as 0 to 255. */
  public int at(int index) {
    return array[index] & 0xff;
  }

  /** A fresh array of the bytes, the caller's to keep. */
  public byte[] toArray() {
    return array.clone();
  }

  /** The bytes without a copy, for handing to IO; the caller must not change them. */
  public byte[] unsafeArray() {
    return array;
  }

  /** Whether the first bytes are those of {@code prefix}. */
  public boolean startsWith(Bytes prefix) {
    return array.length >= prefix.array.length
        && Arrays.equals(array, 0, prefix.array.length, prefix.array, 0, prefix.array.length);
  }

  /** These bytes followed by one more. */
  public Bytes append(int value) {
    byte[] longer = Arrays.copyOf(array, array.length + 1);
    longer[array.length] = (byte) value;
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
              .decode(ByteBuffer.wrap(array));
      return Optional.of(text.toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }

  @Override
  public int compareTo(Bytes other) {
    return Arrays.compareUnsigned(array, other.array);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bytes that && Arrays.equals(array, that.array);
  }

  @Override
  public int hashCode() {
    int result = hash;
    if (result == 0) {
      result = Arrays.hashCode(array);
      hash = result;
    }
    return result;
  }

  /** Text where it is printable UTF-8, else {@code 0x} and hexadecimal digits: for messages. */
  @Override
  public String toString() {
    return asUtf8()
        .filter(text -> text.chars().noneMatch(Character::isISOControl))
        .orElseGet(() -> "0x" + HexFormat.of().formatHex(array));
  }
}
