package io.balsa.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The disk of one member of three fills under load and is freed. As root on Linux only: the disk is
 * a small file system of its own.
 */
@Tag("slow")
class DiskFullTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** Room for a few segments of the log, of 64 MiB each. */
  private static final int DISK_MEGABYTES = 400;

  /** More than the log can take without more space. */
  private static final int PUTS_MAX = 200;

  @RegisterExtension final Servers servers = new Servers();

  private final TreeMap<String, byte[]> acknowledged = new TreeMap<>();

  @Test
  void theOthersGoOnWhileAFollowersDiskIsFull() {
    SmallDisk disk = smallDisk();
    TestCluster cluster = cluster();
    ServerProcess full = cluster.members().get(2);
    ClientPort other = lead(cluster, cluster.members().get(0));
    long pid = full.pid();

    disk.fill();
    for (int put = 0; put < PUTS_MAX; put++) {
      assertThat(put(other, put).status()).isEqualTo(200);
    }
    assertThat(full.logText()).as("what its disk is short of").containsIgnoringCase("disk full");
    assertThat(full.endpoint().get(ClientPort.kv("0") + "?consistency=serializable").status())
        .as("reads go on")
        .isEqualTo(200);
    disk.free();

    assertAllIsThere(cluster);
    assertThat(full.pid()).isEqualTo(pid);
  }

  @Test
  void aLeaderWithAFullDiskRefusesAndGoesOnWhenThereIsSpace() {
    SmallDisk disk = smallDisk();
    TestCluster cluster = cluster();
    ServerProcess full = cluster.members().get(2);
    ClientPort leader = lead(cluster, full);
    long pid = full.pid();

    disk.fill();
    int puts = 0;
    Answer answer = put(leader, puts);
    while (answer.isApplied() && puts < PUTS_MAX) {
      answer = put(leader, ++puts);
    }
    assertThat(answer.status()).as(answer.toString()).isEqualTo(507);
    assertThat(answer.outcome()).as(answer.toString()).isEqualTo(Outcome.REFUSED);
    assertThat(answer.text()).contains("disk is full");
    assertThat(leader.get(ClientPort.kv("0")).status()).as("reads go on").isEqualTo(200);
    disk.free();

    Await.until("writes are taken again", LIMIT, () -> put(leader, PUTS_MAX + 1).isApplied());
    assertAllIsThere(cluster);
    assertThat(full.pid()).isEqualTo(pid);
  }

  /** For the third member. */
  private SmallDisk smallDisk() {
    Optional<SmallDisk> disk =
        SmallDisk.mount(servers.directory().resolve("n3").resolve("data"), DISK_MEGABYTES);
    assumeTrue(disk.isPresent(), "a disk of our own needs root and Linux");
    return servers.closeLater(disk.get());
  }

  /**
   * A member holds its log in memory until a snapshot is taken, for which there is no space: more
   * than the heap of other tests.
   */
  private TestCluster cluster() {
    return servers.cluster(3, List.of("-Xmx512m"), "--history-bytes", "16777216");
  }

  private static ClientPort lead(TestCluster cluster, ServerProcess member) {
    cluster.awaitQuiet();
    cluster.leader().endpoint().post("/v1/leader", "{\"member\":\"" + member.name() + "\"}");
    Await.until(member + " leads", LIMIT, () -> cluster.leader() == member);
    return member.endpoint();
  }

  /** A value of a MiB; few keys, so that the state stays small. */
  private Answer put(ClientPort member, int number) {
    byte[] value = new byte[1 << 20];
    Arrays.fill(value, (byte) number);
    String key = Integer.toString(number % 8);
    Answer answer = member.send("PUT", ClientPort.kv(key), value);
    if (answer.isApplied()) {
      acknowledged.put(key, value);
    }
    return answer;
  }

  private void assertAllIsThere(TestCluster cluster) {
    assertThat(cluster.running()).isEqualTo(cluster.members());
    cluster.awaitAgreement();
    for (ServerProcess member : cluster.members()) {
      acknowledged.forEach(
          (key, value) ->
              assertThat(Arrays.equals(member.endpoint().get(ClientPort.kv(key)).body(), value))
                  .as("%s of %s", key, member)
                  .isTrue());
      assertThat(member.logText()).doesNotContainPattern(Alarms.STACK_TRACE);
    }
  }
}
