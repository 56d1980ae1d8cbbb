package io.balsa.client.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.client.BalsaException;
import io.balsa.client.Condition;
import io.balsa.client.DeleteOptions;
import io.balsa.client.GetOptions;
import io.balsa.client.KeyValue;
import io.balsa.client.LeaseInfo;
import io.balsa.client.Operation;
import io.balsa.client.OutcomeUnknownException;
import io.balsa.client.PutOptions;
import io.balsa.client.PutResult;
import io.balsa.client.RangeOptions;
import io.balsa.client.RangeResult;
import io.balsa.client.RefusedException;
import io.balsa.client.Txn;
import io.balsa.client.WatchEvent;
import io.balsa.client.WatchOptions;
import io.balsa.verticle.Member;
import io.balsa.verticle.MemberConfig;
import io.balsa.verticle.TestConfigs;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The link over the event bus: to a real member, and to members as bad as the test wants. */
class EventBusLinkTest {
  private static final Buffer KEY = Buffer.buffer("k");
  private static final Buffer VALUE = Buffer.buffer("v");

  private static final Vertx SERVED = Vertx.vertx();
  @TempDir private static Path served;
  private static Member good;

  private final Vertx vertx = Vertx.vertx();
  private final Link link = new EventBusLink(vertx, 5_000);
  private final Link toGood = new EventBusLink(SERVED, 5_000);
  private final BlockingQueue<Message<JsonObject>> received = new LinkedBlockingQueue<>();
  @TempDir private Path directory;
  private Member member;

  @BeforeAll
  static void startGood() throws Exception {
    good = await(Member.start(SERVED, TestConfigs.solo(served, MemberConfig.EventBus.LOCAL)));
  }

  @AfterAll
  static void stopGood() throws Exception {
    await(good.stop());
    await(SERVED.close());
  }

  @AfterEach
  void stop() throws Exception {
    await(link.close());
    await(toGood.close());
    if (member != null) {
      await(member.stop());
    }
    await(vertx.close());
  }

  private void startMember() throws Exception {
    member = await(Member.start(vertx, TestConfigs.solo(directory, MemberConfig.EventBus.LOCAL)));
  }

  static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  static BalsaException failure(Future<?> future) throws Exception {
    try {
      throw new AssertionError("done: " + await(future));
    } catch (ExecutionException e) {
      return (BalsaException) e.getCause();
    }
  }

  private Future<PutResult> put(String key) {
    return put(link, key);
  }

  private static Future<PutResult> put(Link link, String key) {
    return link.put(Buffer.buffer(key), VALUE, new PutOptions(), null);
  }

  // ---- A real member

  @Test
  void doesAllThatAMemberCan() throws Exception {
    assertThat(await(toGood.get(KEY, new GetOptions()))).isNull();
    PutResult put = await(toGood.put(KEY, VALUE, new PutOptions().setIfExists(false), null));
    KeyValue found = await(toGood.get(KEY, new GetOptions()));
    assertThat(found).isEqualTo(new KeyValue(KEY, VALUE, put.revision(), put.revision(), 1, null));

    BalsaException exists =
        failure(toGood.put(KEY, VALUE, new PutOptions().setIfExists(false), null));
    assertThat(exists).isInstanceOf(RefusedException.class).hasMessageContaining("key exists");
    assertThat(exists.status()).isEqualTo(412);
    assertThat(exists.kind()).isEqualTo("precondition-failed");

    LeaseInfo lease = await(toGood.grantLease(60));
    await(toGood.put(KEY, VALUE, new PutOptions().setLeaseId(lease.id()), null));
    assertThat(await(toGood.keepAlive(lease.id())).ttlSeconds()).isEqualTo(60);
    await(toGood.revokeLease(lease.id()));
    assertThat(await(toGood.get(KEY, new GetOptions()))).isNull();
    assertThat(failure(toGood.keepAlive(lease.id())).kind()).isEqualTo("lease-not-found");

    Txn txn =
        new Txn()
            .when(Condition.missing("a"))
            .then(Operation.put("a", VALUE))
            .then(Operation.getPrefix("a", 10))
            .otherwise(Operation.delete("a"));
    assertThat(await(toGood.txn(txn, null)).results().get(1).items()).hasSize(1);
    assertThat(await(toGood.txn(txn, null)).succeeded()).isFalse();
    assertThat(await(toGood.delete(Buffer.buffer("a"), new DeleteOptions(), null)).deleted())
        .isZero();
    assertThat(failure(toGood.deletePrefix(Buffer.buffer(), null)).kind()).isEqualTo("invalid");
  }

