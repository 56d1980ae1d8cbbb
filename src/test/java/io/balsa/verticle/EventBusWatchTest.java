package io.balsa.verticle;

import static io.balsa.verticle.RawBus.await;
import static io.balsa.verticle.RawBus.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.api.eventbus.EventBusOptions;
import io.balsa.bus.ReplicaClient;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.verticle.RawBus.Failure;
import io.balsa.verticle.RawWatch.Event;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Watches over the event bus, by somebody without a client, at a real member. */
class EventBusWatchTest {
  private static final int WINDOW_MESSAGES = 32;
  private static final long STALL_MILLIS = 1_000;

  private static final Vertx VERTX = Vertx.vertx();
  @TempDir private static Path directory;
  private static Member member;

  private final RawBus bus = new RawBus(VERTX);
  private String api;

  @BeforeAll
  static void startMember() throws Exception {
    member = await(Member.start(VERTX, TestConfigs.solo(directory, MemberConfig.EventBus.OFF)));
  }

  @AfterAll
  static void stopMember() throws Exception {
    await(member.stop());
    await(VERTX.close());
  }

  @BeforeEach
  void start() throws Exception {
    EventBusOptions options =
        EventBusOptions.of(false, TestConfigs.REQUEST_BYTES_MAX, 7_000)
            .withLimits(10_000, 64 << 20, 3, STALL_MILLIS, 5_000);
    api = await(VERTX.deployVerticle(new EventBusApiVerticle(options, member.addresses())));
  }

  @AfterEach
  void stop() throws Exception {
    if (VERTX.deploymentIDs().contains(api)) {
      await(VERTX.undeploy(api));
    }
  }

  private Future<JsonObject> put(String key, String value) {
    return bus.request("balsa.kv", "put", new JsonObject().put("key", key).put("value", value));
  }

