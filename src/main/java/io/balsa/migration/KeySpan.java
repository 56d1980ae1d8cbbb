package io.balsa.migration;

import com.google.protobuf.ByteString;

/**
 * The keys that a migration is about, in etcd's convention.
 *
 * @param end exclusive; one zero byte for no end
 */
record KeySpan(ByteString key, ByteString end) {
  private static final ByteString ZERO = ByteString.copyFrom(new byte[1]);

  /** Every key that begins so; every key if {@code prefix} is empty. */
  static KeySpan of(ByteString prefix) {
    for (int i = prefix.size() - 1; i >= 0; i--) {
      int last = prefix.byteAt(i) & 0xff;
      if (last != 0xff) {
        ByteString next = ByteString.copyFrom(new byte[] {(byte) (last + 1)});
        return new KeySpan(prefix, prefix.substring(0, i).concat(next));
      }
    }
    return new KeySpan(prefix.isEmpty() ? ZERO : prefix, ZERO);
  }

  /** What of it lies behind {@code last}. */
  KeySpan after(ByteString last) {
    return new KeySpan(last.concat(ZERO), end);
  }
}
