package io.balsa.client.link;

import static io.balsa.client.link.TestMembers.await;
import static io.balsa.client.link.TestServer.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.client.BalsaClientOptions;
import io.balsa.client.BalsaException;
import io.balsa.client.GetOptions;
import io.balsa.client.KeyValue;
import io.balsa.client.OutcomeUnknownException;
import io.balsa.client.PutOptions;
import io.balsa.client.PutResult;
import io.balsa.client.RefusedException;
import io.balsa.client.Txn;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.NetServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Against servers that misbehave: each of the three outcomes is told when it is true. */
class HttpLinkFaultsTest {
  private static final Vertx VERTX = Vertx.vertx();
  private static final Buffer KEY = Buffer.buffer("k");
  private static final long TIMEOUT_MILLIS = 4_000;
  // Where a request is to find nobody.
  private static final long SHORT_MILLIS = 1_000;
  private static final OnceKey ONCE = new OnceKey("7a", 5);
  private static final PutResult WRITTEN = new PutResult(12, 3);
  private static final KeyValue FOUND = new KeyValue(KEY, Buffer.buffer("found"), 10, 12, 3, null);
  private static final Handler<HttpServerRequest> NO_LEADER =
      TestServer.problem(503, "no-leader", "refused");
  private static final Handler<HttpServerRequest> TIMED_OUT =
      TestServer.problem(504, "timeout", "unknown");

  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  @AfterAll
  static void stop() {
    await(VERTX.close());
  }

