package io.balsa.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.cluster.ResumingWatch.Change;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiConsumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The main job in one piece: real files through HTTP into three server processes while their
 * leaders are killed, and a watch that must tell all of it.
 */
class ZoneinfoLoadTest {
  private static final int CLIENTS = 8;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @RegisterExtension final Servers servers = new Servers();

  private final Random random = Seed.random(getClass());

  @Test
  void keepsAndTellsEveryFileWhileLeadersAreKilled() throws IOException {
    keepsAndTellsEveryFile(
        (cluster, load) -> {
          for (int kill = 1; kill <= 2; kill++) {
            // While the first round is not over yet: the clients go through the files once or more.
            load.awaitAcknowledged(kill * 600L);
            killAndRestart(cluster.leader(), load);
          }
        });
  }

  @Test
  @Tag("slow")
  void keepsAndTellsEveryFileThroughManyFaults() throws IOException {
    keepsAndTellsEveryFile(
        (cluster, load) -> {
          for (int fault = 0; fault < 30; fault++) {
            load.awaitAcknowledged(load.acknowledged() + random.nextInt(500));
            switch (random.nextInt(4)) {
              case 0 -> killAndRestart(cluster.leader(), load);
              case 1 -> killAndRestart(cluster.followers().get(random.nextInt(2)), load);
              case 2 -> pauseAndResume(cluster.leader(), load);
              default -> {
                cluster.members().forEach(ServerProcess::kill);
                cluster.start();
              }
            }
          }
        });
  }

  private void keepsAndTellsEveryFile(BiConsumer<TestCluster, ZoneLoad> faults) throws IOException {
    SortedMap<String, byte[]> files = ZoneFiles.read();
    assertThat(files).hasSizeGreaterThan(1_000);
    TestCluster cluster = servers.cluster(3, "--history-bytes", "67108864");
    long start = cluster.awaitAgreement().revision();
    ResumingWatch watch =
        servers.closeLater(
            new ResumingWatch(cluster.endpoints(), start, random, 5, files.size() / 6));
    ZoneLoad load = servers.closeLater(new ZoneLoad(files, CLIENTS));

    watch.start();
    load.start(cluster, CLIENTS);
    faults.accept(cluster, load);
    load.finish();

    assertThat(load.counts()).containsOnlyKeys(files.keySet());
    long revision = cluster.awaitAgreement().revision();
    readAllFromEveryMember(cluster, files, load);
    watch.awaitRevision(revision, LIMIT);
    assertTellsAll(watch, start, revision, files, load);

    cluster.members().forEach(ServerProcess::kill);
    cluster.start();
    assertThat(cluster.awaitAgreement().revision()).isEqualTo(revision);
    readAllFromEveryMember(cluster, files, load);

    for (ServerProcess member : cluster.members()) {
      assertThat(member.alarms()).as("log of %s", member).isEmpty();
    }
    System.out.printf(
        "%d files, %d puts acknowledged, %d of unknown outcome, revision %d%n",
        files.size(), load.acknowledged(), load.unknown(), revision);
  }

  /** Kills a member in the middle of the load, sees that the others go on, and brings it back. */
  private static void killAndRestart(ServerProcess member, ZoneLoad load) {
    member.kill();
    load.awaitAcknowledged(load.acknowledged() + 100);
    member.start();
    member.awaitReady();
    load.awaitAcknowledged(load.acknowledged() + 100);
  }

  private static void pauseAndResume(ServerProcess member, ZoneLoad load) {
    member.pause();
    load.awaitAcknowledged(load.acknowledged() + 100);
    member.resume();
    member.awaitReady();
  }

  private static void readAllFromEveryMember(
      TestCluster cluster, SortedMap<String, byte[]> files, ZoneLoad load) {
    for (ServerProcess member : cluster.members()) {
      for (String consistency : List.of("linearizable", "serializable")) {
        Queue<String> wrong = new ConcurrentLinkedQueue<>();
        Parallel.forEach(
            CLIENTS,
            files.keySet(),
            key -> {
              Answer answer =
                  member.endpoint().get(ClientPort.kv(key) + "?consistency=" + consistency);
              ZoneLoad.Counts counts = load.counts(key);
              if (answer.status() != 200
                  || !Arrays.equals(answer.body(), files.get(key))
                  || answer.version() < counts.atLeast()
                  || answer.version() > counts.atMost()) {
                wrong.add(key + " " + counts + ": " + answer.status() + " " + answer.headers());
              }
            });
        assertThat(wrong).as("%s reads of %s", consistency, member).isEmpty();
      }
    }
  }

  /** Every revision once and in order, each with the key and value that was acknowledged. */
  private static void assertTellsAll(
      ResumingWatch watch,
      long start,
      long revision,
      SortedMap<String, byte[]> files,
      ZoneLoad load) {
    assertThat(watch.breaks()).isEqualTo(5);
    assertThat(watch.membersUsed()).isGreaterThan(1);
    List<Long> revisions = new ArrayList<>();
    Map<String, Long> versions = new HashMap<>();
    Map<Long, String> acknowledged = load.keyByRevision();
    for (Change change : watch.changes()) {
      revisions.add(change.revision());
      assertThat(change.value()).as(change.key()).isEqualTo(files.get(change.key()));
      assertThat(change.version())
          .as(change.key())
          .isEqualTo(versions.merge(change.key(), 1L, Long::sum));
      assertThat(acknowledged.getOrDefault(change.revision(), change.key()))
          .isEqualTo(change.key());
    }
    assertThat(revisions)
        .isEqualTo(LongStream.rangeClosed(start + 1, revision).boxed().toList())
        .containsAll(acknowledged.keySet());
  }
}
