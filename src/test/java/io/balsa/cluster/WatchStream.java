package io.balsa.cluster;

import io.balsa.cluster.ServerSentEvents.Event;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** One watch on one connection, which may be broken off at any time, or not be read at all. */
final class WatchStream implements AutoCloseable {
  private static final int CONNECT_MILLIS = 2_000;
  // Above the interval of progress events, which come when nothing else does.
  private static final int SILENCE_MILLIS = 15_000;

  private final Socket socket;
  private final ServerSentEvents events;

  private WatchStream(Socket socket, ServerSentEvents events) {
    this.socket = socket;
    this.events = events;
  }

  /**
   * Opens a watch and reads the response's header.
   *
   * @param query with its question mark, or empty
   * @param lastEventId null for none
   * @throws IOException also if the answer is not 200
   */
  static WatchStream open(ClientPort endpoint, String query, String lastEventId)
      throws IOException {
    Socket socket = request(endpoint, query, lastEventId, 0);
    try {
      return answered(socket);
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  /** A watch whose client reads nothing, with little room on its side of the connection. */
  static Socket openAndIgnore(ClientPort endpoint, String query) throws IOException {
    return request(endpoint, query, null, 8_192);
  }

  private static Socket request(
      ClientPort endpoint, String query, String lastEventId, int receiveBufferBytes)
      throws IOException {
    Socket socket = new Socket();
    try {
      if (receiveBufferBytes > 0) {
        socket.setReceiveBufferSize(receiveBufferBytes);
      }
      socket.setSoTimeout(SILENCE_MILLIS);
      socket.connect(
          new InetSocketAddress(endpoint.base().getHost(), endpoint.base().getPort()),
          CONNECT_MILLIS);
      String request =
          ("GET /v1/watch" + query + " HTTP/1.1\r\n")
              + ("Host: " + endpoint.base().getAuthority() + "\r\n")
              + (lastEventId == null ? "" : "Last-Event-ID: " + lastEventId + "\r\n")
              + "Accept: text/event-stream\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** Reads what came for a request sent before. */
  static WatchStream answered(Socket socket) throws IOException {
    InputStream in = new BufferedInputStream(socket.getInputStream(), 65_536);
    String status = ServerSentEvents.headerLine(in);
    boolean chunked = false;
    boolean events = false;
    String header;
    while (!(header = ServerSentEvents.headerLine(in).toLowerCase()).isEmpty()) {
      chunked |= header.matches("transfer-encoding:\\s*chunked");
      events |= header.matches("content-type:\\s*text/event-stream.*");
    }
    if (!status.contains(" 200 ") || !chunked || !events) {
      throw new IOException("not an event stream: " + status);
    }
    return new WatchStream(socket, new ServerSentEvents(new ServerSentEvents.Chunks(in)));
  }

  /** The next event, or null at the end of the stream. */
  Event next() throws IOException {
    return events.next();
  }

  /** Breaks the connection off, whatever is under way on it. */
  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new AssertionError("closing a watch", e);
    }
  }
}
