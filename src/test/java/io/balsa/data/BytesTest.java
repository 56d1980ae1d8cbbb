package io.balsa.data;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BytesTest {
  @Test
  void ordersUnsigned() {
    assertThat(Bytes.wrap(new byte[] {(byte) 0x80})).isGreaterThan(Bytes.wrap(new byte[] {0x7f}));
    assertThat(Bytes.utf8("a")).isLessThan(Bytes.utf8("ab"));
    assertThat(Bytes.EMPTY).isLessThan(Bytes.wrap(new byte[] {0}));
  }

  @Test
  void tellsTextFromOtherBytes() {
    assertThat(Bytes.utf8("größe").asUtf8()).contains("größe");
    assertThat(Bytes.wrap(new byte[] {(byte) 0xc3}).asUtf8()).isEmpty();
    assertThat(Bytes.wrap(new byte[] {(byte) 0xff, 0})).hasToString("0xff00");
    assertThat(Bytes.utf8("a\nb")).hasToString("0x610a62");
  }

  @Test
  void doesNotChangeWithTheArrayItWasCopiedFrom() {
    byte[] source = {1, 2};
    Bytes copy = Bytes.copyOf(source);
    source[0] = 9;
    copy.toArray()[1] = 9;

    assertThat(copy).isEqualTo(Bytes.wrap(new byte[] {1, 2}));
  }
}
