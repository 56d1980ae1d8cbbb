package io.balsa.client.recipe;

import static io.balsa.client.recipe.TestMember.await;
import static io.balsa.client.recipe.TestMember.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.client.BalsaClient;
import io.balsa.client.RefusedException;
import io.balsa.client.WatchEvent;
import io.balsa.client.WatchOptions;
import io.balsa.client.WatchStream;
import io.balsa.cluster.Await;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResumingWatchTest {
  @TempDir private static Path directory;
  private static TestMember member;
  private static BalsaClient writer;

  @BeforeAll
  static void start() throws Exception {
    member = new TestMember(directory);
    writer = member.client();
  }

  @AfterAll
  static void stop() throws Exception {
    member.close();
  }

  /** Writes keys, one after the other asked for, and gives their revisions. */
  private static List<Long> write(String prefix, int count, int bytes) throws Exception {
    List<Future<Long>> writes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      writes.add(
          writer
              .put(prefix + i, Buffer.buffer("x".repeat(bytes)))
              .map(written -> written.revision()));
    }
    await(Future.all(writes));
    return writes.stream().map(Future::result).sorted().toList();
  }

  /** Takes events until there are as many. */
  private static final class Taker {
    final List<Long> revisions = Collections.synchronizedList(new ArrayList<>());
    final List<String> ends = Collections.synchronizedList(new ArrayList<>());
    final Promise<Void> all = Promise.promise();
    final Promise<Void> ended = Promise.promise();

    Taker(WatchStream stream, int count, Consumer<WatchEvent> also) {
      stream
          .exceptionHandler(failure -> ends.add(((RefusedException) failure).kind()))
          .endHandler(
              none -> {
                ends.add("end");
                ended.complete();
              })
          .handler(
              event -> {
                revisions.add(event.revision());
                also.accept(event);
                if (revisions.size() == count) {
                  all.complete();
                }
              });
    }
  }

  @Test
  void missesAndRepeatsNothingThroughAThousandReopenings() throws Exception {
    FaultyLink link = member.faultyLink(new Memory(), TestMember.seed(ResumingWatchTest.class));
    link.callsPerWatch = 4;
    BalsaClient client = member.client(link);
    List<Taker> takers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      takers.add(new Taker(await(client.watch(WatchOptions.ofPrefix("many/"))), 200, e -> {}));
    }

    List<Long> written = write("many/", 200, 1);

    for (Taker taker : takers) {
      await(taker.all.future());
      assertThat(taker.revisions).isEqualTo(written);
    }
    assertThat(link.openings.get()).isGreaterThan(1_000);
    await(client.close());
  }

  @Test
  void beginsBehindWhatWasWrittenAndGoesOnFromThereThoughNothingCame() throws Exception {
    FaultyLink link = member.faultyLink();
    BalsaClient client = member.client(link);
    write("begin/before", 1, 1);
    WatchStream stream = await(client.watch(WatchOptions.ofPrefix("begin/")));
    Taker taker = new Taker(stream, 3, e -> {});

    link.refusesWatches = true;
    link.endWatches(false);
    List<Long> written = write("begin/", 3, 1);
    link.refusesWatches = false;

    await(taker.all.future());
    assertThat(taker.revisions).isEqualTo(written);
    assertThat(stream.resumeFrom()).isEqualTo(written.get(2) + 1);
    await(client.close());
  }

  @Test
  void movesOnThroughChangesOfOtherKeys() throws Exception {
    FaultyLink link = member.faultyLink();
    BalsaClient client = member.client(link);
    WatchStream stream = await(client.watch(WatchOptions.ofPrefix("quiet/")));
    List<Long> others = write("loud/", 5, 1);
    assertThat(stream.resumeFrom()).isLessThanOrEqualTo(others.get(0));

    link.endWatches(false); // The next one tells at once how far it is.

    while (stream.resumeFrom() <= others.get(4)) {
      await(member.vertx.timer(1));
    }
    await(client.close());
  }

  @Test
  void holdsABoundedNumberOfBytesWhileItIsPausedAndGoesOnWhenItIsRead() throws Exception {
    FaultyLink link = member.faultyLink();
    BalsaClient client = member.client(link);
    WatchStream stream = await(client.watch(WatchOptions.ofPrefix("paused/")));
    stream.pause();
    Promise<Void> first = Promise.promise();
    Taker taker = new Taker(stream, 2_000, e -> first.tryComplete());

    List<Long> written = write("paused/", 2_000, 1_000);
    stream.fetch(1);
    await(first.future());
    // A watch that was opened later and heard of all shows that this one could have.
    await(client.watch(WatchOptions.ofPrefix("paused/").setFrom(written.get(0))));
    assertThat(taker.revisions).isEqualTo(written.subList(0, 1));
    assertThat(stream.resumeFrom()).isEqualTo(written.get(0) + 1);

    stream.resume();
    await(taker.all.future());
    assertThat(taker.revisions).isEqualTo(written);
    assertThat(link.bytesUnreadMax.get()).isBetween(100_000L, 2 * 270_000L);
    await(client.close());
  }

  @Test
  void isOpenedAgainOnlyWhenItWasRead() throws Exception {
    for (boolean slow : List.of(true, false)) {
      FaultyLink link = member.faultyLink();
      BalsaClient client = member.client(link);
      String prefix = "slow/" + slow + "/";
      WatchStream stream = await(client.watch(WatchOptions.ofPrefix(prefix)));
      stream.pause();
      List<Integer> openings = Collections.synchronizedList(new ArrayList<>());
      Promise<Void> ten = Promise.promise();
      Taker taker =
          new Taker(
              stream,
              20,
              event -> {
                openings.add(link.openings.get());
                if (openings.size() == 10) {
                  ten.complete();
                }
              });
      List<Long> written = new ArrayList<>(write(prefix, 10, 1));
      Await.until("ten are delivered", Duration.ofSeconds(20), () -> link.changes.get() == 10);

      int before = link.openings.get();
      link.endWatches(slow);
      written.addAll(write(prefix, 10, 1));
      await(member.vertx.timer(30)); // It would have been opened again by now.
      stream.fetch(10);
      await(ten.future());
      assertThat(openings).containsOnly(before);

      stream.resume();
      await(taker.all.future());
      assertThat(taker.revisions).isEqualTo(written);
      assertThat(link.openings).hasValue(before + 1);
      await(client.close());
    }
  }

  @Test
  void endsWithTheReasonWhenWhatItWantsIsCompacted() throws Exception {
    FaultyLink link = member.faultyLink();
    BalsaClient client = member.client(link);
    WatchStream stream = await(client.watch(WatchOptions.ofPrefix("compacted/")));
    Taker taker = new Taker(stream, 1, e -> {});
    List<Long> written = write("compacted/", 1, 1);
    await(taker.all.future());

    link.compacted = Long.MAX_VALUE;
    link.endWatches(false);

    await(taker.ended.future());
    assertThat(taker.ends).containsExactly("compacted", "end");
    assertThat(taker.revisions).isEqualTo(written);
    assertThat(link.openWatches()).isZero();
    await(client.close());
  }

  @Test
  void isClosedByANullHandler() throws Exception {
    FaultyLink link = member.faultyLink();
    BalsaClient client = member.client(link);
    WatchStream stream = await(client.watch(WatchOptions.ofPrefix("null/")));
    Taker taker = new Taker(stream, 1, e -> {});

    stream.handler(null);

    await(stream.close());
    write("null/", 1, 1);
    assertThat(link.openWatches()).isZero();
    assertThat(taker.revisions).isEmpty();
    assertThat(taker.ends).isEmpty();
    await(client.close());
  }

  @Test
  void deliversOnTheContextOfWhoOpenedIt() throws Exception {
    BalsaClient client = member.client();
    Context context = member.vertx.getOrCreateContext();
    Promise<Context> opened = Promise.promise();
    Promise<Context> delivered = Promise.promise();

    context.runOnContext(
        none ->
            client
                .watch(WatchOptions.ofPrefix("context/"))
                .onSuccess(
                    stream -> {
                      stream.handler(event -> delivered.complete(Vertx.currentContext()));
                      opened.complete(Vertx.currentContext());
                    }));

    assertThat(await(opened.future())).isSameAs(context);
    write("context/", 1, 1);
    assertThat(await(delivered.future())).isSameAs(context);
    await(client.close());
  }

  @Test
  void isAFlowableInRxJava() throws Exception {
    FaultyLink link = member.faultyLink();
    link.callsPerWatch = 3;
    BalsaClient client = member.client(link);
    var twin = new io.balsa.rxjava3.client.BalsaClient(client);
    var five =
        twin.rxWatch(WatchOptions.ofPrefix("rx/"))
            .flatMapPublisher(stream -> stream.toFlowable())
            .map(WatchEvent::revision)
            .rebatchRequests(2)
            .take(5)
            .toList()
            .cache();
    five.subscribe();
    // In place is what was opened before this one.
    await(client.watch(WatchOptions.ofPrefix("rx/")).compose(WatchStream::close));

    List<Long> written = write("rx/", 10, 1);

    assertThat(five.blockingGet()).isEqualTo(written.subList(0, 5));
    await(client.close());
  }

  @Test
  void aRefusalOfTheFirstWatchIsTheAnswer() throws Exception {
    BalsaClient client = member.client();

    Throwable failure =
        failure(
            client.watch(
                new WatchOptions().setKey(Buffer.buffer("a")).setPrefix(Buffer.buffer("a"))));

    assertThat(((RefusedException) failure).kind()).isEqualTo("invalid");
    await(client.close());
  }

  @Test
  void endsWithTheClient() throws Exception {
    FaultyLink link = member.faultyLink();
    BalsaClient client = member.client(link);
    Taker taker = new Taker(await(client.watch(WatchOptions.ofPrefix("end/"))), 1, e -> {});

    await(client.close());

    await(taker.ended.future());
    assertThat(taker.ends).containsExactly("end");
    assertThat(link.openWatches()).isZero();
    assertThat(((RefusedException) failure(client.watch(new WatchOptions()))).kind())
        .isEqualTo("client-closed");
  }
}
