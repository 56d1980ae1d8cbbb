package io.balsa.cluster;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** Many connections to one port that are never waited for: what they send, the test decides. */
final class Crowd implements AutoCloseable {
  private final List<Visitor> visitors = new ArrayList<>();

  private Crowd() {}

  /** Opens {@code count} connections. */
  static Crowd open(String url, int count) throws IOException {
    Crowd crowd = new Crowd();
    URI uri = URI.create(url);
    InetSocketAddress address = new InetSocketAddress(uri.getHost(), uri.getPort());
    try {
      for (int i = 0; i < count; i++) {
        crowd.visitors.add(new Visitor(SocketChannel.open(address)));
      }
      return crowd;
    } catch (IOException e) {
      crowd.close();
      throw e;
    }
  }

  /** Each sends these bytes, as far as its socket takes them at once. */
  void send(IntFunction<byte[]> bytes) {
    for (int i = 0; i < visitors.size(); i++) {
      visitors.get(i).send(bytes.apply(i));
    }
  }

  /** Each sends this text, as far as its socket takes it at once. */
  void send(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    send(i -> bytes);
  }

  /** How many the server has closed; reads what came. */
  int closed() {
    visitors.forEach(Visitor::read);
    return (int) visitors.stream().filter(visitor -> visitor.closed).count();
  }

  /** What each was told up to now, without those that were told nothing. */
  List<String> answers() {
    visitors.forEach(Visitor::read);
    return visitors.stream().map(Visitor::text).filter(text -> !text.isEmpty()).toList();
  }

  @Override
  public void close() {
    visitors.forEach(Visitor::close);
  }

  private static final class Visitor {
    private static final int KEPT_BYTES_MAX = 4_096;

    private final SocketChannel channel;
    private final StringBuilder text = new StringBuilder();
    private boolean closed;

    Visitor(SocketChannel channel) throws IOException {
      this.channel = channel;
      channel.configureBlocking(false);
    }

    void send(byte[] bytes) {
      try {
        channel.write(ByteBuffer.wrap(bytes));
      } catch (IOException e) {
        closed = true;
      }
    }

    void read() {
      ByteBuffer part = ByteBuffer.allocate(8_192);
      try {
        int count = closed ? 0 : channel.read(part);
        while (count > 0) {
          if (text.length() < KEPT_BYTES_MAX) {
            text.append(new String(part.array(), 0, count, StandardCharsets.ISO_8859_1));
          }
          part.clear();
          count = channel.read(part);
        }
        closed |= count < 0;
      } catch (IOException reset) {
        closed = true;
      }
    }

    String text() {
      return text.toString();
    }

    void close() {
      try {
        channel.close();
      } catch (IOException e) {
        throw new AssertionError("closing a connection", e);
      }
    }
  }
}
