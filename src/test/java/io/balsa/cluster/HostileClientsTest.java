package io.balsa.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A member with a heap of 256 MiB under attack: whatever strangers do to its ports, a client that
 * behaves is served meanwhile, memory stays bounded, and the log stays short and without traces.
 *
 * <p>The slow ones: {@code mvn verify -DexcludedGroups= -Dgroups=slow -Dit.test=HostileClientsTest
 * -Dtest=None -Dsurefire.failIfNoSpecifiedTests=false}.
 */
class HostileClientsTest {
  private static final int VALUE_BYTES_MAX = 1_572_864;
  private static final long RESIDENT_MIB_MAX = 700; // A heap of 256 MiB, buffers, code, stacks.
  private static final long WORST_MILLIS_MAX = 6_000; // The attackers have the two cores too.
  private static final int LOG_LINES_MAX = 50;
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration SPAN = Duration.ofSeconds(2);

  @RegisterExtension static final Servers servers = new Servers();

  private static ServerProcess server;
  private static ClientPort client;
  private final Random random = Seed.random(HostileClientsTest.class);
  private GoodClient good;
  private long logLinesBefore;

  @BeforeAll
  static void start() {
    server = servers.cluster(1, List.of("-Xmx256m")).members().get(0);
    client = server.endpoint();
    byte[] value = new byte[VALUE_BYTES_MAX];
    for (int i = 0; i < 3; i++) {
      assertThat(client.send("PUT", "/v1/kv/long" + i, value).status()).isEqualTo(200);
    }
  }

  @BeforeEach
  void begin() {
    logLinesBefore = logLines();
    good = GoodClient.start(client, "good");
    awaitServed(20);
  }

  @AfterEach
  void judge(TestInfo test) throws IOException {
    awaitServed(20);
    List<String> failures = good.stop();
    long logLines = logLines() - logLinesBefore;
    System.out.printf(
        "%s: %d good requests, worst %d ms, %d failed; resident %d MiB, at most %d MiB, heap %s;"
            + " %d log lines%n",
        test.getDisplayName(),
        good.requests(),
        good.worstMillis(),
        failures.size(),
        server.residentMib("VmRSS"),
        server.residentMib("VmHWM"),
        heap(),
        logLines);
    assertThat(failures).isEmpty();
    assertThat(server.isRunning()).isTrue();
    // An event loop may have much to do: how long that takes the good client tells.
    assertThat(server.alarms().stream().filter(line -> !line.contains("has been blocked for")))
        .isEmpty();
    assertThat(server.logText()).doesNotContain("OutOfMemoryError");
    assertThat(logLines).isLessThanOrEqualTo(LOG_LINES_MAX);
    assertThat(server.residentMib("VmHWM")).isLessThan(RESIDENT_MIB_MAX);
    assertThat(good.worstMillis()).isLessThan(WORST_MILLIS_MAX);
  }

  // ---- What is no request

  @Test
  void randomBytesToEachPort() throws IOException {
    for (String port : List.of(client.base().toString(), server.peerUrl())) {
      try (Crowd crowd = Crowd.open(port, 500)) {
        crowd.send(
            i -> {
              byte[] bytes = new byte[1 + random.nextInt(4_096)];
              random.nextBytes(bytes);
              return bytes;
            });
        crowd.send("\r\n\r\n");
        awaitServed(100);
        assertThat(crowd.answers()).noneMatch(answer -> answer.contains("Exception"));
      }
    }
  }

  @Test
  void tlsToACleartextPort() throws IOException {
    byte[] hello = new byte[512];
    random.nextBytes(hello);
    System.arraycopy(
        new byte[] {0x16, 3, 1, 1, (byte) 0xfb, 1, 0, 1, (byte) 0xf7, 3, 3}, 0, hello, 0, 11);
    for (String port : List.of(client.base().toString(), server.peerUrl())) {
      try (Crowd crowd = Crowd.open(port, 200)) {
        crowd.send(i -> hello);
        crowd.send("\r\n\r\n");
        Await.until("all are told", LIMIT, () -> crowd.closed() == 200);
      }
    }
  }

