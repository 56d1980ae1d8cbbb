package io.balsa.api.etcd;

import io.balsa.api.etcd.StatusException.Code;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;

/** Cuts bytes that come piece by piece into the JSON objects that they are one after the other. */
final class JsonObjects {
  private final InBytes in = new InBytes();
  private int scanned;
  private int depth;
  private boolean quoted;
  private boolean escaped;

  void feed(Buffer piece) {
    in.add(piece);
  }

  /** How many bytes are of no object that was polled. */
  int unread() {
    return in.length();
  }

  /**
   * The next object; null if it is not there as a whole.
   *
   * @throws StatusException if something else than an object begins
   */
  String poll() {
    while (scanned < in.length()) {
      byte next = in.at(scanned);
      if (depth == 0 && next != '{') {
        skipSpace(next);
      } else {
        scanned++;
        if (isEnd(next)) {
          String object = new String(in.take(scanned), StandardCharsets.UTF_8);
          scanned = 0;
          return object;
        }
      }
    }
    return null;
  }

  private void skipSpace(byte next) {
    if (next != ' ' && next != '\n' && next != '\r' && next != '\t') {
      throw new StatusException(
          Code.UNKNOWN,
          "invalid character '%c' looking for beginning of value".formatted(next & 0xff));
    }
    in.skip(1);
  }

  /** Whether the byte is the last one of an object. */
  private boolean isEnd(byte next) {
    if (escaped) {
      escaped = false;
    } else if (quoted) {
      escaped = next == '\\';
      quoted = next != '"';
    } else if (next == '"') {
      quoted = true;
    } else if (next == '{') {
      depth++;
    } else if (next == '}') {
      depth--;
      return depth == 0;
    }
    return false;
  }
}
