package io.balsa.client.link;

import io.balsa.data.Endpoint;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import java.util.function.Function;

/** An attempt that ends with one answer. */
final class AnswerAttempt<T> extends Attempt<T> {
  private static final int OK = 200;

  private final Endpoint endpoint;
  private final Function<Reply, T> reader;

  /**
   * Not started yet.
   *
   * @param reader makes the result of a good answer; throws if it is none that Balsa gives
   */
  AnswerAttempt(Vertx vertx, Endpoint endpoint, long limitMillis, Function<Reply, T> reader) {
    super(vertx, endpoint, limitMillis);
    this.endpoint = endpoint;
    this.reader = reader;
  }

  @Override
  void answered(HttpClientRequest sent, HttpClientResponse response) {
    collect(response);
  }

  @Override
  void read(Reply reply) {
    if (reply.status() != OK) {
      super.read(reply);
      return;
    }
    T result;
    try {
      result = reader.apply(reply);
    } catch (RuntimeException e) { // Not JSON, or fields that are missing or of other types.
      fail(Fault.badAnswer(endpoint + ": an answer that cannot be read: " + reason(e)));
      return;
    }
    succeed(result);
  }
}
