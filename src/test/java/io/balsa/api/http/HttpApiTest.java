package io.balsa.api.http;

import static io.balsa.api.http.KeyResourceTest.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.engine.request.Refusal;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** All routes but those of keys, transactions and watches; and what holds for all. */
class HttpApiTest {
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
  void grantsShowsRenewsAndRevokesALease() {
    RawClient.Answer granted = post("/v1/leases", "{\"ttlSeconds\":10}");
    client.send("PUT", "/v1/kv/a?lease=7000", new byte[] {1});
    client.send("PUT", "/v1/kv/%ff?lease=7000", new byte[] {1});

    assertThat(granted.text())
        .isEqualTo("{\"id\":\"7000\",\"ttlSeconds\":10,\"remainingSeconds\":10,\"keys\":[]}");
    assertThat(client.send("GET", "/v1/leases/7000").text())
        .isEqualTo(
            "{\"id\":\"7000\",\"ttlSeconds\":10,\"remainingSeconds\":10,\"keys\":[\"a\"],\"keysBase64\":[\"/w==\"]}");
    assertThat(post("/v1/leases/7000/keepalive", null).json().getInteger("ttlSeconds"))
        .isEqualTo(10);
    assertThat(client.send("GET", "/v1/leases").text())
        .isEqualTo("{\"leases\":[{\"id\":\"7000\",\"ttlSeconds\":10,\"remainingSeconds\":10}]}");
    assertThat(client.send("DELETE", "/v1/leases/7000").text())
        .isEqualTo("{\"id\":\"7000\",\"revision\":4}");
    assertThat(client.send("GET", "/v1/kv/a").status()).isEqualTo(404);
    assertThat(client.send("GET", "/v1/leases").text()).isEqualTo("{\"leases\":[]}");
    assertProblem(client.send("GET", "/v1/leases/7000"), 404, null);
    assertProblem(client.send("DELETE", "/v1/leases/7000"), 404, null);
    assertProblem(post("/v1/leases/7000/keepalive", null), 404, null);
  }

  @Test
  void compacts() {
    client.send("PUT", "/v1/kv/a", new byte[] {1});
    client.send("PUT", "/v1/kv/a", new byte[] {2});

    assertThat(post("/v1/compact", "{\"revision\":2}").text())
        .isEqualTo("{\"revision\":3,\"compactRevision\":2}");
    assertProblem(post("/v1/compact", "{\"revision\":2}"), 410, null);
    assertProblem(post("/v1/compact", "{\"revision\":9}"), 400, null);
  }

  @Test
  void listsAndChangesMembers() {
    assertThat(client.send("GET", "/v1/members").text())
        .isEqualTo(
            "{\"clusterId\":\"c1\",\"leader\":\"a1\",\"members\":[{\"id\":\"a1\",\"name\":\"n1\","
                + "\"peerUrls\":[\"http://127.0.0.1:2380\"],\"clientUrls\":[\"http://127.0.0.1:2379\"],"
                + "\"learner\":false}]}");
    assertThat(
            post("/v1/members", "{\"name\":\"n2\",\"peerUrls\":[\"http://[::1]:2380\"]}")
                .json()
                .getString("changed"))
        .isEqualTo("a2");
    post("/v1/members", "{\"name\":\"n3\",\"peerUrls\":[\"https://h:1\"],\"learner\":false}");
    post("/v1/members/a2/promote", null);
    client.send("DELETE", "/v1/members/n%32");
    client.send("DELETE", "/v1/members/a2?force=true");
    post("/v1/leader", "{\"member\":\"n1\"}");

    assertThat(server.replica.requests)
        .containsExactly(
            new Request.MemberList(),
            new Request.MemberAdd("n2", List.of("http://[::1]:2380"), true),
            new Request.MemberAdd("n3", List.of("https://h:1"), false),
            new Request.MemberPromote("a2"),
            new Request.MemberRemove("n2", false),
            new Request.MemberRemove("a2", true),
            new Request.TransferLeader("n1"));
  }

  @Test
  void showsAMissingLeaderAsNull() {
    server.replica.override = request -> new Reply.Members(1, 0, 0, List.of());

    assertThat(client.send("GET", "/v1/members").text())
        .isEqualTo("{\"clusterId\":\"1\",\"leader\":null,\"members\":[]}");
  }

