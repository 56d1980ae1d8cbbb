package io.balsa.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Whatever is sent to a member, it says what is wrong with it and stays what it was. */
class BadInputTest {
  private static final String MANY_NINES = "9".repeat(40);
  private static final int VALUE_BYTES_MAX = 1_572_864;

  @RegisterExtension static final Servers servers = new Servers();

  private static ServerProcess server;

  @BeforeAll
  static void start() {
    server = servers.cluster(1).members().get(0);
    Await.until(
        "the member's own addresses are in the log",
        Duration.ofSeconds(30),
        () -> server.endpoint().get("/v1/members").text().contains("\"clientUrls\":[\"http"));
    assertThat(server.endpoint().put("key", "value").status()).isEqualTo(200);
    assertThat(server.endpoint().put("key", "value 2").status()).isEqualTo(200);
  }

  /**
   * A request that must be refused.
   *
   * @param status the only one allowed
   * @param named what the problem's detail must contain
   */
  private record Bad(String method, String target, byte[] body, int status, String... named) {}

  private static Bad bad(String method, String target, int status, String... named) {
    return new Bad(method, target, null, status, named);
  }

  private static Bad bad(String method, String target, String body, int status, String... named) {
    return new Bad(method, target, body.getBytes(StandardCharsets.UTF_8), status, named);
  }

  @TestFactory
  Stream<DynamicTest> refusesKeysAndParameters() {
    return refused(
        bad("PUT", "/v1/kv/", "v", 400, "key"),
        bad("PUT", "/v1/kv/" + "k".repeat(4_097), "v", 400, "4097", "4096"),
        bad("PUT", "/v1/kv/" + "%20".repeat(4_097), "v", 400, "4097", "4096"),
        bad("PUT", "/v1/kv/%zz", "v", 400, "%zz"),
        bad("PUT", "/v1/kv/a%", "v", 400),
        new Bad("PUT", "/v1/kv/large", new byte[VALUE_BYTES_MAX + 1], 413, "1572864"),
        bad("PUT", "/v1/kv/key?lease=xyz", "v", 400, "lease", "xyz"),
        bad("PUT", "/v1/kv/key?lease=", "v", 400, "lease"),
        bad("PUT", "/v1/kv/key?lease=" + MANY_NINES, "v", 400, "lease"),
        bad("PUT", "/v1/kv/key?lease=7b", "v", 404, "7b"),
        bad("PUT", "/v1/kv/key?leese=7b", "v", 400, "leese"),
        bad("PUT", "/v1/kv/key?timeoutMs=soon", "v", 400, "timeoutMs", "soon"),
        bad("PUT", "/v1/kv/key?timeoutMs=-1", "v", 400, "timeoutMs", "-1"),
        bad("PUT", "/v1/kv/key?timeoutMs=" + MANY_NINES, "v", 400, "timeoutMs"),
        bad("GET", "/v1/kv/", 400, "key"),
        bad("GET", "/v1/kv/key?revision=first", 400, "revision", "first"),
        bad("GET", "/v1/kv/key?revision=-5", 400, "revision", "-5"),
        bad("GET", "/v1/kv/key?revision=1.5", 400, "revision", "1.5"),
        bad("GET", "/v1/kv/key?revision=", 400, "revision"),
        bad("GET", "/v1/kv/key?revision=" + MANY_NINES, 400, "revision"),
        bad("GET", "/v1/kv/key?revision=123456", 400, "123456"),
        bad("GET", "/v1/kv/key?consistency=sometimes", 400, "consistency", "sometimes"),
        bad("GET", "/v1/kv/key?consistency=", 400, "consistency"),
        bad("GET", "/v1/kv/key?Revision=2", 400, "Revision"),
        bad("DELETE", "/v1/kv/", 400, "key"),
        bad("DELETE", "/v1/kv/key?force=true", 400, "force"),
        bad("GET", "/v1/kv?limit=0", 400, "limit", "0"),
        bad("GET", "/v1/kv?limit=-1", 400, "limit", "-1"),
        bad("GET", "/v1/kv?limit=1001", 400, "limit", "1001", "1000"),
        bad("GET", "/v1/kv?limit=many", 400, "limit", "many"),
        bad("GET", "/v1/kv?limit=" + MANY_NINES, 400, "limit"),
        bad("GET", "/v1/kv?after=nowhere", 400, "after"),
        bad("GET", "/v1/kv?keysOnly=perhaps", 400, "keysOnly", "perhaps"),
        bad("GET", "/v1/kv?prefix=a&key=b", 400, "key"),
        bad("GET", "/v1/kv?prefix=%4", 400),
        bad("GET", "/v1/kv?prefix=" + "k".repeat(4_097), 400, "prefix"),
        bad("GET", "/v1/kv?consistency=eventual", 400, "consistency", "eventual"),
        bad("GET", "/v1/kv?revision=123456", 400, "123456"),
        bad("DELETE", "/v1/kv", 400, "all"),
        bad("DELETE", "/v1/kv?prefix=", 400, "all"),
        bad("DELETE", "/v1/kv?prefix=&all=yes", 400, "all", "yes"),
        bad("DELETE", "/v1/kv?prefix=a&limit=3", 400, "limit"));
  }

