package io.balsa.client.link;

import io.vertx.core.buffer.Buffer;

/** Bytes as a part of a path or a query (RFC 3986 §2.1). */
final class PercentEncoding {
  private static final char[] DIGITS = "0123456789ABCDEF".toCharArray();

  private PercentEncoding() {}

  /**
   * Text from which a server gets exactly these bytes. Full stops are escaped as well: a segment
   * that looks like {@code ..} may be removed on the way.
   */
  static String encode(Buffer bytes) {
    int length = bytes.length();
    StringBuilder text = new StringBuilder(length + 16);
    for (int i = 0; i < length; i++) {
      int b = bytes.getUnsignedByte(i);
      if (b >= 'a' && b <= 'z'
          || b >= 'A' && b <= 'Z'
          || b >= '0' && b <= '9'
          || b == '-'
          || b == '_') {
        text.append((char) b);
      } else {
        text.append('%').append(DIGITS[b >> 4]).append(DIGITS[b & 0xf]);
      }
    }
    return text.toString();
  }

  /** The same for the UTF-8 form of a text. */
  static String encode(String text) {
    return encode(Buffer.buffer(text));
  }
}