  @Test
  void keysAndValuesOfAllBytesComeBackAsTheyWere() throws Exception {
    List<Future<PutResult>> written = new ArrayList<>();
    List<Buffer> keys = new ArrayList<>();
    for (int i = 0; i < 256; i++) {
      Buffer key = Buffer.buffer("b").appendByte((byte) i);
      keys.add(key);
      written.add(toGood.put(key, key, new PutOptions(), null));
    }
    await(Future.all(written));
    RangeOptions all = new RangeOptions().setPrefix(Buffer.buffer("b")).setLimit(200);
    RangeResult page = await(toGood.range(all));
    RangeResult rest = await(toGood.range(all.setAfter(page.next())));
    List<KeyValue> items = new ArrayList<>(page.items());
    items.addAll(rest.items());
    assertThat(items).extracting(KeyValue::key).isEqualTo(keys);
    assertThat(items).extracting(KeyValue::value).isEqualTo(keys);
    assertThat(await(toGood.get(keys.get(255), new GetOptions())).key()).isEqualTo(keys.get(255));
    assertThat(await(toGood.delete(keys.get(200), new DeleteOptions(), null)).deleted())
        .isEqualTo(1);
    assertThat(await(toGood.deletePrefix(Buffer.buffer("b"), null)).deleted()).isEqualTo(255);
  }

  @Test
  void waitsForAMemberThatIsStarting() throws Exception {
    Future<PutResult> early = put("early");
    startMember();
    assertThat(await(early).version()).isEqualTo(1);
  }

  // ---- Members as bad as the test wants

  /** A member that does this with the n-th request, counted from 0. */
  private void serve(BiConsumer<Integer, Message<JsonObject>> member) {
    vertx
        .eventBus()
        .<JsonObject>localConsumer(
            "balsa.kv",
            message -> {
              int number = received.size();
              received.add(message);
              member.accept(number, message);
            });
  }

  private static void fail(Message<?> message, int status, String kind, String outcome) {
    message.fail(
        status,
        new JsonObject()
            .put("kind", kind)
            .put("detail", "as the test wants")
            .put("outcome", outcome)
            .encode());
  }

  private static JsonObject written() {
    return new PutResult(3, 1).toJson();
  }

  @Test
  void whereNobodyListensNothingHappens() throws Exception {
    BalsaException refused =
        failure(new EventBusLink(vertx, 400).put(KEY, VALUE, new PutOptions(), null));
    assertThat(refused).isInstanceOf(RefusedException.class);
    assertThat(refused.kind()).isEqualTo("no-member");
  }

  @Test
  void aWriteThatIsNotAnsweredIsSentOnceAndItsOutcomeIsUnknown() throws Exception {
    serve((number, message) -> {});
    Link impatient = new EventBusLink(vertx, 600);
    assertThat(failure(impatient.put(KEY, VALUE, new PutOptions(), null)))
        .isInstanceOf(OutcomeUnknownException.class);
    assertThat(received).hasSize(1);
    assertThat(failure(impatient.get(KEY, new GetOptions()))).isInstanceOf(RefusedException.class);
  }

  @Test
  void aNamedWriteIsSentAgainUnderItsNameUntilItIsAnswered() throws Exception {
    serve(
        (number, message) -> {
          if (number == 1) {
            fail(message, 504, "timeout", "unknown");
          } else if (number == 2) {
            message.reply(written());
          }
        });
    Link patient = new EventBusLink(vertx, 3_000);
    assertThat(await(patient.put(KEY, VALUE, new PutOptions(), new OnceKey("7f", 4))))
        .isEqualTo(new PutResult(3, 1));
    assertThat(received)
        .hasSize(3)
        .allSatisfy(
            message -> {
              assertThat(message.headers().get("Idempotency-Key")).isEqualTo("7f-4");
              assertThat(message.headers().get("op")).isEqualTo("put");
              assertThat(Long.parseLong(message.headers().get("timeoutMs"))).isBetween(1L, 999L);
              assertThat(message.body())
                  .isEqualTo(new JsonObject().put("key", "k").put("value", "v"));
            });
  }

  @Test
  void aNamedWriteWhoseFirstOutcomeIsUnknownIsNotRefusedByALaterOne() throws Exception {
    serve(
        (number, message) ->
            fail(
                message,
                number == 0 ? 503 : 404,
                number == 0 ? "stopping" : "lease-not-found",
                number == 0 ? "unknown" : "refused"));
    BalsaException unknown = failure(link.put(KEY, VALUE, new PutOptions(), new OnceKey("7f", 4)));
    assertThat(unknown).isInstanceOf(OutcomeUnknownException.class);
    assertThat(unknown.kind()).isEqualTo("lease-not-found");
  }

  @Test
  void refusalsThatPassAreTriedAgainAndOthersAreNot() throws Exception {
    serve(
        (number, message) -> {
          switch (number) {
            case 0 -> fail(message, 429, "too-many-requests", "refused");
            case 1 -> fail(message, 503, "no-leader", "refused");
            case 2 -> message.reply(written());
            case 3 -> fail(message, 507, "space-exceeded", "refused");
            default -> message.fail(-1, "not from a member of ours");
          }
        });
    assertThat(await(put("k"))).isEqualTo(new PutResult(3, 1));
    assertThat(failure(put("k")))
        .isInstanceOf(RefusedException.class)
        .hasMessage("as the test wants");
    assertThat(failure(put("k")))
        .isInstanceOf(OutcomeUnknownException.class)
        .hasMessage("not from a member of ours");
    assertThat(received).hasSize(5);
  }