  @TestFactory
  Stream<DynamicTest> refusesTransactions() {
    List<Bad> rows = new ArrayList<>(bodiesThatAreNoObject("POST", "/v1/txn"));
    rows.addAll(
        List.of(
            txn("{'unless':[]}", "unless"),
            txn("{'compare':5}", "compare"),
            txn("{'compare':[5]}", "compare"),
            txn("{'then':{}}", "then"),
            txn("{'then':null,'else':'x'}", "then"),
            txn("{'compare':[{'key':'a','target':'size','op':'=','value':'v'}]}", "size"),
            txn("{'compare':[{'key':'a','target':'value','op':'~','value':'v'}]}", "~"),
            txn("{'compare':[{'key':'a','target':'version','op':'=','value':'x'}]}", "x"),
            txn("{'compare':[{'key':'a','target':'version','op':'=','value':1.5}]}", "1.5"),
            txn("{'compare':[{'key':'a','target':'version','op':'='}]}", "value"),
            txn("{'compare':[{'target':'version','op':'=','value':1}]}", "key"),
            txn("{'then':[{}]}"),
            txn("{'then':[{'move':{'key':'a'}}]}", "move"),
            txn("{'then':[{'put':{'key':'a','value':'v'},'get':{'key':'b'}}]}"),
            txn("{'then':[{'put':{'value':'v'}}]}", "key"),
            txn("{'then':[{'put':{'key':'','value':'v'}}]}", "key"),
            txn("{'then':[{'put':{'key':7,'value':'v'}}]}", "key"),
            txn("{'then':[{'put':{'key':'a'}}]}", "value"),
            txn("{'then':[{'put':{'key':'a','keyBase64':'YQ==','value':'v'}}]}", "keyBase64"),
            txn("{'then':[{'put':{'keyBase64':'?','value':'v'}}]}", "keyBase64"),
            txn("{'then':[{'put':{'key':'a','value':'v','lease':'nobody'}}]}", "nobody"),
            txn("{'then':[{'put':{'key':'a','value':'v','ttl':5}}]}", "ttl"),
            txn("{'then':[{'delete':{'key':'a','prefix':'b'}}]}", "prefix"),
            txn("{'then':[{'delete':{}}]}", "key"),
            txn("{'then':[{'get':{'prefix':'b','limit':-1}}]}", "limit", "-1"),
            txn("{'then':[{'get':{'prefix':'b','limit':'x'}}]}", "limit"),
            txn(
                "{'then':[{'put':{'key':'twice','value':'1'}},{'put':{'key':'twice','value':'2'}}]}",
                "twice"),
            txn("{'then':[" + ("{'get':{'key':'a'}},".repeat(1_000)) + "{'get':{'key':'a'}}]}"),
            txn("{'then':[{'txn':".repeat(5_000) + "{}" + "}]}".repeat(5_000))));
    return refused(rows);
  }

