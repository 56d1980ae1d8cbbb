package io.balsa.api.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.api.etcd.StatusException.Code;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.junit.jupiter.api.Test;

class GrpcMetricsTest {
  @Test
  void callsAreCountedUnderEtcdsName() {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    GrpcMetrics metrics = new GrpcMetrics(registry);
    metrics.unary("/etcdserverpb.KV/Put", Code.OK);
    metrics.unary("/etcdserverpb.KV/Put", Code.OK);
    metrics.unary("/etcdserverpb.KV/Put", Code.RESOURCE_EXHAUSTED);
    new GrpcMetrics(registry).unary("/etcdserverpb.KV/Put", Code.OK);
    metrics.serverStream("/etcdserverpb.Maintenance/Snapshot", Code.CANCELLED);

    assertThat(registry.scrape())
        .contains(
            "grpc_server_handled_total{grpc_code=\"OK\",grpc_method=\"Put\","
                + "grpc_service=\"etcdserverpb.KV\",grpc_type=\"unary\"} 3.0",
            "grpc_server_handled_total{grpc_code=\"ResourceExhausted\",grpc_method=\"Put\","
                + "grpc_service=\"etcdserverpb.KV\",grpc_type=\"unary\"} 1.0",
            "grpc_server_handled_total{grpc_code=\"Canceled\",grpc_method=\"Snapshot\","
                + "grpc_service=\"etcdserverpb.Maintenance\",grpc_type=\"server_stream\"} 1.0");
  }
}
