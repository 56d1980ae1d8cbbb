package io.balsa.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.cluster.Chaos.Fault;
import io.balsa.cluster.ResumingWatch.Change;
import io.balsa.data.Bytes;
import io.balsa.history.Action.Delete;
import io.balsa.history.Action.Put;
import io.balsa.history.Action.PutIf;
import io.balsa.history.Linearizability;
import io.balsa.history.Operation;
import io.balsa.history.RevisionOrder;
import io.balsa.history.Violation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A cluster of real processes under attack, and what its clients and watchers saw: every key
 * linearizable, one order of revisions, no acknowledged write lost, nothing done that was refused,
 * no gap and no repeat in a watch, and all members equal soon after.
 *
 * <p>The long one: {@code mvn verify -DexcludedGroups= -Dit.test=ChaosTest#standsUnderManyFaults
 * -Dtest=None -Dsurefire.failIfNoSpecifiedTests=false -Dchaos.minutes=10 -Dchaos.members=3}; as
 * root on Linux with {@code strace} it also fills a disk, and slows syncs down or lets them fail;
 * with {@code ip}, and in a network namespace of its own ({@code unshare --net} with the loopback
 * up), it cuts networks. {@code -Dseed=} chooses their order, {@code
 * -Dchaos.faults=PAUSE_LEADER,KILL_ALL} which ones.
 */
class ChaosTest {
  private static final int CLIENTS = 8;
  private static final int KEYS = 8;
  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final int DISK_MEGABYTES = 512;

  /** So few entries in the log that a member that was away needs a snapshot. */
  private static final List<String> OPTIONS =
      List.of("--snapshot-count", "100", "--history-bytes", "67108864");

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration EQUAL_LIMIT = Duration.ofSeconds(10);

  @RegisterExtension final Servers servers = new Servers();

  private final Random random = Seed.random(getClass());

  @Test
  @Tag("slow")
  void standsUnderAFewFaults() throws Exception {
    stands(
        3,
        Optional.empty(),
        chaos ->
            chaos.runEach(List.of(Fault.KILL_LEADER, Fault.PAUSE_LEADER, Fault.CUT_OFF_LEADER)));
  }

  @Test
  @Tag("slow")
  void standsUnderManyFaults() throws Exception {
    Duration span = Duration.ofMinutes(Integer.getInteger("chaos.minutes", 10));
    int size = Integer.getInteger("chaos.members", 3);
    Optional<SmallDisk> disk =
        SmallDisk.mount(servers.directory().resolve("n" + size).resolve("data"), DISK_MEGABYTES);
    disk.ifPresent(servers::closeLater);
    stands(size, disk, chaos -> chaos.run(chosenFaults(), span));
  }

  private static Set<Fault> chosenFaults() {
    String names = System.getProperty("chaos.faults");
    return names == null
        ? EnumSet.allOf(Fault.class)
        : Arrays.stream(names.split(","))
            .map(Fault::valueOf)
            .collect(Collectors.toCollection(() -> EnumSet.noneOf(Fault.class)));
  }

  /**
   * @param diskOfLast that the last member keeps its data on
   */
  private void stands(int size, Optional<SmallDisk> diskOfLast, Consumer<Chaos> faults)
      throws Exception {
    Optional<Network> network = Network.open(size);
    network.ifPresent(servers::closeLater);
    List<Place> places = network.map(Network::places).orElse(Collections.nCopies(size, Place.HERE));
    Path directory = servers.directory();
    TestCluster cluster =
        servers.closeLater(TestCluster.prepare(places, directory, List.of(), OPTIONS));
    cluster.start();
    cluster.awaitQuiet();
    long start = cluster.awaitAgreement().revision();
    List<ResumingWatch> watches = new ArrayList<>();
    for (int breaks : new int[] {0, 20}) {
      watches.add(
          servers.closeLater(
              new ResumingWatch(
                  cluster.endpoints(), start, new Random(random.nextLong()), breaks, 200)));
    }
    RecordingClients clients =
        servers.closeLater(new RecordingClients(cluster, CLIENTS, KEYS, PAUSE, random));
    Chaos chaos = new Chaos(cluster, clients, network, diskOfLast, random);

    watches.forEach(ResumingWatch::start);
    clients.start();
    faults.accept(chaos);

    long ended = System.nanoTime();
    List<Operation> history = clients.finish();
    keep(history, directory.resolve("history.txt"));
    MemberStatus agreed = awaitAllEqual(cluster);
    double equalAfter = (System.nanoTime() - ended) / 1e9;
    chaos.printSummary();
    System.out.printf(
        "%d operations, %d of them unanswered, %d refused, revision %d, %d snapshots installed;"
            + " all equal after %.2f s%n",
        history.size(),
        history.stream().filter(operation -> !operation.isAnswered()).count(),
        clients.refused(),
        agreed.revision(),
        cluster.members().stream().mapToLong(ChaosTest::snapshotsInstalled).sum(),
        equalAfter);
    assertThat(Linearizability.check(history).map(Violation::text)).isEmpty();
    assertThat(RevisionOrder.check(history).map(Violation::text)).isEmpty();
    List<Change> changes = new ArrayList<>();
    for (ResumingWatch watch : watches) {
      watch.awaitRevision(agreed.revision(), LIMIT);
      changes = watch.changes();
      assertThat(changes).hasSize((int) (agreed.revision() - start));
      assertTellsTheHistory(changes, history);
    }
    assertHolds(cluster, changes);
    for (ServerProcess member : cluster.members()) {
      assertThat(member.logText().lines().filter(ChaosTest::isTraceOfOurs))
          .as("log of %s", member)
          .isEmpty();
    }
    assertThat(equalAfter).isLessThan(EQUAL_LIMIT.toSeconds());
  }

