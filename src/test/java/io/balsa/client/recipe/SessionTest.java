package io.balsa.client.recipe;

import static io.balsa.client.recipe.FaultyLink.Fault.NONE;
import static io.balsa.client.recipe.FaultyLink.Fault.NOT_SENT;
import static io.balsa.client.recipe.FaultyLink.Fault.NO_ANSWER;
import static io.balsa.client.recipe.FaultyLink.Fault.REFUSED;
import static io.balsa.client.recipe.TestMember.await;
import static io.balsa.client.recipe.TestMember.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.client.BalsaClient;
import io.balsa.client.BalsaException;
import io.balsa.client.OutcomeUnknownException;
import io.balsa.client.PutOptions;
import io.balsa.client.PutResult;
import io.balsa.client.RefusedException;
import io.balsa.client.WatchOptions;
import io.balsa.client.WatchStream;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionTest {
  private static final Buffer VALUE = Buffer.buffer("v");
  private static final int WINDOW = 128;

  @TempDir private static Path directory;
  private static TestMember member;
  private static BalsaClient reader;

  private FaultyLink link;
  private BalsaClient plain;
  private BalsaClient session;

  @BeforeAll
  static void start() throws Exception {
    member = new TestMember(directory);
    reader = member.client();
  }

  @AfterAll
  static void stop() throws Exception {
    member.close();
  }

  @BeforeEach
  void open() throws Exception {
    link = member.faultyLink();
    plain = member.client(link);
    session = await(plain.exactlyOnce(5));
  }

  @AfterEach
  void close() throws Exception {
    await(plain.close());
    assertThat(link.memory().violations).isEmpty();
  }

  private Future<PutResult> put(String key) {
    return session.put(key, VALUE);
  }

  private String id() {
    return link.memory().leases().iterator().next();
  }

  private void endSession() throws Exception {
    await(link.expire(id()));
  }

  private static long version(String key) throws Exception {
    var item = await(reader.get(key));
    return item == null ? 0 : item.version();
  }

  @Test
  void writesOnceWhatIsSentOften() throws Exception {
    link.nextWrites(NO_ANSWER, NO_ANSWER, NOT_SENT, REFUSED, NO_ANSWER, NONE);

    PutResult result = await(put("often"));

    assertThat(result.version()).isEqualTo(1);
    assertThat(version("often")).isEqualTo(1);
    assertThat(link.memory().repeated()).isEqualTo(3);
  }

  @Test
  void countsExactlyThoughAnswersAreLost() throws Exception {
    Memory memory = new Memory();
    long seed = TestMember.seed(SessionTest.class);
    List<Future<Long>> sums = new ArrayList<>();
    List<BalsaClient> clients = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      FaultyLink faulty = member.faultyLink(memory, seed + i);
      BalsaClient client = member.client(faulty);
      clients.add(client);
      BalsaClient once = await(client.exactlyOnce(10));
      faulty.setWriteFaults(0.3);
      faulty.nextWrites(REFUSED, NO_ANSWER); // Chance alone may bring neither.
      for (int j = 0; j < 50; j++) {
        sums.add(increment(once, 4));
      }
    }

    await(Future.join(sums));

    long refused = sums.stream().mapToLong(Future::result).sum();
    assertThat(refused).isBetween(1L, 400L);
    assertThat(await(reader.counter("exact").get())).isEqualTo(800 - refused);
    assertThat(memory.repeated()).isPositive();
    assertThat(memory.violations).isEmpty();
    for (BalsaClient client : clients) {
      await(client.close());
    }
  }

  /**
   * Increments one after the other, so that they do not all go into one write, and counts those
   * that were refused.
   */
  private static Future<Long> increment(BalsaClient client, int times) {
    if (times == 0) {
      return Future.succeededFuture(0L);
    }
    return client
        .counter("exact")
        .increment()
        .transform(
            sum -> {
              long refused = sum.cause() instanceof RefusedException ? 1 : 0;
              return sum.succeeded() || refused > 0
                  ? increment(client, times - 1).map(others -> others + refused)
                  : Future.failedFuture(sum.cause());
            });
  }

  @Test
  void keepsWithinTheWindowThatTheClusterRemembers() throws Exception {
    long seed = TestMember.seed(SessionTest.class);
    FaultyLink faulty = member.faultyLink(new Memory(), seed);
    BalsaClient client = member.client(faulty);
    BalsaClient once = await(client.exactlyOnce(10));
    faulty.setWriteFaults(0.3);
    List<Future<?>> puts = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      puts.add(
          once.put("window/" + i % 10, VALUE)
              .mapEmpty()
              .recover(
                  failure ->
                      failure instanceof RefusedException
                          ? Future.succeededFuture()
                          : Future.failedFuture(failure)));
    }

    await(Future.join(puts));

    assertThat(faulty.memory().violations).isEmpty();
    // Those that were refused on their way never came there.
    assertThat(faulty.memory().newest()).isBetween(1_000L - Session.WINDOW, 1_000L);
    await(client.close());
  }

  @Test
  void letsABoundedNumberWaitForTheirTurn() throws Exception {
    link.holdAnswers();
    List<Future<?>> puts = new ArrayList<>();
    for (int i = 0; i < WINDOW + Session.WAITING_MAX; i++) {
      puts.add(put("bound/" + i));
    }

    Throwable failure = failure(put("bound/one-too-many"));

    assertThat(((RefusedException) failure).kind()).isEqualTo("too-many-requests");
    assertThat(link.memory().newest()).isEqualTo(WINDOW);
    link.releaseAnswers();
    await(Future.join(puts));
    assertThat(version("bound/one-too-many")).isZero();
  }

  @Test
  void whatWasNeverSentIsRefusedWhenTheSessionHasEnded() throws Exception {
    link.holdAnswers();
    List<Future<?>> underWay = new ArrayList<>();
    for (int i = 0; i < WINDOW; i++) {
      underWay.add(put("ended/" + i));
    }
    Future<?> waiting = put("ended/waiting");
    while (link.memory().newest() != WINDOW) {
      await(member.vertx.timer(1));
    }

    endSession();

    assertSessionEnded(failure(waiting));
    link.releaseAnswers();
    await(Future.join(underWay)); // Their answers had been on the way.
    assertSessionEnded(failure(put("ended/later")));
    assertThat(version("ended/waiting")).isZero();
    assertThat(await(session.counter("ended").get())).as("reads need no session").isZero();
  }

  private void assertSessionEnded(Throwable failure) {
    assertThat(((RefusedException) failure).kind()).isEqualTo("lease-not-found");
    assertThat(failure).hasMessageContaining("the session").hasMessageContaining("has ended");
  }

  @Test
  void whatTheFirstSendingWasRefusedIsRefused() throws Exception {
    endSession(); // Which the client does not know.

    assertSessionEnded(failure(put("first")));

    assertSessionEnded(failure(put("first")));
    assertThat(version("first")).isZero();
  }

  @Test
  void whatWasSentAndIsThenRefusedForTheSessionIsUnknown() throws Exception {
    for (FaultyLink.Fault fault : List.of(NO_ANSWER, NOT_SENT)) {
      Promise<Void> sent = Promise.promise();
      String key = "unknown/" + fault;
      WatchStream watch = await(reader.watch(WatchOptions.ofKey(key)));
      watch.handler(event -> sent.tryComplete());
      BalsaClient once = await(plain.exactlyOnce(5));
      link.nextWrites(fault, fault, fault, fault);
      if (fault == NOT_SENT) {
        sent.complete();
      }
      Future<PutResult> put = once.put(key, VALUE);
      await(sent.future());
      for (String lease : List.copyOf(link.memory().leases())) {
        await(link.expire(lease));
      }

      Throwable failure = failure(put);

      assertThat(failure).isInstanceOf(OutcomeUnknownException.class);
      assertThat(failure).hasMessageContaining("the session ended first");
      assertThat(version(key)).isEqualTo(fault == NO_ANSWER ? 1 : 0);
      await(watch.close());
    }
  }

  @Test
  void aBusyClusterTellsNothingOfTheSendingBefore() throws Exception {
    link.nextWrites(NO_ANSWER, REFUSED, REFUSED, NONE);

    assertThat(await(put("busy")).version()).isEqualTo(1);

    assertThat(version("busy")).isEqualTo(1);
  }

  @Test
  void whatNeverReachedALogIsRefused() throws Exception {
    link.nextWrites(REFUSED);

    assertThat(((RefusedException) failure(put("no-log"))).kind()).isEqualTo("no-leader");

    assertThat(version("no-log")).isZero();
  }

  @Test
  void aLeaseThatIsMissingForTheKeyIsNotTheSession() throws Exception {
    PutOptions options = new PutOptions().setLeaseId("abcdef");
    link.nextWrites(NO_ANSWER);

    Throwable failure = failure(session.put("lease", VALUE, options));

    assertThat(((RefusedException) failure).kind()).isEqualTo("lease-not-found");
    assertThat(failure).hasMessageContaining("abcdef");
    await(put("lease"));
  }

  @Test
  void givesUpAfterItsTimeToLive() throws Exception {
    BalsaClient brief = await(plain.exactlyOnce(1));
    link.allWrites(NO_ANSWER);

    BalsaException failure = (BalsaException) failure(brief.put("brief", VALUE));
    link.allWrites(NONE);

    assertThat(failure).isInstanceOf(OutcomeUnknownException.class);
    assertThat(failure).hasMessageContaining("within its time to live");
    assertThat(version("brief")).isEqualTo(1);
  }

  @Test
  void closingItEndsTheSessionAndNotTheClientItIsOf() throws Exception {
    String id = id();

    await(session.close());

    assertThat(link.memory().leases()).doesNotContain(id);
    assertThat(((RefusedException) failure(put("closed"))).kind()).isEqualTo("client-closed");
    await(plain.put("closed", VALUE));
  }
}
