package io.balsa.api.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;

/**
 * A JSON answer that may be long: it is made in parts, no faster than the client takes them, so
 * that what a slow client costs does not grow with the answer.
 */
final class JsonReply {
  private static final int PART_BYTES = 32 << 10;
  private static final int OK = 200;

  private final Exchange exchange;
  private final HttpServerResponse response;
  private final Iterator<Consumer<JsonWriter>> parts;
  private final JsonWriter json = new JsonWriter();
  private final PacedResponse paced;
  private boolean started;

  private JsonReply(Exchange exchange, List<Consumer<JsonWriter>> parts) {
    this.exchange = exchange;
    this.response = exchange.response();
    this.parts = parts.iterator();
    this.paced = new PacedResponse(response, () -> exchange.run(this::write));
  }

  /** Answers with one document, of which each of {@code parts} writes a piece. */
  static void send(Exchange exchange, List<Consumer<JsonWriter>> parts) {
    new JsonReply(exchange, parts).paced.proceed();
  }

  private void write() {
    if (!exchange.isOpen()) {
      exchange.settle(OK);
      return;
    }
    while (parts.hasNext()) {
      parts.next().accept(json);
      if (json.size() >= PART_BYTES && parts.hasNext()) {
        start();
        if (exchange.method() == HttpMethod.HEAD) {
          break;
        }
        paced.write(json.take(), () -> {});
        if (!paced.hasRoom()) {
          return;
        }
      }
    }
    if (!started) {
      exchange.reply(OK, json);
    } else if (exchange.settle(OK)) {
      if (exchange.method() == HttpMethod.HEAD) {
        response.end();
      } else {
        response.end(json.take());
      }
    }
  }

  private void start() {
    if (!started) {
      started = true;
      response
          .setStatusCode(OK)
          .putHeader(HttpHeaders.CONTENT_TYPE, Exchange.JSON)
          .setChunked(true);
      response.closeHandler(none -> exchange.settle(OK));
    }
  }
}
