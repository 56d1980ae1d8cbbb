package io.balsa.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Bytes;
import io.balsa.engine.request.Refusal;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.mvcc.command.Op;
import io.balsa.storage.file.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Disks that fill up and get space again under whole engines: no acknowledged write is lost, nobody
 * is started again, and a cluster with a quorum of disks that have space goes on writing.
 */
class FullDiskTest {
  private static final long SEED = Long.getLong("seed", System.nanoTime());
  private static final int ELECTION_TICKS = 10;
  // Some segments of 64 KiB.
  private static final int MANY = 150;

  private EngineCluster cluster;
  private final Map<String, String> acknowledged = new TreeMap<>();
  private int written;

  @BeforeEach
  void begin() throws StorageException {
    System.out.println("FullDiskTest seed; repeat: mvn test -Dtest=FullDiskTest -Dseed=" + SEED);
    cluster = new EngineCluster(SEED);
    cluster.snapshotEntries = 40;
    cluster.founders(3);
    write(MANY);
  }

  @Test
  void leadershipMovesFromTheFullDiskAndWritesGoOn() throws Exception {
    EngineMember full = cluster.leader();
    fill(full);
    writeUntil(() -> full.view.diskFull());

    int ticks = ticksUntil(() -> leaderIs(other -> other != full), ELECTION_TICKS);
    System.out.printf("leadership moved after %d ticks%n", ticks);
    write(MANY);
    assertThat(cluster.leader()).isNotSameAs(full);
    assertThat(put(full)).isInstanceOfSatisfying(Reply.Refused.class, this::namesTheDisk);
    assertThat(full.replica.appliedIndex()).as("it lags").isLessThan(applied());

    free(full);
    awaitSame();
    assertThat(put(full)).isInstanceOf(Reply.Written.class);
    assertNothingLost();
  }

  @Test
  void aFollowerWithAFullDiskLagsAndCatchesUpByItself() throws Exception {
    EngineMember full = cluster.follower();
    EngineMember leader = cluster.leader();
    fill(full);

    write(3 * MANY);

    assertThat(cluster.leader()).isSameAs(leader);
    assertThat(full.replica.appliedIndex()).as("it lags").isLessThan(applied());
    assertThat(put(full)).isInstanceOfSatisfying(Reply.Refused.class, this::namesTheDisk);
    assertThat(cluster.value(full, "key0", true))
        .as("reads go on")
        .isEqualTo(acknowledged.get("key0"));

    free(full);
    awaitSame();
    assertThat(put(full)).isInstanceOf(Reply.Written.class);
    assertNothingLost();
  }

  @Test
  void withAllDisksFullLeadershipStaysAndWritesAreRefusedUntilOneHasSpace() throws Exception {
    for (EngineMember member : cluster.members.values()) {
      fill(member);
    }
    writeUntil(() -> cluster.members.values().stream().allMatch(each -> each.view.diskFull()));
    EngineMember leader = cluster.leader();
    long term = leader.view.term();

    for (int i = 0; i < 30 * ELECTION_TICKS; i++) {
      tick();
    }

    assertThat(cluster.leader()).isSameAs(leader);
    assertThat(leader.view.term()).isEqualTo(term);
    for (EngineMember member : cluster.members.values()) {
      assertThat(put(member)).isInstanceOfSatisfying(Reply.Refused.class, this::namesTheDisk);
      assertThat(cluster.value(member, "key0", false)).isEqualTo(acknowledged.get("key0"));
    }
    EngineMember other = cluster.follower();
    free(other);
    int ticks = ticksUntil(() -> leaderIs(other::equals), 15 * ELECTION_TICKS);
    System.out.printf("leadership moved to the disk with space after %d ticks%n", ticks);

    for (EngineMember member : cluster.members.values()) {
      free(member);
    }
    awaitSame();
    write(MANY);
    assertNothingLost();
  }