  @Test
  void brokenHttp2() throws IOException {
    byte[] noise = new byte[1_000];
    random.nextBytes(noise);
    List<byte[]> broken =
        List.of(
            Http2Bytes.connection().frame(random.nextInt(10), 0xff, 1, noise).toArray(),
            Http2Bytes.connection().frame(Http2Bytes.HEADERS, 5, 1, 0xffffff, noise).toArray(),
            Http2Bytes.connection().frame(Http2Bytes.HEADERS, 5, 1, noise).toArray(),
            Http2Bytes.connection().frame(Http2Bytes.HEADERS, 5, 2, new byte[0]).toArray(),
            Http2Bytes.connection().frame(Http2Bytes.DATA, 0, 7, noise).toArray(),
            Http2Bytes.connection().frame(Http2Bytes.SETTINGS, 0, 0, new byte[5]).toArray());
    for (String port : List.of(client.base().toString(), server.peerUrl())) {
      try (Crowd crowd = Crowd.open(port, 60)) {
        crowd.send(i -> broken.get(i % broken.size()));
        awaitServed(100);
        crowd.send("\r\n\r\n".repeat(10));
        Await.until("all are closed", LIMIT, () -> crowd.closed() == 60);
      }
    }
  }

  /** Opened and reset at once; a block of headers without an end; pings and settings. */
  @Test
  void floodsOverHttp2() throws IOException {
    Http2Bytes resets = Http2Bytes.connection();
    for (int stream = 1; stream < 10_000; stream += 2) {
      resets.request(stream, true, "GET", "/v1/kv/long0");
      resets.frame(Http2Bytes.RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8});
    }
    Http2Bytes headers = Http2Bytes.connection();
    headers.frame(Http2Bytes.HEADERS, 0, 1, Http2Bytes.head("GET", "/v1/status"));
    byte[] field = Arrays.copyOfRange(Http2Bytes.head("a", "b", "x", "y".repeat(1_000)), 40, 1_050);
    for (int i = 0; i < 2_000; i++) {
      headers.frame(Http2Bytes.CONTINUATION, 0, 1, field);
    }
    Http2Bytes pings = Http2Bytes.connection();
    for (int i = 0; i < 50_000; i++) {
      pings.frame(Http2Bytes.PING, 0, 0, new byte[8]);
      pings.frame(Http2Bytes.SETTINGS, 0, 0, new byte[0]);
    }
    for (String port : List.of(client.base().toString(), server.peerUrl())) {
      for (Http2Bytes flood : List.of(resets, headers, pings)) {
        pour(port, flood.toArray());
      }
    }
    awaitServed(100);
  }

  @Test
  void grpcFramesOfHugeLength() throws IOException {
    for (byte[] prefix :
        new byte[][] {{0, -1, -1, -1, -1}, {0, 127, -1, -1, -1}, {1, 0, 0, 1, 0}}) {
      for (String method : List.of("Messages", "Snapshots", "Describe", "Enroll", "Enter")) {
        Http2Bytes call = Http2Bytes.connection();
        call.request(
            1,
            false,
            "POST",
            "/balsa.peer.v1.Peer/" + method,
            "content-type",
            "application/grpc",
            "te",
            "trailers");
        call.frame(Http2Bytes.DATA, 0, 1, prefix);
        for (int i = 0; i < 60; i++) {
          call.frame(Http2Bytes.DATA, 0, 1, new byte[1_000]);
        }
        try (Crowd crowd = Crowd.open(server.peerUrl(), 5)) {
          crowd.send(i -> call.toArray());
          Await.until("all are told", LIMIT, () -> crowd.answers().size() == 5);
          assertThat(crowd.answers()).noneMatch(answer -> answer.contains("Exception"));
        }
      }
    }
  }

  // ---- Connections that do little

  @Test
  void idleConnections() throws IOException {
    idle(1_000);
  }

  /** None that never made a request lives for ever. */
  @Test
  @Tag("slow")
  void tenThousandIdleConnections() throws IOException {
    idle(10_000);
    try (Crowd crowd = Crowd.open(client.base().toString(), 1_000)) {
      Await.until("all are closed", Duration.ofSeconds(90), () -> crowd.closed() == 1_000);
    }
  }

  private void idle(int connections) throws IOException {
    try (Crowd crowd = Crowd.open(client.base().toString(), connections)) {
      awaitServed(300);
      assertThat(crowd.closed()).isZero();
    }
  }

  @Test
  void slowHeaders() throws IOException {
    try (Crowd crowd = Crowd.open(client.base().toString(), 500)) {
      crowd.send("GET /v1/kv/good HTTP/1.1\r\nX-Slow: ");
      drip(crowd);
    }
  }

  @Test
  void slowBodies() throws IOException {
    try (Crowd crowd = Crowd.open(client.base().toString(), 500)) {
      crowd.send("PUT /v1/kv/slow HTTP/1.1\r\nHost: x\r\nContent-Length: 1572864\r\n\r\n");
      drip(crowd);
    }
  }

  /** Of every size, so that not even a short value finds room beside them. */
  @Test
  void slowBodiesOfEverySize() throws IOException {
    try (Crowd crowd = Crowd.open(client.base().toString(), 600)) {
      crowd.send(
          i ->
              ("PUT /v1/kv/slow HTTP/1.1\r\nHost: x\r\nContent-Length: "
                      + (VALUE_BYTES_MAX >> i / 30)
                      + "\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      drip(crowd);
    }
  }

  @Test
  void slowJson() throws IOException {
    try (Crowd crowd = Crowd.open(client.base().toString(), 500)) {
      crowd.send("POST /v1/txn HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
      drip(crowd, "1\r\n{\r\n");
    }
  }

  /** Bodies that lack their last byte: all that a member takes of them it has to hold. */
  @Test
  void bodiesThatAreNeverComplete() throws IOException {
    try (Crowd crowd = Crowd.open(client.base().toString(), 200)) {
      crowd.send("PUT /v1/kv/slow HTTP/1.1\r\nHost: x\r\nContent-Length: 1572864\r\n\r\n");
      byte[] part = new byte[VALUE_BYTES_MAX / 64];
      for (int i = 0; i < 63; i++) {
        crowd.send(each -> part);
        awaitServed(5);
      }
      awaitServed(300);
    }
  }

  @Test
  void answersThatNobodyReads() throws IOException {
    try (Crowd crowd = Crowd.open(client.base().toString(), 300)) {
      crowd.send("GET /v1/kv/long0 HTTP/1.1\r\nHost: x\r\n\r\n".repeat(20));
      awaitServed(200);
    }
  }

  // ---- Requests that are too large

  @Test
  void giantHeads() throws IOException {
    String line = "/v1/kv/" + "k".repeat(17_000);
    assertThat(RawHttp.send(client, "GET", line, null).status()).isEqualTo(414);
    assertThat(RawHttp.send(client, "GET", "/v1/kv/a", null, "X: " + "x".repeat(17_000)).status())
        .isEqualTo(431);
    assertThat(RawHttp.send(client, "GET", "/v1/kv/" + "k".repeat(4_097), null).status())
        .isEqualTo(400);
    byte[] endless = new byte[20 << 20];
    Arrays.fill(endless, (byte) 'x');
    for (String begin :
        List.of("GET /v1/kv/", "GET /v1/kv/a HTTP/1.1\r\nX: ", "GET /v1/kv/a HTTP/1.1\r\n")) {
      pour(client.base().toString(), join(begin.getBytes(StandardCharsets.US_ASCII), endless));
    }
    pour(
        client.base().toString(),
        ("GET /v1/kv/a HTTP/1.1\r\n" + "a: b\r\n".repeat(200_000) + "\r\n")
            .getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void giantValues() {
    String chunk = "10000\r\n" + "x".repeat(65_536) + "\r\n";
    byte[] chunked =
        ("PUT /v1/kv/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                + chunk.repeat(600)
                + "0\r\n\r\n")
            .getBytes(StandardCharsets.ISO_8859_1);
    byte[] above = new byte[VALUE_BYTES_MAX + 1];
    byte[] far = new byte[60 << 20];
    Parallel.forEach(
        6,
        Collections.nCopies(6, "PUT"),
        put -> {
          refusedOrCutOff(() -> RawHttp.send(client, put, "/v1/kv/a", above), 413, 429);
          refusedOrCutOff(() -> RawHttp.send(client, put, "/v1/kv/a", far), 413, 429);
          refusedOrCutOff(() -> RawHttp.exchange(client, chunked), 413, 429);
        });
    byte[] endless =
        "PUT /v1/kv/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffff\r\n"
            .getBytes(StandardCharsets.US_ASCII);
    refusedOrCutOff(() -> RawHttp.exchange(client, endless), 400, 413);
  }

  @Test
  @Tag("slow")
  void giantDocuments() {
    int bytes = VALUE_BYTES_MAX / 3 * 4 + (500 << 10);
    List<String> documents =
        List.of(
            "{\"then\":[" + "{},".repeat(bytes / 3 - 10) + "{}]}",
            "{\"then\":[" + "[],".repeat(bytes / 3 - 10) + "[]]}",
            "{\"then\":[" + "0,".repeat(bytes / 2 - 10) + "0]}",
            "[".repeat(bytes),
            "{\"a\":".repeat(bytes / 5),
            fields(bytes),
            "{\"" + "n".repeat(bytes - 10) + "\":0}",
            "{\"then\":\"" + "\\u0041".repeat(bytes / 6 - 10) + "\"}",
            "{\"then\":" + "9".repeat(bytes - 20) + "}",
            "{\"then\":1e" + "9".repeat(bytes - 20) + "}",
            "{\"then\":[" + "{\"get\":{\"key\":\"a\"}},".repeat(bytes / 22) + "{}]}",
            "{\"then\":[" + "{\"txn\":{}},".repeat(bytes / 12) + "{}]}",
            "{\"compare\":["
                + "{\"key\":\"a\",\"target\":\"version\",\"op\":\"=\",\"value\":0},"
                    .repeat(bytes / 50)
                + "{}]}",
            " ".repeat(bytes));
    for (String document : documents) {
      byte[] body = document.getBytes(StandardCharsets.US_ASCII);
      Parallel.forEach(
          8,
          Collections.nCopies(8, body),
          each ->
              refusedOrCutOff(() -> RawHttp.send(client, "POST", "/v1/txn", each), 400, 413, 429));
    }
  }

  // ---- Requests that are many

  @Test
  @Tag("slow")
  void manyWatches() throws IOException {
    try (Crowd crowd = Crowd.open(client.base().toString(), 3_000);
        Crowd streams = Crowd.open(client.base().toString(), 2)) {
      crowd.send("GET /v1/watch?key=good HTTP/1.1\r\nHost: x\r\n\r\n");
      Http2Bytes watches = Http2Bytes.connection();
      for (int stream = 1; stream < 2 * 3_000; stream += 2) {
        watches.request(stream, true, "GET", "/v1/watch?key=none");
      }
      streams.send(i -> watches.toArray());
      awaitServed(200);
      assertThat(crowd.closed()).isZero();
    }
  }

  /** Each put is sent to all of them, and none of them takes it. */
  @Test
  void watchesThatNobodyReads() throws IOException {
    try (Crowd crowd = Crowd.open(client.base().toString(), 100)) {
      crowd.send("GET /v1/watch?key=watched HTTP/1.1\r\nHost: x\r\n\r\n");
      byte[] value = new byte[100_000];
      for (int i = 0; i < 30; i++) {
        assertThat(client.send("PUT", "/v1/kv/watched", value).status()).isIn(200, 429);
        awaitServed(2);
      }
    }
  }

  @Test
  @Tag("slow")
  void manyLeases() {
    Parallel.forEach(
        8,
        IntStream.range(0, 2_000).boxed().toList(),
        i -> {
          Answer granted = client.post("/v1/leases", "{\"ttlSeconds\":" + (1 + i % 2) + "}");
          assertThat(granted.status()).isIn(200, 429);
        });
    assertThat(client.get("/v1/leases").status()).isEqualTo(200);
    Await.until(
        "all have expired",
        Duration.ofSeconds(60),
        () -> client.get("/v1/leases").json().getJsonArray("leases").isEmpty());
  }

  // ---- Means

  /**
   * Without pauses, which this test's own JVM options show, and event loops that are busy, which
   * are told ten times a second.
   */
  private static long logLines() {
    return server
        .logText()
        .lines()
        .filter(line -> !line.contains(" GC(") && !line.contains("has been blocked for"))
        .count();
  }

  private void awaitServed(int more) {
    long before = good.requests();
    Await.until("a good client is served", LIMIT, () -> good.requests() >= before + more);
  }

  private void drip(Crowd crowd) {
    drip(crowd, "x");
  }

  /** Each sends a little again and again. */
  private void drip(Crowd crowd, String drop) {
    long deadline = System.nanoTime() + SPAN.toNanos();
    while (System.nanoTime() - deadline < 0) {
      crowd.send(drop);
      awaitServed(5);
    }
  }

  /** Sends all of it as fast as the server takes it, or until it closes the connection. */
  private void pour(String url, byte[] bytes) throws IOException {
    ClientPort port = ClientPort.ofPort(Integer.parseInt(url.substring(url.lastIndexOf(':') + 1)));
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", port.base().getPort()));
      socket.setSoTimeout((int) LIMIT.toMillis());
      Thread reader = new Thread(() -> swallow(socket));
      reader.start();
      socket.getOutputStream().write(bytes);
    } catch (IOException closed) {
      // That is its answer.
    }
    awaitServed(5);
  }

  private static void swallow(Socket socket) {
    try {
      socket.getInputStream().transferTo(OutputStream.nullOutputStream());
    } catch (IOException closed) {
      // No more to read.
    }
  }

  private interface Sending {
    Answer send() throws IOException;
  }

  private static void refusedOrCutOff(Sending sending, Integer... statuses) {
    try {
      Answer answer = sending.send();
      assertThat(answer.status()).as(answer.toString()).isIn((Object[]) statuses);
      assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
      assertThat(answer.body()).hasSizeLessThan(1_000);
    } catch (IOException cutOff) {
      // It sent on after it was refused.
    }
  }

  private static String fields(int bytes) {
    StringBuilder text = new StringBuilder("{");
    for (int i = 0; text.length() < bytes - 20; i++) {
      text.append('"').append(i).append("\":0,");
    }
    return text.append("\"z\":0}").toString();
  }

  private static byte[] join(byte[] first, byte[] second) {
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    both.writeBytes(first);
    both.writeBytes(second);
    return both.toByteArray();
  }

  /** What the heap holds, as the JVM itself says. */
  private static String heap() throws IOException {
    String text = server.jcmd("GC.heap_info");
    Matcher used = Pattern.compile("(?m)generation\\s+total [0-9]+K, used ([0-9]+)K").matcher(text);
    long kib = 0;
    while (used.find()) {
      kib += Long.parseLong(used.group(1));
    }
    return (kib >> 10) + " MiB";
  }
}
