package io.balsa.parity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.SoftAssertions;
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
  @CsvSource({"kv, 150, 50", "lease, 45, 15"})
  void theOutputsAreEqual(String name, int commands, int failing) throws Exception {
    try (Twins twins = Twins.start("etcd", "etcdctl")) {
      List<Script.Command> script = Script.read(name + ".etcdctl");
      Etcdctl toEtcd = new Etcdctl(twins.etcdPort());
      Etcdctl toBalsa = new Etcdctl(twins.balsaPort());
      SoftAssertions outputs = new SoftAssertions();
      int failed = 0;
      for (Script.Command command : script) {
        CompletableFuture<Etcdctl.Output> etcd = toEtcd.run(command);
        CompletableFuture<Etcdctl.Output> balsa = toBalsa.run(command);
        failed += etcd.join().exitCode() == 0 ? 0 : 1;
        outputs.assertThat(balsa.join()).as("%s", command).isEqualTo(etcd.join());
      }
      outputs.assertAll();
      System.out.printf("%s: %d commands, %d of them fail%n", name, script.size(), failed);
      assertThat(script.size()).isGreaterThanOrEqualTo(commands);
      assertThat(failed).isGreaterThanOrEqualTo(failing);
    }
  }
}
