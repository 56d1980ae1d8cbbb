package io.balsa.data;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {
  @Test
  void readsNamesAndAddresses() {
    assertThat(Endpoint.parse("http://127.0.0.1:2379"))
        .contains(new Endpoint(false, "127.0.0.1", 2379));
    assertThat(Endpoint.parse("HTTPS://Balsa-0.Balsa_X.svc:1"))
        .contains(new Endpoint(true, "balsa-0.balsa_x.svc", 1));
    assertThat(Endpoint.parse("http://[::1]:65535")).contains(new Endpoint(false, "::1", 65535));
  }

  @Test
  void writesWhatItReads() {
    assertThat(Endpoint.parse("https://[FE80::1]:80").orElseThrow())
        .hasToString("https://[fe80::1]:80");
    assertThat(Endpoint.parse("http://h:80").orElseThrow()).hasToString("http://h:80");
  }

  @Test
  void knowsWildcards() {
    assertThat(Endpoint.parse("http://0.0.0.0:1").orElseThrow().isWildcard()).isTrue();
    assertThat(Endpoint.parse("http://[::]:1").orElseThrow().isWildcard()).isTrue();
    assertThat(Endpoint.parse("http://[0:0:0:0:0:0:0:0]:1").orElseThrow().isWildcard()).isTrue();
    assertThat(Endpoint.parse("http://[::1]:1").orElseThrow().isWildcard()).isFalse();
    assertThat(Endpoint.parse("http://0.0.0.1:1").orElseThrow().isWildcard()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "http://",
        "127.0.0.1:2379",
        "localhost",
        "ftp://h:1",
        "http://h",
        "http://h:",
        "http://h:0",
        "http://h:65536",
        "http://h:99999999999",
        "http://h:-1",
        "http://h:+1",
        "http://h:1/",
        "http://h:1/path",
        "http://h:1?q",
        "http://h:1#f",
        "http://user@h:1",
        "http://h h:1",
        "http://h:1\n",
        "http://256.0.0.1:1",
        "http://1.2.3:1",
        "http://1.2.3.4.:1",
        "http://[::g]:1",
        "http://[1.2.3.4]:1",
        "http://[::1:1",
        "unix://h:1"
      })
  void refusesEverythingElse(String text) {
    assertThat(Endpoint.parse(text)).isEmpty();
  }
}
