package io.balsa.api.http;

import static io.balsa.api.http.KeyResourceTest.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9110 §13, with the key "a" at mod revision 3, and "b" missing. */
class ConditionsTest {
  private ApiServer server;
  private RawClient client;

  @BeforeEach
  void start() {
    server = ApiServer.start();
    client = server.client();
    client.send("PUT", "/v1/kv/a", new byte[] {1});
    client.send("PUT", "/v1/kv/a", new byte[] {2});
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a | If-Match: \"3\"                  | 200",
        "a | If-Match: \"2\"                  | 412",
        "a | If-Match: *                      | 200",
        "a | If-Match: \"2\", \"3\"           | 200",
        "a | If-Match: \"9\",\"2\" , \"3\",   | 200",
        "a | If-Match: \"9\", \"2\"           | 412",
        "a | If-Match: W/\"3\"                | 412",
        "a | If-Match: W/\"3\", \"3\"         | 200",
        "a | If-Match: \"03\"                 | 412",
        "a | If-Match: \"\"                   | 412",
        "a | If-Match: \"x, 3\"               | 412",
        "a | If-Match: \"9223372036854775808\" | 412",
        "b | If-Match: \"3\"                  | 412",
        "b | If-Match: \"0\"                  | 412",
        "b | If-Match: *                      | 412",
        "a | If-None-Match: *                 | 412",
        "b | If-None-Match: *                 | 200",
        "a | If-None-Match: \"3\"             | 412",
        "a | If-None-Match: W/\"3\"           | 412",
        "a | If-None-Match: \"2\", \"9\"      | 200",
        "b | If-None-Match: \"0\"             | 200",
      })
  void makesAPutConditional(String key, String header, int status) {
    long before = ApiServer.await(server.replica.stateHash());

    RawClient.Answer put = client.send("PUT", "/v1/kv/" + key, new byte[] {9}, header);

    assertThat(put.status()).as(put.text()).isEqualTo(status);
    if (status == 200) {
      assertThat(put.json().getLong("revision")).isEqualTo(4);
      assertThat(client.send("GET", "/v1/kv/" + key).body()).containsExactly(9);
    } else {
      assertProblem(put, 412, null);
      assertThat(ApiServer.await(server.replica.stateHash())).isEqualTo(before);
    }
  }

  @Test
  void bothConditionsMustHold() {
    assertThat(put("If-Match: \"3\"", "If-None-Match: \"3\"")).isEqualTo(412);
    assertThat(put("If-Match: *", "If-None-Match: *")).isEqualTo(412);
    assertThat(put("If-Match: \"3\"", "If-None-Match: \"2\"")).isEqualTo(200);
  }

  @Test
  void tagsMayStandInSeveralLines() {
    assertThat(put("If-Match: \"2\"", "If-Match: \"3\"")).isEqualTo(200);
  }

  @Test
  void saysWhatItFoundWhereAConditionFails() {
    assertProblem(
        client.send("PUT", "/v1/kv/a", new byte[] {9}, "If-Match: \"2\""),
        412,
        "the key exists, its entity tag is \"3\"");
    assertProblem(
        client.send("PUT", "/v1/kv/b", new byte[] {9}, "If-Match: \"2\""),
        412,
        "the key does not exist");
  }

  @Test
  void makesADeletionConditional() {
    assertProblem(client.send("DELETE", "/v1/kv/a", "If-Match: \"2\""), 412, null);
    assertProblem(client.send("DELETE", "/v1/kv/b", "If-Match: *"), 412, null);
    assertThat(client.send("DELETE", "/v1/kv/a", "If-Match: \"2\", \"3\"").text())
        .isEqualTo("{\"revision\":4,\"deleted\":1}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a | If-None-Match: \"3\"           | 304",
        "a | If-None-Match: W/\"3\"         | 304",
        "a | If-None-Match: *               | 304",
        "a | If-None-Match: \"2\", W/\"3\"  | 304",
        "a | If-None-Match: \"2\"           | 200",
        "a | If-Match: \"3\"                | 200",
        "a | If-Match: W/\"3\"              | 412",
        "a | If-Match: \"2\"                | 412",
        "b | If-None-Match: *               | 404",
        "b | If-Match: *                    | 404",
      })
  void makesAReadConditional(String key, String header, int status) {
    RawClient.Answer get = client.send("GET", "/v1/kv/" + key, header);
    RawClient.Answer head = client.send("HEAD", "/v1/kv/" + key, header);

    assertThat(get.status()).isEqualTo(status);
    assertThat(head.status()).isEqualTo(status);
    if (status == 304) {
      assertThat(get.header("etag")).isEqualTo("\"3\"");
      assertThat(get.header("balsa-revision")).isEqualTo("3");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "If-Match: 3",
        "If-Match: \"3",
        "If-Match: \"2\" \"3\"",
        "If-Match: *, \"3\"",
        "If-Match: w/\"3\"",
        "If-Match: ,",
        "If-None-Match:",
        "If-None-Match: 3"
      })
  void refusesWhatAreNoEntityTags(String header) {
    RawClient.Answer put = client.send("PUT", "/v1/kv/a", new byte[] {9}, header);

    assertProblem(put, 400, null);
    assertThat(put.json().getString("detail"))
        .startsWith(header.substring(0, header.indexOf(':')).toLowerCase() + ": found ");
  }

  @Test
  void refusesMoreTagsThanItTries() {
    String tags = "\"1\",".repeat(16) + "\"3\"";

    assertProblem(
        client.send("PUT", "/v1/kv/a", new byte[] {9}, "If-Match: " + tags),
        400,
        "if-match: found 17 entity tags, expected 1 to 16");
  }

  private int put(String... headers) {
    return client.send("PUT", "/v1/kv/a", new byte[] {9}, headers).status();
  }
}
