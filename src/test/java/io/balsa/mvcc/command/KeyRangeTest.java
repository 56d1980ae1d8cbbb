package io.balsa.mvcc.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Bytes;
import org.junit.jupiter.api.Test;

class KeyRangeTest {
  @Test
  void aPrefixEndsBeforeItsSuccessor() {
    KeyRange range = KeyRange.prefix(Bytes.wrap(new byte[] {'a', (byte) 0xff}));

    assertThat(range.end()).isEqualTo(Bytes.utf8("b"));
    assertThat(range.contains(Bytes.wrap(new byte[] {'a', (byte) 0xff, (byte) 0xff}))).isTrue();
    assertThat(range.contains(Bytes.utf8("b"))).isFalse();
    assertThat(range.contains(Bytes.utf8("a"))).isFalse();
  }

  @Test
  void aPrefixOfHighestBytesHasNoEnd() {
    KeyRange range = KeyRange.prefix(Bytes.wrap(new byte[] {(byte) 0xff}));

    assertThat(range.isUnbounded()).isTrue();
    assertThat(range.contains(Bytes.wrap(new byte[] {(byte) 0xff, (byte) 0xff}))).isTrue();
  }

  @Test
  void aReversedRangeIsEmpty() {
    assertThat(new KeyRange(Bytes.utf8("b"), Bytes.utf8("a")).contains(Bytes.utf8("b"))).isFalse();
  }

  @Test
  void noPrefixMeansEveryKey() {
    assertThat(KeyRange.prefix(Bytes.EMPTY)).isEqualTo(KeyRange.ALL);
    assertThat(KeyRange.ALL.contains(Bytes.wrap(new byte[] {0}))).isTrue();
  }
}
