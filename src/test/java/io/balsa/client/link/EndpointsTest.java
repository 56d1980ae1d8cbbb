package io.balsa.client.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.data.Endpoint;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointsTest {
  private static final Endpoint A = new Endpoint(false, "a", 1);
  private static final Endpoint B = new Endpoint(true, "b", 2);

  @Test
  void staysWithOneUntilItIsLeft() {
    Endpoints endpoints = Endpoints.of(List.of("http://a:1", "https://b:2"));

    assertThat(endpoints.current()).isEqualTo(A);
    assertThat(endpoints.current()).isEqualTo(A);
    endpoints.leave(A);
    assertThat(endpoints.current()).isEqualTo(B);
    endpoints.leave(B);
    assertThat(endpoints.current()).isEqualTo(A);
  }

  @Test
  void manyThatFailAtOneEndpointGoOnByOne() {
    Endpoints endpoints = Endpoints.of(List.of("http://a:1", "https://b:2", "http://c:3"));

    endpoints.leave(A);
    endpoints.leave(A);
    endpoints.leave(A);

    assertThat(endpoints.current()).isEqualTo(B);
  }

  @Test
  void countsOneThatIsGivenTwiceOnce() {
    assertThat(Endpoints.of(List.of("http://a:1", "HTTP://A:1")).count()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "a:1", "ftp://a:1", "http://a", "http://a:1/", "http://a:0", "http://a:65536"})
  void refusesWhatIsNoEndpoint(String text) {
    assertThatThrownBy(() -> Endpoints.of(List.of("http://a:1", text)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "endpoints: found '"
                + text
                + "', expected http://host:port or https://host:port with nothing behind the port");
  }

  @Test
  void refusesNone() {
    assertThatThrownBy(() -> Endpoints.of(List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("endpoints: found none, expected one or more");
  }
}
