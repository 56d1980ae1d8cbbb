package io.balsa.api.http;

import io.balsa.api.Problem;
import io.balsa.api.ProblemException;
import io.balsa.data.Bytes;
import java.util.Arrays;

/** Percent-decoding to bytes (RFC 3986 §2.1), without any normalisation. */
final class PercentCoding {
  private PercentCoding() {}

  /**
   * The bytes that {@code text} stands for.
   *
   * @param plusIsSpace as in query strings, not in paths
   * @param what names the text in the refusal of a bad escape
   */
  static Bytes decode(String text, boolean plusIsSpace, String what) {
    int length = text.length();
    byte[] bytes = new byte[length];
    int size = 0;
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c == '%') {
        int high = i + 1 < length ? Character.digit(text.charAt(i + 1), 16) : -1;
        int low = i + 2 < length ? Character.digit(text.charAt(i + 2), 16) : -1;
        if (high < 0 || low < 0) {
          throw ProblemException.invalid(
              what
                  + ": bad escape "
                  + Problem.quote(text.substring(i, Math.min(i + 3, length)))
                  + ", expected % and two hexadecimal digits");
        }
        bytes[size++] = (byte) (high << 4 | low);
        i += 2;
      } else if (c == '+' && plusIsSpace) {
        bytes[size++] = ' ';
      } else {
        // The request line comes as ISO 8859-1: each char is the byte that was sent.
        bytes[size++] = (byte) c;
      }
    }
    return Bytes.wrap(size == length ? bytes : Arrays.copyOf(bytes, size));
  }
}
