package io.balsa.api.http;

import static io.balsa.api.http.KeyResourceTest.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.engine.request.Refusal;
import io.balsa.engine.request.Reply;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OverloadTest {
  private final List<RawClient> clients = new ArrayList<>();
  private ApiServer server;

  @AfterEach
  void stop() {
    clients.forEach(RawClient::close);
    server.close();
  }

  @Test
  void refusesRequestsBeyondItsLimitAtOnce() {
    server = ApiServer.start(options -> options.withFlightLimits(3, 1 << 24, 10, 1 << 16));
    server.replica.silent = true;
    for (int i = 0; i < 3; i++) {
      client().write("GET", "/v1/kv/a", null);
    }
    await(() -> server.replica.requests.size() == 3);

    RawClient other = client();
    RawClient.Answer refused = other.send("GET", "/v1/kv/a");

    assertProblem(refused, 429, "3 requests are in flight, the limit is 3");
    assertThat(refused.header("retry-after")).isEqualTo("1");
    assertThat(other.send("GET", "/version").status()).isEqualTo(200);
  }

  @Test
  void takesRequestsAgainWhenOthersAreDone() {
    server = ApiServer.start(options -> options.withFlightLimits(1, 1 << 24, 10, 1 << 16));
    RawClient client = client();

    // Each kind of end must give back what was taken.
    for (int i = 0; i < 3; i++) {
      assertThat(client.send("PUT", "/v1/kv/a", new byte[] {1}).status()).isEqualTo(200);
      assertThat(client.send("GET", "/v1/kv/a").status()).isEqualTo(200);
      assertThat(client.send("GET", "/v1/kv/a?x=1").status()).isEqualTo(400);
      assertThat(client.send("PUT", "/v1/kv/a", new byte[2 << 20]).status()).isEqualTo(413);
      assertThat(client.send("GET", "/v1/kv?prefix=").status()).isEqualTo(200);
      assertThat(client.send("POST", "/v1/txn", new byte[] {'{'}).status()).isEqualTo(400);
      RawClient leaver = client();
      leaver.write("PUT", "/v1/kv/a", null, "Content-Length: 10", "Expect: 100-continue");
      assertThat(leaver.read(false).status()).as("it has come").isEqualTo(100);
      assertThat(client.send("GET", "/v1/kv/a").status()).isEqualTo(429);
      leaver.close();
      await(() -> client.send("GET", "/v1/kv/a").status() == 200);
    }
  }

  @Test
  void refusesBodiesBeyondWhatItHolds() {
    server =
        ApiServer.start(
            options ->
                options
                    .withRequestLimits(1_000, 128, 7_000)
                    .withFlightLimits(100, 1_500, 10, 1 << 16));
    server.replica.silent = true;
    client().write("PUT", "/v1/kv/a", new byte[1_000]);
    await(() -> server.replica.requests.size() == 1);

    assertProblem(
        client().send("PUT", "/v1/kv/b", new byte[501]),
        429,
        "1000 bytes of bodies are in flight, the limit is 1500, wanted 501");
    client().write("PUT", "/v1/kv/c", new byte[500]);

    await(() -> server.replica.requests.size() == 2);
  }

  @Test
  void slowClientsDoNotKeepOutThoseWhoAreDoneAtOnce() {
    server =
        ApiServer.start(
            options ->
                options
                    .withRequestLimits(20_000, 128, 7_000)
                    .withFlightLimits(100, 60_000, 10, 1 << 16));
    RawClient slow = client();
    slow.write("PUT", "/v1/kv/a", null, "Content-Length: 20000");
    slow.write(new byte[19_999]);

    RawClient chunked = client();
    await(() -> putChunked(chunked, 15_000).status() == 429);
    assertThat(putChunked(chunked, 15_000).text())
        .contains("bytes of bodies are on their way, the limit is 30000, wanted");
    assertThat(client().send("PUT", "/v1/kv/b", new byte[1_000]).status()).isEqualTo(200);
    assertThat(putChunked(chunked, 4_000).status()).isEqualTo(200);

    slow.write(new byte[1]);

    assertThat(slow.read(false).status()).isEqualTo(200);
    assertThat(putChunked(chunked, 15_000).status()).isEqualTo(200);
  }

  private static RawClient.Answer putChunked(RawClient client, int size) {
    client.write("PUT", "/v1/kv/a", null, "Transfer-Encoding: chunked");
    String chunk = Integer.toHexString(size) + "\r\n" + "x".repeat(size) + "\r\n0\r\n\r\n";
    client.write(chunk.getBytes(StandardCharsets.US_ASCII));
    return client.read(false);
  }

  @Test
  void aReplyThatComesTooLateForItsClientIsDropped() {
    server = ApiServer.start(options -> options.withFlightLimits(1, 1 << 24, 10, 1 << 16));
    server.replica.override = request -> new Reply.Refused(Refusal.NO_LEADER, false, "none");
    for (int i = 0; i < 20; i++) {
      RawClient leaver = client();
      leaver.write("GET", "/v1/kv/a", null);
      leaver.close();
    }

    RawClient client = client();
    await(() -> client.send("GET", "/v1/kv/a").status() == 503);
  }

  @Test
  void aClientThatSendsWithoutReadingIsServedNoFasterThanItReads() throws Exception {
    server = ApiServer.start();
    try (RawClient setter = server.client()) {
      setter.send("PUT", "/v1/kv/short", new byte[4_000]);
      setter.send("PUT", "/v1/kv/long", new byte[200_000]);
    }
    // 40 and 100 MB of answers: more than all socket buffers.
    assertThat(servedWithoutReading("short", 10_000)).isLessThan(10_000);
    assertThat(servedWithoutReading("long", 500)).isLessThan(500);
  }

  /** How many of so many gets are served before the first answer is read; then reads them all. */
  private int servedWithoutReading(String key, int gets) throws Exception {
    server.replica.requests.clear();
    RawClient greedy = client();
    Thread sender =
        new Thread(
            () -> {
              byte[] hundred =
                  ("GET /v1/kv/" + key + " HTTP/1.1\r\nHost: x\r\n\r\n")
                      .repeat(100)
                      .getBytes(StandardCharsets.US_ASCII);
              for (int i = 0; i < gets / 100; i++) {
                greedy.write(hundred);
              }
            });
    sender.start();
    int[] served = {0};
    long[] since = {0};
    await(
        () -> {
          int now = server.replica.requests.size();
          if (now != served[0]) {
            served[0] = now;
            since[0] = System.nanoTime();
          }
          return now > 0 && System.nanoTime() - since[0] > 500_000_000L;
        });
    for (int i = 0; i < gets; i++) {
      assertThat(greedy.read(false).status()).isEqualTo(200);
    }
    sender.join();
    return served[0];
  }

  @Test
  void refusesLongAnswersBeyondWhatItHolds() {
    server = ApiServer.start(options -> options.withFlightLimits(100, 3_200_000, 10, 1 << 16));
    try (RawClient setter = server.client()) {
      setter.send("PUT", "/v1/kv/long", new byte[1_500_000]);
    }
    // One that does not read; the socket takes some of what it was sent, not all.
    for (int i = 0; i < 10; i++) {
      client().write("GET", "/v1/kv/long", null);
    }
    RawClient reader = client();
    await(() -> server.replica.requests.size() >= 11);

    await(() -> List.of(200, 429).contains(reader.send("GET", "/v1/kv/long").status()));
    clients.stream().filter(client -> client != reader).forEach(RawClient::close);
    await(() -> reader.send("GET", "/v1/kv/long").status() == 200);
  }

  @Test
  void aWriteThatIsDoneIsNotRefusedForTheLengthOfItsAnswer() {
    server =
        ApiServer.start(
            options ->
                options
                    .withRequestLimits(20_000, 128, 7_000)
                    .withFlightLimits(100, 40_000, 10, 1 << 16));
    RawClient client = client();
    client.send("PUT", "/v1/kv/long", new byte[20_000]); // 120,000 as JSON.
    String half = "x".repeat(10_000);
    client.send("PUT", "/v1/kv/half", half.getBytes(StandardCharsets.UTF_8));
    String gets =
        "{\"get\":{\"key\":\"half\"}},{\"get\":{\"key\":\"half\"}},{\"get\":{\"key\":\"half\"}}";
    String put = "{\"then\":[{\"put\":{\"key\":\"a\",\"value\":\"1\"}},";

    RawClient.Answer bounded =
        client.send("POST", "/v1/txn", (put + gets + "]}").getBytes(StandardCharsets.UTF_8));
    RawClient.Answer inParts =
        client.send(
            "POST",
            "/v1/txn",
            (put + "{\"get\":{\"key\":\"long\"}}]}").getBytes(StandardCharsets.UTF_8));

    assertThat(bounded.status()).isEqualTo(200);
    assertThat(bounded.body()).hasSizeGreaterThan(20_000);
    assertThat(inParts.status()).isEqualTo(200);
    assertThat(inParts.body()).hasSizeGreaterThan(100_000);
  }

  private RawClient client() {
    RawClient client = server.client();
    clients.add(client);
    return client;
  }

  static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + 20_000_000_000L;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("condition not met within 20 s");
      }
      LockSupport.parkNanos(1_000_000);
    }
  }
}
