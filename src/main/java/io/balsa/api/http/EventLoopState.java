package io.balsa.api.http;

import io.balsa.api.Admission;
import io.balsa.api.ApiOptions;
import io.balsa.api.Patience;
import io.balsa.bus.ReplicaClient;
import io.vertx.core.Vertx;

/** What the requests of one event loop share. */
record EventLoopState(
    Vertx vertx,
    ApiOptions options,
    ReplicaClient replica,
    Admission admission,
    Patience patience,
    RequestMetrics metrics) {}
