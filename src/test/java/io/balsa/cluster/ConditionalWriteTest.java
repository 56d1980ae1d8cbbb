package io.balsa.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A counter kept by {@code If-Match} alone. */
class ConditionalWriteTest {
  private static final int CLIENTS = 50;
  private static final int INCREMENTS_EACH = Integer.getInteger("conditional.increments", 10);
  private static final int INCREMENTS = CLIENTS * INCREMENTS_EACH;
  private static final String COUNTER = ClientPort.kv("counter");
  private static final long BACKOFF_NANOS_MAX = 60_000_000;

  @RegisterExtension final Servers servers = new Servers();

  private final Random random = Seed.random(getClass());
  private final AtomicInteger done = new AtomicInteger();
  private final AtomicInteger unknown = new AtomicInteger();

  @Test
  void countsExactlyWhileTheLeaderIsKilled() throws Exception {
    TestCluster cluster = servers.cluster(3);
    ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
    servers.closeLater(threads::shutdownNow);
    List<Future<?>> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      String name = "client" + i;
      FailoverClient http = cluster.client(i);
      Random backoff = new Random(random.nextLong());
      clients.add(
          threads.submit(
              () -> {
                for (int n = 0; n < INCREMENTS_EACH; n++) {
                  increment(http, name + "." + n, backoff);
                  done.incrementAndGet();
                }
              }));
    }
    Await.until(
        "half of the increments are done",
        Duration.ofSeconds(60),
        () -> done.get() >= INCREMENTS / 2);
    ServerProcess leader = cluster.leader();
    leader.kill();
    for (Future<?> client : clients) {
      client.get(90, TimeUnit.SECONDS);
    }
    leader.start();
    leader.awaitReady();
    cluster.awaitAgreement();

    for (ServerProcess member : cluster.members()) {
      Answer counter = member.endpoint().get(COUNTER);
      assertThat(count(counter)).as("counter at %s", member).isEqualTo(INCREMENTS);
      assertThat(counter.version()).isEqualTo(INCREMENTS);
      assertThat(member.alarms()).as("log of %s", member).isEmpty();
    }
    System.out.printf("%d increments, %d of unknown outcome%n", INCREMENTS, unknown.get());
  }

  /**
   * Adds one exactly once.
   *
   * @param token in no other value: by it the writer knows its own write again
   */
  private void increment(FailoverClient http, String token, Random backoff) {
    while (true) {
      Answer before = http.read(COUNTER);
      if (replace(http, before.modRevision(), (count(before) + 1) + " " + token)) {
        return;
      }
      LockSupport.parkNanos((long) (backoff.nextDouble() * BACKOFF_NANOS_MAX));
    }
  }

  /** Whether {@code value} took the place of the item of {@code revision}. */
  private boolean replace(FailoverClient http, long revision, String value) {
    String[] condition =
        revision == 0
            ? new String[] {"If-None-Match", "*"}
            : new String[] {"If-Match", "\"" + revision + "\""};
    byte[] body = value.getBytes(StandardCharsets.UTF_8);
    Answer answer = http.write("PUT", COUNTER, body, condition);
    if (answer.outcome() != Outcome.UNKNOWN) {
      return isDone(answer);
    }
    unknown.incrementAndGet();
    while (true) {
      String successor = successor(http, revision);
      if (successor != null) {
        return successor.equals(value);
      }
      // The first may still come: with the same condition only one of the two can take effect.
      if (isDone(http.write("PUT", COUNTER, body, condition))) {
        return true;
      }
    }
  }

  private static boolean isDone(Answer answer) {
    if (answer.outcome() == Outcome.REFUSED && answer.status() != 412) {
      throw new AssertionError("conditional put refused: " + answer);
    }
    return answer.isApplied();
  }

  /** What took the place of the item of {@code revision}, or null if it is still there. */
  private static String successor(FailoverClient http, long revision) {
    String successor = null;
    Answer item = http.read(COUNTER);
    while (item.modRevision() > revision) {
      successor = item.text();
      item = http.read(COUNTER + "?revision=" + (item.modRevision() - 1));
    }
    return successor;
  }

  private static int count(Answer counter) {
    return counter.status() == 404 ? 0 : Integer.parseInt(counter.text().split(" ")[0]);
  }
}