  /** After which nobody can say whether a request was done. */
  static Stream<Arguments> uncertain() {
    return Stream.of(
        Arguments.of("closes", TestServer.CLOSES, "connection-lost"),
        Arguments.of("stops", TestServer.STOPS_IN_THE_MIDDLE, "connection-lost"),
        Arguments.of("silent", TestServer.SILENT, "timeout"),
        Arguments.of("not Balsa", TestServer.NOT_BALSA, "bad-answer"),
        Arguments.of("proxy", TestServer.NOT_BALSA_UNAVAILABLE, "bad-answer"),
        Arguments.of("unknown", TIMED_OUT, "timeout"),
        Arguments.of("unknown 503", TestServer.problem(503, "stopping", "unknown"), "stopping"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("uncertain")
  void aWriteThatMayHaveBeenDoneIsUnknownAndNotSentAgain(
      String name, Handler<HttpServerRequest> answer, String kind) {
    TestServer bad = server(answer);
    TestServer good = server(TestServer.WRITTEN);

    BalsaException failure = failure(put(shortLink(bad.url(), good.url()), null));

    assertThat(failure).isInstanceOf(OutcomeUnknownException.class);
    assertThat(failure.kind()).isEqualTo(kind);
    assertThat(bad.requests).hasSize(1);
    assertThat(good.requests).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("uncertain")
  void aReadIsSentToTheNext(String name, Handler<HttpServerRequest> answer, String kind) {
    TestServer bad = server(answer);
    TestServer good = server(TestServer.FOUND);

    assertThat(await(get(link(bad.url(), good.url())))).isEqualTo(FOUND);
    assertThat(bad.requests).hasSize(1);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("uncertain")
  void aWriteWithAKeyIsSentToTheNextWithTheSameKey(
      String name, Handler<HttpServerRequest> answer, String kind) {
    TestServer bad = server(answer);
    TestServer good = server(TestServer.WRITTEN);

    assertThat(await(put(link(bad.url(), good.url()), ONCE))).isEqualTo(WRITTEN);
    assertThat(bad.requests.get(0).getHeader("idempotency-key")).isEqualTo("\"7a-5\"");
    assertThat(good.requests.get(0).getHeader("idempotency-key")).isEqualTo("\"7a-5\"");
  }

  @Test
  void aWriteWithAKeyIsUnknownAtTheDeadlineOnly() {
    TestServer bad = server(TestServer.CLOSES, NO_LEADER);

    BalsaException failure = failure(put(shortLink(bad.url()), ONCE));

    assertThat(failure).isInstanceOf(OutcomeUnknownException.class);
    assertThat(bad.requests.size()).isGreaterThan(3);
  }

  @Test
  void aWriteThatWasRefusedBeforeTheLogIsSentAgain() {
    TestServer server =
        server(
            NO_LEADER,
            TestServer.problem(503, "stopping", "refused"),
            TestServer.problem(429, "too-many-requests", "refused"),
            TestServer.WRITTEN);

    assertThat(await(put(link(server.url()), null))).isEqualTo(WRITTEN);
    assertThat(server.requests).hasSize(4);
  }

  @Test
  void aRefusalThatLastsIsARefusalAtTheDeadline() {
    TestServer server = server(NO_LEADER);

    BalsaException failure = failure(put(shortLink(server.url()), null));

    assertThat(failure).isInstanceOf(RefusedException.class).hasMessage("because of no-leader");
    assertThat(failure.status()).isEqualTo(503);
    assertThat(failure.kind()).isEqualTo("no-leader");
    assertThat(server.requests.size()).isGreaterThan(3);
  }

  @Test
  void aReadThatNobodyAnswersIsRefusedInTime() {
    TestServer one = server(TestServer.SILENT);
    TestServer two = server(TestServer.SILENT);
    long start = System.nanoTime();

    BalsaException failure = failure(get(shortLink(one.url(), two.url())));

    assertThat(failure).isInstanceOf(RefusedException.class);
    assertThat(failure.kind()).isEqualTo("timeout");
    assertThat((System.nanoTime() - start) / 1_000_000)
        .isBetween(SHORT_MILLIS - 500, SHORT_MILLIS * 10);
    assertThat(two.requests).isNotEmpty();
  }

  @Test
  void staysWithTheEndpointThatWorks() {
    TestServer bad = server(NO_LEADER, TestServer.WRITTEN);
    TestServer good = server(TestServer.WRITTEN);
    HttpLink link = link(bad.url(), good.url());

    for (int i = 0; i < 5; i++) {
      await(put(link, null));
    }

    assertThat(bad.requests).hasSize(1);
    assertThat(good.requests).hasSize(5);
  }

  @Test
  void aWriteGoesToTheNextWhereNobodyListens() {
    TestServer good = server(TestServer.WRITTEN);

    assertThat(await(put(link("http://127.0.0.1:" + freePort(), good.url()), null)))
        .isEqualTo(WRITTEN);
  }

  @Test
  void nothingHappensWhereNobodyListens() {
    BalsaException failure = failure(put(shortLink("http://127.0.0.1:" + freePort()), null));

    assertThat(failure).isInstanceOf(RefusedException.class);
    assertThat(failure.status()).isEqualTo(503);
    assertThat(failure.kind()).isEqualTo("unreachable");
  }

  @Test
  void aReadGoesToTheNextWhereAnotherProtocolIsSpoken() {
    NetServer other =
        VERTX.createNetServer().connectHandler(socket -> socket.end(Buffer.buffer("hello\r\n")));
    await(other.listen(0, "127.0.0.1"));
    open.add(() -> await(other.close()));
    TestServer good = server(TestServer.FOUND);

    assertThat(await(get(link("http://127.0.0.1:" + other.actualPort(), good.url()))))
        .isEqualTo(FOUND);
  }

  @Test
  void saysHowLongAMemberMayWait() {
    TestServer server = server(TestServer.WRITTEN);
    await(put(link(server.url()), null));

    assertThat(Long.parseLong(server.requests.get(0).getParam("timeoutMs")))
        .isBetween(TIMEOUT_MILLIS / 2, TIMEOUT_MILLIS - 1);
  }

  @Test
  void aTransactionThatOnlyReadsHasNoKeyAndIsSentAgain() {
    Handler<HttpServerRequest> done =
        request -> request.response().end("{\"revision\":5,\"succeeded\":true,\"results\":[]}");
    TestServer server = server(TestServer.CLOSES, done);

    assertThat(await(link(server.url()).txn(new Txn(), ONCE)).revision()).isEqualTo(5);
    assertThat(server.requests.get(0).getHeader("idempotency-key")).isNull();
  }

  @Test
  void aMissingKeyIsOnlyWhatAMemberCallsOne() {
    TestServer balsa = server(TestServer.problem(404, "key-not-found", "refused"));
    TestServer route = server(TestServer.problem(404, "route-not-found", "refused"));
    TestServer other = server(request -> request.response().setStatusCode(404).end());

    assertThat(await(get(link(balsa.url())))).isNull();
    assertThat(failure(get(link(route.url()))).kind()).isEqualTo("route-not-found");
    assertThat(failure(get(shortLink(other.url()))).kind()).isEqualTo("bad-answer");
  }

  @Test
  void closingFailsWhatIsUnderWayAsIsTrue() {
    TestServer server = server(TestServer.SILENT);
    HttpLimits few = new HttpLimits(3, 10, 1, 1, 1_000);
    HttpLink link = new HttpLink(VERTX, options(30_000, server.url()), few);
    Future<?> write = put(link, null);
    Future<?> once = put(link, ONCE);
    Future<?> read = get(link);
    Future<?> waiting = put(link, null);
    eventually(() -> server.requests.size() == 3);

    await(link.close());

    assertThat(failure(write)).isInstanceOf(OutcomeUnknownException.class);
    assertThat(failure(once)).isInstanceOf(OutcomeUnknownException.class);
    assertThat(failure(read)).isInstanceOf(RefusedException.class);
    assertThat(failure(waiting)).isInstanceOf(RefusedException.class);
    BalsaException late = failure(put(link, null));
    assertThat(late).isInstanceOf(RefusedException.class).hasMessage("the client is closed");
    assertThat(late.kind()).isEqualTo("closed");
  }

  @Test
  void refusesOptionsThatBreakARule() {
    assertThatThrownBy(() -> link("127.0.0.1:2379"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'127.0.0.1:2379'");
    assertThatThrownBy(() -> new HttpLink(VERTX, options(0, "http://a:1")))
        .hasMessage("requestTimeoutMillis: found 0, expected 1 or more");
    assertThatThrownBy(
            () -> new HttpLink(VERTX, new BalsaClientOptions().setTrustedCaFile("no-such.pem")))
        .hasMessage("trustedCaFile: found 'no-such.pem', expected a readable file");
    assertThatThrownBy(() -> new HttpLink(VERTX, new BalsaClientOptions().setKeyFile("key.pem")))
        .hasMessage("certFile and keyFile: found null and key.pem, expected both or none");
  }

  static void eventually(java.util.function.BooleanSupplier condition) {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - start > 20_000_000_000L) {
        throw new AssertionError("not within 20 s");
      }
      java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
    }
  }

  private static Future<PutResult> put(HttpLink link, OnceKey once) {
    return link.put(KEY, Buffer.buffer("v"), new PutOptions(), once);
  }

  private static Future<KeyValue> get(HttpLink link) {
    return link.get(KEY, new GetOptions());
  }

  private static BalsaClientOptions options(long timeoutMillis, String... endpoints) {
    return new BalsaClientOptions()
        .setEndpoints(List.of(endpoints))
        .setRequestTimeoutMillis(timeoutMillis);
  }

  private HttpLink link(String... endpoints) {
    return link(TIMEOUT_MILLIS, endpoints);
  }

  private HttpLink shortLink(String... endpoints) {
    return link(SHORT_MILLIS, endpoints);
  }

  private HttpLink link(long timeoutMillis, String... endpoints) {
    HttpLink link = new HttpLink(VERTX, options(timeoutMillis, endpoints));
    open.add(0, () -> await(link.close()));
    return link;
  }

  @SafeVarargs
  private TestServer server(Handler<HttpServerRequest>... answers) {
    TestServer server = new TestServer(VERTX, answers);
    open.add(server);
    return server;
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