  @Test
  void showsItsStatus() {
    assertThat(client.send("GET", "/v1/status").text())
        .isEqualTo(
            "{\"clusterId\":\"c1\",\"self\":{\"id\":\"a1\",\"name\":\"n1\"},"
                + "\"leader\":{\"id\":\"a1\",\"name\":\"n1\"},\"term\":3,\"commitIndex\":41,"
                + "\"appliedIndex\":40,\"revision\":1,\"compactRevision\":0,"
                + "\"stateHash\":\""
                + String.format("%016x", ApiServer.await(server.replica.stateHash()))
                + "\",\"members\":[{\"id\":\"a2\",\"state\":\"replicate\",\"match\":40,\"next\":41,"
                + "\"recentActive\":true,\"learner\":false}],"
                + "\"wal\":{\"fsyncs\":7,\"entries\":40,\"bytes\":9000,"
                + "\"fsyncMicros\":{\"p50\":120,\"p99\":950,\"max\":4000}},"
                + "\"store\":{\"keys\":0,\"revisions\":0,\"bytes\":0},\"version\":\"1.2.3\"}");
  }

  @Test
  void answersProbes() {
    assertThat(client.send("GET", "/livez").text()).isEqualTo("{\"live\":true,\"reasons\":[]}");
    assertThat(client.send("GET", "/readyz").text()).isEqualTo("{\"ready\":true,\"reasons\":[]}");
    assertThat(client.send("GET", "/health").text()).isEqualTo("{\"health\":\"true\"}");
    assertThat(client.send("HEAD", "/health").status()).isEqualTo(200);
    assertThat(client.send("GET", "/version").text())
        .isEqualTo("{\"etcdserver\":\"3.4.0\",\"etcdcluster\":\"3.4.0\",\"balsa\":\"1.2.3\"}");

    server.replica.notReady = List.of("no leader is known");

    assertThat(client.send("GET", "/livez").status()).isEqualTo(200);
    assertThat(client.send("GET", "/readyz").status()).isEqualTo(503);
    assertThat(client.send("GET", "/readyz").text())
        .isEqualTo("{\"ready\":false,\"reasons\":[\"no leader is known\"]}");
    assertThat(client.send("GET", "/health").text())
        .isEqualTo("{\"health\":\"false\",\"reason\":\"no leader is known\"}");
  }

  @Test
  void probesAnswerThoughTheReplicaDoesNot() {
    server.replica.silent = true;

    RawClient.Answer live = client.send("GET", "/livez");

    assertThat(live.status()).isEqualTo(503);
    assertThat(live.text())
        .isEqualTo("{\"live\":false,\"reasons\":[\"the replica did not answer within 1000 ms\"]}");
    assertThat(client.send("GET", "/metrics").text()).contains("balsa_answers 0\n");
  }

  @Test
  void waitsNoLongerThanItsOwnPatienceWhateverTheClientHas() {
    assertThat(client.send("GET", "/v1/members?timeoutMs=8000").status()).isEqualTo(200);
    assertThat(timeoutMillis("timeoutMs=8000")).isEqualTo(7_000);
    assertThat(timeoutMillis("timeoutMs=6999")).isEqualTo(6_999);
    assertThat(timeoutMillis("")).isEqualTo(7_000);
  }

  private static long timeoutMillis(String query) {
    return Query.parse(query, List.of("timeoutMs")).timeoutMillis(7_000);
  }

  @Test
  void countsRequestsAndShowsTheMember() {
    client.send("PUT", "/v1/kv/a", new byte[] {1});
    client.send("GET", "/v1/kv/a");
    client.send("GET", "/v1/kv/secret");
    client.send("BREW", "/v1/kv/a");
    client.send("GET", "/nowhere");

    RawClient.Answer metrics = client.send("GET", "/metrics");

    assertThat(metrics.header("content-type"))
        .isEqualTo("text/plain; version=0.0.4; charset=utf-8");
    assertThat(metrics.text())
        .contains(
            "balsa_http_requests_seconds_count{method=\"PUT\",route=\"/v1/kv/{key}\",status=\"200\"} 1\n",
            "balsa_http_requests_seconds_count{method=\"GET\",route=\"/v1/kv/{key}\",status=\"200\"} 1\n",
            "balsa_http_requests_seconds_count{method=\"GET\",route=\"/v1/kv/{key}\",status=\"404\"} 1\n",
            "balsa_http_requests_seconds_count{method=\"other\",route=\"/v1/kv/{key}\",status=\"405\"} 1\n",
            "balsa_http_requests_seconds_count{method=\"GET\",route=\"none\",status=\"404\"} 1\n",
            "balsa_http_requests_seconds_bucket{method=\"PUT\",route=\"/v1/kv/{key}\",status=\"200\",le=\"10.0\"} 1\n",
            "balsa_info{cluster=\"c1\",member=\"a1\",name=\"n1\",version=\"1.2.3\"} 1\n",
            "balsa_has_leader 1\n",
            "# TYPE balsa_leader_changes_total counter\nbalsa_leader_changes_total 2\n",
            "balsa_applied_index 40\n",
            "balsa_store_keys 1\n",
            "balsa_wal_fsync_seconds{quantile=\"0.99\"} 9.5E-4\n",
            "balsa_watches_cut_off_total 6\n")
        .doesNotContain("secret");
  }

