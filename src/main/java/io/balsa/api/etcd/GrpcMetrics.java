package io.balsa.api.etcd;

import io.balsa.api.etcd.StatusException.Code;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.Map;

/** Counts the gRPC calls that were answered, under the name and with the labels of etcd's own. */
final class GrpcMetrics {
  private final MeterRegistry registry;
  private final Map<String, Counter[]> counters = new HashMap<>(); // By path, then code.

  GrpcMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  /** A unary call was answered; its path must be one that is served. */
  void unary(String path, Code code) {
    handled(path, "unary", code);
  }

  /** A stream of answers has ended; its path must be one that is served. */
  void serverStream(String path, Code code) {
    handled(path, "server_stream", code);
  }

  private void handled(String path, String type, Code code) {
    Counter[] ofPath = counters.computeIfAbsent(path, none -> new Counter[Code.values().length]);
    Counter counter = ofPath[code.ordinal()];
    if (counter == null) {
      counter = counter(path, type, code);
      ofPath[code.ordinal()] = counter;
    }
    counter.increment();
  }

  private Counter counter(String path, String type, Code code) {
    int slash = path.lastIndexOf('/');
    return Counter.builder("grpc.server.handled")
        .description("gRPC calls answered")
        .tag("grpc_type", type)
        .tag("grpc_service", path.substring(1, slash))
        .tag("grpc_method", path.substring(slash + 1))
        .tag("grpc_code", code.goName())
        .register(registry);
  }
}