  private static MemberStatus awaitAllEqual(TestCluster cluster) {
    assertThat(cluster.running()).isEqualTo(cluster.members());
    cluster.members().forEach(ServerProcess::awaitReady);
    return cluster.awaitAgreement();
  }

  private static long snapshotsInstalled(ServerProcess member) {
    return member.logText().lines().filter(line -> line.contains("snapshot installed")).count();
  }

  /** A process that was stopped by us finds its loops blocked. */
  private static boolean isTraceOfOurs(String line) {
    return Alarms.STACK_TRACE.matcher(line).find() && !line.contains("has been blocked for");
  }

  /** For a look at what a violation is about. */
  private static void keep(List<Operation> history, Path file) throws IOException {
    Files.write(
        file,
        history.stream()
            .sorted(Comparator.comparingLong(Operation::invoked))
            .map(Operation::toString)
            .toList());
  }

  /** Every change was asked for and not refused, and every acknowledged write is told. */
  private static void assertTellsTheHistory(List<Change> changes, List<Operation> history) {
    Map<Long, Operation> acknowledged = new HashMap<>();
    Map<Bytes, Operation> unansweredPuts = new HashMap<>();
    Set<Bytes> unansweredDeletes = new HashSet<>();
    for (Operation operation : history) {
      if (operation.hasWritten()) {
        acknowledged.put(operation.revision(), operation);
      } else if (!operation.isAnswered() && operation.action() instanceof Delete) {
        unansweredDeletes.add(operation.key());
      } else if (!operation.isAnswered()) {
        unansweredPuts.put(written(operation), operation);
      }
    }
    for (Change change : changes) {
      boolean deleted = change.version() == 0;
      Bytes key = Bytes.utf8(change.key());
      Bytes value = Bytes.wrap(change.value());
      Operation answered = acknowledged.remove(change.revision());
      if (answered != null) {
        assertThat(answered.key()).as("%s told as %s", answered, change).isEqualTo(key);
        assertThat(written(answered))
            .as("%s told as %s", answered, change)
            .isEqualTo(deleted ? null : value);
      } else if (deleted) {
        assertThat(unansweredDeletes).as("nobody asked for %s", change).contains(key);
      } else {
        Operation unanswered = unansweredPuts.remove(value);
        assertThat(unanswered).as("nobody asked for %s, or it is told twice", change).isNotNull();
        assertThat(unanswered.key()).isEqualTo(key);
      }
    }
    assertThat(acknowledged).as("acknowledged and lost").isEmpty();
  }

  /** Null for a deletion. */
  private static Bytes written(Operation operation) {
    if (operation.action() instanceof Put put) {
      return put.value();
    }
    return operation.action() instanceof PutIf putIf ? putIf.value() : null;
  }

  /** Each member holds what the changes lead to. */
  private static void assertHolds(TestCluster cluster, List<Change> changes) {
    Map<String, Change> last = new HashMap<>();
    changes.forEach(change -> last.put(change.key(), change));
    for (ServerProcess member : cluster.members()) {
      for (Change change : last.values()) {
        for (String consistency : List.of("linearizable", "serializable")) {
          Answer answer =
              member.endpoint().get(ClientPort.kv(change.key()) + "?consistency=" + consistency);
          String what = "%s read of %s: %s".formatted(consistency, member, answer);
          if (change.version() == 0) {
            assertThat(answer.status()).as(what).isEqualTo(404);
          } else {
            assertThat(answer.body()).as(what).isEqualTo(change.value());
            assertThat(answer.modRevision()).as(what).isEqualTo(change.revision());
          }
        }
      }
    }
  }
}