  @ParameterizedTest
  @CsvSource({
    "INVALID, 400, invalid request",
    "DUPLICATE_KEY, 400, key written twice",
    "FUTURE_REVISION, 400, revision in the future",
    "KEY_NOT_FOUND, 404, key not found",
    "LEASE_NOT_FOUND, 404, lease not found",
    "MEMBER_NOT_FOUND, 404, member not found",
    "LEASE_EXISTS, 409, lease exists",
    "MEMBER_EXISTS, 409, member exists",
    "CONFLICT, 409, change not possible now",
    "COMPACTED, 410, revision compacted",
    "TOO_MANY_REQUESTS, 429, too many requests",
    "NO_LEADER, 503, no leader",
    "STOPPING, 503, member stopping",
    "TIMEOUT, 504, no answer in time",
    "SPACE_EXCEEDED, 507, store full",
    "DISK_FULL, 507, disk full"
  })
  void answersEachRefusalAsItsProblem(Refusal refusal, int status, String title) {
    server.replica.override = request -> new Reply.Refused(refusal, false, "why \"so\"");

    RawClient.Answer answer = client.send("PUT", "/v1/kv/a", new byte[] {1});

    assertProblem(answer, status, "why \"so\"");
    assertThat(answer.json().getString("title")).isEqualTo(title);
    assertThat(answer.json().getString("type"))
        .isEqualTo("urn:balsa:problem:" + refusal.name().toLowerCase().replace('_', '-'));
    assertThat(answer.header("retry-after")).isEqualTo(status == 429 || status == 503 ? "1" : null);
  }

