package io.balsa.api.http;

import static io.balsa.api.http.ApiServer.await;
import static io.balsa.api.http.KeyResourceTest.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.TestKeys;
import io.balsa.api.ApiOptions;
import io.balsa.data.Endpoint;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.PfxOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.ext.web.client.WebClient;
import io.vertx.ext.web.client.WebClientOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** HTTP/2 on the same port, and how a server stops. */
class TransportTest {
  private ApiServer server;

  @BeforeEach
  void start() {
    server = ApiServer.start(options -> options.withRequestLimits(1_000, 128, 7_000));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void speaksHttp2ByPriorKnowledge() {
    HttpClientAgent http2 = http2();
    Buffer body = Buffer.buffer(new byte[1_000]);

    HttpClientResponse put = send(http2, HttpMethod.PUT, "/v1/kv/a/../b%2f", body);
    HttpClientResponse get = send(http2, HttpMethod.GET, "/v1/kv/a/../b%2F", null);
    HttpClientResponse head = send(http2, HttpMethod.HEAD, "/v1/kv/a/../b%2F", null);

    assertThat(put.version()).isEqualTo(HttpVersion.HTTP_2);
    assertThat(put.statusCode()).isEqualTo(200);
    assertThat(put.getHeader("etag")).isEqualTo("\"2\"");
    assertThat(await(get.body())).isEqualTo(body);
    assertThat(head.getHeader("content-length")).isEqualTo("1000");
    assertThat(await(head.body()).length()).isZero();
    await(http2.close());
  }

  @Test
  void upgradesToHttp2() {
    HttpClientAgent upgrading =
        ApiServer.VERTX.createHttpClient(
            new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2));

    assertThat(send(upgrading, HttpMethod.GET, "/version", null).version())
        .isEqualTo(HttpVersion.HTTP_2);
    await(upgrading.close());
  }

  @Test
  void limitsBodiesAndLinesUnderHttp2() {
    HttpClientAgent http2 = http2();
    String escaped = "%6b".repeat(4_096);

    assertThat(send(http2, HttpMethod.PUT, "/v1/kv/a", Buffer.buffer(new byte[1_001])).statusCode())
        .isEqualTo(413);
    assertThat(
            send(http2, HttpMethod.PUT, "/v1/kv/a", Buffer.buffer(new byte[100_000])).statusCode())
        .isEqualTo(413);
    assertThat(send(http2, HttpMethod.PUT, "/v1/kv/" + escaped, Buffer.buffer("v")).statusCode())
        .isEqualTo(200);
    assertThat(send(http2, HttpMethod.GET, "/v1/kv/" + "k".repeat(4_096), null).statusCode())
        .isEqualTo(200);
    await(http2.close());
  }

  @Test
  void watchesUnderHttp2() {
    HttpClientAgent http2 = http2();
    HttpClientResponse watch =
        onEventLoop(
            () ->
                http2
                    .request(HttpMethod.GET, server.port, "127.0.0.1", "/v1/watch")
                    .compose(request -> request.send())
                    .map(
                        response -> {
                          response.pause();
                          return response;
                        }));
    StringBuffer text = new StringBuffer();
    watch.handler(chunk -> text.append(chunk.toString()));
    watch.resume();
    OverloadTest.await(() -> text.indexOf("event: progress") >= 0);

    send(http2, HttpMethod.PUT, "/v1/kv/a", Buffer.buffer("1"));

    OverloadTest.await(() -> text.indexOf("event: change") >= 0);
    watch.request().reset();
    OverloadTest.await(() -> await(server.replica.openWatches()) == 0);
    await(http2.close());
  }

