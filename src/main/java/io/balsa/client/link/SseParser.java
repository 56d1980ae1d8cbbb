package io.balsa.client.link;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Takes a stream of server-sent events apart, however it is cut into chunks. Lines may end with
 * line feeds, carriage returns or both. Not thread-safe.
 */
final class SseParser {
  private static final String DEFAULT_TYPE = "message";

  private final int eventBytesMax;
  private byte[] bytes = new byte[0]; // Of these, from start to end, the lines not taken yet.
  private int start;
  private int end;
  private int searched; // Up to here there is no end of line.
  private boolean skipLineFeed; // It belongs to the carriage return before it.
  private String id;
  private String type = DEFAULT_TYPE;
  private Buffer data;
  private int eventBytes;

  /**
   * At the beginning of a stream.
   *
   * @param eventBytesMax the longest event that is taken
   */
  SseParser(int eventBytesMax) {
    this.eventBytesMax = eventBytesMax;
  }

  /** Adds the next bytes of the stream. */
  void feed(Buffer chunk) {
    int length = chunk.length();
    if (bytes.length - end < length) {
      int held = end - start;
      int room = Math.max(held + length, Math.min(2 * held, eventBytesMax));
      byte[] roomy = room <= bytes.length ? bytes : new byte[room];
      System.arraycopy(bytes, start, roomy, 0, held);
      bytes = roomy;
      searched -= start;
      start = 0;
      end = held;
    }
    chunk.getBytes(bytes, end);
    end += length;
  }

  /**
   * The next event that is complete, null if there is none yet.
   *
   * @throws IllegalArgumentException if an event is too long; nothing can be read after that
   */
  SseEvent next() {
    while (true) {
      int lineEnd = lineEnd();
      if (eventBytes + lineEnd - start > eventBytesMax) {
        throw new IllegalArgumentException(
            "an event has more than " + eventBytesMax + " bytes, the most that is taken");
      }
      if (lineEnd == end) {
        if (start == end) { // A large event must not leave its memory behind for ever.
          bytes = new byte[0];
          start = 0;
          end = 0;
          searched = 0;
        }
        return null;
      }
      int from = start;
      skipLineFeed = bytes[lineEnd] == '\r';
      start = lineEnd + 1;
      searched = start;
      if (lineEnd > from) {
        eventBytes += lineEnd - from;
        field(from, lineEnd);
      } else {
        SseEvent event = data == null ? null : new SseEvent(id, type, data);
        id = null;
        type = DEFAULT_TYPE;
        data = null;
        eventBytes = 0;
        if (event != null) {
          return event;
        }
      }
    }
  }

  /** Where the first line ends; at the end of all bytes if it is not complete. */
  private int lineEnd() {
    if (skipLineFeed && start < end) {
      skipLineFeed = false;
      if (bytes[start] == '\n') {
        start++;
        searched = start;
      }
    }
    while (searched < end && bytes[searched] != '\n' && bytes[searched] != '\r') {
      searched++;
    }
    return searched;
  }

  private void field(int from, int to) {
    int colon = from;
    while (colon < to && bytes[colon] != ':') {
      colon++;
    }
    int value = Math.min(colon + 1, to);
    if (value < to && bytes[value] == ' ') {
      value++;
    }
    switch (text(from, colon)) {
      case "id" -> id = text(value, to);
      case "event" -> type = text(value, to);
      case "data" -> {
        if (data == null) {
          data = Buffer.buffer(Arrays.copyOfRange(bytes, value, to));
        } else {
          data.appendByte((byte) '\n').appendBytes(bytes, value, to - value);
        }
      }
      default -> {} // A comment, or what is not for us.
    }
  }

  private String text(int from, int to) {
    return new String(bytes, from, to - from, StandardCharsets.UTF_8);
  }
}
