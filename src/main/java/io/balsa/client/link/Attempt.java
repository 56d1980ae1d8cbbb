package io.balsa.client.link;

import io.balsa.data.Endpoint;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.StreamResetException;

/** One attempt at a request, on the context on which it is started. Its failure is a fault. */
abstract class Attempt<T> {
  private static final int ANSWER_BYTES_MAX = 256 << 20;
  private static final long CANCEL = 8; // RFC 9113 §7.
  private static final long REFUSED_STREAM = 7; // It was not looked at (RFC 9113 §8.7).

  private final Vertx vertx;
  private final Endpoint endpoint;
  private final long limitMillis;
  private final Promise<T> outcome = Promise.promise();
  private HttpClientRequest request; // Null as long as nothing was sent.
  private boolean whole; // The answer is there, up to its end.
  private long timer = -1;
  private boolean settled;

  Attempt(Vertx vertx, Endpoint endpoint, long limitMillis) {
    this.vertx = vertx;
    this.endpoint = endpoint;
    this.limitMillis = limitMillis;
  }

  /** Takes the head of an answer, and may {@link #collect} the rest. */
  abstract void answered(HttpClientRequest sent, HttpClientResponse response);

  /** Sends the request when there is a connection for it. */
  final Future<T> start(Future<HttpClientRequest> connected, Buffer body) {
    timer = vertx.setTimer(limitMillis, none -> late());
    connected.onComplete(result -> connected(result, body));
    return outcome.future();
  }

  /** Ends the attempt, if it has not ended. */
  final void close() {
    fail(Fault.closed(request != null));
  }

  /** The token that was sent; null for none. */
  final String token() {
    return request == null ? null : request.headers().get(HttpHeaders.AUTHORIZATION);
  }

  private void connected(AsyncResult<HttpClientRequest> connected, Buffer body) {
    if (settled) {
      if (connected.succeeded()) {
        connected.result().reset(CANCEL);
      }
      return;
    }
    if (connected.failed()) {
      fail(
          connected.cause() instanceof FaultException told
              ? told.fault()
              : Fault.notSent(endpoint + ": " + reason(connected.cause())));
      return;
    }
    request = connected.result();
    (body == null ? request.send() : request.send(body))
        .onComplete(
            answer -> {
              if (answer.failed()) {
                fail(broken(answer.cause()));
              } else if (!settled) {
                answered(request, answer.result());
              }
            });
  }

  private void late() {
    timer = -1;
    String limit = " within " + limitMillis + " ms";
    fail(
        request == null
            ? Fault.notSent(endpoint + ": no connection" + limit)
            : Fault.timeout(endpoint + ": no answer" + limit));
  }

  private Fault broken(Throwable cause) {
    String detail = endpoint + ": " + reason(cause);
    return cause instanceof StreamResetException reset && reset.getCode() == REFUSED_STREAM
        ? Fault.notSent(detail)
        : Fault.lost(detail);
  }

  /** Reads the whole answer, or fails. */
  final void collect(HttpClientResponse response) {
    Buffer[] body = {null};
    response.handler(
        chunk -> {
          body[0] = body[0] == null ? chunk : grown(body[0], chunk);
          if (body[0].length() > ANSWER_BYTES_MAX) {
            fail(Fault.badAnswer(endpoint + ": an answer of more than " + ANSWER_BYTES_MAX + " B"));
          }
        });
    response.exceptionHandler(cause -> fail(broken(cause)));
    response.endHandler(
        none -> {
          whole = true;
          if (!settled) {
            read(
                new Reply(
                    response.statusCode(),
                    response.headers(),
                    body[0] == null ? Buffer.buffer() : body[0]));
          }
        });
  }

  private static Buffer grown(Buffer body, Buffer chunk) {
    return Buffer.buffer(body.length() + chunk.length()).appendBuffer(body).appendBuffer(chunk);
  }

  /** Takes a whole answer. What is no result is a fault. */
  void read(Reply reply) {
    fail(Fault.of(reply.status(), reply.headers().get(HttpHeaders.CONTENT_TYPE), reply.body()));
  }

  final void succeed(T result) {
    if (settle()) {
      outcome.complete(result);
    }
  }

  final void fail(Fault fault) {
    if (settle()) {
      if (request != null && !whole) {
        request.reset(CANCEL);
      }
      outcome.fail(new FaultException(fault));
    }
  }

  private boolean settle() {
    if (settled) {
      return false;
    }
    settled = true;
    if (timer >= 0) {
      vertx.cancelTimer(timer);
    }
    return true;
  }

  /** What is known of a failure of the transport, for people. */
  static String reason(Throwable cause) {
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }
}
