package io.balsa.storage.wal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WalOptionsTest {
  @Test
  void smallStoresHaveShortSegments() {
    assertThat(WalOptions.forStoreOf(8L << 30)).isEqualTo(WalOptions.DEFAULT);
    assertThat(WalOptions.forStoreOf(2L << 30)).isEqualTo(WalOptions.DEFAULT);
    assertThat(WalOptions.forStoreOf(128 << 20).segmentBytes()).isEqualTo(4 << 20);
    assertThat(WalOptions.forStoreOf((128 << 20) + 1_000).segmentBytes()).isEqualTo((4 << 20) + 24);
    assertThat(WalOptions.forStoreOf(1).segmentBytes()).isEqualTo(1 << 20);
    assertThat(WalOptions.forStoreOf(1).reserveBytes())
        .isEqualTo(WalOptions.DEFAULT.reserveBytes());
  }
}
