package io.balsa.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Bytes;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.mvcc.command.Op;
import io.balsa.storage.file.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The power of one member goes before each single call to its file system while it receives and
 * installs a snapshot of the leader's, or takes its own and releases its log: it starts again, has
 * all that was acknowledged, and comes to the same state as the others.
 */
class SnapshotCrashTest {
  private static final long SEED = Long.getLong("seed", System.nanoTime());
  private static final int TAKING_STRIDE = Integer.getInteger("crash.stride", 7);

  private static final long NEVER = 1L << 40;

  private EngineCluster cluster;
  private int written;

  private void begin(int snapshotEntries) throws StorageException {
    cluster = new EngineCluster(SEED);
    cluster.catchUpEntries = 5;
    cluster.snapshotEntries = snapshotEntries;
    cluster.founders(3);
    written = 0;
    write(5);
  }

  @Test
  void aFollowerThatReceivesAndInstallsASnapshot() throws Exception {
    System.out.println("SnapshotCrashTest seed; repeat: -Dtest=SnapshotCrashTest -Dseed=" + SEED);
    int call = 1;
    for (boolean powerLost = true; powerLost; call++) {
      begin(10);
      EngineMember behind = cluster.follower();
      behind.crash(1);
      write(40);
      behind.start();
      behind.files.losePowerAtCall(call);
      powerLost = runUntil(behind, () -> caughtUp(behind));
      if (powerLost) {
        restart(behind, call);
      } else {
        behind.files.losePowerAtCall(NEVER);
      }
      assertAllIsWell(behind, "receiving, call " + call);
      if (!powerLost) {
        assertThat(counters(behind).snapshotsInstalled()).isPositive();
      }
    }
    System.out.printf("receiving: power lost before each of %d calls%n", call - 2);
    assertThat(call).isGreaterThan(20);
  }

  @Test
  void aLeaderThatTakesSnapshotsAndReleasesItsLog() throws Exception {
    System.out.println("SnapshotCrashTest seed; repeat: -Dtest=SnapshotCrashTest -Dseed=" + SEED);
    int call = 1 + new Random(SEED).nextInt(TAKING_STRIDE);
    int runs = 0;
    for (boolean powerLost = true; powerLost; call += TAKING_STRIDE) {
      begin(10);
      EngineMember leader = cluster.leader();
      leader.files.losePowerAtCall(call);
      powerLost = false;
      for (int i = 0; i < 60 && !powerLost; i++) {
        String key = "key" + written;
        long asked = cluster.ask(leader, put(key, "value of " + key), 5_000);
        powerLost = runUntil(leader, () -> cluster.reply(asked) != null);
        powerLost = powerLost || runUntil(leader, () -> true);
        if (powerLost && !(cluster.reply(asked) instanceof Reply.Written)) {
          break; // It may be there or not.
        }
        written++;
      }
      if (powerLost) {
        restart(leader, call);
        runs++;
      } else {
        leader.files.losePowerAtCall(NEVER);
      }
      assertAllIsWell(leader, "taking, call " + call);
    }
    System.out.printf("taking: power lost %d times%n", runs);
    assertThat(runs).isGreaterThan(10);
  }

  private interface Condition {
    boolean holds() throws StorageException;
  }

  /** Everything happens until the condition holds; true if the member lost its power before. */
  private boolean runUntil(EngineMember member, Condition condition) throws StorageException {
    try {
      for (int ticks = 0; ticks < 200; ticks++) {
        boolean more = true;
        while (more && !member.files.hasLostPower()) {
          more = cluster.step();
        }
        if (member.files.hasLostPower()) {
          return true;
        }
        cluster.tick();
        if (condition.holds()) {
          return false;
        }
      }
    } catch (StorageException | RuntimeException e) {
      if (member.files.hasLostPower()) {
        return true; // What that led to.
      }
      throw e;
    }
    throw new AssertionError("never came: " + cluster);
  }

  private static void restart(EngineMember member, int call) throws StorageException {
    member.crash(call % 3 / 2.0);
    member.start();
  }

  private boolean caughtUp(EngineMember member) {
    return member.alive && member.replica.appliedIndex() >= applied();
  }

  private long applied() {
    return cluster.members.values().stream()
        .filter(member -> member.alive)
        .mapToLong(member -> member.replica.appliedIndex())
        .max()
        .orElseThrow();
  }

  private void assertAllIsWell(EngineMember member, String what) throws StorageException {
    try {
      cluster.leader();
      cluster.until(
          "all to catch up", () -> cluster.members.values().stream().allMatch(this::caughtUp));
      assertThat(cluster.call(cluster.leader(), put("end", "1"))).isInstanceOf(Reply.Written.class);
      cluster.until(
          "all to catch up", () -> cluster.members.values().stream().allMatch(this::caughtUp));
      for (int i = 0; i < written; i++) {
        assertThat(cluster.value(member, "key" + i, true)).isEqualTo("value of key" + i);
      }
      List<Long> hashes = new ArrayList<>();
      for (EngineMember each : cluster.members.values()) {
        hashes.add(status(each).stateHash());
      }
      assertThat(hashes.stream().distinct()).as("state hashes %s", hashes).hasSize(1);
    } catch (StorageException | RuntimeException | AssertionError e) {
      throw new AssertionError(
          what + "; repeat: mvn test -Dtest=SnapshotCrashTest -Dseed=" + SEED, e);
    }
  }

  private void write(int count) throws StorageException {
    for (int i = 0; i < count; i++) {
      String key = "key" + written++;
      assertThat(cluster.call(cluster.leader(), put(key, "value of " + key)))
          .isInstanceOf(Reply.Written.class);
      cluster.ticks(1);
    }
  }

  private Reply.MemberStatus status(EngineMember member) throws StorageException {
    return ((Reply.Status) cluster.call(member, new Request.Status())).status();
  }

  private Reply.Counters counters(EngineMember member) throws StorageException {
    return status(member).counters();
  }

  private static Request put(String key, String value) {
    return new Request.Write(Op.Put.of(Bytes.utf8(key), Bytes.utf8(value), 0));
  }
}
