package io.balsa.cluster;

import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * Reads {@code text/event-stream} as it comes in, by the rules of the HTML standard. Bytes only in
 * part received are never taken for an event.
 */
final class ServerSentEvents {
  private final InputStream in;
  private final byte[] buffer = new byte[65_536];
  private int position;
  private int limit;

  ServerSentEvents(InputStream in) {
    this.in = in;
  }

  /**
   * One event.
   *
   * @param id null if the event has none
   */
  record Event(String id, String type, String data) {
    JsonObject json() {
      return new JsonObject(data);
    }
  }

  /**
   * The next event; waits for it.
   *
   * @return null at the end of the stream, whether or not it was reached in the middle of an event
   */
  Event next() throws IOException {
    String id = null;
    String type = "message";
    StringBuilder data = new StringBuilder();
    while (true) {
      String line = line();
      if (line == null) {
        return null;
      }
      if (line.isEmpty()) {
        if (!data.isEmpty()) {
          return new Event(id, type, data.substring(0, data.length() - 1));
        }
        id = null;
        type = "message";
        continue;
      }
      int colon = line.indexOf(':');
      String field = colon < 0 ? line : line.substring(0, colon);
      String value = colon < 0 ? "" : line.substring(colon + 1);
      if (value.startsWith(" ")) {
        value = value.substring(1);
      }
      switch (field) {
        case "id" -> id = value;
        case "event" -> type = value;
        case "data" -> data.append(value).append('\n');
        default -> {} // A comment, which begins with a colon, or a field that the standard ignores.
      }
    }
  }

  /** One line without its end, or null if the stream ends before that. */
  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    while (true) {
      if (position == limit) {
        position = 0;
        limit = Math.max(0, in.read(buffer));
        if (limit == 0) {
          return null;
        }
      }
      int start = position;
      while (position < limit && buffer[position] != '\n') {
        position++;
      }
      line.write(buffer, start, position - start);
      if (position < limit) {
        position++;
        String text = line.toString(StandardCharsets.UTF_8);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
      }
    }
  }

  /** The body of a response in chunks (RFC 9112 §7.1). */
  static final class Chunks extends InputStream {
    private final InputStream in;
    private long left;
    private boolean ended;

    Chunks(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (left == 0 && !ended) {
        left = Long.parseLong(headerLine(in).split(";")[0].strip(), 16);
        ended = left == 0;
      }
      if (ended) {
        return -1;
      }
      int count = in.read(bytes, offset, (int) Math.min(length, left));
      if (count < 0) {
        throw new EOFException("the connection ended within a chunk");
      }
      left -= count;
      if (left == 0 && !headerLine(in).isEmpty()) {
        throw new IOException("a chunk is longer than its size says");
      }
      return count;
    }
  }

  /** One line of a header, ended by CR LF. */
  static String headerLine(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    while (true) {
      int c = in.read();
      if (c < 0) {
        throw new EOFException("the connection ended within a header: " + line);
      }
      if (c == '\n') {
        return line.toString();
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
  }
}