  @Test
  void servesManyRequestsOfOneConnectionAtOnce() {
    WebClient client =
        WebClient.create(
            ApiServer.VERTX,
            new WebClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false));
    List<Future<?>> puts = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      puts.add(
          client
              .put(server.port, "127.0.0.1", "/v1/kv/k" + i)
              .sendBuffer(Buffer.buffer("v"))
              .map(
                  response -> {
                    assertThat(response.statusCode()).isEqualTo(200);
                    return null;
                  }));
    }

    await(Future.all(puts));

    try (RawClient raw = server.client()) {
      assertThat(raw.send("GET", "/v1/kv?limit=1").json().getLong("count")).isEqualTo(500);
    }
    client.close();
  }

  @Test
  void stoppingEndsWatchesAndLetsRequestsFinish() {
    EventStream watch = new EventStream(server, "/v1/watch");
    watch.next();
    RawClient client = server.client();
    client.write("PUT", "/v1/kv/a", null, "Content-Length: 2", "Expect: 100-continue");
    // Only now the server surely has a request to wait for.
    assertThat(client.read(false).status()).isEqualTo(100);
    client.write(new byte[1]);
    OverloadTest.await(() -> await(server.replica.openWatches()) == 1);

    Future<Void> stopped = server.undeploy();
    assertThat(watch.next()).isNull();
    assertThat(stopped.isComplete()).isFalse();
    client.write(new byte[1]);

    assertThat(client.read(false).status()).isEqualTo(200);
    await(stopped);
    assertThat(client.isClosedByServer()).isTrue();
    OverloadTest.await(() -> await(server.replica.openWatches()) == 0);
  }

  @Test
  void oneBadRequestLeavesAnHttp2ConnectionAlone() {
    HttpClientAgent http2 = http2();

    assertThat(send(http2, HttpMethod.GET, "/v1/kv/%", null).statusCode()).isEqualTo(400);
    assertThat(send(http2, HttpMethod.POST, "/v1/kv/a", Buffer.buffer("x")).statusCode())
        .isEqualTo(405);
    assertThat(send(http2, HttpMethod.GET, "/v1/kv", null).statusCode()).isEqualTo(200);
    try (RawClient raw = server.client()) {
      assertProblem(raw.send("GET", "/v1/kv/a"), 404, null);
    }
    await(http2.close());
  }

  @Test
  void speaksBothVersionsUnderTls(@TempDir Path folder) throws Exception {
    String store = TestKeys.make(folder, "server").toString();
    PfxOptions key = new PfxOptions().setPath(store).setPassword(TestKeys.PASSWORD);
    server.close();
    server =
        ApiServer.start(
            options ->
                ApiOptions.of(
                    List.of(new Endpoint(true, "127.0.0.1", 0), ApiServer.CLEARTEXT),
                    new ServerSSLOptions().setKeyCertOptions(key),
                    "1.2.3",
                    options.registry()));
    try (RawClient cleartext = new RawClient(server.ports.get(1))) {
      assertThat(cleartext.send("GET", "/version").status()).isEqualTo(200);
    }

    for (HttpVersion version : List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1)) {
      HttpClientAgent client =
          ApiServer.VERTX.createHttpClient(
              new HttpClientOptions()
                  .setSsl(true)
                  .setUseAlpn(true)
                  .setTrustOptions(key)
                  .setProtocolVersion(version));
      HttpClientResponse answer = send(client, HttpMethod.GET, "/version", null);
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.version()).isEqualTo(version);
      await(client.close());
    }
  }

  private HttpClientAgent http2() {
    return ApiServer.VERTX.createHttpClient(
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_2)
            .setHttp2ClearTextUpgrade(false));
  }

  private HttpClientResponse send(
      HttpClientAgent client, HttpMethod method, String target, Buffer body) {
    return onEventLoop(
        () ->
            client
                .request(method, server.port, "127.0.0.1", target)
                .compose(request -> body == null ? request.send() : request.send(body))
                .compose(response -> response.body().map(ignored -> response)));
  }

  /** From another thread an answer may be over before somebody asks for its body. */
  private static <T> T onEventLoop(Supplier<Future<T>> exchange) {
    return await(
        Future.future(
            done -> ApiServer.VERTX.runOnContext(none -> exchange.get().onComplete(done))));
  }
}
