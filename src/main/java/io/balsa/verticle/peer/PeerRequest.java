package io.balsa.verticle.peer;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.internal.http.HttpServerRequestInternal;
import io.vertx.core.internal.http.HttpServerRequestWrapper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A call whose bytes may be anything. Vert.x takes messages apart with exceptions for what it does
 * not expect (5.0.7: one that says that it is compressed, in a call that says that none is), and
 * goes on with the next bytes; here such a call is over.
 */
final class PeerRequest extends HttpServerRequestWrapper {
  private static final Logger LOG = LoggerFactory.getLogger(PeerRequest.class);
  private static final long INTERNAL_ERROR = 2; // RFC 9113 §7.

  private boolean over;

  PeerRequest(HttpServerRequest request) {
    super((HttpServerRequestInternal) request);
  }

  @Override
  public HttpServerRequest handler(Handler<Buffer> handler) {
    super.handler(handler == null ? null : bytes -> handle(handler, bytes));
    return this;
  }

  private void handle(Handler<Buffer> handler, Buffer bytes) {
    if (over) {
      return;
    }
    try {
      handler.handle(bytes);
    } catch (RuntimeException e) {
      over = true;
      LOG.debug("call of a peer cannot be read from={}", connection().remoteAddress(), e);
      response().reset(INTERNAL_ERROR);
    }
  }
}
