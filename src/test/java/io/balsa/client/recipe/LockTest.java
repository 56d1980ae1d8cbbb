package io.balsa.client.recipe;

import static io.balsa.client.recipe.TestMember.await;
import static io.balsa.client.recipe.TestMember.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.client.BalsaClient;
import io.balsa.client.BalsaLock;
import io.balsa.client.LockOptions;
import io.balsa.client.Operation;
import io.balsa.client.RangeOptions;
import io.balsa.client.RefusedException;
import io.balsa.client.Txn;
import io.balsa.client.WatchOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LockTest {
  @TempDir private static Path directory;
  private static TestMember member;
  private static BalsaClient client;

  @BeforeAll
  static void start() throws Exception {
    member = new TestMember(directory);
    client = member.client();
  }

  @AfterAll
  static void stop() throws Exception {
    member.close();
  }

  private static String kind(Future<?> future) throws Exception {
    return ((RefusedException) failure(future)).kind();
  }

  private static long waiting(String name) throws Exception {
    return await(
            client.range(new RangeOptions().setPrefix(Buffer.buffer("balsa/lock/" + name + "/"))))
        .count();
  }

  /** Waits until so many have a place in the queue. */
  private static void untilWaiting(String name, int count) throws Exception {
    while (waiting(name) != count) {
      await(member.vertx.timer(1));
    }
  }

  @Test
  void noTwoHoldersWritesInterleaveThoughLeasesAreLost() throws Exception {
    long seed = TestMember.seed(LockTest.class);
    List<Long> tokens = Collections.synchronizedList(new ArrayList<>());
    Promise<Void> last = Promise.promise();
    await(client.watch(WatchOptions.ofKey("audit")))
        .handler(
            event -> {
              long token = Long.parseLong(event.changes().get(0).item().text());
              if (token == Long.MAX_VALUE) {
                last.complete();
              } else {
                tokens.add(token);
              }
            });
    List<Contender> contenders = new ArrayList<>();
    List<Future<Void>> done = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      Contender contender = new Contender(seed + i);
      contenders.add(contender);
      done.add(contender.rounds(12));
    }

    await(Future.join(done));
    await(client.put("audit", Buffer.buffer(Long.toString(Long.MAX_VALUE))));
    await(last.future());

    // One holder's tokens stand together, and later holders have larger ones: so they are sorted.
    assertThat(tokens).isSorted();
    assertThat(tokens.stream().distinct().count()).isGreaterThan(20);
    assertThat(contenders.stream().mapToInt(each -> each.rejected).sum()).isPositive();
    for (Contender contender : contenders) {
      await(contender.own.close());
    }
  }

  /** Takes the lock, writes under it, and loses its lease now and then without knowing. */
  private static final class Contender {
    private final Random random;
    private final FaultyLink link;
    private final BalsaClient own;
    private int rejected;

    Contender(long seed) throws Exception {
      random = new Random(seed);
      link = member.faultyLink(new Memory(), seed);
      link.setWriteFaults(0.1);
      own = member.client(link);
    }

    Future<Void> rounds(int count) {
      if (count == 0) {
        return Future.succeededFuture();
      }
      return own.lock("fenced")
          .compose(lock -> write(lock, 6).eventually(lock::unlock))
          // Places are lost too, and then taken anew.
          .transform(none -> rounds(count - 1));
    }

    private Future<Void> write(BalsaLock lock, int count) {
      if (count == 0) {
        return Future.succeededFuture();
      }
      Future<Void> loss = Future.succeededFuture();
      if (random.nextInt(12) == 0) {
        String lease = lock.key().substring(lock.key().lastIndexOf('/') + 1);
        loss = link.expire(lease).otherwiseEmpty();
      }
      Buffer token = Buffer.buffer(Long.toString(lock.fencingToken()));
      Txn txn = new Txn().when(lock.held()).then(Operation.put("audit", token));
      return loss.compose(none -> own.txn(txn))
          .transform(
              answer -> {
                if (answer.succeeded() && !answer.result().succeeded()) {
                  rejected++;
                }
                return write(lock, count - 1);
              });
    }
  }

  @Test
  void isHadInTheOrderOfAsking() throws Exception {
    List<Integer> order = Collections.synchronizedList(new ArrayList<>());
    BalsaLock first = await(client.lock("order"));
    List<Future<Void>> turns = new ArrayList<>();
    List<Long> tokens = Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < 10; i++) {
      int number = i;
      turns.add(
          client
              .lock("order")
              .compose(
                  lock -> {
                    order.add(number);
                    tokens.add(lock.fencingToken());
                    return lock.unlock();
                  }));
      untilWaiting("order", i + 2);
    }
    assertThat(order).isEmpty();

    await(first.unlock());
    await(Future.all(turns));

    assertThat(order).isEqualTo(IntStream.range(0, 10).boxed().toList());
    assertThat(tokens).isSorted().allMatch(token -> token > first.fencingToken());
    assertThat(waiting("order")).isZero();
  }

  @Test
  void oneWhoLeavesTheQueueLetsNobodyPass() throws Exception {
    BalsaLock first = await(client.lock("leave"));
    FaultyLink link = member.faultyLink();
    BalsaClient leaver = member.client(link);
    Future<BalsaLock> second = leaver.lock("leave");
    untilWaiting("leave", 2);
    Future<BalsaLock> third = client.lock("leave");
    untilWaiting("leave", 3);

    await(link.expire(link.memory().leases().iterator().next()));

    untilWaiting("leave", 2);
    assertThat(third.isComplete()).isFalse();
    await(first.unlock());
    await(await(third).unlock());
    assertThat(kind(second)).isEqualTo("lock-lost");
    await(leaver.close());
  }

  @Test
  void aWaitThatTakesTooLongGivesThePlaceUp() throws Exception {
    BalsaLock first = await(client.lock("timeout"));
    RefusedException failure =
        (RefusedException) failure(client.lock("timeout", new LockOptions().setWaitMillis(100)));

    assertThat(failure.kind()).isEqualTo("lock-timeout");
    assertThat(failure.status()).isEqualTo(423);
    assertThat(failure).hasMessageContaining("100 ms");
    assertThat(waiting("timeout")).isEqualTo(1);
    await(first.unlock());
    BalsaLock second = await(client.lock("timeout", new LockOptions().setWaitMillis(10_000)));
    await(second.unlock());
    assertThat(waiting("timeout")).isZero();
  }

  @Test
  void tellsItsHolderWhenItIsLost() throws Exception {
    FaultyLink link = member.faultyLink();
    BalsaClient holder = member.client(link);
    BalsaLock lock = await(holder.lock("lost", new LockOptions().setTtlSeconds(1)));

    await(link.expire(link.memory().leases().iterator().next()));

    assertThat(kind(lock.ended())).isEqualTo("lease-not-found");
    await(lock.unlock());
    BalsaLock next = await(client.lock("lost"));
    assertThat(next.fencingToken()).isGreaterThan(lock.fencingToken());
    Txn late = new Txn().when(lock.held()).then(Operation.put("late", Buffer.buffer()));
    assertThat(await(holder.txn(late)).succeeded()).isFalse();
    await(next.unlock());
    await(next.ended());
    await(holder.close());
  }

  @Test
  void isFreeAtOnceWhenTheClientIsClosed() throws Exception {
    BalsaClient holder = member.client();
    LockOptions hours = new LockOptions().setTtlSeconds(10_000);
    await(holder.lock("closed", hours));
    Future<BalsaLock> alsoHolders = holder.lock("closed", hours);
    untilWaiting("closed", 2);
    Future<BalsaLock> next = client.lock("closed");
    untilWaiting("closed", 3);

    await(holder.close());

    await(await(next).unlock());
    assertThat(kind(alsoHolders)).isEqualTo("client-closed");
    assertThat(kind(holder.lock("closed"))).isEqualTo("client-closed");
  }

  @Test
  void isTakenThoughAnswersAreLost() throws Exception {
    FaultyLink link = member.faultyLink();
    BalsaClient holder = member.client(link);
    link.nextWrites(
        FaultyLink.Fault.NO_ANSWER, FaultyLink.Fault.NOT_SENT, FaultyLink.Fault.REFUSED);

    BalsaLock lock = await(holder.lock("answers"));

    assertThat(await(client.get(lock.key())).createRevision()).isEqualTo(lock.fencingToken());
    assertThat(await(client.get(lock.key())).version()).isEqualTo(1);
    await(holder.close());
  }

  @Test
  void waitsThroughTheEndsOfItsWatch() throws Exception {
    FaultyLink link = member.faultyLink();
    BalsaClient waiter = member.client(link);
    BalsaLock first = await(client.lock("watch"));
    Future<BalsaLock> second = waiter.lock("watch");
    untilWaiting("watch", 2);
    while (link.openWatches() == 0) {
      await(member.vertx.timer(1));
    }
    link.refusesWatches = true;
    link.endWatches(false);
    await(first.unlock());
    link.refusesWatches = false;

    await(second);

    await(waiter.close());
  }

  @Test
  void belongsToTheSessionOfItsClientToo() throws Exception {
    BalsaClient session = await(client.exactlyOnce(10));
    BalsaLock lock = await(session.lock("session"));

    await(session.close());

    assertThat(await(client.get(lock.key()))).isNull();
    await(await(client.lock("session")).unlock());
  }

  @Test
  void refusesNamesAndTimesThatBreakTheRules() throws Exception {
    for (String name : List.of("", "a/b", "a b", "x".repeat(129))) {
      assertThat(kind(client.lock(name))).isEqualTo("invalid");
    }
    assertThat(failure(client.lock("a/b"))).hasMessageContaining("'a/b'");
    assertThat(kind(client.lock("a", new LockOptions().setWaitMillis(-1)))).isEqualTo("invalid");
    assertThat(kind(client.lock("a", new LockOptions().setTtlSeconds(0)))).isEqualTo("invalid");
  }
}
