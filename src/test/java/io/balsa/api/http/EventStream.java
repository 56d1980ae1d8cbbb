package io.balsa.api.http;

import io.vertx.core.json.JsonObject;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Reads server-sent events of one watch, one after the other. */
final class EventStream implements Closeable {
  final RawClient client;
  final RawClient.Answer head;
  private final StringBuilder text = new StringBuilder();

  /**
   * One event.
   *
   * @param id null where the event carries none
   */
  record Event(String id, String type, JsonObject data, String raw) {}

  EventStream(ApiServer server, String target, String... headers) {
    client = server.client();
    client.write("GET", target, null, headers);
    try {
      head = client.readHead();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The next event, null at the end of the stream. */
  Event next() {
    try {
      int end = text.indexOf("\n\n");
      while (end < 0) {
        byte[] chunk = client.readChunk();
        if (chunk.length == 0) {
          return null;
        }
        text.append(new String(chunk, StandardCharsets.ISO_8859_1));
        end = text.indexOf("\n\n");
      }
      String raw =
          new String(
              text.substring(0, end + 2).getBytes(StandardCharsets.ISO_8859_1),
              StandardCharsets.UTF_8);
      text.delete(0, end + 2);
      String id = null;
      String type = null;
      JsonObject data = null;
      for (String line : raw.split("\n")) {
        String value = line.substring(line.indexOf(": ") + 2);
        if (line.startsWith("id: ")) {
          id = value;
        } else if (line.startsWith("event: ")) {
          type = value;
        } else if (line.startsWith("data: ")) {
          data = new JsonObject(value);
        }
      }
      return new Event(id, type, data, raw);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The next event that is not of progress. */
  Event nextChange() {
    Event event = next();
    while (event != null && event.type().equals("progress")) {
      event = next();
    }
    return event;
  }

  @Override
  public void close() {
    client.close();
  }
}
