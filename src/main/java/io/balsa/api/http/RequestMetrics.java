package io.balsa.api.http;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Counts and times requests by route, method and status. */
final class RequestMetrics {
  private static final List<HttpMethod> METHODS =
      List.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.PUT, HttpMethod.POST, HttpMethod.DELETE);
  private static final int STATUSES = 600;
  private static final Duration[] BUCKETS = {
    Duration.ofNanos(500_000),
    Duration.ofMillis(1),
    Duration.ofMillis(2),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofMillis(2_500),
    Duration.ofSeconds(5),
    Duration.ofSeconds(10)
  };

  private final MeterRegistry registry;
  // By route and method, then status: no lookup by name on the hot path.
  private final Timer[][] timers = new Timer[Route.values().length * (METHODS.size() + 1)][];

  RequestMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  void record(Route route, HttpMethod method, int status, long nanos) {
    int known = METHODS.indexOf(method);
    int row = route.ordinal() * (METHODS.size() + 1) + known + 1;
    if (timers[row] == null) {
      timers[row] = new Timer[STATUSES];
    }
    Timer timer = timers[row][status];
    if (timer == null) {
      timer = timer(route, known < 0 ? "other" : method.name(), status);
      timers[row][status] = timer;
    }
    timer.record(nanos, TimeUnit.NANOSECONDS);
  }

  private Timer timer(Route route, String method, int status) {
    return Timer.builder("balsa.http.requests")
        .description("Requests answered, and the time to the answer; of a watch, to its first byte")
        .tag("route", route.template())
        .tag("method", method)
        .tag("status", Integer.toString(status))
        .serviceLevelObjectives(BUCKETS)
        .register(registry);
  }
}
