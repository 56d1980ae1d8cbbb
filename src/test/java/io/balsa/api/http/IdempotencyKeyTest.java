package io.balsa.api.http;

import static io.balsa.api.http.KeyResourceTest.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.engine.request.Request;
import io.balsa.mvcc.command.Once;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdempotencyKeyTest {
  private static final String LEASE = "7000"; // The first that the replica grants.

  private ApiServer server;
  private RawClient client;

  @BeforeEach
  void start() {
    server = ApiServer.start();
    client = server.client();
    RawClient.Answer lease = client.send("POST", "/v1/leases", bytes("{\"ttlSeconds\":60}"));
    assertThat(lease.json().getString("id")).isEqualTo(LEASE);
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @Test
  void aRepeatedPutIsAnsweredAsTheFirstTimeAndNotApplied() {
    RawClient.Answer first = client.send("PUT", "/v1/kv/a", bytes("1"), key(1));
    client.send("PUT", "/v1/kv/a", bytes("2"), key(2));

    assertRepeats(first, client.send("PUT", "/v1/kv/a", bytes("1"), key(1)));

    assertThat(first.status()).isEqualTo(200);
    assertThat(first.header("etag")).isEqualTo("\"2\"");
    assertThat(client.send("GET", "/v1/kv/a").text()).isEqualTo("2");
    assertThat(client.send("GET", "/v1/kv/a").header("balsa-version")).isEqualTo("2");
  }

  @Test
  void aRepeatedDeletionIsAnsweredAsTheFirstTimeAndNotApplied() {
    client.send("PUT", "/v1/kv/a", bytes("1"));
    RawClient.Answer one = client.send("DELETE", "/v1/kv/a", key(1));
    client.send("PUT", "/v1/kv/a", bytes("2"));
    RawClient.Answer all = client.send("DELETE", "/v1/kv?prefix=a", key(2));
    client.send("PUT", "/v1/kv/a", bytes("3"));

    assertRepeats(one, client.send("DELETE", "/v1/kv/a", key(1)));
    assertRepeats(all, client.send("DELETE", "/v1/kv?prefix=a", key(2)));

    assertThat(one.text()).isEqualTo("{\"revision\":3,\"deleted\":1}");
    assertThat(all.text()).isEqualTo("{\"revision\":5,\"deleted\":1}");
    assertThat(client.send("GET", "/v1/kv/a").text()).isEqualTo("3");
  }

  @Test
  void aRepeatedTransactionIsAnsweredAsTheFirstTimeAndNotApplied() {
    String txn =
        "{\"compare\":[{\"key\":\"a\",\"target\":\"version\",\"op\":\"=\",\"value\":0}],"
            + "\"then\":[{\"get\":{\"key\":\"a\"}},{\"put\":{\"key\":\"a\",\"value\":\"1\"}},"
            + "{\"txn\":{\"then\":[{\"get\":{\"key\":\"a\"}}]}}],"
            + "\"else\":[{\"delete\":{\"key\":\"a\"}}]}";
    RawClient.Answer first = client.send("POST", "/v1/txn", bytes(txn), key(1));

    assertRepeats(first, client.send("POST", "/v1/txn", bytes(txn), key(1)));

    assertThat(first.json().getBoolean("succeeded")).isTrue();
    assertThat(client.send("GET", "/v1/kv/a").header("balsa-version")).isEqualTo("1");
    assertThat(client.send("POST", "/v1/txn", bytes(txn), key(2)).json().getBoolean("succeeded"))
        .isFalse();
  }

  @Test
  void aConditionThatFailedFailsAgainThoughItWouldHoldNow() {
    client.send("PUT", "/v1/kv/a", bytes("1"));
    RawClient.Answer put = client.send("PUT", "/v1/kv/a", bytes("x"), "If-None-Match: *", key(1));
    RawClient.Answer many =
        client.send("PUT", "/v1/kv/b", bytes("x"), "If-Match: \"7\", \"8\"", key(2));
    RawClient.Answer delete = client.send("DELETE", "/v1/kv/b", "If-Match: *", key(3));
    client.send("DELETE", "/v1/kv/a");
    client.send("PUT", "/v1/kv/b", bytes("2"));

    assertRepeats(put, client.send("PUT", "/v1/kv/a", bytes("x"), "If-None-Match: *", key(1)));
    assertRepeats(
        many, client.send("PUT", "/v1/kv/b", bytes("x"), "If-Match: \"7\", \"8\"", key(2)));
    assertRepeats(delete, client.send("DELETE", "/v1/kv/b", "If-Match: *", key(3)));

    assertProblem(put, 412, "the key exists, its entity tag is \"2\"");
    assertProblem(many, 412, "the key does not exist");
    assertProblem(delete, 412, "the key does not exist");
    assertThat(client.send("GET", "/v1/kv/a").status()).isEqualTo(404);
    assertThat(client.send("GET", "/v1/kv/b").text()).isEqualTo("2");
  }

  @Test
  void aConditionThatHeldHoldsAgainThoughItWouldFailNow() {
    RawClient.Answer first = client.send("PUT", "/v1/kv/a", bytes("1"), "If-None-Match: *", key(1));

    assertRepeats(first, client.send("PUT", "/v1/kv/a", bytes("1"), "If-None-Match: *", key(1)));
    assertThat(first.status()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "7000-1                        | 7000             | 1",
        "\"7000-1\"                  | 7000             | 1",
        "\"7f3a-9223372036854775807\" | 7f3a            | 9223372036854775807",
        "ffffffffffffffff-12           | ffffffffffffffff | 12",
      })
  void namesALeaseAndANumberInQuotesOrNot(String header, String lease, long sequence) {
    client.send("PUT", "/v1/kv/a", bytes("1"), "Idempotency-Key: " + header);

    Request.Write write = (Request.Write) server.replica.requests.get(1);
    assertThat(write.once()).isEqualTo(new Once(Long.parseUnsignedLong(lease, 16), sequence));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``         | found '', expected a lease and a number as in \"7f-1\"",
        "7f         | found '7f', expected a lease and a number as in \"7f-1\"",
        "\"        | found '\"', expected a lease and a number as in \"7f-1\"",
        "-1         | lease: found '', expected an id of 1 to 16 lower-case hexadecimal digits other than 0",
        "0-1        | lease: found '0', expected an id of 1 to 16 lower-case hexadecimal digits other than 0",
        "7F-1       | lease: found '7F', expected an id of 1 to 16 lower-case hexadecimal digits other than 0",
        "\"7f-1    | lease: found '\"7f', expected an id of 1 to 16 lower-case hexadecimal digits other than 0",
        "7f-        | sequence: found '', expected a whole number from 1 to 9223372036854775807",
        "7f-0       | sequence: found '0', expected a whole number from 1 to 9223372036854775807",
        "7f--1      | sequence: found '-1', expected a whole number from 1 to 9223372036854775807",
        "7f-1a      | sequence: found '1a', expected a whole number from 1 to 9223372036854775807",
        "7f-9223372036854775808 | sequence: found '9223372036854775808', expected a whole number from 1 to 9223372036854775807",
        "7f-1, 7f-2 | sequence: found '1, 7f-2', expected a whole number from 1 to 9223372036854775807",
        "\"7f-1\";v=1 | lease: found '\"7f', expected an id of 1 to 16 lower-case hexadecimal digits other than 0",
      })
  void aMalformedKeyIsRefusedByNameWithTheRule(String header, String detail) {
    String line = "Idempotency-Key: " + header;
    RawClient.Answer answer = client.send("PUT", "/v1/kv/a", bytes("1"), line);

    assertProblem(answer, 400, "Idempotency-Key: " + detail);
    assertThat(server.replica.requests).noneMatch(Request.Write.class::isInstance);
  }

  @Test
  void twoKeysAreOneTooMany() {
    assertProblem(
        client.send("DELETE", "/v1/kv/a", key(1), key(1)),
        400,
        "Idempotency-Key: given more than once");
  }

  @ParameterizedTest
  @CsvSource({
    "GET,    /v1/kv/a",
    "HEAD,   /v1/kv/a",
    "GET,    /v1/kv",
    "GET,    /v1/watch",
    "POST,   /v1/compact",
    "GET,    /v1/leases",
    "POST,   /v1/leases",
    "GET,    /v1/leases/7000",
    "DELETE, /v1/leases/7000",
    "POST,   /v1/leases/7000/keepalive",
    "GET,    /v1/members",
    "POST,   /v1/members",
    "DELETE, /v1/members/n1",
    "POST,   /v1/members/n1/promote",
    "POST,   /v1/leader",
    "GET,    /v1/status",
    "GET,    /livez",
    "GET,    /metrics",
  })
  void isRefusedWhereItHasNoEffect(String method, String target) {
    int before = server.replica.requests.size();

    RawClient.Answer answer =
        client.send(method, target, method.equals("POST") ? bytes("{}") : null, key(1));

    assertThat(answer.status()).isEqualTo(400);
    if (!method.equals("HEAD")) {
      assertProblem(answer, 400, misplaced());
    }
    assertThat(server.replica.requests).hasSize(before);
  }

  @Test
  void isRefusedOnATransactionThatOnlyReads() {
    String txn = "{\"then\":[{\"get\":{\"key\":\"a\"}}]}";

    assertProblem(client.send("POST", "/v1/txn", bytes(txn), key(1)), 400, misplaced());
  }

  @Test
  void whatIsTooOldOrOfNoSessionIsRefused() {
    client.send("PUT", "/v1/kv/a", bytes("1"), key(500));

    RawClient.Answer old = client.send("PUT", "/v1/kv/a", bytes("2"), key(1));
    assertProblem(
        old,
        409,
        "write 1 of session 7000 may have been applied before: it is older than the 128 up to"
            + " write 500, whose answers are remembered");
    assertThat(old.json().getString("type")).isEqualTo("urn:balsa:problem:answer-forgotten");
    client.send("DELETE", "/v1/leases/7000");
    assertProblem(
        client.send("PUT", "/v1/kv/a", bytes("1"), key(500)),
        404,
        "write 500 of session 7000 may have been applied before: the session has ended, or there"
            + " never was one");
    assertThat(client.send("GET", "/v1/kv/a").text()).isEqualTo("1");
  }

  @Test
  void aKeyOfAnotherKindOfRequestIsRefused() {
    client.send("PUT", "/v1/kv/a", bytes("1"), key(1));
    client.send("POST", "/v1/txn", bytes("{\"else\":[{\"delete\":{\"key\":\"b\"}}]}"), key(2));

    for (RawClient.Answer answer :
        new RawClient.Answer[] {
          client.send("DELETE", "/v1/kv/a", key(1)),
          client.send("DELETE", "/v1/kv?prefix=a", key(1)),
          client.send("POST", "/v1/txn", bytes("{\"then\":[{\"delete\":{\"key\":\"a\"}}]}"), key(1))
        }) {
      assertProblem(
          answer,
          422,
          "Idempotency-Key: found that of another request before: write 1 of session 7000,"
              + " expected a new one");
    }
    assertThat(client.send("PUT", "/v1/kv/a", bytes("1"), key(2)).status()).isEqualTo(422);
    assertThat(client.send("GET", "/v1/kv/a").status()).isEqualTo(200);
  }

  private static void assertRepeats(RawClient.Answer first, RawClient.Answer repeated) {
    assertThat(repeated.status()).isEqualTo(first.status());
    assertThat(repeated.headers()).isEqualTo(first.headers());
    assertThat(repeated.text()).isEqualTo(first.text());
  }

  private static String misplaced() {
    return "Idempotency-Key: found on a request that writes no key: write 1 of session 7000,"
        + " expected with PUT and DELETE of keys and with a transaction that may write";
  }

  private static String key(long sequence) {
    return "Idempotency-Key: \"" + LEASE + "-" + sequence + "\"";
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
