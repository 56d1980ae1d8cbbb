package io.balsa.parity;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.assertj.core.api.SoftAssertions;

/**
 * A script was run by the real {@code etcdctl} on a new etcd and on a new Balsa, side by side, and
 * the answers were equal.
 *
 * @param commands how many
 * @param failed how many of them etcd refused
 */
record Comparison(int commands, int failed) {
  private static final Duration PRINTING_MAX = Duration.ofSeconds(5);

  /**
   * Runs a script.
   *
   * @throws AssertionError if an answer differs, or does not come
   */
  static Comparison of(String script) throws Exception {
    List<Script.Line> lines = Script.read(script);
    SoftAssertions answers = new SoftAssertions();
    int commands = 0;
    int failed = 0;
    try (Twins twins = Twins.start("etcd", "etcdctl");
        Etcdctl etcd = new Etcdctl(twins.etcd());
        Etcdctl balsa = new Etcdctl(twins.balsa())) {
      for (Script.Line line : lines) {
        if (line.step() instanceof Step.End end) {
          awaitTheSame(end.name(), etcd, balsa);
        }
        CompletableFuture<Output> onEtcd = line.step().on(etcd);
        CompletableFuture<Output> onBalsa = line.step().on(balsa);
        Output expected = onEtcd.join();
        line.compare(answers, expected, onBalsa.join());
        if (line.isAnswered()) {
          commands++;
          failed += expected.exitCode() == 0 ? 0 : 1;
        }
      }
    }
    answers.assertAll();
    System.out.printf("%s: %d commands, %d of them fail%n", script, commands, failed);
    return new Comparison(commands, failed);
  }

  /** Who is ended in the middle of what it prints has not printed the rest. */
  private static void awaitTheSame(String name, Etcdctl etcd, Etcdctl balsa) {
    long deadline = System.nanoTime() + PRINTING_MAX.toNanos();
    while (etcd.printedLines(name) != balsa.printedLines(name)
        && System.nanoTime() - deadline < 0) {
      LockSupport.parkNanos(1_000_000);
    }
  }
}
