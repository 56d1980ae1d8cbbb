package io.balsa.parity;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What takes long. In 4 minutes: {@code mvn test -DexcludedGroups= -Dtest=EtcdctlSlowParityTest}.
 */
@Tag("slow")
class EtcdctlSlowParityTest {
  /** Short commands, of which each costs the start of two processes. */
  @ParameterizedTest
  @CsvSource({"kv, 150, 50", "cluster, 85, 30", "users, 110, 50"})
  void theOutputsAreEqual(String script, int commands, int failing) throws Exception {
    Comparison comparison = Comparison.of(script);
    assertThat(comparison.commands()).isGreaterThanOrEqualTo(commands);
    assertThat(comparison.failed()).isGreaterThanOrEqualTo(failing);
  }

  /** Each password that is looked at costs a tenth of a second. */
  @Test
  void nobodyButRootMayDoWhatRootMay() throws Exception {
    Comparison comparison = Comparison.of("permissions");
    assertThat(comparison.commands()).isGreaterThanOrEqualTo(55);
    assertThat(comparison.failed()).isGreaterThanOrEqualTo(25);
  }

  /** They write for a minute, as fast as they want to be able to. */
  @Test
  void theChecksPass() throws Exception {
    assertThat(Comparison.of("check").failed()).isZero();
  }
}