  @Test
  void withAQuorumOfDisksFullWhatWasNotAcknowledgedMayWaitButNothingIsLost() throws Exception {
    EngineMember leader = cluster.leader();
    for (EngineMember member : cluster.members.values()) {
      if (member != leader) {
        fill(member);
      }
    }
    for (int i = 0; i < 2 * MANY; i++) {
      String key = "key" + written++;
      cluster.ask(leader, request(key, value(key)), 2_000);
      tick();
    }

    for (EngineMember member : cluster.members.values()) {
      free(member);
    }
    awaitSame();
    write(MANY);
    assertNothingLost();
  }

  // ---- Disks

  private static void fill(EngineMember member) throws IOException {
    long usable = member.files.usableBytes(Path.of("/"));
    member.files.capacity(Long.MAX_VALUE - usable + 1_000);
  }

  private static void free(EngineMember member) {
    member.files.capacity(Long.MAX_VALUE);
  }

  /** A tick, and what the second thread of the disk does between two. */
  private void tick() throws StorageException {
    for (EngineMember member : cluster.members.values()) {
      if (member.disk.wantsPreparation()) {
        member.toDisk(member.disk.prepare());
      }
    }
    cluster.ticks(1);
  }

  private boolean leaderIs(Predicate<EngineMember> condition) {
    EngineMember leader = cluster.leaderOrNull();
    return leader != null && condition.test(leader);
  }

  private int ticksUntil(BooleanSupplier condition, int most) throws StorageException {
    int ticks = 0;
    while (!condition.getAsBoolean()) {
      assertThat(ticks++).as("ticks, %s", cluster).isLessThan(most);
      tick();
    }
    return ticks;
  }

  // ---- Clients

  private static String value(String key) {
    return "value of " + key + " " + "x".repeat(2_000);
  }

  private static Request request(String key, String value) {
    return new Request.Write(Op.Put.of(Bytes.utf8(key), Bytes.utf8(value), 0));
  }

  /** Each is acknowledged, at the second try at the latest where a disk has just filled up. */
  private void write(int count) throws StorageException {
    for (int i = 0; i < count; i++) {
      String key = "key" + written++;
      EngineMember leader = cluster.leader();
      Reply reply = cluster.call(leader, request(key, value(key)));
      assertThat(reply)
          .as("put at member %d: %s", leader.id, cluster)
          .isInstanceOf(Reply.Written.class);
      acknowledged.put(key, value(key));
      tick();
    }
  }

  /** Writes whatever comes of it. */
  private void writeUntil(BooleanSupplier condition) throws StorageException {
    for (int i = 0; i < 10 * MANY && !condition.getAsBoolean(); i++) {
      String key = "key" + written++;
      if (cluster.call(cluster.leader(), request(key, value(key))) instanceof Reply.Written) {
        acknowledged.put(key, value(key));
      }
      tick();
    }
    assertThat(condition.getAsBoolean()).isTrue();
  }

  private Reply put(EngineMember member) throws StorageException {
    String key = "key" + written++;
    Reply reply = cluster.call(member, request(key, value(key)));
    if (reply instanceof Reply.Written) {
      acknowledged.put(key, value(key));
    }
    return reply;
  }

  private void namesTheDisk(Reply.Refused refused) {
    assertThat(refused.refusal()).isEqualTo(Refusal.DISK_FULL);
    assertThat(refused.unknown()).isFalse();
    assertThat(refused.detail()).contains("disk is full");
  }

  private long applied() {
    return cluster.members.values().stream()
        .mapToLong(member -> member.replica.appliedIndex())
        .max()
        .orElseThrow();
  }

  private void awaitSame() throws StorageException {
    for (int i = 0; i < 600; i++) {
      tick();
      if (cluster.members.values().stream()
          .allMatch(
              member -> member.replica.appliedIndex() == applied() && !member.view.diskFull())) {
        return;
      }
    }
    throw new AssertionError("not the same: " + cluster);
  }

  private void assertNothingLost() throws StorageException {
    for (Map.Entry<String, String> each : acknowledged.entrySet()) {
      assertThat(cluster.value(cluster.leader(), each.getKey(), false)).isEqualTo(each.getValue());
    }
  }
}
