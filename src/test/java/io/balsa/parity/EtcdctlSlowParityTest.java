package io.balsa.parity;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What takes long. In 3 minutes: {@code mvn test -DexcludedGroups= -Dtest=EtcdctlSlowParityTest}.
 */
@Tag("slow")
class EtcdctlSlowParityTest {
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
