package io.balsa.client.link;

import io.balsa.data.Endpoint;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;

/** An attempt that ends when a watch is in place. */
final class WatchAttempt extends Attempt<Link.OpenWatch> {
  private static final int OK = 200;
  private static final String EVENT_STREAM = "text/event-stream";

  private final Vertx vertx;
  private final Endpoint endpoint;
  private final HttpLimits limits;
  private final Link.WatchSink sink;

  WatchAttempt(
      Vertx vertx, Endpoint endpoint, long limitMillis, HttpLimits limits, Link.WatchSink sink) {
    super(vertx, endpoint, limitMillis);
    this.vertx = vertx;
    this.endpoint = endpoint;
    this.limits = limits;
    this.sink = sink;
  }

  @Override
  void answered(HttpClientRequest sent, HttpClientResponse response) {
    String type = response.getHeader(HttpHeaders.CONTENT_TYPE);
    if (response.statusCode() != OK || type == null || !type.startsWith(EVENT_STREAM)) {
      collect(response);
      return;
    }
    HttpWatch watch = new HttpWatch(vertx, sent, response, limits, sink);
    watch
        .open()
        .onSuccess(this::succeed)
        .onFailure(
            cause ->
                fail(
                    cause instanceof FaultException told
                        ? told.fault()
                        : Fault.lost(endpoint + ": " + reason(cause))));
  }
}
