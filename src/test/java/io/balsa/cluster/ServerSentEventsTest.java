package io.balsa.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.cluster.ServerSentEvents.Event;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The reader that the other tests trust. */
class ServerSentEventsTest {
  private static final String STREAM =
      ": hello\n\nevent: progress\ndata: {\"revision\":3}\n\n"
          + "id: 4\r\nevent: change\r\ndata: é\r\ndata:two\r\n\r\n"
          + "id: 5\nevent: change\ndata: cut";

  @Test
  void readsWholeEventsWhereverTheBytesAreSplit() throws IOException {
    byte[] bytes = STREAM.getBytes(StandardCharsets.UTF_8);
    for (int size = 1; size < bytes.length; size++) {
      assertThat(read(new ServerSentEvents(inPieces(bytes, size))))
          .as("pieces of %d bytes", size)
          .containsExactly(
              new Event(null, "progress", "{\"revision\":3}"), new Event("4", "change", "é\ntwo"));
    }
  }

  @Test
  void readsChunks() throws IOException {
    String chunked = "c;x=y\r\nid: 1\ndata: \r\n4\r\nabc\n\r\n1\r\n\n\r\n0\r\n\r\n";
    InputStream in =
        new ServerSentEvents.Chunks(inPieces(chunked.getBytes(StandardCharsets.UTF_8), 3));
    assertThat(read(new ServerSentEvents(in))).containsExactly(new Event("1", "message", "abc"));
  }

  private static List<Event> read(ServerSentEvents events) throws IOException {
    List<Event> all = new ArrayList<>();
    Event event;
    while ((event = events.next()) != null) {
      all.add(event);
    }
    return all;
  }

  private static InputStream inPieces(byte[] bytes, int size) {
    return new ByteArrayInputStream(bytes) {
      @Override
      public synchronized int read(byte[] target, int offset, int length) {
        return super.read(target, offset, Math.min(length, size));
      }
    };
  }
}