  private void puts(String prefix, int count, String value) throws Exception {
    List<Future<JsonObject>> written = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      written.add(put(prefix + i, value));
    }
    await(Future.all(written));
  }

  @Test
  void deliversFiveThousandChangesInOrderAndNoOthers() throws Exception {
    RawWatch watch = RawWatch.open(bus, new JsonObject().put("prefix", "w/"));
    Event progress = watch.next("progress");
    assertThat(progress.body().getLong("revision")).isPositive();
    await(put("other", "v"));
    long first = await(put("w/first", "v")).getLong("revision");
    puts("w/", 4_999, "v");

    assertThat(watch.revisions(5_000))
        .isEqualTo(LongStream.range(first, first + 5_000).boxed().toList());
  }

  @Test
  void anEventHasAllChangesOfARevisionAsOverHttp() throws Exception {
    await(put("a", "old"));
    RawWatch watch = RawWatch.open(bus, new JsonObject().put("previous", true));
    JsonObject txn =
        new JsonObject(
            """
            {"then": [{"put": {"key": "b", "valueBase64": "/w=="}}, {"delete": {"key": "a"}}]}""");
    long revision = await(bus.request("balsa.kv", "txn", txn)).getLong("revision");

    assertThat(watch.next("change").body())
        .isEqualTo(
            new JsonObject(
                """
                {"revision": %1$d, "changes": [
                  {"type": "put", "key": "b", "valueBase64": "/w==", "createRevision": %1$d,
                   "modRevision": %1$d, "version": 1},
                  {"type": "delete", "key": "a", "modRevision": %1$d,
                   "previous": {"key": "a", "value": "old", "createRevision": %2$d,
                    "modRevision": %2$d, "version": 1}}]}"""
                    .formatted(revision, revision - 1)));
  }

  @Test
  void aConsumerThatStopsTakingIsToldWhereToResumeAndNothingIsLostOrKept() throws Exception {
    String large = "x".repeat(10_000);
    RawWatch watch = RawWatch.unanswered(bus, new JsonObject().put("prefix", "w/"));
    watch.next("progress").take();
    long first = await(put("w/first", "v")).getLong("revision");
    for (int i = 0; i < 5; i++) { // The first is taken, four more are, and then no more.
      if (i < 4) {
        await(put("w/taken" + i, "v"));
      }
      watch.next("change").take();
    }
    puts("w/", 400, large);

    // What is not taken waits in the store, not on the event bus nor in the API: 256 KiB of it, and
    // one more, have been sent.
    int sent = 0;
    Event slow = watch.next();
    while (slow.kind().equals("change")) {
      sent++;
      slow = watch.next();
    }
    assertThat(sent).isBetween(20, 27);
    assertThat(slow.kind()).isEqualTo("slow");
    assertThat(slow.body()).isEqualTo(new JsonObject().put("resumeFrom", first + 5));
    assertThat(slow.message().replyAddress()).isNull();
    assertThat(watch.close()).isFalse();

    RawWatch resumed =
        RawWatch.open(
            bus,
            new JsonObject().put("prefix", "w/").put("from", slow.body().getLong("resumeFrom")));
    assertThat(resumed.revisions(400))
        .isEqualTo(LongStream.range(first + 5, first + 405).boxed().toList());
  }

  @Test
  void noMoreThanAWindowOfMessagesIsUnanswered() throws Exception {
    RawWatch watch = RawWatch.unanswered(bus, new JsonObject());
    watch.next("progress").take();
    puts("w/", 2 * WINDOW_MESSAGES, "v");
    List<Event> taken = new ArrayList<>();
    for (int i = 0; i < WINDOW_MESSAGES; i++) {
      taken.add(watch.next("change"));
    }
    await(put("last", "v")); // Went the same way, behind them all.
    assertThat(watch.size()).isZero();

    // In whatever order they are answered: all before the first unanswered one count as taken.
    for (int i = WINDOW_MESSAGES - 1; i >= 0; i--) {
      taken.get(i).take();
    }
    assertThat(watch.revisions(WINDOW_MESSAGES)).isSorted();
    assertThat(watch.size()).isZero();
  }

  @Test
  void aPausedConsumerLosesNothingBeforeItIsCutOff() throws Exception {
    RawWatch watch = RawWatch.open(bus, new JsonObject().put("prefix", "w/"));
    watch.next("progress");
    long first = await(put("w/first", "v")).getLong("revision");
    watch.next("change");
    watch.consumer.pause();
    puts("w/", 2_000, "v"); // More than a paused consumer holds.
    RawWatch other = RawWatch.open(bus, new JsonObject());
    other.next("alive");
    other.next("alive"); // The time after which the other one is cut off is over, too.
    watch.consumer.resume();

    List<Long> revisions = new ArrayList<>();
    Event event = watch.next();
    while (!event.kind().equals("slow")) {
      revisions.add(event.body().getLong("revision"));
      event = watch.next();
    }
    assertThat(revisions)
        .isEqualTo(LongStream.rangeClosed(first + 1, first + WINDOW_MESSAGES).boxed().toList());
    assertThat(event.body().getLong("resumeFrom")).isEqualTo(first + 1);
  }

  @Test
  void aConsumerThatTakesOneNowAndThenIsNotCutOff() throws Exception {
    RawWatch watch = RawWatch.unanswered(bus, new JsonObject().put("prefix", "w/"));
    watch.next("progress").take();
    puts("w/", 5, "v");
    for (int i = 0; i < 5; i++) { // The last waits longer than a watch does that takes nothing.
      Event event = watch.next();
      assertThat(event.kind()).isEqualTo("change");
      await(VERTX.timer(3 * STALL_MILLIS / 10, TimeUnit.MILLISECONDS));
      event.take();
    }
    await(put("w/last", "v"));
    assertThat(watch.next().kind()).isEqualTo("change");
  }

  @Test
  void noMoreWatchesAreOpenThanTheMemberTakesOn() throws Exception {
    for (int i = 0; i < 3; i++) {
      RawWatch.open(bus, new JsonObject().put("prefix", "gone/")).next("progress");
    }
    JsonObject wanted = new JsonObject().put("address", "some.where");
    assertThat(failure(bus.request("balsa.watch", "open", wanted)))
        .isEqualTo(
            new Failure(429, "too-many-requests", "3 watches are open, the limit is 3", "refused"));
  }

  @Test
  void placesAreGivenBackByCloseByDepartureAndByTheSlow() throws Exception {
    for (int round = 0; round < 3; round++) {
      RawWatch closed = RawWatch.open(bus, new JsonObject());
      RawWatch departed = RawWatch.open(bus, new JsonObject());
      RawWatch failing = RawWatch.unanswered(bus, new JsonObject());
      closed.next("progress");
      departed.next("progress");
      failing.next("progress").message().fail(1, "no");
      failing.next("slow");
      assertThat(closed.close()).isTrue();
      assertThat(closed.close()).isFalse();
      await(departed.consumer.unregister());
      await(put("k", "v"));
      await(put("k", "v")); // The first found nobody.
      assertThat(closed.size()).isZero();
    }
  }

  @Test
  void aMemberThatStopsSaysSo() throws Exception {
    RawWatch watch = RawWatch.open(bus, new JsonObject());
    watch.next("progress");
    await(VERTX.undeploy(api));
    Event ended = watch.next();
    assertThat(ended.kind()).isEqualTo("ended");
    assertThat(ended.body()).isEqualTo(new JsonObject().put("reason", "the member is stopping"));
  }

  @Test
  void aWatchOfWhatIsCompactedSaysSo() throws Exception {
    long newest = await(put("k", "v")).getLong("revision");
    Context home = VERTX.getOrCreateContext();
    Future<Reply> compacted =
        Future.future(
            promise ->
                home.runOnContext(
                    none ->
                        new ReplicaClient(VERTX, member.addresses())
                            .call(new Request.Compact(newest), 7_000)
                            .onComplete(promise)));
    assertThat(await(compacted)).isInstanceOf(Reply.Compacted.class);

    Event last = RawWatch.open(bus, new JsonObject().put("from", newest - 1)).next("compacted");
    assertThat(last.body()).isEqualTo(new JsonObject().put("compactRevision", newest));
    assertThat(last.message().replyAddress()).isNull();
  }

  @Test
  void whatBreaksARuleIsRefused() throws Exception {
    JsonObject good = new JsonObject().put("address", "some.where");
    assertThat(detail(null, good)).isEqualTo("header op: missing");
    assertThat(detail("start", good)).isEqualTo("header op: found 'start', expected open or close");
    assertThat(detail("open", new JsonObject())).isEqualTo("address: missing");
    assertThat(detail("open", new JsonObject().put("address", "balsa.b1.raft")))
        .isEqualTo(
            "address: found 'balsa.b1.raft', expected an address of your own, which does not begin"
                + " with balsa.");
    assertThat(detail("open", good.copy().put("key", "a").put("prefix", "b")))
        .isEqualTo("prefix and key: both given, expected one of them or none");
    assertThat(detail("open", good.copy().put("from", -1)))
        .startsWith("from: found -1, expected a whole number from 0");
    assertThat(detail("open", good.copy().put("fro", 1))).isEqualTo("unknown field 'fro'");
    assertThat(detail("close", new JsonObject())).isEqualTo("watch: missing");
    for (int i = 0; i < 3; i++) { // None of them took a place.
      RawWatch.open(bus, new JsonObject()).next("progress");
    }
  }

  private String detail(String op, JsonObject body) throws Exception {
    Failure failure = failure(bus.request("balsa.watch", op, body));
    assertThat(failure)
        .extracting(Failure::code, Failure::kind, Failure::outcome)
        .containsExactly(400, "invalid", "refused");
    return failure.detail();
  }
}
