package io.balsa.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Bytes;
import io.balsa.engine.request.Request;
import io.balsa.mvcc.command.Op;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyResourceTest {
  private ApiServer server;
  private RawClient client;

  @BeforeEach
  void start() {
    server = ApiServer.start();
    client = server.client();
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @Test
  void putsAndGetsAnyBytes() {
    byte[] value = {0, 1, (byte) 0xff, '\n'};

    RawClient.Answer put = client.send("PUT", "/v1/kv/a/b", value);
    RawClient.Answer get = client.send("GET", "/v1/kv/a/b");

    assertThat(put.status()).isEqualTo(200);
    assertThat(put.text()).isEqualTo("{\"revision\":2,\"version\":1}");
    assertThat(put.header("etag")).isEqualTo("\"2\"");
    assertThat(put.header("content-type")).isEqualTo("application/json");
    assertThat(get.status()).isEqualTo(200);
    assertThat(get.body()).isEqualTo(value);
    assertThat(get.header("etag")).isEqualTo("\"2\"");
    assertThat(get.header("balsa-revision")).isEqualTo("2");
    assertThat(get.header("balsa-create-revision")).isEqualTo("2");
    assertThat(get.header("balsa-version")).isEqualTo("1");
    assertThat(get.headers()).doesNotContainKey("balsa-lease");
    assertThat(get.header("content-type")).isEqualTo("application/octet-stream");
  }

  @Test
  void putsAnEmptyValueOnlyWhereTheClientSaysSo() {
    RawClient.Answer declared = client.send("PUT", "/v1/kv/a", new byte[0]);
    RawClient.Answer undeclared = client.send("PUT", "/v1/kv/a");

    assertThat(declared.status()).isEqualTo(200);
    assertThat(client.send("GET", "/v1/kv/a").body()).isEmpty();
    assertProblem(undeclared, 400, "body: missing, expected the value");
  }

  @Test
  void headAnswersAsGetWithoutTheBody() {
    client.send("PUT", "/v1/kv/a", "value".getBytes(StandardCharsets.UTF_8));

    RawClient.Answer head = client.send("HEAD", "/v1/kv/a");
    RawClient.Answer missing = client.send("HEAD", "/v1/kv/b");

    assertThat(head.status()).isEqualTo(200);
    assertThat(head.header("content-length")).isEqualTo("5");
    assertThat(head.header("etag")).isEqualTo("\"2\"");
    assertThat(missing.status()).isEqualTo(404);
    // Nothing of a body may have followed: the connection still works.
    assertThat(client.send("GET", "/v1/kv/a").text()).isEqualTo("value");
  }

  @Test
  void getsAtAPastRevision() {
    put("a", "one");
    put("a", "two");
    client.send("POST", "/v1/compact", "{\"revision\":2}".getBytes(StandardCharsets.UTF_8));
    put("a", "three");

    assertThat(client.send("GET", "/v1/kv/a?revision=3").text()).isEqualTo("two");
    assertThat(client.send("GET", "/v1/kv/a?revision=3").header("balsa-revision")).isEqualTo("3");
    assertThat(client.send("GET", "/v1/kv/a").text()).isEqualTo("three");
    assertProblem(client.send("GET", "/v1/kv/a?revision=5"), 400, null);
    assertProblem(client.send("GET", "/v1/kv/a?revision=1"), 410, null);
  }

  @Test
  void asksForTheConsistencyWanted() {
    client.send("GET", "/v1/kv/a");
    client.send("GET", "/v1/kv/a?consistency=linearizable");
    client.send("GET", "/v1/kv/a?consistency=serializable");

    assertThat(server.replica.requests)
        .extracting(request -> ((Request.Read) request).serializable())
        .containsExactly(false, false, true);
  }

  @Test
  void deletesOneKey() {
    put("a", "one");

    RawClient.Answer first = client.send("DELETE", "/v1/kv/a");
    RawClient.Answer second = client.send("DELETE", "/v1/kv/a");

    assertThat(first.text()).isEqualTo("{\"revision\":3,\"deleted\":1}");
    assertThat(second.text()).isEqualTo("{\"revision\":3,\"deleted\":0}");
    assertProblem(client.send("GET", "/v1/kv/a"), 404, "the key does not exist");
  }

  @Test
  void attachesAKeyToALease() {
    String id =
        client
            .send("POST", "/v1/leases", "{\"ttlSeconds\":60}".getBytes(StandardCharsets.UTF_8))
            .json()
            .getString("id");

    RawClient.Answer put = client.send("PUT", "/v1/kv/a?lease=" + id, new byte[] {1});

    assertThat(put.status()).isEqualTo(200);
    assertThat(client.send("GET", "/v1/kv/a").header("balsa-lease")).isEqualTo(id);
    assertProblem(client.send("PUT", "/v1/kv/a?lease=abc", new byte[] {1}), 404, null);
  }

  @ParameterizedTest
  @CsvSource({
    "a/../b, a/../b",
    "./a, ./a",
    "a//b, a//b",
    "/, /",
    "a+b, a+b",
    "a%2Bb, a+b",
    "a%20b, a b",
    "%2e%2E, ..",
    "a%2Fb, a/b",
    "a;b=c&d, a;b=c&d",
    "a%3Fb, a?b",
    "%25, %",
    "%e4%bd%a0, 你"
  })
  void takesTheKeyFromThePathAsItIs(String path, String key) {
    client.send("PUT", "/v1/kv/" + path, new byte[] {7});

    Op.Put put = (Op.Put) ((Request.Write) server.replica.requests.get(0)).op();
    assertThat(put.key()).isEqualTo(Bytes.utf8(key));
    assertThat(client.send("GET", "/v1/kv/" + path).body()).containsExactly(7);
  }

  @Test
  void takesEveryByteInAKey() {
    for (int b = 0; b < 256; b++) {
      String path = String.format("/v1/kv/%%%02x", b);
      assertThat(client.send("PUT", path, new byte[] {(byte) b}).status()).isEqualTo(200);
    }
    for (int b = 0; b < 256; b++) {
      String path = String.format("/v1/kv/%%%02X", b);
      assertThat(client.send("GET", path).body()).containsExactly(b);
    }
  }

  @Test
  void takesBytesThatAreNotEscapedThoughTheyShouldBe() {
    client.write("GET /v1/kv/\u00e4 HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.UTF_8));
    client.read(false);

    Op.Range range = (Op.Range) ((Request.Read) server.replica.requests.get(0)).op();
    assertThat(range.keys().key()).isEqualTo(Bytes.utf8("ä"));
  }

  @Test
  void takesATargetInAbsoluteForm() {
    put("a", "one");

    assertThat(client.send("GET", "http://test:80/v1/kv/a").text()).isEqualTo("one");
  }

  @Test
  void takesKeysOfUpTo4096BytesHoweverTheyAreWritten() {
    String plain = "k".repeat(4_096);
    String escaped = "%6b".repeat(4_096);

    assertThat(client.send("PUT", "/v1/kv/" + escaped, new byte[] {1}).status()).isEqualTo(200);
    assertThat(client.send("GET", "/v1/kv/" + plain).body()).containsExactly(1);
    assertProblem(
        client.send("GET", "/v1/kv/" + plain + "k"),
        400,
        "key: 4097 bytes, expected a key of 1 to 4096 bytes");
    assertProblem(
        client.send("GET", "/v1/kv/"), 400, "key: 0 bytes, expected a key of 1 to 4096 bytes");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET    | /v1/kv/%          | key: bad escape '%', expected % and two hexadecimal digits",
        "GET    | /v1/kv/a%g1       | key: bad escape '%g1', expected % and two hexadecimal digits",
        "GET    | /v1/kv/a?x=1      | unknown parameter 'x', expected consistency, revision, timeoutMs",
        "GET    | /v1/kv/a?prefix=b | unknown parameter 'prefix', expected consistency, revision, timeoutMs",
        "GET    | /v1/kv/a?revision=1&revision=1 | revision: given more than once",
        "GET    | /v1/kv/a?revision=0  | revision: found '0', expected a whole number from 1 to 9223372036854775807",
        "GET    | /v1/kv/a?revision=-1 | revision: found '-1', expected a whole number from 1 to 9223372036854775807",
        "GET    | /v1/kv/a?revision=1.5 | revision: found '1.5', expected a whole number from 1 to 9223372036854775807",
        "GET    | /v1/kv/a?revision=9223372036854775808 | revision: found '9223372036854775808', expected a whole number from 1 to 9223372036854775807",
        "GET    | /v1/kv/a?revision=99999999999999999999 | revision: found '99999999999999999999', expected a whole number from 1 to 9223372036854775807",
        "GET    | /v1/kv/a?revision= | revision: found '', expected a whole number from 1 to 9223372036854775807",
        "GET    | /v1/kv/a?revision=%ff | revision: not UTF-8: '0xff'",
        "GET    | /v1/kv/a?consistency=eventual | consistency: found 'eventual', expected linearizable or serializable",
        "GET    | /v1/kv/a?timeoutMs=0 | timeoutMs: found '0', expected a whole number from 1 to 9223372036854775807",
        "GET    | /v1/kv/a?timeoutMs=1s | timeoutMs: found '1s', expected a whole number from 1 to 9223372036854775807",
        "PUT    | /v1/kv/a?lease=0  | lease: found '0', expected an id of 1 to 16 lower-case hexadecimal digits other than 0",
        "PUT    | /v1/kv/a?lease=xyz | lease: found 'xyz', expected an id of 1 to 16 lower-case hexadecimal digits other than 0",
        "PUT    | /v1/kv/a?lease=11112222333344445 | lease: found '11112222333344445', expected an id of 1 to 16 lower-case hexadecimal digits other than 0",
        "PUT    | /v1/kv/a?ttl=5    | unknown parameter 'ttl', expected lease, timeoutMs",
        "DELETE | /v1/kv/a?all=true | unknown parameter 'all', expected timeoutMs"
      })
  void refusesBadInputByNameAndRule(String method, String target, String detail) {
    long before = ApiServer.await(server.replica.stateHash());

    RawClient.Answer answer =
        client.send(method, target, method.equals("PUT") ? new byte[] {1} : null);

    assertProblem(answer, 400, detail);
    assertThat(server.replica.requests).isEmpty();
    assertThat(ApiServer.await(server.replica.stateHash())).isEqualTo(before);
  }

  @ParameterizedTest
  @CsvSource({
    "POST, /v1/kv/a, 'GET, HEAD, PUT, DELETE'",
    "PATCH, /v1/kv/a, 'GET, HEAD, PUT, DELETE'",
    "OPTIONS, /v1/kv/a, 'GET, HEAD, PUT, DELETE'",
    "BREW, /v1/kv/a, 'GET, HEAD, PUT, DELETE'",
    "PUT, /v1/kv, 'GET, HEAD, DELETE'"
  })
  void namesTheMethodsAllowed(String method, String path, String allowed) {
    RawClient.Answer answer = client.send(method, path, new byte[] {1});

    assertProblem(answer, 405, null);
    assertThat(answer.header("allow")).isEqualTo(allowed);
  }

  @Test
  void acceptsAValueOfExactlyTheLimit() {
    byte[] value = new byte[1_572_864];
    Arrays.fill(value, (byte) 'v');

    assertThat(client.send("PUT", "/v1/kv/a", value).status()).isEqualTo(200);
    assertThat(client.send("GET", "/v1/kv/a").body()).isEqualTo(value);
    assertProblem(
        client.send("PUT", "/v1/kv/b", new byte[1_572_865]),
        413,
        "body: the value may have at most 1572864 bytes");
    assertThat(client.send("GET", "/v1/kv/b").status()).isEqualTo(404);
  }

  private void put(String key, String value) {
    assertThat(client.send("PUT", "/v1/kv/" + key, value.getBytes(StandardCharsets.UTF_8)).status())
        .isEqualTo(200);
  }

  static void assertProblem(RawClient.Answer answer, int status, String detail) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
    assertThat(answer.json().fieldNames())
        .containsExactly("type", "title", "status", "detail", "outcome");
    assertThat(answer.json().getInteger("status")).isEqualTo(status);
    assertThat(answer.json().getString("outcome")).isEqualTo("refused");
    if (detail != null) {
      assertThat(answer.json().getString("detail")).isEqualTo(detail);
    }
  }
}
