package io.balsa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StatusCommandTest {
  private final Vertx vertx = Vertx.vertx();
  private final Map<String, String> answers = new HashMap<>();
  private HttpServer server;
  private String url;

  @BeforeEach
  void serve() {
    server =
        vertx
            .createHttpServer()
            .requestHandler(
                request -> {
                  String answer = answers.get(request.path());
                  if (answer == null) {
                    request.response().setStatusCode(404).end();
                  } else {
                    request.response().end(answer);
                  }
                })
            .listen(0, "127.0.0.1")
            .await();
    url = "http://127.0.0.1:" + server.actualPort();
    answers.put("/v1/members", members(member("a1", "n1", url), member("b2", "n2")).encode());
    answers.put("/v1/status", status("a1").encode());
  }

  @AfterEach
  void close() {
    vertx.close().await();
  }

  @Test
  void printsOneAlignedLineForEachMember() {
    answers.put("/v1/members", members(member("a1", "n1", url)).encode());

    Console console = Console.run("status", "--endpoints", url);

    assertThat(console.out().lines())
        .containsExactly(
            "cluster c1",
            "NAME  ID  CLIENT URL"
                + " ".repeat(url.length() - "CLIENT URL".length())
                + "  ROLE    TERM  COMMIT  APPLIED  REVISION  KEYS  BYTES  VERSION",
            "n1    a1  " + url + "  leader  7     42      41       12        3     900    0.1.0");
    assertThat(console.err()).isEmpty();
    assertThat(console.exitCode()).isZero();
  }

  @Test
  void tellsWhichMembersDoNotAnswerAndFails() {
    Console console = Console.run("status", "--endpoints", url);

    assertThat(console.out()).contains("\nn2    b2  -").contains("\nn2: not started yet");
    assertThat(console.exitCode()).isEqualTo(1);
  }

  @Test
  void noticesThatAnotherMemberAnswers() {
    answers.put("/v1/status", status("b2").encode());

    assertThat(Console.run("status", "--endpoints", url).out())
        .contains("n1: member b2 answers at its URL");
  }

  @Test
  void printsJson() {
    JsonObject printed = new JsonObject(Console.run("status", "--json", "--endpoints", url).out());

    assertThat(printed.getString("clusterId")).isEqualTo("c1");
    assertThat(printed.getJsonArray("members").getJsonObject(0).getJsonObject("status"))
        .isEqualTo(status("a1"));
    assertThat(printed.getJsonArray("members").getJsonObject(1).getString("error"))
        .isEqualTo("not started yet");
  }

  @Test
  void asksTheNextEndpointWhereOneDoesNotAnswer() throws Exception {
    assertThat(Console.run("status", "--endpoints", closedUrl() + "," + url).out())
        .contains("cluster c1");
  }

  @Test
  void saysInOneLineWhyNobodyAnswers() throws Exception {
    String closed = closedUrl();

    assertThat(Console.run("status", "--endpoints", closed))
        .isEqualTo(new Console(1, "", "balsa: " + closed + " does not answer: cannot connect\n"));
  }

  @Test
  void saysInOneLineThatItIsNotBalsaThatAnswers() {
    for (String body : List.of("<html>", "{}", "[]", "{\"members\":7}", "null", "")) {
      answers.put("/v1/members", body);
      Console console = Console.run("status", "--endpoints", url);
      assertThat(console.err()).as(body).startsWith("balsa: " + url + "/v1/members answers ");
      assertThat(console.err()).hasLineCount(1);
      assertThat(console.exitCode()).isEqualTo(1);
    }
    answers.remove("/v1/members");
    assertThat(Console.run("status", "--endpoints", url).err())
        .isEqualTo("balsa: " + url + "/v1/members answers 404\n");
  }

  private static JsonObject members(JsonObject... members) {
    return new JsonObject()
        .put("clusterId", "c1")
        .put("leader", "a1")
        .put("members", new JsonArray(List.of(members)));
  }

  private static JsonObject member(String id, String name, String... clientUrls) {
    return new JsonObject()
        .put("id", id)
        .put("name", name)
        .put("peerUrls", new JsonArray())
        .put("clientUrls", new JsonArray(List.of(clientUrls)))
        .put("learner", false);
  }

  private static JsonObject status(String id) {
    return new JsonObject()
        .put("self", new JsonObject().put("id", id).put("name", "n1"))
        .put("term", 7)
        .put("commitIndex", 42)
        .put("appliedIndex", 41)
        .put("revision", 12)
        .put("store", new JsonObject().put("keys", 3).put("bytes", 900))
        .put("version", "0.1.0");
  }

  /** A port where nobody listens. */
  private static String closedUrl() throws Exception {
    try (ServerSocket socket = new ServerSocket(0)) {
      return "http://127.0.0.1:" + socket.getLocalPort();
    }
  }
}
