package io.balsa.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.client.BalsaClient;
import io.balsa.client.BalsaClientOptions;
import io.balsa.client.WatchEvent;
import io.balsa.client.WatchOptions;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Sixteen contenders in three processes for one lock, while processes that hold it are killed, or
 * frozen for longer than their lease lives.
 */
class LockTest {
  private static final long TTL_SECONDS = 2; // Above the least that the cluster grants.
  private static final int ROUNDS = Integer.getInteger("lock.rounds", 4);
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @RegisterExtension final Servers servers = new Servers();

  /** One accepted write under the lock. */
  private record Record(long revision, long nanos, String holder, long token) {}

  @Test
  @Tag("slow")
  void noTwoHoldersWriteAndTheNextOneIsThereWithinTheTimeToLive() throws Exception {
    Random random = Seed.random(LockTest.class);
    TestCluster cluster = servers.cluster(3);
    List<String> endpoints =
        cluster.endpoints().stream().map(port -> port.base().toString()).toList();
    Vertx vertx = Vertx.vertx();
    servers.closeLater(
        () -> vertx.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS));
    List<Record> records = new CopyOnWriteArrayList<>();
    BalsaClient.create(vertx, new BalsaClientOptions().setEndpoints(endpoints))
        .watch(WatchOptions.ofKey(LockContender.RECORD))
        .toCompletionStage()
        .toCompletableFuture()
        .get(30, TimeUnit.SECONDS)
        .handler(event -> records.add(record(event)));
    TreeMap<String, Process> processes = new TreeMap<>();
    servers.closeLater(() -> processes.values().forEach(Process::destroyForcibly));
    processes.put("a", contender("a", 6, endpoints));
    processes.put("b", contender("b", 5, endpoints));
    processes.put("c", contender("c", 5, endpoints));
    List<Double> waits = new ArrayList<>();

    for (int round = 0; round < ROUNDS; round++) {
      int seen = records.size();
      Await.until("all three hold the lock in turn", LIMIT, () -> holders(records, seen) == 3);
      Record last = records.get(records.size() - 1);
      String victim = last.holder().substring(0, 1);
      Process process = processes.get(victim);
      boolean freeze = random.nextBoolean();
      Signals.send(process, freeze ? "STOP" : "KILL");
      long struck = System.nanoTime();
      Record next =
          Await.value(
              "the next holder after " + victim,
              LIMIT,
              () ->
                  records.stream()
                      .filter(r -> r.nanos() > struck && !r.holder().startsWith(victim))
                      .findFirst());
      waits.add((next.nanos() - struck) / 1e9);
      if (freeze) {
        Signals.send(process, "CONT"); // It may believe for a moment that it holds the lock.
      } else {
        Signals.awaitExit(process, LIMIT);
        processes.put(victim, contender(victim, 5, endpoints));
      }
    }

    System.out.printf(
        "%d writes under the lock by %d holders; seconds to the next holder: %s%n",
        records.size(), records.stream().map(Record::token).distinct().count(), waits);
    assertTokensNeverGoBack(records);
    assertThat(waits).allMatch(seconds -> seconds <= TTL_SECONDS + 1.0);
  }

  private static void assertTokensNeverGoBack(List<Record> records) {
    Record before = records.get(0);
    for (Record record : records) {
      assertThat(record.revision()).isGreaterThanOrEqualTo(before.revision());
      assertThat(record.token())
          .as("%s wrote after %s", record, before)
          .isGreaterThanOrEqualTo(before.token());
      if (record.token() == before.token()) {
        assertThat(record.holder()).isEqualTo(before.holder());
      }
      before = record;
    }
  }

  private static long holders(List<Record> records, int from) {
    return records.stream()
        .skip(from)
        .map(record -> record.holder().substring(0, 1))
        .distinct()
        .count();
  }

  private static Record record(WatchEvent event) {
    String[] parts = event.changes().get(0).item().text().split(" ");
    return new Record(event.revision(), System.nanoTime(), parts[0], Long.parseLong(parts[1]));
  }

  private Process contender(String name, int contenders, List<String> endpoints)
      throws IOException {
    return new ProcessBuilder(
            Optional.ofNullable(System.getProperty("java.home")).orElseThrow() + "/bin/java",
            "-Xmx128m",
            "-XX:TieredStopAtLevel=1",
            "-Djava.io.tmpdir=" + servers.directory(),
            "-cp",
            System.getProperty("java.class.path"),
            LockContender.class.getName(),
            name,
            Integer.toString(contenders),
            Long.toString(TTL_SECONDS),
            String.join(",", endpoints))
        .redirectErrorStream(true)
        .redirectOutput(
            ProcessBuilder.Redirect.appendTo(
                servers.directory().resolve("contender-" + name + ".log").toFile()))
        .start();
  }
}
