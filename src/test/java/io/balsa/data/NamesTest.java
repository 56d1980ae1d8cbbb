package io.balsa.data;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"n", "n1", "balsa-0.balsa_x", "a1", "m\u00fcnchen", "\ud83c\udf32", "@:%"})
  void takesWhatCanStandInListsAndUrls(String text) {
    assertThat(Names.isName(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", " ", "n 1", "n\t", "n\n", "n\u007f", "n\u0085", "n\u00a0", "n\u2028", "n,1", "n=1",
        "n/1", "n\ufffd", "\ud83c", "n\udf32"
      })
  void refusesWhatCannot(String text) {
    assertThat(Names.isName(text)).isFalse();
  }

  @Test
  void hasALimit() {
    assertThat(Names.isName("n".repeat(128))).isTrue();
    assertThat(Names.isName("n".repeat(129))).isFalse();
  }
}
