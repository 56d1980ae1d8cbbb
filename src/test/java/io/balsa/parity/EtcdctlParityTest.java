package io.balsa.parity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each command of a script is run by the real etcdctl against both, side by side. */
class EtcdctlParityTest {
  /**
   * All of a script, on new servers.
   *
   * @param commands at least so many
   * @param failing at least so many of them
   */
  @ParameterizedTest
  @CsvSource({
    "kv, 150, 50",
    "lease, 45, 15",
    "watch, 1, 1",
    "hold, 1, 1",
    "cluster, 1, 1",
    "users, 1, 1"
  })
  void theOutputsAreEqual(String name, int commands, int failing) throws Exception {
    compare(name, commands, failing);
  }

  /** In 3 minutes: {@code mvn test -DexcludedGroups= -Dtest=EtcdctlParityTest#theChecksPass}. */
  @Test
  @Tag("slow")
  void theChecksPass() throws Exception {
    compare("check", 2, 0);
  }

  private static void compare(String name, int commands, int failing) throws Exception {
    long t0 = System.nanoTime();
    try (Twins twins = Twins.start("etcd", "etcdctl");
        Etcdctl etcd = new Etcdctl(twins.etcd());
        Etcdctl balsa = new Etcdctl(twins.balsa())) {
      System.out.println("TWINS " + (System.nanoTime() - t0) / 1000000);
      SoftAssertions outputs = new SoftAssertions();
      int answered = 0;
      int failed = 0;
      for (Script.Line line : Script.read(name)) {
        long t1 = System.nanoTime();
        CompletableFuture<Output> first = line.step().on(etcd);
        CompletableFuture<Output> second = line.step().on(balsa);
        Output expected = line.compared().apply(first.join());
        Output found = line.compared().apply(second.join());
        System.out.println("$ " + line + "   # " + (System.nanoTime() - t1) / 1000000 + "\n" + expected);
        if (line.isAnswered()) {
          answered++;
          failed += expected.exitCode() == 0 ? 0 : 1;
        }
        if (line.differs()) {
          outputs.assertThat(found).as("%s", line).isNotEqualTo(expected);
        } else {
          outputs.assertThat(found).as("%s", line).isEqualTo(expected);
        }
      }
      outputs.assertAll();
      System.out.printf("%s: %d commands, %d of them fail%n", name, answered, failed);
      assertThat(answered).isGreaterThanOrEqualTo(commands);
      assertThat(failed).isGreaterThanOrEqualTo(failing);
    }
  }
}