  @Test
  void whatIsUnderWayWhenTheLinkIsClosedFails() throws Exception {
    serve((number, message) -> {});
    Future<PutResult> write = put("k");
    received.poll(30, TimeUnit.SECONDS);
    await(link.close());
    assertThat(failure(write)).isInstanceOf(OutcomeUnknownException.class);
    assertThat(failure(link.get(KEY, new GetOptions()))).isInstanceOf(RefusedException.class);
  }

  // ---- Watches

  /** What a watch delivered, in text; its own context must be used for it. */
  private static final class Seen implements Link.WatchSink {
    final BlockingQueue<String> calls = new LinkedBlockingQueue<>();
    final BlockingQueue<Long> bytes = new LinkedBlockingQueue<>();
    private final Context context;
    private final Link link;
    Link.OpenWatch watch;

    Seen(Vertx vertx, Link link) {
      this.context = vertx.getOrCreateContext();
      this.link = link;
    }

    Seen open(WatchOptions options) throws Exception {
      Future<Link.OpenWatch> opened =
          Future.future(
              promise ->
                  context.runOnContext(
                      none ->
                          link.watch(options, this)
                              .onSuccess(inPlace -> calls.add("open"))
                              .onComplete(promise)));
      watch = await(opened);
      assertThat(next()).isEqualTo("open");
      return this;
    }

    void credit(long count) {
      context.runOnContext(none -> watch.credit(count));
    }

    String next() throws InterruptedException {
      return calls.poll(30, TimeUnit.SECONDS);
    }

    List<Long> changes(int count) throws InterruptedException {
      List<Long> revisions = new ArrayList<>();
      while (revisions.size() < count) {
        String call = next();
        assertThat(call).as("call after changes %s", revisions).isNotNull();
        assertThat(call).as("call after changes %s", revisions).doesNotStartWith("slow");
        if (call.startsWith("changed ")) {
          revisions.add(Long.parseLong(call.substring(8)));
        }
      }
      return revisions;
    }

    @Override
    public void changed(WatchEvent event, long count) {
      assertThat(Vertx.currentContext()).isSameAs(context);
      calls.add("changed " + event.revision());
      bytes.add(count);
    }

    @Override
    public void progress(long revision) {
      calls.add("progress");
    }

    @Override
    public void compacted(long compactRevision) {
      calls.add("compacted " + compactRevision);
    }

    @Override
    public void slow(long resumeFrom) {
      calls.add("slow " + resumeFrom);
    }

    @Override
    public void denied(RefusedException why) {
      calls.add("denied " + why.kind());
    }

    @Override
    public void ended(String reason) {
      calls.add("ended " + reason);
    }
  }

  @Test
  void changesComeInOrderAsCreditIsGiven() throws Exception {
    Seen seen = new Seen(SERVED, toGood).open(WatchOptions.ofPrefix("w/"));
    List<Future<PutResult>> written = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      written.add(put(toGood, "w/" + i));
    }
    await(Future.all(written));
    long first = written.stream().mapToLong(each -> each.result().revision()).min().orElseThrow();
    assertThat(seen.changes(32)).isEqualTo(revisions(first, 32));
    await(put(toGood, "other")); // Behind what else would have come.
    assertThat(seen.calls).doesNotContain("changed " + (first + 32));

    for (int i = 0; i < 168; i++) {
      seen.credit(seen.bytes.poll(30, TimeUnit.SECONDS));
    }
    assertThat(seen.changes(168)).isEqualTo(revisions(first + 32, 168));

    Future<Void> closed =
        Future.future(
            promise ->
                seen.context.runOnContext(
                    none -> {
                      seen.watch.close();
                      promise.complete();
                    }));
    await(closed);
    await(put(toGood, "w/late"));
    assertThat(seen.calls).noneMatch(call -> call.startsWith("changed"));
  }

  private static List<Long> revisions(long first, int count) {
    return LongStream.range(first, first + count).boxed().toList();
  }

  @Test
  void aWatchHearsThatItsMemberStopsAndThatTheLinkIsClosed() throws Exception {
    startMember();
    Seen one = new Seen(vertx, link).open(new WatchOptions());
    assertThat(one.next()).isEqualTo("progress");
    await(member.stop());
    assertThat(one.next()).isEqualTo("ended the member is stopping");
    startMember();
    Seen other = new Seen(vertx, link).open(new WatchOptions());
    assertThat(other.next()).isEqualTo("progress");
    await(link.close());
    assertThat(other.next()).isEqualTo("ended the client is closed");
  }

  @Test
  void aWatchThatBreaksARuleIsRefused() throws Exception {
    Future<Link.OpenWatch> refused =
        Future.future(
            promise ->
                SERVED.runOnContext(
                    none ->
                        toGood
                            .watch(
                                new WatchOptions().setKey(Buffer.buffer()),
                                new Seen(SERVED, toGood))
                            .onComplete(promise)));
    assertThat(failure(refused).kind()).isEqualTo("invalid");
  }
}
