package io.balsa.mvcc;

import io.balsa.data.Bytes;

/**
 * A rolling hash over all effects of all commands in their order, to find members that diverged.
 * Not secure against a forger: it guards against bugs and broken memory.
 */
final class StateHash {
  // Odd, with about half of their bits set: the multiplications lose nothing and mix well.
  private static final long FIRST = 0x9E3779B97F4A7C15L;
  private static final long SECOND = 0xD6E8FEB86659FD93L;

  private long value;

  /** The hash of everything added so far; 0 of nothing. */
  long value() {
    return value;
  }

  void restore(long value) {
    this.value = value;
  }

  StateHash add(long word) {
    long mixed = (value ^ word) * FIRST;
    value = (mixed ^ (mixed >>> 32)) * SECOND + 1;
    return this;
  }

  StateHash add(Bytes bytes) {
    int length = bytes.length();
    add(length);
    int at = 0;
    for (; at <= length - Long.BYTES; at += Long.BYTES) {
      add(bytes.longAt(at));
    }
    long rest = 0;
    for (int shift = 0; at < length; at++, shift += Byte.SIZE) {
      rest |= (long) bytes.at(at) << shift;
    }
    return add(rest);
  }
}
