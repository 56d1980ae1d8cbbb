package io.balsa.client.link;

import static io.balsa.client.link.TestMembers.await;
import static io.balsa.client.link.TestServer.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.TestUsers;
import io.balsa.client.BalsaClient;
import io.balsa.client.BalsaClientOptions;
import io.balsa.client.BalsaException;
import io.balsa.client.PutResult;
import io.balsa.client.RefusedException;
import io.balsa.client.WatchOptions;
import io.balsa.client.WatchStream;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On behalf of a user: the token is got, renewed, and what is refused for good ends. */
class HttpLinkUserTest {
  private static final Buffer VALUE = Buffer.buffer("v");
  private static final String LOGIN = "/v3/auth/authenticate";

  private final Vertx vertx = Vertx.vertx();
  private final List<String> ends = new CopyOnWriteArrayList<>();
  @TempDir private Path dir;

  @AfterEach
  void stop() {
    await(vertx.close());
  }

  private BalsaClientOptions options(String... urls) {
    return new BalsaClientOptions().setEndpoints(List.of(urls));
  }

  private BalsaClient client(String user, String password, String... urls) {
    return BalsaClient.create(vertx, options(urls).setUser(user).setPassword(password));
  }

  private TestMembers member() {
    return TestMembers.start(vertx, dir, 1);
  }

  private static void assertRefused(Future<?> future, int status, String kind) {
    BalsaException failure = failure(future);
    assertThat(failure).isInstanceOf(RefusedException.class);
    assertThat(failure.status() + " " + failure.kind()).isEqualTo(status + " " + kind);
  }

  /** What comes of a watch: revisions, and how it ends. */
  private List<Long> take(WatchStream stream) {
    List<Long> revisions = new CopyOnWriteArrayList<>();
    stream
        .exceptionHandler(failure -> ends.add(((RefusedException) failure).kind()))
        .endHandler(none -> ends.add("end"))
        .handler(event -> revisions.add(event.revision()));
    return revisions;
  }

  // ---- Against a member

  @Test
  void asksOnBehalfOfItsUser() throws Exception {
    String url = member().endpoints().get(0);
    new TestUsers(url).enable();
    BalsaClient user = client("u", "upw", url);

    assertThat(await(user.put("k", VALUE)).version()).isEqualTo(1);
    assertThat(await(user.get("k")).value()).isEqualTo(VALUE);
    assertRefused(user.put("x", VALUE), 403, "permission-denied");
    assertRefused(user.get("x"), 403, "permission-denied");
    assertThat(await(client("root", "rootpw", url).put("x", VALUE)).version()).isEqualTo(1);
    assertRefused(BalsaClient.create(vertx, options(url)).get("k"), 401, "no-credentials");
    assertRefused(client("u", "wrong", url).get("k"), 401, "login-refused");
    assertThat(failure(client("nobody", null, url).get("k")))
        .hasMessage(url + ": etcdserver: authentication failed, invalid user ID or password");
  }

  @Test
  void getsAnotherTokenForOneThatIsNotGoodAnyMore() throws Exception {
    String url = member().endpoints().get(0);
    TestUsers users = new TestUsers(url).enable();
    BalsaClient user = client("u", "upw", url);
    await(user.put("k", VALUE));

    users.post(users.token("root"), "auth/user/changepw", "{'name':'u','password':'upw'}");
    assertThat(await(user.put("k", VALUE)).version()).isEqualTo(2);
    users.post(users.token("root"), "auth/user/changepw", "{'name':'u','password':'other'}");
    assertRefused(user.put("k", VALUE), 401, "login-refused");
  }

  @Test
  void goesOnWhenUsersAreEnforcedWhileItIsAtWork() throws Exception {
    String url = member().endpoints().get(0);
    TestUsers users = new TestUsers(url).make();
    BalsaClient user = client("u", "upw", url);
    BalsaClient nobody = BalsaClient.create(vertx, options(url));
    List<Long> seen = take(await(user.watch(WatchOptions.ofPrefix("k"))));
    List<String> nobodysEnds = new CopyOnWriteArrayList<>();
    await(nobody.watch(WatchOptions.ofPrefix("k")))
        .exceptionHandler(failure -> nobodysEnds.add(((RefusedException) failure).kind()))
        .handler(event -> {});
    await(user.put("k", VALUE));

    users.post(null, "auth/enable", "{}");

    PutResult put = await(user.put("k", VALUE));
    HttpLinkFaultsTest.eventually(() -> seen.size() == 2);
    assertThat(seen).containsExactly(put.revision() - 1, put.revision());
    HttpLinkFaultsTest.eventually(() -> !nobodysEnds.isEmpty());
    assertThat(nobodysEnds).containsExactly("no-credentials");
  }