  private static Bad txn(String body, String... named) {
    return bad("POST", "/v1/txn", json(body), 400, named);
  }

  @TestFactory
  Stream<DynamicTest> refusesWatches() {
    return refused(
        bad("GET", "/v1/watch?prefix=a&key=b", 400, "key"),
        bad("GET", "/v1/watch?from=now", 400, "from", "now"),
        bad("GET", "/v1/watch?from=-1", 400, "from", "-1"),
        bad("GET", "/v1/watch?from=" + MANY_NINES, 400, "from"),
        bad("GET", "/v1/watch?key=", 400, "key"),
        bad("GET", "/v1/watch?previous=2", 400, "previous", "2"),
        bad("GET", "/v1/watch?perfix=a", 400, "perfix"));
  }

  @TestFactory
  Stream<DynamicTest> refusesCompactionsLeasesAndMembers() {
    List<Bad> rows = new ArrayList<>();
    for (String route : List.of("/v1/compact", "/v1/leases", "/v1/members", "/v1/leader")) {
      rows.addAll(bodiesThatAreNoObject("POST", route));
      rows.add(bad("POST", route, "{}", 400));
      rows.add(bad("POST", route, json("{'surprise':1}"), 400));
    }
    for (String number : List.of("'x'", "-1", "1.5", "1e30", MANY_NINES, "null", "[1]", "true")) {
      rows.add(bad("POST", "/v1/compact", json("{'revision':" + number + "}"), 400, "revision"));
      rows.add(bad("POST", "/v1/leases", json("{'ttlSeconds':" + number + "}"), 400, "ttlSeconds"));
    }
    rows.add(bad("POST", "/v1/compact", json("{'revision':123456}"), 400, "123456"));
    rows.add(bad("POST", "/v1/leases", json("{'ttlSeconds':0}"), 400, "ttlSeconds", "0"));
    for (String path : List.of("/v1/leases/7b", "/v1/leases/7b/keepalive")) {
      rows.add(bad(path.endsWith("keepalive") ? "POST" : "GET", path, 404, "7b"));
    }
    rows.add(bad("DELETE", "/v1/leases/7b", 404, "7b"));
    rows.add(bad("GET", "/v1/leases/monday", 400, "monday"));
    rows.add(bad("POST", "/v1/leases/monday/keepalive", 400, "monday"));
    rows.add(bad("DELETE", "/v1/leases/" + MANY_NINES, 400));
    String urls = ",'peerUrls':['http://127.0.0.1:1']}";
    rows.add(bad("POST", "/v1/members", json("{'name':''" + urls), 400, "name"));
    rows.add(bad("POST", "/v1/members", json("{'name':5" + urls), 400, "name"));
    rows.add(
        bad(
            "POST",
            "/v1/members",
            json("{'name':'" + "n".repeat(9_999) + "'" + urls),
            400,
            "name"));
    rows.add(bad("POST", "/v1/members", json("{'name':'n2'}"), 400, "peerUrls"));
    for (String list : List.of("[]", "'http://127.0.0.1:1'", "[1]", "['']", "['ftp://x']")) {
      rows.add(
          bad(
              "POST",
              "/v1/members",
              json("{'name':'n2','peerUrls':" + list + "}"),
              400,
              "peerUrls"));
    }
    rows.add(
        bad("POST", "/v1/members", json("{'name':'n2','learner':'no'" + urls), 400, "learner"));
    rows.add(bad("POST", "/v1/members/nobody/promote", 404, "nobody"));
    rows.add(bad("DELETE", "/v1/members/nobody", 404, "nobody"));
    rows.add(bad("DELETE", "/v1/members/nobody?force=perhaps", 400, "force", "perhaps"));
    rows.add(bad("DELETE", "/v1/members/n1", 409, "n1"));
    rows.add(bad("POST", "/v1/leader", json("{'member':'nobody'}"), 404, "nobody"));
    rows.add(bad("POST", "/v1/leader", json("{'member':5}"), 400, "member"));
    return refused(rows);
  }

