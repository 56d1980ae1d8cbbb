package io.balsa.bench;

import static io.balsa.Held.held;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.HdrHistogram.Histogram;

/**
 * A closed loop of puts over HTTP/1.1: on each of its connections the next is sent when the one
 * before is answered, so that a fixed number is in flight. It speaks just enough HTTP to leave the
 * processor to the servers. Before and after it asks the leader how many entries it has logged with
 * how many syncs.
 *
 * <pre>
 * mvn -q test-compile dependency:build-classpath -Dmdep.outputFile=target/classpath
 * java -cp target/test-classes:$(cat target/classpath) io.balsa.bench.PutLoad \
 *     http://127.0.0.1:2379,http://127.0.0.1:2380 256 10
 * </pre>
 */
public final class PutLoad {
  private final List<URI> servers;
  private final int inFlight;
  private final int keys;
  private final Duration warmUp;
  private final Duration duration;
  private final Random random = new Random(1);
  private final byte[] value;
  private final CountDownLatch ended;
  // Confined to the one event loop that all connections share.
  private final Histogram micros = new Histogram(60_000_000, 3);
  private long failures;

  /**
   * @param servers members of one cluster; the load goes to the one that leads
   * @param inFlight how many puts at a time
   * @param keys how many different keys, chosen at random
   * @param warmUp not counted
   */
  public PutLoad(
      List<URI> servers,
      int inFlight,
      int valueBytes,
      int keys,
      Duration warmUp,
      Duration duration) {
    this.servers = List.copyOf(servers);
    this.inFlight = inFlight;
    this.keys = keys;
    this.warmUp = warmUp;
    this.duration = duration;
    value = new byte[valueBytes];
    random.nextBytes(value);
    ended = new CountDownLatch(inFlight);
  }

  /**
   * What came of it.
   *
   * @param fsyncs of the leader during the run, the warm-up included
   * @param entries likewise
   */
  public record Result(
      int inFlight,
      long puts,
      long failures,
      double putsPerSecond,
      long microsP50,
      long microsP99,
      long fsyncs,
      long entries) {
    /** How many log entries share a sync on the leader. */
    public double entriesPerFsync() {
      return (double) entries / Math.max(1, fsyncs);
    }

    @Override
    public String toString() {
      return "%d in flight: %.0f puts/s, p50 %.2f ms, p99 %.2f ms, %d failed, %.1f entries per fsync"
          .formatted(
              inFlight,
              putsPerSecond,
              microsP50 / 1e3,
              microsP99 / 1e3,
              failures,
              entriesPerFsync());
    }
  }

  /** Servers separated by commas, puts in flight, seconds; the last two may be left out. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length == 0) {
      System.err.println("usage: PutLoad URL[,URL...] [IN_FLIGHT [SECONDS]]");
      System.exit(2);
    }
    List<URI> servers = Arrays.stream(arguments[0].split(",")).map(URI::create).toList();
    int inFlight = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 256;
    int seconds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 10;
    Duration warmUp = Duration.ofSeconds(5);
    System.out.println(
        new PutLoad(servers, inFlight, 256, 100_000, warmUp, Duration.ofSeconds(seconds)).run());
  }

  /** Runs it; blocks until the last put is answered. */
  public Result run() throws IOException, InterruptedException {
    URI leader = leader();
    Vertx vertx = Vertx.vertx();
    try {
      JsonObject before = wal(leader);
      NetClient client = held(vertx.createNetClient(new NetClientOptions().setTcpNoDelay(true)));
      long begin = System.nanoTime() + warmUp.toNanos();
      vertx.runOnContext(
          none -> {
            for (int i = 0; i < inFlight; i++) {
              client
                  .connect(leader.getPort(), leader.getHost())
                  .onSuccess(
                      socket -> new Connection(socket, leader, begin, begin + duration.toNanos()))
                  .onFailure(
                      refused -> {
                        failures++;
                        ended.countDown();
                      });
            }
          });
      ended.await();
      JsonObject after = wal(leader);
      return new Result(
          inFlight,
          micros.getTotalCount(),
          failures,
          micros.getTotalCount() / (duration.toNanos() / 1e9),
          micros.getValueAtPercentile(50),
          micros.getValueAtPercentile(99),
          after.getLong("fsyncs") - before.getLong("fsyncs"),
          after.getLong("entries") - before.getLong("entries"));
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().join();
    }
  }

  /** One put after the other until the end, or until the server closes the connection. */
  private final class Connection {
    private static final int DIGITS = 16;

    private final NetSocket socket;
    private final byte[] request;
    private final int keyOffset;
    private final long beginNanos;
    private final long endNanos;
    private Buffer answer = Buffer.buffer();
    private long sentNanos;
    private boolean done;

    Connection(NetSocket socket, URI server, long beginNanos, long endNanos) {
      this.socket = socket;
      this.beginNanos = beginNanos;
      this.endNanos = endNanos;
      String line = "PUT /v1/kv/";
      byte[] head =
          (line
                  + "0".repeat(DIGITS)
                  + " HTTP/1.1\r\nHost: "
                  + server.getAuthority()
                  + "\r\n"
                  + "Content-Length: "
                  + value.length
                  + "\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII);
      keyOffset = line.length();
      request = Arrays.copyOf(head, head.length + value.length);
      System.arraycopy(value, 0, request, head.length, value.length);
      socket.handler(this::take);
      socket.closeHandler(
          none -> {
            if (!done) {
              failures++;
              ended.countDown();
            }
          });
      put();
    }

    private void put() {
      int key = random.nextInt(keys);
      for (int i = DIGITS - 1; i >= 0; i--, key /= 10) {
        request[keyOffset + i] = (byte) ('0' + key % 10);
      }
      sentNanos = System.nanoTime();
      socket.write(Buffer.buffer(request));
    }

    private void take(Buffer bytes) {
      answer.appendBuffer(bytes);
      String text = answer.toString(StandardCharsets.ISO_8859_1);
      int bodyOffset = text.indexOf("\r\n\r\n") + 4;
      if (bodyOffset < 4 || text.length() < bodyOffset + contentLength(text, bodyOffset)) {
        return;
      }
      answer = Buffer.buffer();
      long now = System.nanoTime();
      if (!text.startsWith("HTTP/1.1 200 ")) {
        failures++;
      } else if (sentNanos - beginNanos >= 0) {
        micros.recordValue(Math.min((now - sentNanos) / 1_000, 60_000_000));
      }
      if (now - endNanos >= 0) {
        done = true;
        socket.close();
        ended.countDown();
      } else {
        put();
      }
    }

    private static int contentLength(String text, int bodyOffset) {
      String name = "\r\ncontent-length:";
      String head = text.substring(0, bodyOffset).toLowerCase(Locale.ROOT);
      int from = head.indexOf(name) + name.length();
      return from < name.length()
          ? 0
          : Integer.parseInt(head.substring(from, head.indexOf("\r\n", from)).strip());
    }
  }

  private URI leader() throws IOException, InterruptedException {
    List<String> said = new ArrayList<>();
    for (URI server : servers) {
      JsonObject status = status(server);
      JsonObject leader = status.getJsonObject("leader");
      String self = status.getJsonObject("self").getString("id");
      if (leader != null && leader.getString("id").equals(self)) {
        return server;
      }
      said.add(server + " " + leader);
    }
    throw new IOException("none of the servers leads: " + said);
  }

  private static JsonObject wal(URI server) throws IOException, InterruptedException {
    return status(server).getJsonObject("wal");
  }

  private static JsonObject status(URI server) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(server.resolve("/v1/status")).build();
    return new JsonObject(HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body());
  }
}
