package io.balsa.client.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;

class PercentEncodingTest {
  @Test
  void escapesWhatCouldMeanSomething() {
    assertThat(PercentEncoding.encode("aZ09-_")).isEqualTo("aZ09-_");
    assertThat(PercentEncoding.encode("/a/../b?c=d&e+f %~"))
        .isEqualTo("%2Fa%2F%2E%2E%2Fb%3Fc%3Dd%26e%2Bf%20%25%7E");
    assertThat(PercentEncoding.encode("ä")).isEqualTo("%C3%A4");
    assertThat(PercentEncoding.encode(Buffer.buffer(new byte[] {0, (byte) 0xff})))
        .isEqualTo("%00%FF");
  }
}