  @TestFactory
  Stream<DynamicTest> refusesRoutesAndMethods() {
    return refused(
        bad("GET", "/v1/nothing", 404),
        bad("GET", "/v2/keys/a", 404),
        bad("GET", "/v1/status?verbose=true", 400, "verbose"),
        bad("GET", "/v1/members?all=true", 400, "all"),
        bad("POST", "/v1/kv/key", "v", 405),
        bad("PATCH", "/v1/kv/key", "v", 405),
        bad("PUT", "/v1/kv", "v", 405),
        bad("DELETE", "/v1/status", 405),
        bad("GET", "/v1/txn", 405),
        bad("GET", "/v1/compact", 405),
        bad("PUT", "/v1/leases", "{}", 405),
        bad("POST", "/v1/watch", "{}", 405),
        bad("BREW", "/v1/kv/key", 405));
  }

  @Test
  void refusesConditionsThatAreNone() throws IOException {
    for (String header :
        List.of("If-Match: 5", "If-Match: \"5", "If-Match:", "If-Match: \"x\" y")) {
      Answer answer =
          unchanged(
              () -> RawHttp.send(server.endpoint(), "PUT", "/v1/kv/key", new byte[1], header));
      assertThat(answer.status()).as(header + " -> " + answer).isIn(400, 412);
      assertProblem(answer);
    }
    Answer weak =
        unchanged(
            () ->
                RawHttp.send(
                    server.endpoint(), "PUT", "/v1/kv/key", new byte[1], "If-Match: W/\"3\""));
    assertThat(weak.status()).isEqualTo(412);
    Answer id =
        unchanged(
            () -> RawHttp.send(server.endpoint(), "GET", "/v1/watch", null, "Last-Event-ID: last"));
    assertThat(id.status()).isEqualTo(400);
    assertThat(id.json().getString("detail")).contains("last");
  }

  @Test
  void refusesWhatIsHardlyHttp() throws IOException {
    for (String bytes :
        List.of(
            "\u0000\u0001\u0002x\r\n\r\n",
            "GET\r\n\r\n",
            "GET /v1/kv/" + "k".repeat(70_000) + " HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /v1/kv/key HTTP/1.1\r\nHost: x\r\nX: " + "x".repeat(70_000) + "\r\n\r\n",
            "PUT /v1/kv/key HTTP/1.1\r\nHost: x\r\nContent-Length: -7\r\n\r\n",
            "PUT /v1/kv/key HTTP/1.1\r\nHost: x\r\nContent-Length: " + MANY_NINES + "\r\n\r\n",
            "PUT /v1/kv/key HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")) {
      String state = state();
      try {
        Answer answer =
            RawHttp.exchange(server.endpoint(), bytes.getBytes(StandardCharsets.ISO_8859_1));
        assertThat(answer.status()).as(answer.toString()).isBetween(400, 499);
        assertThat(answer.text()).doesNotContain("Exception");
      } catch (SocketTimeoutException silence) {
        throw silence;
      } catch (IOException closedWithoutAnswer) {
        // As good as a refusal.
      }
      assertThat(state()).isEqualTo(state);
    }
    assertThat(server.alarms()).isEmpty();
  }

