package io.balsa.api.http;

import static io.balsa.api.http.KeyResourceTest.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeysResourceTest {
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
  void listsKeysWithEverythingAboutThem() {
    put("a/1", "one");
    put("a/2", "two");
    put("a/2", "\"zwei\"\n");
    put("b", "other");

    assertThat(client.send("GET", "/v1/kv?prefix=a/").text())
        .isEqualTo(
            "{\"revision\":5,\"count\":2,\"items\":["
                + "{\"key\":\"a/1\",\"value\":\"one\",\"createRevision\":2,\"modRevision\":2,\"version\":1},"
                + "{\"key\":\"a/2\",\"value\":\"\\\"zwei\\\"\\n\",\"createRevision\":3,\"modRevision\":4,\"version\":2}"
                + "]}");
    assertThat(client.send("GET", "/v1/kv?prefix=a/&keysOnly=true&limit=1").text())
        .startsWith(
            "{\"revision\":5,\"count\":2,\"items\":["
                + "{\"key\":\"a/1\",\"createRevision\":2,\"modRevision\":2,\"version\":1}"
                + "],\"next\":\"");
    assertThat(client.send("GET", "/v1/kv?prefix=c").text())
        .isEqualTo("{\"revision\":5,\"count\":0,\"items\":[]}");
    assertThat(client.send("GET", "/v1/kv").json().getLong("count")).isEqualTo(3);
  }

  @Test
  void writesBytesThatAreNoTextAsBase64() {
    client.send("PUT", "/v1/kv/%ff", new byte[] {(byte) 0xfe, 0});
    put("%c3%a4", "\u00e4\u0001");

    assertThat(client.send("GET", "/v1/kv?prefix=").text())
        .contains("{\"key\":\"ä\",\"value\":\"ä\\u0001\",")
        .contains("{\"keyBase64\":\"/w==\",\"valueBase64\":\"/gA=\",");
    assertThat(client.send("GET", "/v1/kv?prefix=%FF").json().getLong("count")).isEqualTo(1);
  }

  @Test
  void pagesShowTheStoreOfTheFirstPage() {
    for (int i = 0; i < 25; i++) {
      put("k/" + (char) ('a' + i), "v" + i);
    }
    List<String> keys = new ArrayList<>();

    JsonObject page = client.send("GET", "/v1/kv?prefix=k/&limit=10").json();
    int pages = 1;
    collect(page, keys);
    while (page.containsKey("next")) {
      // What changes meanwhile must not show.
      client.send("DELETE", "/v1/kv/k/z");
      put("k/zz" + pages, "late");
      page = client.send("GET", "/v1/kv?prefix=k/&limit=10&after=" + page.getString("next")).json();
      pages++;
      collect(page, keys);
      assertThat(page.getLong("revision")).isEqualTo(26);
      assertThat(page.getLong("count")).isEqualTo(25);
    }

    assertThat(pages).isEqualTo(3);
    assertThat(keys).hasSize(25).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void aPageThatEndsWithTheRangeHasNoNext() {
    put("a", "1");
    put("b", "2");

    JsonObject page = client.send("GET", "/v1/kv?limit=2").json();

    assertThat(page.containsKey("next")).isFalse();
  }

  @Test
  void pagesEndWithACompaction() {
    put("a", "1");
    put("b", "2");
    String next = client.send("GET", "/v1/kv?limit=1").json().getString("next");
    put("c", "3");
    client.send("POST", "/v1/compact", "{\"revision\":4}".getBytes(StandardCharsets.UTF_8));

    assertProblem(client.send("GET", "/v1/kv?limit=1&after=" + next), 410, null);
  }

  @Test
  void listsAtAPastRevision() {
    put("a", "1");
    put("b", "2");

    assertThat(client.send("GET", "/v1/kv?revision=2").text())
        .startsWith("{\"revision\":2,\"count\":1,");
  }

  @Test
  void sendsALongListInPartsAndWhole() {
    String value = "x".repeat(100_000);
    for (int i = 0; i < 50; i++) {
      put("k" + (100 + i), value + i);
    }

    RawClient.Answer answer = client.send("GET", "/v1/kv?prefix=k");
    RawClient.Answer head = client.send("HEAD", "/v1/kv?prefix=k");

    assertThat(answer.header("transfer-encoding")).isEqualTo("chunked");
    assertThat(answer.json().getJsonArray("items")).hasSize(50);
    assertThat(answer.json().getJsonArray("items").getJsonObject(49).getString("value"))
        .isEqualTo(value + 49);
    assertThat(head.status()).isEqualTo(200);
    assertThat(client.send("GET", "/v1/kv?prefix=none").status()).isEqualTo(200);
  }

  @Test
  void deletesByPrefix() {
    put("a/1", "1");
    put("a/2", "2");
    put("b", "3");

    assertThat(client.send("DELETE", "/v1/kv?prefix=a/").text())
        .isEqualTo("{\"revision\":5,\"deleted\":2}");
    assertThat(client.send("DELETE", "/v1/kv?all=true").text())
        .isEqualTo("{\"revision\":6,\"deleted\":1}");
    assertThat(client.send("DELETE", "/v1/kv?prefix=&all=true").text())
        .isEqualTo("{\"revision\":6,\"deleted\":0}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "DELETE | prefix=              | prefix: empty, expected all=true to delete every key",
        "DELETE |                      | prefix: empty, expected all=true to delete every key",
        "DELETE | all=false            | prefix: empty, expected all=true to delete every key",
        "DELETE | prefix=a&all=true    | all: true, expected no prefix beside it",
        "DELETE | prefix=a&all=1       | all: found '1', expected true or false",
        "DELETE | prefix=a&limit=1     | unknown parameter 'limit', expected prefix, all, timeoutMs",
        "DELETE | prefix=a&prefix=b    | prefix: given more than once",
        "GET    | limit=0              | limit: found '0', expected a whole number from 1 to 1000",
        "GET    | limit=1001           | limit: found '1001', expected a whole number from 1 to 1000",
        "GET    | limit=ten            | limit: found 'ten', expected a whole number from 1 to 1000",
        "GET    | keysOnly             | keysOnly: found '', expected true or false",
        "GET    | keysOnly=TRUE        | keysOnly: found 'TRUE', expected true or false",
        "GET    | revision=x           | revision: found 'x', expected a whole number from 1 to 9223372036854775807",
        "GET    | consistency=         | consistency: found '', expected linearizable or serializable",
        "GET    | after=               | after: found '', expected the next of a page of the same prefix",
        "GET    | after=!              | after: found '!', expected the next of a page of the same prefix",
        "GET    | after=AQIDBA         | after: found 'AQIDBA', expected the next of a page of the same prefix",
        "GET    | key=a                | unknown parameter 'key', expected prefix, limit, after, keysOnly, consistency, revision, timeoutMs",
        "GET    | Prefix=a             | unknown parameter 'Prefix', expected prefix, limit, after, keysOnly, consistency, revision, timeoutMs",
        "GET    | %ff=a                | query: not UTF-8: '0xff'",
        "GET    | prefix=%             | prefix: bad escape '%', expected % and two hexadecimal digits",
      })
  void refusesBadInputByNameAndRule(String method, String query, String detail) {
    put("a", "1");
    long before = ApiServer.await(server.replica.stateHash());

    RawClient.Answer answer = client.send(method, "/v1/kv?" + (query == null ? "" : query));

    assertProblem(answer, 400, detail);
    assertThat(ApiServer.await(server.replica.stateHash())).isEqualTo(before);
  }

  @Test
  void refusesATokenOfAnotherPrefixOrRevision() {
    put("aa", "1");
    put("ab", "2");
    String next = client.send("GET", "/v1/kv?prefix=a&limit=1").json().getString("next");

    assertProblem(client.send("GET", "/v1/kv?prefix=b&after=" + next), 400, null);
    assertProblem(client.send("GET", "/v1/kv?after=" + next), 400, null);
    assertProblem(
        client.send("GET", "/v1/kv?prefix=a&revision=2&after=" + next),
        400,
        "revision: found 2, expected that of the first page: 3");
    assertThat(client.send("GET", "/v1/kv?prefix=a&revision=3&after=" + next).status())
        .isEqualTo(200);
  }

  @Test
  void refusesAPrefixLongerThanAnyKey() {
    assertProblem(
        client.send("GET", "/v1/kv?prefix=" + "k".repeat(4_097)),
        400,
        "prefix: 4097 bytes, expected a prefix of at most 4096 bytes");
  }

  private void put(String key, String value) {
    assertThat(client.send("PUT", "/v1/kv/" + key, value.getBytes(StandardCharsets.UTF_8)).status())
        .isEqualTo(200);
  }

  private static void collect(JsonObject page, List<String> keys) {
    for (Object item : page.getJsonArray("items")) {
      keys.add(((JsonObject) item).getString("key"));
    }
  }
}