  @Test
  void saysWhenTheOutcomeIsUnknown() {
    server.replica.override = request -> new Reply.Refused(Refusal.NO_LEADER, true, "lost it");

    RawClient.Answer answer = client.send("PUT", "/v1/kv/a", new byte[] {1});

    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.text())
        .isEqualTo(
            "{\"type\":\"urn:balsa:problem:no-leader\",\"title\":\"no leader\",\"status\":503,"
                + "\"detail\":\"lost it\",\"outcome\":\"unknown\"}");
  }

  @Test
  void aFaultOfItsOwnIsAnswered() {
    // Not the reply that a put expects: the API fails after the replica did its part.
    server.replica.override =
        request ->
            request instanceof Request.Write ? new Reply.Read(1, StandInReplica.put(2)) : null;

    RawClient.Answer answer = client.send("PUT", "/v1/kv/a", new byte[] {1});

    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.json().getString("outcome")).isEqualTo("unknown");
    assertThat(answer.text()).doesNotContain("Exception", "java", "io.balsa");
    assertThat(client.send("GET", "/v1/kv/a").status()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/v1",
        "/v1/",
        "/v2/kv/a",
        "/v1/kvs",
        "/v1/leases/1/2",
        "/v1/members/a/b/c",
        "/%",
        "/v1/leases/%zz",
        "/nowhere/%ff",
        "*",
        "nowhere",
        "/v1/\u00e4",
        "//",
        "/v1/status/x"
      })
  void otherPathsAreNotFound(String path) {
    assertProblem(client.send("GET", path), 404, null);
    assertThat(client.send("GET", "/v1/status").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /v1/txn, POST",
    "POST, /v1/watch, GET",
    "HEAD, /v1/watch, GET",
    "GET, /v1/compact, POST",
    "PUT, /v1/leases, 'GET, HEAD, POST'",
    "POST, /v1/leases/1, 'GET, HEAD, DELETE'",
    "GET, /v1/leases/1/keepalive, POST",
    "DELETE, /v1/members, 'GET, HEAD, POST'",
    "GET, /v1/members/1, DELETE",
    "GET, /v1/members/1/promote, POST",
    "GET, /v1/leader, POST",
    "POST, /v1/status, 'GET, HEAD'",
    "POST, /livez, 'GET, HEAD'",
    "POST, /readyz, 'GET, HEAD'",
    "POST, /health, 'GET, HEAD'",
    "POST, /metrics, 'GET, HEAD'",
    "POST, /version, 'GET, HEAD'"
  })
  void namesTheMethodsAllowed(String method, String path, String allowed) {
    RawClient.Answer answer =
        client.send(method, path, method.equals("HEAD") ? null : new byte[] {1});

    assertThat(answer.status()).isEqualTo(405);
    assertThat(answer.header("allow")).isEqualTo(allowed);
    assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "POST   | /v1/leases | {\"ttlSeconds\":0}      | ttlSeconds: found 0, expected a whole number from 1 to 9000000000",
        "POST   | /v1/leases | {\"ttlSeconds\":-5}     | ttlSeconds: found -5, expected a whole number from 1 to 9000000000",
        "POST   | /v1/leases | {\"ttlSeconds\":9000000001} | ttlSeconds: found 9000000001, expected a whole number from 1 to 9000000000",
        "POST   | /v1/leases | {\"ttlSeconds\":\"10\"} | ttlSeconds: found '10', expected a whole number from 1 to 9000000000",
        "POST   | /v1/leases | {}                      | ttlSeconds: missing",
        "POST   | /v1/leases | {\"ttlSeconds\":1,\"id\":\"1\"} | unknown field 'id'",
        "POST   | /v1/leases | {                       | body: malformed JSON at line 1 column 2",
        "POST   | /v1/leases |                         | body: missing, expected a lease",
        "POST   | /v1/leases?ttl=1 | {\"ttlSeconds\":1} | unknown parameter 'ttl', expected timeoutMs",
        "GET    | /v1/leases/xyz |                     | lease id: found 'xyz', expected an id of 1 to 16 lower-case hexadecimal digits other than 0",
        "GET    | /v1/leases/0   |                     | lease id: found '0', expected an id of 1 to 16 lower-case hexadecimal digits other than 0",
        "DELETE | /v1/leases/11112222333344445 |       | lease id: found '11112222333344445', expected an id of 1 to 16 lower-case hexadecimal digits other than 0",
        "POST   | /v1/leases/-1/keepalive |            | lease id: found '-1', expected an id of 1 to 16 lower-case hexadecimal digits other than 0",
        "POST   | /v1/compact | {\"revision\":0}       | revision: found 0, expected a whole number from 1 to 9223372036854775807",
        "POST   | /v1/compact | {\"revision\":1e2}     | revision: found 100.0, expected a whole number from 1 to 9223372036854775807",
        "POST   | /v1/compact | {\"revision\":null}    | revision: found null, expected a whole number from 1 to 9223372036854775807",
        "POST   | /v1/compact | {\"rev\":5}            | revision: missing",
        "POST   | /v1/compact | 5                      | body: found 5, expected an object",
        "POST   | /v1/compact |                        | body: missing, expected the revision to compact to",
        "POST   | /v1/members | {\"name\":\"\",\"peerUrls\":[\"http://h:1\"]} | name: found '', expected 1 to 128 characters without spaces, control characters, commas, slashes and equals signs",
        "POST   | /v1/members | {\"name\":5,\"peerUrls\":[\"http://h:1\"]} | name: found 5, expected a string",
        "POST   | /v1/members | {\"name\":\"n\"}       | peerUrls: missing",
        "POST   | /v1/members | {\"name\":\"n\",\"peerUrls\":[]} | peerUrls: empty, expected one URL or more",
        "POST   | /v1/members | {\"name\":\"n\",\"peerUrls\":\"http://h:1\"} | peerUrls: found 'http://h:1', expected an array",
        "POST   | /v1/members | {\"name\":\"n\",\"peerUrls\":[5]} | peerUrls[0]: found 5, expected a string",
        "POST   | /v1/members | {\"name\":\"n\",\"peerUrls\":[\"http://h\"]} | peerUrls[0]: found 'http://h', expected http://host:port or https://host:port with nothing behind the port",
        "POST   | /v1/members | {\"name\":\"n\",\"peerUrls\":[\"http://h:1\",\"ftp://h:1\"]} | peerUrls[1]: found 'ftp://h:1', expected http://host:port or https://host:port with nothing behind the port",
        "POST   | /v1/members | {\"name\":\"n\",\"peerUrls\":[\"http://h:99999\"]} | peerUrls[0]: found 'http://h:99999', expected http://host:port or https://host:port with nothing behind the port",
        "POST   | /v1/members | {\"name\":\"n\",\"peerUrls\":[\"http://h:1/x\"]} | peerUrls[0]: found 'http://h:1/x', expected http://host:port or https://host:port with nothing behind the port",
        "POST   | /v1/members | {\"name\":\"n\",\"peerUrls\":[\"http://h:1/\"]} | peerUrls[0]: found 'http://h:1/', expected http://host:port or https://host:port with nothing behind the port",
        "POST   | /v1/members | {\"name\":\"n\",\"peerUrls\":[\"http://0.0.0.0:1\"]} | peerUrls[0]: found 'http://0.0.0.0:1', expected an address that others can call",
        "POST   | /v1/members | {\"name\":\"n 1\",\"peerUrls\":[\"http://h:1\"]} | name: found 'n 1', expected 1 to 128 characters without spaces, control characters, commas, slashes and equals signs",
        "POST   | /v1/members | {\"name\":\"n\",\"peerUrls\":[\"http://a b:1\"]} | peerUrls[0]: found 'http://a b:1', expected http://host:port or https://host:port with nothing behind the port",
        "POST   | /v1/members | {\"name\":\"n\",\"peerUrls\":[\"http://h:1\"],\"learner\":1} | learner: found 1, expected true or false",
        "POST   | /v1/members | {\"name\":\"n\",\"peerUrls\":[\"http://h:1\"],\"lerner\":true} | unknown field 'lerner'",
        "DELETE | /v1/members/a1?force=yes |           | force: found 'yes', expected true or false",
        "POST   | /v1/leader  | {\"member\":\" \"}     | member: found ' ', expected 1 to 128 characters without spaces, control characters, commas, slashes and equals signs",
        "POST   | /v1/leader  | {}                     | member: missing",
        "GET    | /v1/status?x=1 |                     | unknown parameter 'x', expected timeoutMs",
        "GET    | /livez?verbose=1 |                   | unknown parameter 'verbose', expected none",
        "GET    | /metrics?name=x |                    | unknown parameter 'name', expected none",
        "GET    | /version?x |                         | unknown parameter 'x', expected none",
        "GET    | /v1/members?timeoutMs=-1 |           | timeoutMs: found '-1', expected a whole number from 1 to 9223372036854775807",
      })
  void refusesBadInputByNameAndRule(String method, String target, String body, String detail) {
    RawClient.Answer answer =
        client.send(method, target, body == null ? null : body.getBytes(StandardCharsets.UTF_8));

    assertProblem(answer, 400, detail);
    assertThat(server.replica.requests).isEmpty();
  }

  @Test
  void refusesBodiesTooLargeForTheirKind() {
    byte[] large = new byte[(64 << 10) + 1];

    for (String path : List.of("/v1/leases", "/v1/compact", "/v1/members", "/v1/leader")) {
      assertProblem(client.send("POST", path, large), 413, null);
    }
  }

  @Test
  void refusesWhatTheHttpDecoderCannotTake() {
    try (RawClient long1 = server.client()) {
      assertProblem(long1.send("GET", "/v1/kv/" + "k".repeat(17_000)), 414, null);
    }
    try (RawClient long2 = server.client()) {
      assertProblem(long2.send("GET", "/v1/kv/a", "X: " + "x".repeat(17_000)), 431, null);
    }
    try (RawClient junk = server.client()) {
      junk.write("junk\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      assertProblem(junk.read(false), 400, "request: malformed HTTP");
      assertThat(junk.isClosedByServer()).isTrue();
    }
  }

  /** Vert.x fails on an escape in the name of the host. */
  @ParameterizedTest
  @ValueSource(strings = {"%41", "a%2fb", "%zz:80"})
  void refusesAHostThatIsNone(String host) {
    try (RawClient odd = server.client()) {
      odd.write(
          ("GET /version HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII));

      assertProblem(odd.read(false), 400, "host: not well-formed");
      assertThat(odd.send("GET", "/version").status()).isEqualTo(200);
    }
  }

  @Test
  void answersEvenALongValueOfAClientBounded() {
    RawClient.Answer answer = client.send("GET", "/v1/kv/a?revision=" + "9".repeat(5_000));

    assertProblem(answer, 400, null);
    assertThat(answer.body().length).isLessThan(500);
  }

  private RawClient.Answer post(String path, String json) {
    return client.send("POST", path, json == null ? null : json.getBytes(StandardCharsets.UTF_8));
  }
}
