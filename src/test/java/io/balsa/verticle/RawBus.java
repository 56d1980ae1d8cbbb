package io.balsa.verticle;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** The event bus as those see it who have no client of ours. */
record RawBus(Vertx vertx) {
  /** How a request failed. */
  record Failure(int code, String kind, String detail, String outcome) {}

  Future<JsonObject> request(String address, String op, Object body, String... headers) {
    DeliveryOptions options = new DeliveryOptions().setSendTimeout(20_000);
    if (op != null) {
      options.addHeader("op", op);
    }
    for (int i = 0; i < headers.length; i += 2) {
      options.addHeader(headers[i], headers[i + 1]);
    }
    return vertx.eventBus().<JsonObject>request(address, body, options).map(Message::body);
  }

  JsonObject kv(String op, JsonObject body, String... headers) throws Exception {
    return await(request("balsa.kv", op, body, headers));
  }

  Failure refused(String op, Object body, String... headers) throws Exception {
    return failure(request("balsa.kv", op, body, headers));
  }

  static Failure failure(Future<JsonObject> request) throws Exception {
    try {
      throw new AssertionError("answered: " + await(request));
    } catch (ExecutionException e) {
      ReplyException failure = (ReplyException) e.getCause();
      if (failure.failureType() != ReplyFailure.RECIPIENT_FAILURE) {
        throw failure;
      }
      JsonObject said = new JsonObject(failure.getMessage());
      return new Failure(
          failure.failureCode(),
          said.getString("kind"),
          said.getString("detail"),
          said.getString("outcome"));
    }
  }

  static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}
