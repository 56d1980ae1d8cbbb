package io.balsa.api.http;

import io.balsa.api.HexId;
import io.balsa.data.Bytes;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * Writes JSON text in UTF-8, and raw text between documents. What was written can be taken away at
 * any time, also in the middle of a document, so that a long one can be sent in parts.
 */
final class JsonWriter {
  private static final int ROOM_BYTES = 256;
  private static final int KEPT_BYTES_MAX = 64 << 10;
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final Base64.Encoder BASE64 = Base64.getEncoder();

  private byte[] bytes = new byte[ROOM_BYTES];
  private int size;
  private boolean comma; // Whether a value stands before this place in its object or array.

  /** The number of bytes that {@link #take} would give. */
  int size() {
    return size;
  }

  /** What was written since the last time. */
  Buffer take() {
    Buffer taken = Buffer.buffer(size).appendBytes(bytes, 0, size);
    size = 0;
    if (bytes.length > KEPT_BYTES_MAX) {
      bytes = new byte[ROOM_BYTES]; // One long value must not stay behind in every open stream.
    }
    return taken;
  }

  /** Text as it is, outside of any document. */
  void raw(String text) {
    append(text.getBytes(StandardCharsets.UTF_8));
    comma = false;
  }

  void object() {
    open('{');
  }

  void object(String name) {
    field(name);
    open('{');
  }

  void endObject() {
    close('}');
  }

  void array(String name) {
    field(name);
    open('[');
  }

  void endArray() {
    close(']');
  }

  void number(String name, long value) {
    field(name);
    append(Long.toString(value).getBytes(StandardCharsets.ISO_8859_1));
    comma = true;
  }

  void flag(String name, boolean value) {
    field(name);
    append((value ? "true" : "false").getBytes(StandardCharsets.ISO_8859_1));
    comma = true;
  }

  void absent(String name) {
    field(name);
    append("null".getBytes(StandardCharsets.ISO_8859_1));
    comma = true;
  }

  void text(String name, String value) {
    field(name);
    quoted(Bytes.utf8(value));
    comma = true;
  }

  /** An element of an array. */
  void text(String value) {
    separate();
    quoted(Bytes.utf8(value));
    comma = true;
  }

  /** An element of an array: well-formed UTF-8. */
  void text(Bytes value) {
    separate();
    quoted(value);
    comma = true;
  }

  void id(String name, long id) {
    text(name, HexId.format(id));
  }

  /** Text where the bytes are UTF-8, else base64 in a field of that name with Base64 behind it. */
  void bytes(String name, Bytes value) {
    if (isText(value)) {
      field(name);
      quoted(value);
    } else {
      field(name + "Base64");
      quotedBase64(value);
    }
    comma = true;
  }

  /** An element of an array: base64. */
  void base64(Bytes value) {
    separate();
    quotedBase64(value);
    comma = true;
  }

  static boolean isText(Bytes value) {
    for (int i = 0; i < value.length(); i++) {
      if (value.at(i) > 0x7f) {
        return value.asUtf8().isPresent();
      }
    }
    return true;
  }

  private void quotedBase64(Bytes value) {
    reserve(value.length() / 3 * 4 + 6);
    bytes[size++] = '"';
    append(BASE64.encode(value.toArray()));
    reserve(1);
    bytes[size++] = '"';
  }

  /** Well-formed UTF-8 in quotes: only controls, quotes and backslashes need an escape. */
  private void quoted(Bytes utf8) {
    reserve(utf8.length() + 2);
    bytes[size++] = '"';
    for (int i = 0; i < utf8.length(); i++) {
      byte b = (byte) utf8.at(i);
      if (b >= 0 && b < ' ' || b == '"' || b == '\\') {
        escape(b);
      } else {
        reserve(1);
        bytes[size++] = b;
      }
    }
    reserve(1);
    bytes[size++] = '"';
  }

  private void escape(byte b) {
    reserve(6);
    bytes[size++] = '\\';
    switch (b) {
      case '"', '\\' -> bytes[size++] = b;
      case '\n' -> bytes[size++] = 'n';
      case '\r' -> bytes[size++] = 'r';
      case '\t' -> bytes[size++] = 't';
      default -> {
        bytes[size++] = 'u';
        bytes[size++] = '0';
        bytes[size++] = '0';
        bytes[size++] = HEX[b >> 4];
        bytes[size++] = HEX[b & 0xf];
      }
    }
  }

  private void field(String name) {
    separate();
    quoted(Bytes.utf8(name));
    reserve(1);
    bytes[size++] = ':';
    comma = false;
  }

  private void open(char bracket) {
    separate();
    reserve(1);
    bytes[size++] = (byte) bracket;
    comma = false;
  }

  private void close(char bracket) {
    reserve(1);
    bytes[size++] = (byte) bracket;
    comma = true;
  }

  private void separate() {
    if (comma) {
      reserve(1);
      bytes[size++] = ',';
    }
  }

  private void append(byte[] more) {
    reserve(more.length);
    System.arraycopy(more, 0, bytes, size, more.length);
    size += more.length;
  }

  private void reserve(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
    }
  }
}
