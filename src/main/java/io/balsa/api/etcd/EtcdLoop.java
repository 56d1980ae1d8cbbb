package io.balsa.api.etcd;

import io.balsa.api.Admission;
import io.balsa.api.ApiOptions;
import io.balsa.api.Patience;
import io.balsa.bus.ReplicaClient;
import io.vertx.core.Vertx;

/** What the calls of one event loop share. */
record EtcdLoop(
    Vertx vertx,
    ApiOptions options,
    ReplicaClient replica,
    Admission admission,
    Patience patience,
    GrpcMetrics metrics) {
  /** The longest message that is taken: the largest request, and what gRPC allows beside it. */
  int messageBytesMax() {
    return options.maxRequestBytes() + (512 << 10);
  }
}
