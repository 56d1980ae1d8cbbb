package io.balsa.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A server that cannot be run as told says so in one line, and touches nothing. */
class BadFlagTest {
  private static final String MANY_NINES = "9".repeat(40);

  @RegisterExtension final Servers servers = new Servers();

  /**
   * Arguments behind {@code server}.
   *
   * @param named what the one line must contain
   */
  private record Bad(List<String> arguments, List<String> named) {}

  private static Bad value(String flag, String value) {
    return new Bad(
        List.of(flag, value), List.of(flag, value.substring(0, Math.min(20, value.length()))));
  }

  private static Bad arguments(String arguments, String... named) {
    return new Bad(List.of(arguments.split(" ")), List.of(named));
  }

  /** One of each kind of rule; that each flag has its rule is proved beside the rules. */
  private static final List<Bad> SOME =
      List.of(
          value("--data-dir", "/proc/version"),
          value("--listen-client-urls", "http://127.0.0.1:99999"),
          value("--initial-cluster", "n1"),
          value("--initial-cluster-state", "maybe"),
          value("--election-timeout", MANY_NINES),
          value("--snapshot-count", "1.5"),
          value("--pre-vote", "perhaps"),
          value("--cert-file", "/no/such/file"),
          arguments("--discovery hazelcast --founders n1", "--discovery", "--hazelcast-members"),
          arguments("--nmae n1", "--nmae"),
          arguments("--name", "--name"),
          arguments("extra", "extra"),
          arguments("--heartbeat-interval 500 --election-timeout 600", "--election-timeout", "600"),
          arguments("--name n9 --initial-cluster n1=http://127.0.0.1:4001", "n9"));

  private static final List<Bad> MORE =
      List.of(
          value("--name", ""),
          value("--data-dir", ""),
          value("--listen-client-urls", "127.0.0.1:2379"),
          value("--advertise-client-urls", "ftp://127.0.0.1:1"),
          value("--listen-peer-urls", "http://"),
          value("--initial-advertise-peer-urls", "http://127.0.0.1:x"),
          value("--initial-cluster", "n1=http://127.0.0.1:0"),
          value("--initial-cluster-token", ""),
          value("--heartbeat-interval", "fast"),
          value("--heartbeat-interval", "0"),
          value("--election-timeout", "-5"),
          value("--quota-backend-bytes", "lots"),
          value("--max-request-bytes", "-1"),
          value("--max-txn-ops", "0"),
          value("--request-timeout", "soon"),
          value("--history-bytes", "x"),
          value("--auto-compaction-mode", "daily"),
          value("--auto-compaction-retention", "a while"),
          value("--key-file", "/no/such/file"),
          value("--trusted-ca-file", "/no/such/file"),
          value("--client-cert-auth", "perhaps"),
          value("--peer-cert-file", "/no/such/file"),
          value("--peer-key-file", "/no/such/file"),
          value("--peer-trusted-ca-file", "/no/such/file"),
          value("--peer-client-cert-auth", "perhaps"),
          value("--log-level", "loud"));

  @Test
  void endsWithOneLineAndCodeTwo() {
    assertAllRefused(SOME);
  }

  @Test
  @Tag("slow")
  void endsWithOneLineAndCodeTwoForEveryFlag() {
    assertAllRefused(MORE);
  }

  private void assertAllRefused(List<Bad> rows) {
    Queue<String> wrong = new ConcurrentLinkedQueue<>();
    Parallel.forEach(2, rows, row -> check(row, servers.directory(), wrong));
    assertThat(wrong).isEmpty();
  }

  private static void check(Bad row, Path directory, Queue<String> wrong) {
    List<String> arguments = new ArrayList<>(List.of("server"));
    arguments.addAll(row.arguments());
    BalsaJar.Run run = BalsaJar.run(directory, arguments);
    if (run.exitCode() != 2
        || !run.out().isEmpty()
        || run.err().lines().count() != 1
        || !row.named().stream().allMatch(run.err()::contains)
        || Files.exists(directory.resolve("balsa-data"))) {
      wrong.add(
          row.arguments() + ": code " + run.exitCode() + " " + Arrays.asList(run.out(), run.err()));
    }
  }
}
