package io.balsa.api.http;

import static io.balsa.api.http.KeyResourceTest.assertProblem;
import static io.balsa.api.http.OverloadTest.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WatchTest {
  private static final int WINDOW_BYTES = 64 << 10;

  private ApiServer server;
  private RawClient client;

  @BeforeEach
  void start() {
    server = ApiServer.start(options -> options.withFlightLimits(100, 1 << 24, 3, WINDOW_BYTES));
    client = server.client();
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @Test
  void beginsWithHeadersAndProgress() {
    put("a", "1");
    try (EventStream stream = new EventStream(server, "/v1/watch")) {
      assertThat(stream.head.status()).isEqualTo(200);
      assertThat(stream.head.header("content-type")).isEqualTo("text/event-stream");
      assertThat(stream.head.header("cache-control")).isEqualTo("no-store");
      assertThat(stream.next().raw())
          .isEqualTo("id: 2\nevent: progress\ndata: {\"revision\":2}\n\n");
    }
  }

  @Test
  void tellsEachRevisionInOneEvent() {
    try (EventStream stream = new EventStream(server, "/v1/watch")) {
      stream.next();
      put("a", "ä\n");
      client.send(
          "POST",
          "/v1/txn",
          "{\"then\":[{\"put\":{\"key\":\"b\",\"value\":\"2\"}},{\"put\":{\"keyBase64\":\"/w==\",\"valueBase64\":\"/g==\"}},{\"delete\":{\"key\":\"a\"}}]}"
              .getBytes(StandardCharsets.UTF_8));

      assertThat(stream.nextChange().raw())
          .isEqualTo(
              "id: 2\nevent: change\ndata: {\"revision\":2,\"changes\":[{\"type\":\"put\",\"key\":\"a\","
                  + "\"value\":\"ä\\n\",\"createRevision\":2,\"modRevision\":2,\"version\":1}]}\n\n");
      assertThat(stream.nextChange().raw())
          .isEqualTo(
              "id: 3\nevent: change\ndata: {\"revision\":3,\"changes\":["
                  + "{\"type\":\"put\",\"key\":\"b\",\"value\":\"2\",\"createRevision\":3,\"modRevision\":3,\"version\":1},"
                  + "{\"type\":\"put\",\"keyBase64\":\"/w==\",\"valueBase64\":\"/g==\",\"createRevision\":3,\"modRevision\":3,\"version\":1},"
                  + "{\"type\":\"delete\",\"key\":\"a\",\"modRevision\":3}]}\n\n");
    }
  }

  @Test
  void addsTheItemBeforeWhereAsked() {
    put("a", "1");
    try (EventStream stream = new EventStream(server, "/v1/watch?key=a&previous=true")) {
      stream.next();
      put("a", "2");
      client.send("DELETE", "/v1/kv/a");

      assertThat(stream.nextChange().raw())
          .contains(
              "\"version\":2,\"previous\":{\"key\":\"a\",\"value\":\"1\",\"createRevision\":2,\"modRevision\":2,\"version\":1}}]}");
      assertThat(stream.nextChange().raw())
          .contains(
              "{\"type\":\"delete\",\"key\":\"a\",\"modRevision\":4,\"previous\":{\"key\":\"a\",\"value\":\"2\",");
    }
  }

  @Test
  void tellsOnlyOfTheKeysWanted() {
    try (EventStream prefix = new EventStream(server, "/v1/watch?prefix=a/");
        EventStream key = new EventStream(server, "/v1/watch?key=%ff")) {
      prefix.next();
      key.next();
      put("b", "no");
      put("a/1", "yes");
      put("%ff", "yes");

      assertThat(prefix.nextChange().id()).isEqualTo("3");
      assertThat(key.nextChange().id()).isEqualTo("4");
    }
  }

  @Test
  void resumesWithoutGapOrRepeat() {
    for (int i = 0; i < 30; i++) {
      put("k" + i, "v");
    }
    String last = "1";
    long expected = 2;
    while (expected <= 31) {
      try (EventStream stream = new EventStream(server, "/v1/watch", "Last-Event-ID: " + last)) {
        for (int i = 0; i < 7 && expected <= 31; i++, expected++) {
          EventStream.Event event = stream.nextChange();
          assertThat(event.data().getLong("revision")).isEqualTo(expected);
          last = event.id();
        }
      }
    }
  }

  @Test
  void theLastEventIdWinsOverFrom() {
    put("a", "1");
    put("a", "2");
    put("a", "3");

    try (EventStream from = new EventStream(server, "/v1/watch?from=3");
        EventStream resumed = new EventStream(server, "/v1/watch?from=2", "Last-Event-ID: 3")) {
      assertThat(from.nextChange().id()).isEqualTo("3");
      assertThat(resumed.nextChange().id()).isEqualTo("4");
    }
  }

  @Test
  void progressCarriesNoIdThatWouldWidenTheStream() {
    put("a", "1");

    // Behind: revision 2 is still to come. Ahead: resuming from 2 would bring 3 to 8.
    try (EventStream behind = new EventStream(server, "/v1/watch?from=2");
        EventStream ahead = new EventStream(server, "/v1/watch?from=9");
        EventStream next = new EventStream(server, "/v1/watch?from=3")) {
      assertThat(behind.next().raw()).isEqualTo("event: progress\ndata: {\"revision\":2}\n\n");
      assertThat(ahead.next().raw()).isEqualTo("event: progress\ndata: {\"revision\":2}\n\n");
      assertThat(next.next().id()).isEqualTo("2");
    }
  }

  @Test
  void endsWhereItsStartIsCompacted() {
    put("a", "1");
    put("a", "2");
    put("a", "3");
    client.send("POST", "/v1/compact", "{\"revision\":3}".getBytes(StandardCharsets.UTF_8));

    try (EventStream stream = new EventStream(server, "/v1/watch?from=2")) {
      assertThat(stream.nextChange().raw())
          .isEqualTo("event: compacted\ndata: {\"compactRevision\":3}\n\n");
      assertThat(stream.next()).isNull();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "key=a&prefix=b   |     | prefix and key: both given, expected one of them or none",
        "key=             |     | key: 0 bytes, expected a key of 1 to 4096 bytes",
        "from=0           |     | from: found '0', expected a whole number from 1 to 9223372036854775807",
        "from=x           |     | from: found 'x', expected a whole number from 1 to 9223372036854775807",
        "previous=yes     |     | previous: found 'yes', expected true or false",
        "timeoutMs=5      |     | unknown parameter 'timeoutMs', expected prefix, key, from, previous",
        "prefix=%g        |     | prefix: bad escape '%g', expected % and two hexadecimal digits",
        "                 | x   | Last-Event-ID: found 'x', expected a whole number from 0 to 9223372036854775806",
        "                 | -1  | Last-Event-ID: found '-1', expected a whole number from 0 to 9223372036854775806",
        "                 | 9223372036854775807 | Last-Event-ID: found '9223372036854775807', expected a whole number from 0 to 9223372036854775806",
      })
  void refusesBadInputByNameAndRule(String query, String lastEventId, String detail) {
    RawClient.Answer answer =
        lastEventId == null
            ? client.send("GET", "/v1/watch?" + query)
            : client.send("GET", "/v1/watch", "Last-Event-ID: " + lastEventId);

    assertProblem(answer, 400, detail);
    assertThat(server.replica.requests).isEmpty();
  }

  @Test
  void closesItsWatchWhenTheClientLeaves() {
    EventStream stream = new EventStream(server, "/v1/watch");
    stream.next();
    assertThat(ApiServer.await(server.replica.openWatches())).isEqualTo(1);

    stream.close();

    await(() -> ApiServer.await(server.replica.openWatches()) == 0);
  }

  @Test
  void endsWithoutAWordWhereTheMemberStops() {
    try (EventStream stream = new EventStream(server, "/v1/watch")) {
      stream.next();
      ApiServer.await(server.replica.endWatches());

      assertThat(stream.next()).isNull();
    }
  }

  @Test
  void refusesMoreWatchesThanItsLimit() {
    try (EventStream one = new EventStream(server, "/v1/watch");
        EventStream two = new EventStream(server, "/v1/watch");
        EventStream three = new EventStream(server, "/v1/watch")) {
      assertThat(List.of(one.next(), two.next(), three.next())).hasSize(3);
      assertProblem(client.send("GET", "/v1/watch"), 429, "3 watches are open, the limit is 3");
    }
    await(() -> ApiServer.await(server.replica.openWatches()) == 0);
    try (EventStream again = new EventStream(server, "/v1/watch")) {
      assertThat(again.next()).isNotNull();
    }
  }

  @Test
  void deliversFarMoreThanTheWindowToAClientThatReads() {
    String value = "x".repeat(10_000);
    try (EventStream stream = new EventStream(server, "/v1/watch")) {
      for (int i = 0; i < 200; i++) {
        put("k", value + i);
      }
      for (int i = 0; i < 200; i++) {
        EventStream.Event event = stream.nextChange();
        assertThat(event.data().getLong("revision")).isEqualTo(2 + i);
        assertThat(event.data().getJsonArray("changes").getJsonObject(0).getString("value"))
            .isEqualTo(value + i);
      }
    }
  }

  @Test
  void deliversOneHugeRevisionInOneEvent() {
    for (int i = 0; i < 500; i++) {
      put("k" + (1_000 + i), "x".repeat(1_000));
    }
    try (EventStream stream = new EventStream(server, "/v1/watch?previous=true")) {
      stream.next();
      client.send("DELETE", "/v1/kv?prefix=k");
      put("after", "1");

      EventStream.Event event = stream.nextChange();
      assertThat(event.data().getJsonArray("changes")).hasSize(500);
      assertThat(event.raw().length()).isGreaterThan(500_000);
      assertThat(stream.nextChange().id()).isEqualTo("503");
    }
  }

  @Test
  void aClientThatDoesNotReadHoldsUpOneWindowAndIsCutOffWithThePlaceToResume() {
    byte[] value = new byte[10_000]; // 60,000 of text, as each zero byte is six characters.
    EventStream slow = new EventStream(server, "/v1/watch");
    slow.next();
    int puts = 400; // 24 MB of text: more than all socket buffers and the window together.
    for (int i = 0; i < puts; i++) {
      assertThat(client.send("PUT", "/v1/kv/k", value).status()).isEqualTo(200);
    }
    awaitStall();
    assertThat(ApiServer.await(server.replica.cutOffStalled())).isEqualTo(1);

    long expected = 2;
    EventStream.Event event = slow.nextChange();
    while (event.type().equals("change")) {
      assertThat(event.data().getLong("revision")).isEqualTo(expected++);
      event = slow.nextChange();
    }

    assertThat(event.type()).isEqualTo("slow");
    assertThat(event.data().getLong("resumeFrom")).isEqualTo(expected);
    assertThat(expected).isLessThan(2 + puts);
    assertThat(slow.next()).isNull();
    slow.close();
    try (EventStream resumed = new EventStream(server, "/v1/watch?from=" + expected)) {
      for (; expected < 2 + puts; expected++) {
        assertThat(resumed.nextChange().id()).isEqualTo(Long.toString(expected));
      }
    }
  }

  /** Waits until the watch lacks credit for good, not only until what is on its way is written. */
  private void awaitStall() {
    long[] place = {0, 0};
    await(
        () -> {
          long stalledAt = ApiServer.await(server.replica.stalledAt());
          if (stalledAt == 0 || stalledAt != place[0]) {
            place[0] = stalledAt;
            place[1] = System.nanoTime();
          }
          return stalledAt != 0 && System.nanoTime() - place[1] > 300_000_000L;
        });
  }

  private void put(String key, String value) {
    assertThat(client.send("PUT", "/v1/kv/" + key, value.getBytes(StandardCharsets.UTF_8)).status())
        .isEqualTo(200);
  }
}
