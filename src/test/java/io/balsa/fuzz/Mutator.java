package io.balsa.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;

/**
 * Makes hostile inputs: valid samples and earlier inputs that were accepted, changed once or a few
 * times, and now and then bytes that mean nothing. All from one {@link Random}.
 */
final class Mutator {
  private static final int KEPT_MAX = 500;
  private static final int CHANGES_MAX = 6;
  private static final int BYTES_MAX = 64 << 10;

  /** Lengths and counts that lie, and numbers at the edges, in the forms that our formats use. */
  private static final List<byte[]> NUMBERS =
      List.of(
          varint(0x7f),
          varint(0x80),
          varint(0xffff),
          varint(Integer.MAX_VALUE),
          varint(0x8000_0000L),
          varint(0xffff_ffffL),
          varint(Long.MAX_VALUE),
          varint(Long.MIN_VALUE),
          varint(-1),
          bytes(0xff, 0xff, 0xff, 0x7f),
          bytes(0x00, 0x00, 0x00, 0x80),
          bytes(0xff, 0xff, 0xff, 0xff),
          bytes(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01));

  private final Random random;
  private final Function<Random, byte[]> samples;
  private final List<byte[]> words = new ArrayList<>(NUMBERS);
  private final List<byte[]> kept = new ArrayList<>();

  /**
   * @param samples draws a valid input
   * @param words pieces that mean something in the format
   */
  Mutator(Random random, Function<Random, byte[]> samples, List<String> words) {
    this.random = random;
    this.samples = samples;
    words.forEach(word -> this.words.add(word.getBytes(StandardCharsets.UTF_8)));
  }

  /** The next input. */
  byte[] next() {
    if (random.nextInt(16) == 0) {
      return noise(random.nextInt(200));
    }
    byte[] input = base();
    int changes = random.nextBoolean() ? 1 : 1 + random.nextInt(CHANGES_MAX);
    for (int i = 0; i < changes; i++) {
      input = change(input);
    }
    return input.length <= BYTES_MAX ? input : Arrays.copyOf(input, BYTES_MAX);
  }

  /** Takes an input that was accepted as one to begin with. */
  void keep(byte[] input) {
    if (kept.size() < KEPT_MAX) {
      kept.add(input);
    } else {
      kept.set(random.nextInt(KEPT_MAX), input);
    }
  }

  private byte[] base() {
    return kept.isEmpty() || random.nextInt(3) == 0
        ? samples.apply(random)
        : kept.get(random.nextInt(kept.size()));
  }

  private byte[] change(byte[] input) {
    int at = random.nextInt(input.length + 1);
    int length = random.nextInt(Math.min(input.length - at, 64) + 1);
    return switch (random.nextInt(10)) {
      case 0 -> flip(input);
      case 1 -> overwrite(input, at, noise(1 + random.nextInt(4)));
      case 2 -> Arrays.copyOf(input, at);
      case 3 -> splice(input, at, 0, noise(1 + random.nextInt(8)));
      case 4 -> splice(input, at, length, new byte[0]);
      case 5 -> overwrite(input, at, word());
      case 6 -> splice(input, at, random.nextInt(2) * length, word());
      case 7 -> splice(input, at, 0, repeated(Arrays.copyOfRange(input, at, at + length)));
      case 8 -> join(Arrays.copyOf(input, at), base());
      default -> overwrite(input, at, Arrays.copyOfRange(input, at / 2, at / 2 + length));
    };
  }

  private byte[] flip(byte[] input) {
    if (input.length == 0) {
      return input;
    }
    byte[] flipped = input.clone();
    flipped[random.nextInt(input.length)] ^= (byte) (1 << random.nextInt(8));
    return flipped;
  }

  /** Often twice, seldom as often as there is room for. */
  private byte[] repeated(byte[] part) {
    int times = random.nextInt(50) > 0 ? 1 + random.nextInt(4) : BYTES_MAX / (part.length + 1);
    byte[] all = new byte[part.length * times];
    for (int i = 0; i < times; i++) {
      System.arraycopy(part, 0, all, i * part.length, part.length);
    }
    return all;
  }

  /** What stands behind the place where another input begins to stand. */
  private byte[] join(byte[] head, byte[] other) {
    int from = random.nextInt(other.length + 1);
    return splice(head, head.length, 0, Arrays.copyOfRange(other, from, other.length));
  }

  private byte[] word() {
    return words.get(random.nextInt(words.size()));
  }

  private byte[] noise(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] overwrite(byte[] input, int at, byte[] with) {
    return splice(input, at, Math.min(with.length, input.length - at), with);
  }

  private static byte[] splice(byte[] input, int at, int removed, byte[] with) {
    byte[] changed = new byte[input.length - removed + with.length];
    System.arraycopy(input, 0, changed, 0, at);
    System.arraycopy(with, 0, changed, at, with.length);
    System.arraycopy(input, at + removed, changed, at + with.length, input.length - at - removed);
    return changed;
  }

  private static byte[] varint(long value) {
    byte[] bytes = new byte[10];
    int size = 0;
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
    return Arrays.copyOf(bytes, size);
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }
}
