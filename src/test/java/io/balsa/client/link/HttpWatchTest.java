package io.balsa.client.link;

import static io.balsa.client.link.HttpLinkFaultsTest.eventually;
import static io.balsa.client.link.TestMembers.await;
import static io.balsa.client.link.TestServer.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.client.BalsaClientOptions;
import io.balsa.client.BalsaException;
import io.balsa.client.Change;
import io.balsa.client.DeleteOptions;
import io.balsa.client.GetOptions;
import io.balsa.client.Operation;
import io.balsa.client.PutOptions;
import io.balsa.client.RefusedException;
import io.balsa.client.Txn;
import io.balsa.client.WatchOptions;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpWatchTest {
  private static final Vertx VERTX = Vertx.vertx();
  private static final long WINDOW_BYTES = 256 << 10;
  private static final HttpLimits LIMITS = limits(30_000);
  private static final String PROGRESS = "id: 7\nevent: progress\ndata: {\"revision\":7}\n\n";

  @TempDir Path dir;
  private final List<AutoCloseable> open = new ArrayList<>();
  private final Context context = VERTX.getOrCreateContext();
  private final TestSink sink = new TestSink();

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

  // ---- Of a member

  @Test
  void deliversEachChangeOnceFromWhereverItIsResumed() {
    HttpLink link = member();
    Buffer binary = Buffer.buffer(new byte[] {'w', '/', 0, (byte) 0xff});
    List<Long> revisions = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      revisions.add(put(link, i % 2 == 0 ? binary : Buffer.buffer("w/" + i)));
      put(link, Buffer.buffer("other" + i));
    }

    for (long from = 2; from <= 41; from += 13) {
      TestSink resumed = new TestSink();
      Link.OpenWatch watch = await(watch(link, WatchOptions.ofPrefix("w/").setFrom(from), resumed));
      revisions.add(put(link, binary)); // While it catches up, or after.
      long first = from;
      List<Long> wanted = revisions.stream().filter(revision -> revision >= first).toList();
      eventually(() -> resumed.events.size() >= wanted.size());
      assertThat(resumed.revisions()).isEqualTo(wanted);
      int last = wanted.size() - 1;
      assertThat(resumed.events.get(last).changes().get(0).key()).isEqualTo(binary);
      assertThat(resumed.events.get(last).changes().get(0).item().modRevision())
          .isEqualTo(wanted.get(last));
      onContext(watch::close);
    }
  }

  @Test
  void deliversTheChangesOfARevisionTogetherWithWhatWasBefore() {
    HttpLink link = member();
    put(link, Buffer.buffer("a"));
    Link.OpenWatch watch = await(watch(link, WatchOptions.ofKey("a").setPrevious(true)));
    TestSink every = new TestSink();
    await(watch(link, new WatchOptions(), every));

    Txn txn =
        new Txn()
            .then(Operation.put("a", Buffer.buffer("2")))
            .then(Operation.put("b", Buffer.buffer("3")));
    long revision = await(link.txn(txn, null)).revision();
    await(link.delete(Buffer.buffer("a"), new DeleteOptions(), null));

    eventually(() -> sink.events.size() == 2 && every.events.size() == 2);
    Change put = sink.events.get(0).changes().get(0);
    Change delete = sink.events.get(1).changes().get(0);
    assertThat(sink.revisions()).containsExactly(revision, revision + 1);
    assertThat(put.item().text()).isEqualTo("2");
    assertThat(put.previous().text()).isEqualTo("v");
    assertThat(delete.isDelete()).isTrue();
    assertThat(delete.previous().text()).isEqualTo("2");
    assertThat(every.events.get(0).changes()).hasSize(2);
    assertThat(every.events.get(0).changes().get(0).previous()).isNull();
    assertThat(sink.calls).containsExactly("progress 2");
    assertThat(sink.contexts).containsOnly(context);
    watch.close();
  }

  @Test
  void isRefusedWhereItsOptionsAreNone() {
    HttpLink link = member();

    BalsaException failure =
        failure(watch(link, WatchOptions.ofKey("a").setPrefix(Buffer.buffer("b"))));

    assertThat(failure).isInstanceOf(RefusedException.class);
    assertThat(failure.status()).isEqualTo(400);
    assertThat(sink.contexts).isEmpty();
  }

  @Test
  void goesOnAtAnotherMemberThoughTheLeaderIsStopped() {
    TestMembers members = TestMembers.start(VERTX, dir, 3);
    open.add(members);
    int leader = members.leader(VERTX);
    List<String> endpoints = new ArrayList<>(members.endpoints());
    endpoints.add(0, endpoints.remove(leader));
    HttpLink link =
        new HttpLink(
            VERTX,
            new BalsaClientOptions().setEndpoints(endpoints).setRequestTimeoutMillis(20_000));
    open.add(0, () -> await(link.close()));
    await(watch(link, new WatchOptions()));
    put(link, Buffer.buffer("a"));
    eventually(() -> sink.events.size() == 1);

    members.stop(leader);
    eventually(() -> sink.calls.stream().anyMatch(call -> call.startsWith("ended")));
    TestSink resumed = new TestSink();
    await(watch(link, new WatchOptions().setFrom(3), resumed));
    put(link, Buffer.buffer("b"));

    eventually(() -> resumed.events.size() == 1);
    assertThat(resumed.revisions()).containsExactly(3L);
    assertThat(await(link.get(Buffer.buffer("a"), new GetOptions())).modRevision()).isEqualTo(2);
  }

  // ---- Of servers that misbehave

  @Test
  void holdsBackWhatIsNotRead() {
    int count = 10_000;
    AtomicLong sent = new AtomicLong();
    TestServer server =
        server(
            request -> {
              HttpServerResponse response = stream(request);
              response.write(PROGRESS);
              AtomicInteger next = new AtomicInteger(1);
              Handler<Void> more =
                  none -> {
                    while (next.get() <= count && !response.writeQueueFull()) {
                      Buffer event = Buffer.buffer(change(next.getAndIncrement(), 1_000));
                      sent.addAndGet(event.length());
                      response.write(event);
                    }
                  };
              response.drainHandler(more);
              more.handle(null);
            });
    HttpLink link = link(limits(1_000), server.url());
    Link.OpenWatch watch = await(watch(link, new WatchOptions()));
    eventually(() -> sink.bytes.get() > WINDOW_BYTES - 2_000);
    TestSink silent = new TestSink();
    HttpLink other = link(limits(2_500), silentAfterProgress().url());
    await(watch(other, new WatchOptions(), silent));
    eventually(() -> silent.calls.size() == 2); // Much longer than what follows would take.

    assertThat(sink.bytes.get()).isBetween(WINDOW_BYTES - 2_000, WINDOW_BYTES);
    assertThat(sent.get()).isLessThan(1 << 20);
    assertThat(sink.calls).containsExactly("progress 7"); // Its own silence does not count.

    long[] credited = {0};
    while (sink.events.size() < count) {
      long delivered = sink.bytes.get();
      long credit = delivered - credited[0];
      assertThat(credit).isLessThanOrEqualTo(WINDOW_BYTES);
      credited[0] = delivered;
      onContext(() -> watch.credit(credit));
      eventually(() -> sink.bytes.get() > delivered || sink.events.size() == count);
    }
    assertThat(sink.revisions())
        .containsExactlyElementsOf(LongStream.rangeClosed(1, count).boxed().toList());
  }

  @Test
  void deliversAnEventThatIsLongerThanTheWindow() {
    TestServer server =
        server(request -> stream(request).write(PROGRESS + change(8, 500_000) + change(9, 10)));
    Link.OpenWatch watch = await(watch(link(server.url()), new WatchOptions()));

    eventually(() -> sink.events.size() == 1);
    onContext(() -> watch.credit(sink.bytes.get()));
    eventually(() -> sink.events.size() == 2);
  }

  @Test
  void tellsProgressOnlyWhereItIsExact() {
    TestServer server =
        server(
            request ->
                stream(request)
                    .write(
                        "event: progress\ndata: {\"revision\":7}\n\n"
                            + "event: novelty\nid: 8\ndata: {\"revision\":8}\n\n"
                            + "event: progress\nid: 9\ndata: {\"revision\":9}\n\n"));
    await(watch(link(server.url()), new WatchOptions()));

    eventually(() -> !sink.calls.isEmpty());
    assertThat(sink.calls).containsExactly("progress 9");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "compacted 5|event: compacted\ndata: {\"compactRevision\":5}\n\n",
        "denied 403 permission-denied|event: denied\ndata: {\"status\":403,\"detail\":\"no\"}\n\n",
        "denied 401 no-credentials|event: denied\ndata: {\"status\":401,\"kind\":\"no-credentials\",\"detail\":\"no\"}\n\n",
        "ended the watch cannot be read|event: denied\ndata: {}\n\n",
        "slow 9|event: slow\ndata: {\"resumeFrom\":9}\n\n",
        "ended the watch cannot be read|event: change\ndata: <html>\n\n",
        "ended the watch cannot be read|event: change\ndata: {}\n\n",
        "ended the watch cannot be read|event: progress\ndata: {}\n\n",
      })
  void endsWithOneLastCall(String example) {
    String call = example.substring(0, example.indexOf('|'));
    String event = example.substring(example.indexOf('|') + 1);
    TestServer server =
        server(request -> stream(request).end(PROGRESS + event + change(10, 10) + event));
    await(watch(link(server.url()), new WatchOptions()));

    eventually(() -> sink.calls.size() == 2);
    assertThat(sink.calls.get(1)).startsWith(call);
    roundTrip(server);
    assertThat(sink.calls).hasSize(2);
    assertThat(sink.events).isEmpty();
  }

  @Test
  void endsWhenAnEventIsTooLong() {
    TestServer server = server(request -> stream(request).write(PROGRESS + change(8, 2 << 20)));
    await(watch(link(server.url()), new WatchOptions()));

    eventually(() -> sink.calls.size() == 2);
    assertThat(sink.calls.get(1))
        .isEqualTo(
            "ended the watch cannot be read:"
                + " an event has more than 1048576 bytes, the most that is taken");
  }

  @Test
  void endsWhenTheStreamDoesAndDeliversWhatCameBefore() {
    TestServer server = server(request -> stream(request).end(PROGRESS + change(8, 10)));
    await(watch(link(server.url()), new WatchOptions()));

    eventually(() -> sink.calls.size() == 2);
    assertThat(sink.revisions()).containsExactly(8L);
    assertThat(sink.calls.get(1)).isEqualTo("ended the member has ended the watch");
  }

  @Test
  void endsWithTheConnection() {
    TestServer server =
        server(
            request ->
                stream(request).write(PROGRESS).onComplete(none -> request.connection().close()));
    await(watch(link(server.url()), new WatchOptions()));

    eventually(() -> sink.calls.size() == 2);
    assertThat(sink.calls.get(1)).startsWith("ended ");
  }

  @Test
  void endsWhenNothingIsHeardForLong() {
    await(watch(link(limits(300), silentAfterProgress().url()), new WatchOptions()));

    eventually(() -> sink.calls.size() == 2);
    assertThat(sink.calls.get(1)).startsWith("ended nothing was heard for ");
  }

  @Test
  void endsWithItsLink() {
    TestServer server = server(request -> stream(request).write(PROGRESS));
    HttpLink link = new HttpLink(VERTX, options(server.url()), HttpLimits.DEFAULT);
    await(watch(link, new WatchOptions()));

    await(link.close());

    eventually(() -> sink.calls.size() == 2);
    assertThat(sink.calls.get(1)).startsWith("ended ");
  }

  @Test
  void isNotHeardOfOnceItIsClosed() {
    Promise<Void> gone = Promise.promise();
    TestServer server =
        server(
            request -> {
              HttpServerResponse response = stream(request);
              response.exceptionHandler(cause -> gone.tryComplete());
              response.closeHandler(none -> gone.tryComplete());
              response.write(PROGRESS + change(8, 10) + change(9, 10) + PROGRESS);
            });
    Promise<Link.OpenWatch> opened = Promise.promise();
    sink.onChange =
        () -> {
          opened.future().result().close();
          opened.future().result().close();
        };
    HttpLink link = link(server.url());
    context.runOnContext(none -> link.watch(new WatchOptions(), sink).onComplete(opened));

    await(gone.future());

    assertThat(sink.calls).containsExactly("progress 7");
    assertThat(sink.revisions()).containsExactly(8L);
  }

  @Test
  void canBeGivenBackToFromWithinACall() {
    TestServer server =
        server(
            request -> {
              HttpServerResponse response = stream(request);
              response.write(PROGRESS);
              for (int i = 1; i <= 400; i++) {
                response.write(change(i, 2_000));
              }
            });
    Promise<Link.OpenWatch> opened = Promise.promise();
    long[] credited = {0};
    sink.onChange =
        () -> {
          long credit = sink.bytes.get() - credited[0];
          credited[0] += credit;
          opened.future().result().credit(credit);
        };
    HttpLink link = link(server.url());
    context.runOnContext(none -> link.watch(new WatchOptions(), sink).onComplete(opened));

    eventually(() -> sink.events.size() == 400);
    assertThat(sink.revisions())
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 400).boxed().toList());
  }

  @Test
  void opensAtTheNextEndpointWhereOneIsOfNoUse() {
    List<Handler<HttpServerRequest>> useless =
        List.of(
            TestServer.SILENT,
            TestServer.CLOSES,
            TestServer.NOT_BALSA,
            TestServer.problem(503, "stopping", "refused"),
            request -> stream(request).end(),
            request -> stream(request).end("event: change\ndata: <html>\n\n"));
    for (Handler<HttpServerRequest> answer : useless) {
      TestSink opened = new TestSink();
      TestServer good = server(request -> stream(request).write(PROGRESS));
      await(watch(link(server(answer).url(), good.url()), new WatchOptions(), opened));
      eventually(() -> !opened.calls.isEmpty());
      assertThat(opened.calls.get(0)).isEqualTo("progress 7");
    }
  }

  private HttpLink member() {
    TestMembers members = TestMembers.start(VERTX, dir, 1);
    open.add(members);
    HttpLink link =
        new HttpLink(
            VERTX,
            new BalsaClientOptions()
                .setEndpoints(members.endpoints())
                .setRequestTimeoutMillis(20_000));
    open.add(0, () -> await(link.close()));
    return link;
  }

  private TestServer server(Handler<HttpServerRequest> answer) {
    TestServer server = new TestServer(VERTX, answer);
    open.add(server);
    return server;
  }

  private TestServer silentAfterProgress() {
    return server(request -> stream(request).write(PROGRESS));
  }

  private HttpLink link(String... endpoints) {
    return link(LIMITS, endpoints);
  }

  private HttpLink link(HttpLimits limits, String... endpoints) {
    HttpLink link = new HttpLink(VERTX, options(endpoints), limits);
    open.add(0, () -> await(link.close()));
    return link;
  }

  private static HttpLimits limits(long silenceMillis) {
    return new HttpLimits(100, 100, WINDOW_BYTES, 1 << 20, silenceMillis);
  }

  private static BalsaClientOptions options(String... endpoints) {
    return new BalsaClientOptions().setEndpoints(List.of(endpoints)).setRequestTimeoutMillis(3_000);
  }

  private Future<Link.OpenWatch> watch(HttpLink link, WatchOptions options) {
    return watch(link, options, sink);
  }

  private Future<Link.OpenWatch> watch(HttpLink link, WatchOptions options, TestSink to) {
    Promise<Link.OpenWatch> opened = Promise.promise();
    context.runOnContext(none -> link.watch(options, to).onComplete(opened));
    return opened.future();
  }

  private void onContext(Runnable work) {
    Promise<Void> done = Promise.promise();
    context.runOnContext(
        none -> {
          work.run();
          done.complete();
        });
    await(done.future());
  }

  /** So that what was under way has arrived. */
  private void roundTrip(TestServer server) {
    failure(link(server.url()).deletePrefix(Buffer.buffer("k"), null));
  }

  private static long put(HttpLink link, Buffer key) {
    return await(link.put(key, Buffer.buffer("v"), new PutOptions(), null)).revision();
  }

  private static HttpServerResponse stream(HttpServerRequest request) {
    return request.response().setChunked(true).putHeader("content-type", "text/event-stream");
  }

  private static String change(long revision, int valueBytes) {
    return "id: %d\nevent: change\ndata: {\"revision\":%d,\"changes\":[{\"type\":\"put\",\"key\":\"k\",\"value\":\"%s\",\"createRevision\":1,\"modRevision\":%d,\"version\":1}]}\n\n"
        .formatted(revision, revision, "x".repeat(valueBytes), revision);
  }
}
