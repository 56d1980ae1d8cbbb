package io.balsa.api;

import io.balsa.data.ByteReader;
import io.balsa.data.ByteWriter;
import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import java.util.Base64;

/**
 * Where the next page of a range begins: opaque to clients.
 *
 * @param revision all pages show the store at this one
 * @param count of the whole range
 * @param prefix of the whole range
 * @param last the key that ended the page before
 */
public record PageToken(long revision, long count, Bytes prefix, Bytes last) {
  private static final int FORMAT = 1;

  public String encode() {
    Bytes bytes =
        new ByteWriter(last.length() + 16)
            .u8(FORMAT)
            .varint(revision)
            .varint(count)
            .varint(prefix.length())
            .bytes(last)
            .toBytes();
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.toArray());
  }

  /**
   * Reads a token.
   *
   * @param prefix of the request, which must be that of the first page
   */
  public static PageToken decode(String text, Bytes prefix) {
    try {
      ByteReader reader = new ByteReader(Bytes.wrap(Base64.getUrlDecoder().decode(text)));
      int format = reader.u8();
      long revision = reader.varint();
      long count = reader.varint();
      long prefixLength = reader.varint();
      Bytes last = reader.bytes();
      reader.expectEnd();
      boolean good =
          format == FORMAT && revision > 0 && count >= 0 && last.length() <= Keys.BYTES_MAX;
      if (good && prefixLength == prefix.length() && last.startsWith(prefix)) {
        return new PageToken(revision, count, prefix, last);
      }
    } catch (IllegalArgumentException | MalformedException e) {
      // Not one of ours: told below.
    }
    throw ProblemException.invalid(
        "after: found " + Problem.quote(text) + ", expected the next of a page of the same prefix");
  }
}