  @Test
  void aWatchEndsWithTheRefusal() throws Exception {
    String url = member().endpoints().get(0);
    TestUsers users = new TestUsers(url).enable();
    BalsaClient user = client("u", "upw", url);
    List<Long> seen = take(await(user.watch(WatchOptions.ofPrefix("k"))));
    await(user.put("k", VALUE));
    HttpLinkFaultsTest.eventually(() -> seen.size() == 1);

    users.forbid(users.token("root"));
    await(client("root", "rootpw", url).put("k", VALUE));

    HttpLinkFaultsTest.eventually(() -> ends.size() == 2);
    assertThat(ends).containsExactly("permission-denied", "end");
    assertThat(seen).hasSize(1);
    assertRefused(user.watch(WatchOptions.ofPrefix("k")), 403, "permission-denied");
    assertRefused(user.watch(WatchOptions.ofPrefix("k").setFrom(1)), 403, "permission-denied");
  }

  // ---- Against servers that misbehave

  private static Handler<HttpServerRequest> token(AtomicInteger logins) {
    return request -> request.response().end("{\"token\":\"t" + logins.incrementAndGet() + "\"}");
  }

  private TestServer server(Handler<HttpServerRequest> login, Handler<HttpServerRequest> others) {
    return new TestServer(
        vertx, request -> (request.path().equals(LOGIN) ? login : others).handle(request));
  }

  private static List<String> tokens(TestServer server) {
    return server.requests.stream()
        .filter(request -> !request.path().equals(LOGIN))
        .map(request -> request.getHeader("authorization"))
        .toList();
  }

  @Test
  void renewsATokenOnceAndNotForEver() {
    AtomicInteger logins = new AtomicInteger();
    TestServer server = server(token(logins), TestServer.problem(401, "token-invalid", "refused"));

    assertRefused(client("u", "pw", server.url()).put("k", VALUE), 401, "token-invalid");

    assertThat(tokens(server)).containsExactly("t1", "t2");
    assertThat(logins).hasValue(2);
  }

  @Test
  void manyRequestsShareOneLogin() {
    AtomicInteger logins = new AtomicInteger();
    Handler<HttpServerRequest> old = TestServer.problem(401, "token-invalid", "refused");
    TestServer server =
        server(
            token(logins),
            request ->
                ("t1".equals(request.getHeader("authorization")) ? old : TestServer.WRITTEN)
                    .handle(request));
    BalsaClient client = client("u", "pw", server.url());
    List<Future<PutResult>> puts = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      puts.add(client.put("k", VALUE));
    }

    puts.forEach(TestMembers::await);

    assertThat(logins).hasValue(2);
  }

  @Test
  void asksTheNextMemberWhereThereIsNoAnswerToALogin() {
    for (Handler<HttpServerRequest> answer :
        List.of(
            TestServer.SILENT,
            TestServer.CLOSES,
            TestServer.NOT_BALSA,
            TestServer.problem(429, "too-many-requests", "refused"))) {
      TestServer bad = server(answer, TestServer.WRITTEN);
      AtomicInteger logins = new AtomicInteger();
      TestServer good = server(token(logins), TestServer.WRITTEN);

      BalsaClient client =
          BalsaClient.create(
              vertx,
              options(bad.url(), good.url())
                  .setUser("u")
                  .setPassword("pw")
                  .setRequestTimeoutMillis(4_000));

      assertThat(await(client.put("k", VALUE)).revision()).isEqualTo(12);
      assertThat(tokens(good)).containsExactly("t1");
    }
  }

  @Test
  void aRequestThatWaitsForALoginIsRefusedInTime() {
    TestServer server = server(TestServer.SILENT, TestServer.WRITTEN);
    BalsaClient client =
        BalsaClient.create(
            vertx, options(server.url()).setUser("u").setRequestTimeoutMillis(1_000));

    BalsaException failure = failure(client.put("k", VALUE));

    assertThat(failure).isInstanceOf(RefusedException.class);
    assertThat(failure.status()).isIn(503, 504);
    assertThat(tokens(server)).isEmpty();
  }

  @Test
  void aWatchIsRefusedForGoodWhenItsTokenWasRenewedInVain() {
    AtomicInteger logins = new AtomicInteger();
    TestServer server =
        server(
            token(logins),
            request ->
                request
                    .response()
                    .putHeader("content-type", "text/event-stream")
                    .setChunked(true)
                    .end(
                        "event: denied\ndata: {\"status\":401,\"kind\":\"token-invalid\","
                            + "\"detail\":\"no\"}\n\n"));

    assertRefused(
        client("u", "pw", server.url()).watch(WatchOptions.ofKey("k").setFrom(1)),
        401,
        "token-invalid");
    assertThat(tokens(server)).containsExactly("t1", "t2");
  }
}
