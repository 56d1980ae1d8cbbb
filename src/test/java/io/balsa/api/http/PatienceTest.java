package io.balsa.api.http;

import static io.balsa.api.http.KeyResourceTest.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.api.ApiOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Clients that take their time, with a limit of 1.5 s. */
class PatienceTest {
  private static final int LIMIT_MILLIS = 1_500;
  private static final byte[] BYTE = {'x'};

  private final List<RawClient> clients = new ArrayList<>();
  private ApiServer server;

  @BeforeEach
  void start() {
    server = ApiServer.start(PatienceTest::impatient);
  }

  @AfterEach
  void stop() {
    clients.forEach(RawClient::close);
    server.close();
  }

  private static ApiOptions impatient(ApiOptions o) {
    return new ApiOptions(
        o.listen(),
        o.tls(),
        o.maxRequestBytes(),
        o.maxTxnOps(),
        300,
        LIMIT_MILLIS,
        o.drainMillis(),
        o.maxRequests(),
        o.maxHeldBytes(),
        o.maxWatches(),
        o.watchWindowBytes(),
        o.signedTokens(),
        o.version(),
        o.registry());
  }

  @Test
  void closesAConnectionThatNeverEndsItsHead() {
    RawClient client = client();
    client.write("GET /version HTTP/1.1\r\nX: ".getBytes(StandardCharsets.US_ASCII));

    assertCutOffWhileItDrips(client);
  }

  @Test
  void closesAConnectionThatNeverEndsItsSecondHead() {
    RawClient client = client();
    assertThat(client.send("GET", "/version").status()).isEqualTo(200);
    client.write("GET /version HTTP/1.1\r\nX: ".getBytes(StandardCharsets.US_ASCII));

    assertCutOffWhileItDrips(client);
  }

  @Test
  void refusesABodyThatNeverEnds() {
    RawClient client = client();
    client.write("PUT", "/v1/kv/a", null, "Content-Length: 1000000");
    Thread dripping = new Thread(() -> assertCutOffWhileItDrips(client));
    dripping.start();

    RawClient.Answer answer = client.read(false);

    assertProblem(answer, 408, "body: not complete within 1500 ms");
    assertThat(answer.header("connection")).isEqualTo("close");
    assertThat(client.isClosedByServer()).isTrue();
    assertThat(server.replica.requests).isEmpty();
  }

  @Test
  void keepsAConnectionOnWhichRequestsAreMade() {
    RawClient client = client();
    long end = System.nanoTime() + 2 * LIMIT_MILLIS * 1_000_000L;
    while (System.nanoTime() - end < 0) {
      assertThat(client.send("PUT", "/v1/kv/a", BYTE).status()).isEqualTo(200);
    }
  }

  @Test
  void closesAnHttp2ConnectionOnWhichNoneAre() {
    HttpClientAgent http2 =
        ApiServer.VERTX.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false));
    AtomicReference<HttpConnection> connection = new AtomicReference<>();
    AtomicBoolean closed = new AtomicBoolean();
    ApiServer.await(
        http2
            .request(HttpMethod.GET, server.port, "127.0.0.1", "/version")
            .compose(
                request -> {
                  connection.set(request.connection());
                  request.connection().closeHandler(none -> closed.set(true));
                  return request.send();
                })
            .compose(response -> response.body()));

    OverloadTest.await(
        () -> {
          connection.get().ping(Buffer.buffer(new byte[8])); // It is not silent.
          return closed.get();
        });
    ApiServer.await(http2.close());
  }

  @Test
  void keepsAWatchForAsLongAsThereAreEvents() {
    RawClient watch = client();
    watch.write("GET", "/v1/watch", null);
    assertThat(head(watch).status()).isEqualTo(200);
    RawClient writer = client();
    long end = System.nanoTime() + 2 * LIMIT_MILLIS * 1_000_000L;
    while (System.nanoTime() - end < 0) {
      assertThat(writer.send("PUT", "/v1/kv/a", BYTE).status()).isEqualTo(200);
    }
    assertThat(ApiServer.await(server.replica.openWatches())).isEqualTo(1);
  }

  /** Sends a byte now and then until it is cut off: too few for a head that is too large. */
  private static void assertCutOffWhileItDrips(RawClient client) {
    long[] last = {System.nanoTime()};
    OverloadTest.await(
        () -> {
          if (System.nanoTime() - last[0] > 20_000_000) {
            last[0] = System.nanoTime();
            try {
              client.write(BYTE);
            } catch (UncheckedIOException cutOff) {
              return true;
            }
          }
          return false;
        });
  }

  private static RawClient.Answer head(RawClient client) {
    try {
      return client.readHead();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private RawClient client() {
    RawClient client = server.client();
    clients.add(client);
    return client;
  }
}
