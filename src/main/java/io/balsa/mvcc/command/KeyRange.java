package io.balsa.mvcc.command;

import io.balsa.data.Bytes;
import java.util.Arrays;

/**
 * The keys from {@code key} on and below {@code end}, in unsigned order, in etcd's convention.
 *
 * @param key the first key; empty only in a range
 * @param end {@link #SINGLE}: only {@code key}; {@link #UNBOUNDED}: no upper end; else exclusive
 */
public record KeyRange(Bytes key, Bytes end) {
  /** As {@code end}: the one key. */
  public static final Bytes SINGLE = Bytes.EMPTY;

  /** As {@code end}: all keys from {@code key} on. */
  public static final Bytes UNBOUNDED = Bytes.wrap(new byte[] {0});

  /** Every key. */
  public static final KeyRange ALL = new KeyRange(UNBOUNDED, UNBOUNDED);

  /** The one key. */
  public static KeyRange of(Bytes key) {
    return new KeyRange(key, SINGLE);
  }

  /** Every key that starts with {@code prefix}; every key if that is empty. */
  public static KeyRange prefix(Bytes prefix) {
    if (prefix.isEmpty()) {
      return ALL;
    }
    byte[] end = prefix.toArray();
    for (int last = end.length - 1; last >= 0; last--) {
      if (end[last] != (byte) 0xff) {
        end[last]++;
        return new KeyRange(prefix, Bytes.wrap(Arrays.copyOf(end, last + 1)));
      }
    }
    return new KeyRange(prefix, UNBOUNDED); // All 0xff: nothing sorts behind the prefix.
  }

  /** Whether this names one key. */
  public boolean isSingle() {
    return end.isEmpty();
  }

  /** Whether there is no upper end. */
  public boolean isUnbounded() {
    return end.equals(UNBOUNDED);
  }

  /** Whether {@code candidate} lies in the range. */
  public boolean contains(Bytes candidate) {
    if (isSingle()) {
      return candidate.equals(key);
    }
    return candidate.compareTo(key) >= 0 && (isUnbounded() || candidate.compareTo(end) < 0);
  }
}
