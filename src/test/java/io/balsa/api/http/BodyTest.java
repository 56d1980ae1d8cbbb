package io.balsa.api.http;

import static io.balsa.api.http.KeyResourceTest.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.engine.request.Request;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How bodies arrive, with a limit of 1,000 bytes. */
class BodyTest {
  private static final int LIMIT = 1_000;

  private ApiServer server;
  private RawClient client;

  @BeforeEach
  void start() {
    server = ApiServer.start(options -> options.withRequestLimits(LIMIT, 128, 7_000));
    client = server.client();
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @Test
  void takesChunkedBodiesUpToTheLimit() {
    assertThat(putChunked("a", 1, 1, LIMIT - 2).status()).isEqualTo(200);
    assertThat(client.send("GET", "/v1/kv/a").body()).hasSize(LIMIT);
    assertProblem(putChunked("b", LIMIT, 1), 413, "body: the value may have at most 1000 bytes");
    assertThat(putChunked("c").status()).isEqualTo(200);
    assertThat(client.send("GET", "/v1/kv/c").body()).isEmpty();
  }

  @Test
  void refusesByTheDeclaredLengthBeforeTheBodyComes() {
    client.write(
        "PUT /v1/kv/a HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n"
            .getBytes(StandardCharsets.US_ASCII));

    assertProblem(client.read(false), 413, null);

    // The body may still come, and the connection goes on after it.
    client.write(new byte[1_001]);
    assertThat(client.send("PUT", "/v1/kv/a", new byte[] {1}).status()).isEqualTo(200);
  }

  @Test
  void refusesAnAbsurdDeclaredLength() {
    client.write(
        "PUT /v1/kv/a HTTP/1.1\r\nHost: x\r\nContent-Length: 9223372036854775807\r\n\r\n"
            .getBytes(StandardCharsets.US_ASCII));

    assertProblem(client.read(false), 413, null);
  }

  @Test
  void invitesABodyThatIsWelcome() {
    client.write("PUT", "/v1/kv/a", null, "Content-Length: 3", "Expect: 100-continue");
    assertThat(client.read(false).status()).isEqualTo(100);
    client.write(new byte[] {1, 2, 3});

    assertThat(client.read(false).status()).isEqualTo(200);
    assertThat(client.send("GET", "/v1/kv/a").body()).containsExactly(1, 2, 3);
  }

  @Test
  void invitesNoBodyThatIsTooLarge() {
    client.write("PUT", "/v1/kv/a", null, "Content-Length: 1001", "Expect: 100-continue");

    RawClient.Answer answer = client.read(false);

    assertProblem(answer, 413, null);
    assertThat(answer.header("connection")).isEqualTo("close");
    assertThat(client.isClosedByServer()).isTrue();
  }

  @Test
  void invitesNoBodyOfABadRequest() {
    client.write("PUT", "/v1/kv/a?ttl=1", null, "Content-Length: 3", "Expect: 100-continue");

    assertProblem(client.read(false), 400, null);
    assertThat(client.isClosedByServer()).isTrue();
  }

  @Test
  void answersAClientThatSendsBeforeItReads() {
    // More than the socket buffers hold: the server must go on reading or both would hang.
    RawClient.Answer answer = client.send("PUT", "/v1/kv/a", new byte[3 * LIMIT]);
    RawClient.Answer chunked = putChunked("a", LIMIT, LIMIT, LIMIT);

    assertProblem(answer, 413, null);
    assertProblem(chunked, 413, null);
    assertThat(client.send("GET", "/v1/kv/a").status()).isEqualTo(404);
  }

  @Test
  void doesNotListenForEverToARefusedBody() {
    client.write("PUT", "/v1/kv/a", null, "Transfer-Encoding: chunked");
    try {
      for (int i = 0; i < 100_000; i++) {
        client.write(chunk(LIMIT));
      }
    } catch (UncheckedIOException closedByServer) {
      return;
    }
    throw new AssertionError("the server took 100 MB of a body of at most 1,000 bytes");
  }

  @Test
  void aBodyThatIsNeverFinishedChangesNothing() {
    long before = ApiServer.await(server.replica.stateHash());

    client.write("PUT", "/v1/kv/a", null, "Content-Length: 10");
    client.write(new byte[9]);
    client.close();

    try (RawClient other = server.client()) {
      assertThat(other.send("GET", "/v1/kv/a").status()).isEqualTo(404);
    }
    assertThat(server.replica.requests).noneMatch(request -> request instanceof Request.Write);
    assertThat(ApiServer.await(server.replica.stateHash())).isEqualTo(before);
  }

  @Test
  void takesPipelinedRequestsInOrder() {
    client.write("PUT", "/v1/kv/a", new byte[] {1});
    client.write("GET", "/v1/kv/a", null);
    client.write("DELETE", "/v1/kv/a", null);
    client.write("GET", "/v1/kv/a", null);

    assertThat(client.read(false).status()).isEqualTo(200);
    assertThat(client.read(false).body()).containsExactly(1);
    assertThat(client.read(false).json().getLong("deleted")).isEqualTo(1);
    assertThat(client.read(false).status()).isEqualTo(404);
  }

  private RawClient.Answer putChunked(String key, int... sizes) {
    client.write("PUT", "/v1/kv/" + key, null, "Transfer-Encoding: chunked");
    for (int size : sizes) {
      client.write(chunk(size));
    }
    client.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    return client.read(false);
  }

  private static byte[] chunk(int size) {
    return (Integer.toHexString(size) + "\r\n" + "x".repeat(size) + "\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }
}
