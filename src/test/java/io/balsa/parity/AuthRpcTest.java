package io.balsa.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.balsa.Balsa;
import io.balsa.BalsaOptions;
import io.balsa.cluster.Ports;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may call what, of every method there is: the same on Balsa and on a real etcd. */
class AuthRpcTest {
  private final Vertx vertx = Vertx.vertx();
  private final SoftAssertions softly = new SoftAssertions();
  @TempDir private Path directory;

  @AfterEach
  void stop() {
    Twins.await(vertx.close());
  }

  private AuthWire member() throws Exception {
    int port = Ports.free();
    Twins.await(
        Balsa.start(
            vertx,
            new BalsaOptions()
                .setDataDir(directory.resolve("balsa").toString())
                .setListenClientUrls(List.of("http://127.0.0.1:" + port))
                .setListenPeerUrl("http://127.0.0.1:" + Ports.free())));
    AuthWire wire = new AuthWire(vertx, port);
    wire.prepare();
    return wire;
  }

  @Test
  void everyMethodOfTheApiIsAskedOverGrpcAndEachServiceOverJson() {
    List<AuthRows.Row> rows = AuthRows.rows("");
    assertThat(rows.stream().map(AuthRows.Row::method).collect(Collectors.toSet()))
        .isEqualTo(AuthWire.METHODS.keySet());
    assertThat(
            rows.stream()
                .filter(row -> row.json() != null)
                .map(row -> row.method().replaceAll("/.*", ""))
                .collect(Collectors.toSet()))
        .isEqualTo(
            AuthWire.METHODS.keySet().stream()
                .map(method -> method.replaceAll("/.*", ""))
                .collect(Collectors.toCollection(TreeSet::new)));
  }

  @Test
  void balsaAnswersAsWritten() throws Exception {
    answersAsWritten(member(), AuthRows.Row::answers);
  }

  @Test
  @Tag("slow")
  void etcdAnswersAsWritten() throws Exception {
    assumeTrue(EtcdProcess.areInstalled("etcd"), "skipped: not installed: etcd");
    int port = Ports.free();
    try (EtcdProcess etcd =
        new EtcdProcess(
            directory.resolve("etcd"), "n1", port, Ports.free(), List.of("--bcrypt-cost=4"))) {
      etcd.awaitReady();
      AuthWire wire = new AuthWire(vertx, port);
      wire.prepare();
      answersAsWritten(wire, AuthRows.Row::etcd);
    }
  }

  private void answersAsWritten(AuthWire wire, Function<AuthRows.Row, List<String>> expected)
      throws Exception {
    for (AuthRows.Row row : AuthRows.rows(wire.peerUrl())) {
      String what = row.method() + " " + row.request();
      List<String> answers = expected.apply(row);
      if (row.json() != null) {
        List<String> inJson =
            answers.stream()
                .limit(AuthRows.CALLERS - 1)
                .map(answer -> answer.equals("0 without a word") ? "0" : answer)
                .toList();
        softly.assertThat(wire.json(row)).as("JSON: " + what).isEqualTo(inJson);
      }
      softly.assertThat(wire.grpc(row)).as(what).isEqualTo(answers);
    }
    softly.assertAll();
  }

  // ---- /v1

  private static final String NOBODY = "401 no-credentials";
  private static final String INVALID = "401 token-invalid";
  private static final String DENIED = "403 permission-denied";

  private static List<String> root(String answer) {
    return user(DENIED, answer);
  }

  private static List<String> user(String answer, String toRoot) {
    return List.of(NOBODY, INVALID, INVALID, DENIED, answer, toRoot);
  }

  private static List<String> all(String answer) {
    return List.of(answer, answer, answer, answer, answer, answer);
  }

  @Test
  void plainHttpRefusesTheSameInProblemDocuments() throws Exception {
    AuthWire wire = member();
    plain(wire, "GET", "kv/x1", "", root("200"));
    plain(wire, "GET", "kv/k1", "", user("200", "200"));
    plain(wire, "GET", "kv/k1?consistency=serializable", "", user("200", "200"));
    plain(wire, "GET", "kv?prefix=x", "", root("200"));
    plain(wire, "GET", "kv?prefix=k", "", user("200", "200"));
    plain(wire, "PUT", "kv/x", "v", root("200"));
    plain(wire, "PUT", "kv/k", "v", user("200", "200"));
    plain(wire, "PUT", "kv/k?lease=64", "v", root("200"));
    plain(wire, "DELETE", "kv/x0", "", root("200"));
    plain(wire, "DELETE", "kv/k0", "", user("200", "200"));
    plain(wire, "DELETE", "kv?prefix=x0", "", root("200"));
    String txn = "{\"then\":[{\"put\":{\"key\":\"%s\",\"value\":\"v\"}}]}";
    plain(wire, "POST", "txn", txn.formatted("x"), root("200"));
    plain(wire, "POST", "txn", txn.formatted("k"), user("200", "200"));
    plain(
        wire,
        "POST",
        "compact",
        "{\"revision\":1}",
        List.of("200", INVALID, INVALID, "410 compacted", "410 compacted", "410 compacted"));
    plain(
        wire,
        "POST",
        "leases",
        "{\"ttlSeconds\":60}",
        List.of("200", INVALID, INVALID, "200", "200", "200"));
    plain(wire, "GET", "leases", "", all("200"));
    plain(wire, "POST", "leases/64/keepalive", "", all("200"));
    plain(wire, "GET", "leases/64", "", root("200")); // It tells the keys.
    plain(wire, "GET", "leases/c8", "", user("200", "200"));
    plain(wire, "DELETE", "leases/65", "", root("200"));
    plain(wire, "GET", "members", "", all("200"));
    plain(wire, "GET", "status", "", all("200"));
    String member = "{\"name\":\"m\",\"peerUrls\":[\"" + wire.peerUrl() + "\"],\"learner\":true}";
    plain(wire, "POST", "members", member, root("409 member-exists"));
    plain(wire, "POST", "members/4d/promote", "", root("404 member-not-found"));
    plain(wire, "DELETE", "members/4d", "", root("404 member-not-found"));
    softly.assertAll();
  }

  private void plain(AuthWire wire, String method, String path, String body, List<String> expected)
      throws Exception {
    HttpClient http = HttpClient.newHttpClient();
    List<String> answers = new ArrayList<>();
    for (String token : wire.tokens()) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create(wire.url() + "/v1/" + path))
              .method(method, BodyPublishers.ofString(body));
      if (token != null) {
        request.header("Authorization", token);
      }
      HttpResponse<String> answer = http.send(request.build(), BodyHandlers.ofString());
      String text = Integer.toString(answer.statusCode());
      if (answer.statusCode() >= 400) {
        JsonObject problem = new JsonObject(answer.body());
        text += problem.getString("type").replace("urn:balsa:problem:", " ");
        softly.assertThat(problem.getString("outcome")).isEqualTo("refused");
        softly
            .assertThat(answer.headers().firstValue("content-type"))
            .hasValue("application/problem+json");
      }
      answers.add(text);
    }
    softly.assertThat(answers).as(method + " " + path).isEqualTo(expected);
  }
}
