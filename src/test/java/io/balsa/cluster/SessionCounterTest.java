package io.balsa.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.client.BalsaClient;
import io.balsa.client.BalsaClientOptions;
import io.balsa.client.BalsaException;
import io.balsa.client.Counter;
import io.balsa.client.OutcomeUnknownException;
import io.balsa.verticle.FaultyProxy;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Increments of a counter while connections are cut all the time and the leader is killed again and
 * again. Whoever counts repeats what did not succeed.
 */
class SessionCounterTest {
  private static final int INCREMENTS = Integer.getInteger("once.increments", 250);
  private static final int CLIENTS = 8;
  private static final long KILL_MILLIS = 2_000;
  private static final long CUT_MILLIS = 50;
  private static final Duration LIMIT = Duration.ofMinutes(4);

  @RegisterExtension final Servers servers = new Servers();

  private final Vertx vertx = Vertx.vertx();
  private final Random random = Seed.random(SessionCounterTest.class);
  private final List<FaultyProxy> proxies = new ArrayList<>();
  private final AtomicInteger unknown = new AtomicInteger();
  private final AtomicInteger cuts = new AtomicInteger();
  private TestCluster cluster;
  private int kills;

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
  }

  /** First without a session: otherwise what follows would prove nothing. */
  @Test
  @Tag("slow")
  void everyIncrementCountsOnceInASessionAndOftenerWithoutOne() throws Exception {
    cluster = servers.cluster(3);
    for (ServerProcess member : cluster.members()) {
      proxies.add(FaultyProxy.start(vertx, member.endpoint().base().getPort()));
    }
    assertThat(count("without", false)).isGreaterThan(INCREMENTS);
    assertThat(unknown.get()).as("unknown outcomes").isPositive();

    assertThat(count("within", true)).isEqualTo(INCREMENTS);
    assertThat(kills).as("leaders killed").isPositive();
    assertThat(cuts.get()).as("connections cut").isPositive();
  }

  private long count(String name, boolean session) throws Exception {
    unknown.set(0);
    cuts.set(0);
    kills = 0;
    long cutter =
        vertx.setPeriodic(
            CUT_MILLIS, timer -> cuts.addAndGet(proxies.get(random.nextInt(proxies.size())).cut()));
    AtomicInteger left = new AtomicInteger(INCREMENTS);
    List<Future<Void>> loops = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      BalsaClient client = client();
      BalsaClient used = session ? await(client.exactlyOnce(60)) : client;
      loops.add(increment(used.counter(name), left));
    }
    Future<Void> all = Future.all(loops).mapEmpty();

    long next = System.nanoTime();
    while (!all.isComplete()) {
      long due = next;
      Await.until(
          "time for the next kill", LIMIT, () -> all.isComplete() || System.nanoTime() > due);
      if (!all.isComplete()) {
        ServerProcess leader = cluster.leader();
        leader.kill();
        kills++;
        leader.start();
        leader.awaitReady();
        next += TimeUnit.MILLISECONDS.toNanos(KILL_MILLIS);
      }
    }
    await(all);
    vertx.cancelTimer(cutter);
    long value = await(client().counter(name).get());
    System.out.printf(
        "%d increments %s a session: %d; %d unknown outcomes, %d connections cut, %d leaders"
            + " killed%n",
        INCREMENTS, session ? "with" : "without", value, unknown.get(), cuts.get(), kills);
    return value;
  }

  private BalsaClient client() {
    List<String> urls = proxies.stream().map(FaultyProxy::url).toList();
    return BalsaClient.create(vertx, new BalsaClientOptions().setEndpoints(urls));
  }

  /** Counts until nothing is left; repeats what failed, as naive callers do. */
  private Future<Void> increment(Counter counter, AtomicInteger left) {
    if (left.getAndDecrement() <= 0) {
      return Future.succeededFuture();
    }
    return insist(counter).compose(done -> increment(counter, left));
  }

  private Future<Long> insist(Counter counter) {
    return counter
        .increment()
        .recover(
            failure -> {
              if (!(failure instanceof BalsaException)) {
                return Future.failedFuture(failure);
              }
              if (failure instanceof OutcomeUnknownException) {
                unknown.incrementAndGet();
              }
              return insist(counter);
            });
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future
        .toCompletionStage()
        .toCompletableFuture()
        .get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
  }
}