  @Test
  void refusesTooLargeBodyWithoutLength() throws IOException {
    String chunk = "10000\r\n" + "x".repeat(65_536) + "\r\n";
    byte[] request =
        ("PUT /v1/kv/key HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                + chunk.repeat(VALUE_BYTES_MAX / 65_536 + 1)
                + "0\r\n\r\n")
            .getBytes(StandardCharsets.ISO_8859_1);
    Answer answer = unchanged(() -> RawHttp.exchange(server.endpoint(), request));
    assertThat(answer.status()).isEqualTo(413);
    assertProblem(answer);
  }

  @Test
  void acceptsTheLargestKeyAndValue() throws IOException {
    byte[] value = new byte[VALUE_BYTES_MAX];
    String target = "/v1/kv/" + "%FF".repeat(4_096);
    assertThat(RawHttp.send(server.endpoint(), "PUT", target, value).status()).isEqualTo(200);
    assertThat(RawHttp.send(server.endpoint(), "GET", target, null).body()).isEqualTo(value);
  }

  private static List<Bad> bodiesThatAreNoObject(String method, String route) {
    return List.of(
        bad(method, route, "", 400),
        bad(method, route, "no json", 400),
        bad(method, route, "{", 400),
        bad(method, route, "[]", 400),
        bad(method, route, "null", 400),
        new Bad(method, route, new byte[] {'{', '"', (byte) 0xff, (byte) 0xfe, '"', ':'}, 400),
        bad(method, route, "[".repeat(60_000), 400),
        bad(method, route, "[".repeat(100_000), route.equals("/v1/txn") ? 400 : 413),
        new Bad(method, route, new byte[4 * VALUE_BYTES_MAX], 413));
  }

  /** JSON with its quotes. */
  private static String json(String text) {
    return text.replace('\'', '"');
  }

  private static Stream<DynamicTest> refused(Bad... rows) {
    return refused(List.of(rows));
  }

  private static Stream<DynamicTest> refused(List<Bad> rows) {
    return rows.stream().map(row -> DynamicTest.dynamicTest(name(row), () -> assertRefused(row)));
  }

  private static String name(Bad row) {
    String body = row.body() == null ? "" : new String(row.body(), StandardCharsets.ISO_8859_1);
    String text = row.method() + " " + row.target() + " " + body;
    return text.length() > 100 ? text.substring(0, 100) + "... of " + text.length() : text.strip();
  }

  private static void assertRefused(Bad row) throws IOException {
    Answer answer =
        unchanged(() -> RawHttp.send(server.endpoint(), row.method(), row.target(), row.body()));
    assertThat(answer.status()).as(answer.toString()).isEqualTo(row.status());
    assertProblem(answer);
    for (String named : row.named()) {
      assertThat(answer.json().getString("detail")).contains(named);
    }
    if (row.status() == 405) {
      assertThat(answer.header("Allow")).isNotEmpty();
    }
  }

  private static void assertProblem(Answer answer) {
    assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
    JsonObject problem = answer.json();
    assertThat(problem.getInteger("status")).isEqualTo(answer.status());
    assertThat(problem.getString("outcome")).isEqualTo("refused");
    assertThat(problem.getString("type")).isNotEmpty();
    assertThat(problem.getString("title")).isNotEmpty();
    assertThat(problem.getString("detail")).isNotEmpty();
    assertThat(answer.text())
        .doesNotContainPattern("Exception|\\bjava\\.|io\\.(vertx|netty|balsa)");
  }

  private interface Exchange {
    Answer run() throws IOException;
  }

  private static Answer unchanged(Exchange exchange) throws IOException {
    String before = state();
    Answer answer = exchange.run();
    assertThat(state()).as("state after " + answer).isEqualTo(before);
    return answer;
  }

  /** What no refused request may change. */
  private static String state() {
    JsonObject status = server.endpoint().get("/v1/status").json();
    return status.getValue("revision")
        + " "
        + status.getValue("compactRevision")
        + " "
        + status.getValue("stateHash")
        + " "
        + server.endpoint().get("/v1/members").json().getValue("members")
        + " "
        + server.endpoint().get("/v1/leases").text();
  }
}
