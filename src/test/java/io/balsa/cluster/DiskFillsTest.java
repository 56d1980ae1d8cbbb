package io.balsa.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Real members on small disks that fill up while clients write: the others go on, the full one says
 * why it refuses, and goes on by itself once there is space.
 */
class DiskFillsTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final long DISK_BYTES = 448L << 20;
  // Below the reserve: neither the log nor snapshots may grow.
  private static final long LEFT_BYTES = 8L << 20;
  private static final String VALUE = "x".repeat(512 << 10);
  private static final int KEYS = 8;
  // More than a segment of the log, which is what a full disk has room for.
  private static final int SEGMENTS_WORTH = 150;

  @RegisterExtension static final Servers servers = new Servers();

  private static final Map<ServerProcess, Tmpfs> disks = new LinkedHashMap<>();
  private static final Map<String, String> acknowledged = new LinkedHashMap<>();
  private static TestCluster cluster;
  private static Map<ServerProcess, Long> pids;
  private static int written;

  @BeforeAll
  static void start() {
    cluster =
        TestCluster.prepare(
            3, servers.directory(), List.of(), List.of("--history-bytes", "16777216"));
    for (ServerProcess member : cluster.members()) {
      disks.put(member, servers.closeLater(Tmpfs.mount(member.dataDirectory(), DISK_BYTES)));
    }
    servers.closeLater(cluster);
    cluster.start();
    pids = pids();
  }

  private static Map<ServerProcess, Long> pids() {
    Map<ServerProcess, Long> found = new LinkedHashMap<>();
    cluster.members().forEach(member -> found.put(member, member.pid()));
    return found;
  }

  @Test
  void aFollowerLagsWithAFullDiskAndCatchesUpByItself() {
    ServerProcess full = cluster.followers().get(0);
    disks.get(full).fill(LEFT_BYTES);
    int before = written;

    writeUntil(() -> refusal(full) != null);
    write(SEGMENTS_WORTH);

    System.out.printf("puts while a follower's disk was full: %d%n", written - before);
    assertThat(lag(full)).as("the full member lags").isPositive();
    assertThat(full.endpoint().get(ClientPort.kv("key0") + "?consistency=serializable").status())
        .as("reads go on")
        .isEqualTo(200);
    disks.get(full).free();
    awaitAllIsWell(full);
  }

  @Test
  void leadershipMovesFromAFullDiskAndWritesGoOn() {
    ServerProcess full = cluster.leader();
    disks.get(full).fill(LEFT_BYTES);

    writeUntil(() -> refusal(full) != null);
    long since = System.nanoTime();
    Await.until(
        "another leads",
        LIMIT,
        () -> cluster.leaderNow().filter(leader -> leader != full).isPresent());
    System.out.printf(
        "leadership moved within ms=%d of the first refusal%n",
        (System.nanoTime() - since) / 1_000_000);
    write(SEGMENTS_WORTH);

    assertThat(cluster.leader()).isNotSameAs(full);
    assertThat(refusal(full)).as("names the reason").contains("disk is full");
    disks.get(full).free();
    awaitAllIsWell(full);
  }

  /** No restart, nothing lost, and the member that was full takes writes. */
  private void awaitAllIsWell(ServerProcess full) {
    long since = System.nanoTime();
    Await.until(
        full + " takes writes again", LIMIT, () -> full.endpoint().put("after", "1").isApplied());
    cluster.awaitAgreement();
    System.out.printf("caught up after ms=%d%n", (System.nanoTime() - since) / 1_000_000);
    assertThat(pids()).isEqualTo(pids);
    for (Map.Entry<String, String> each : acknowledged.entrySet()) {
      Answer answer = full.endpoint().get(ClientPort.kv(each.getKey()));
      assertThat(answer.text().equals(each.getValue())).as(each.getKey()).isTrue();
    }
    cluster
        .members()
        .forEach(member -> assertThat(member.alarms()).as("log of %s", member).isEmpty());
  }

  private long lag(ServerProcess member) {
    List<Long> applied = new ArrayList<>();
    for (ServerProcess each : cluster.members()) {
      each.status().ifPresent(status -> applied.add(status.appliedIndex()));
    }
    long own = member.status().orElseThrow().appliedIndex();
    return applied.stream().mapToLong(Long::longValue).max().orElseThrow() - own;
  }

  /** What the member says to a write if it refuses it because of its disk, else null. */
  private static String refusal(ServerProcess member) {
    Answer answer = member.endpoint().put("probe", "1");
    if (answer.status() != 507) {
      return null;
    }
    assertThat(answer.outcome()).isEqualTo(Outcome.REFUSED);
    return answer.json().getString("detail");
  }

  private void writeUntil(BooleanSupplier condition) {
    for (int i = 0; i < 4 * SEGMENTS_WORTH && !condition.getAsBoolean(); i++) {
      write(8);
    }
    assertThat(condition.getAsBoolean()).as("the disk filled up").isTrue();
  }

  /** Some member takes each of them. */
  private void write(int count) {
    FailoverClient client = cluster.client(0);
    for (int i = 0; i < count; i++) {
      String key = "key" + written % KEYS;
      String value = written++ + VALUE;
      Answer answer =
          client.write(
              "PUT", ClientPort.kv(key), value.getBytes(java.nio.charset.StandardCharsets.UTF_8));
      assertThat(answer.isApplied()).as(answer.toString()).isTrue();
      acknowledged.put(key, value);
    }
  }
}
