package io.balsa.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Endpoint;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import org.junit.jupiter.api.Test;

class ApiOptionsTest {
  private final ApiOptions options =
      ApiOptions.of(
              List.of(new Endpoint(false, "127.0.0.1", 0)),
              null,
              "1.2.3",
              new PrometheusMeterRegistry(PrometheusConfig.DEFAULT))
          .withRequestLimits(1_572_864, 128, 7_000);

  @Test
  void whatIsInFlightFitsIntoTheHeap() {
    ApiOptions small = options.within(256L << 20, 2);

    assertThat(small.maxHeldBytes()).isEqualTo(32 << 20);
    assertThat(small.maxWatches()).isEqualTo(1_024);
  }

  @Test
  void aLargeHeapDoesNotRaiseTheLimits() {
    ApiOptions large = options.within(64L << 30, 2);

    assertThat(large.maxHeldBytes()).isEqualTo(64 << 20);
    assertThat(large.maxWatches()).isEqualTo(10_000);
  }

  @Test
  void aFewRequestsOfTheLargestSizeAlwaysFit() {
    assertThat(options.within(16L << 20, 16).maxHeldBytes()).isEqualTo(4L * 1_572_864);
  }
}
