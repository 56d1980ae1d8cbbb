package io.balsa.client.link;

import io.balsa.api.EventBusNames;
import io.balsa.client.BalsaException;
import io.balsa.client.OutcomeUnknownException;
import io.balsa.client.RefusedException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;

/**
 * One request over the event bus, repeated until its deadline where that is safe. On the context
 * that made it.
 */
final class BusCall {
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long PAUSE_MILLIS = 100;
  // Of the whole time, so that another member can be asked when the first one does not answer.
  private static final long ATTEMPTS = 3;
  private static final long ATTEMPT_MILLIS_MIN = 500;
  private static final int PRECONDITION_FAILED = 412;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int UNAVAILABLE = 503;
  private static final int TIMED_OUT = 504;

  /** What a request does when it is sent more than once. */
  enum Effect {
    /** It only reads. */
    NONE,
    /** The same as when it is sent once. */
    SAME_EACH_TIME,
    /** Perhaps more than when it is sent once. */
    EACH_TIME
  }

  private final Vertx vertx;
  private final Context context;
  private final String address;
  private final String op;
  private final JsonObject body;
  private final OnceKey once;
  private final Effect effect;
  private final long timeoutMillis;
  private final long deadlineNanos;
  private final Promise<JsonObject> promise = Promise.promise();
  private boolean maybeDone; // By an attempt whose outcome is not known.
  private BalsaException reason =
      new RefusedException(TIMED_OUT, "timeout", "no member answered in time");

  BusCall(
      Vertx vertx,
      String address,
      String op,
      JsonObject body,
      OnceKey once,
      Effect effect,
      long timeoutMillis) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.address = address;
    this.op = op;
    this.body = body;
    this.once = once;
    this.effect = effect;
    this.timeoutMillis = timeoutMillis;
    this.deadlineNanos = System.nanoTime() + timeoutMillis * NANOS_PER_MILLI;
  }

  Future<JsonObject> start() {
    if (Vertx.currentContext() == context) {
      attempt();
    } else {
      context.runOnContext(none -> attempt());
    }
    return promise.future();
  }

  /** Waits no longer. */
  void abort() {
    context.runOnContext(
        none -> {
          maybeDone = effect != Effect.NONE;
          reason = new RefusedException(UNAVAILABLE, "closed", "the client is closed");
          giveUp();
        });
  }

  private void attempt() {
    long leftMillis = (deadlineNanos - System.nanoTime()) / NANOS_PER_MILLI;
    if (promise.future().isComplete()) {
      return;
    }
    if (leftMillis < 1) {
      giveUp();
      return;
    }
    long waitMillis =
        effect == Effect.EACH_TIME
            ? leftMillis
            : Math.min(leftMillis, Math.max(ATTEMPT_MILLIS_MIN, timeoutMillis / ATTEMPTS));
    DeliveryOptions options =
        new DeliveryOptions()
            .setSendTimeout(waitMillis)
            .addHeader(EventBusNames.OP, op)
            // Earlier than here, so that the member can still say what became of it.
            .addHeader(
                EventBusNames.TIMEOUT_MS, Long.toString(Math.max(1, waitMillis - waitMillis / 8)));
    if (once != null) {
      options.addHeader(EventBusNames.IDEMPOTENCY_KEY, once.toString());
    }
    vertx
        .eventBus()
        .<JsonObject>request(address, body, options)
        .map(Message::body)
        .onSuccess(promise::tryComplete)
        .onFailure(this::failed);
  }

  private void failed(Throwable failure) {
    if (!(failure instanceof ReplyException reply)) { // Not sent: what the event bus cannot take.
      reason = new RefusedException(UNAVAILABLE, "not-sent", String.valueOf(failure.getMessage()));
      giveUp();
      return;
    }
    switch (reply.failureType()) {
      case NO_HANDLERS -> {
        reason =
            new RefusedException(UNAVAILABLE, "no-member", "no member serves the event bus here");
        again();
      }
      case RECIPIENT_FAILURE -> answered(exception(reply));
      default -> { // It was sent, but no answer came.
        reason = new RefusedException(TIMED_OUT, "timeout", "no member answered in time");
        unknown();
      }
    }
  }

  private void answered(BalsaException refusal) {
    reason = refusal;
    if (refusal instanceof OutcomeUnknownException) {
      unknown();
    } else if (refusal.status() == TOO_MANY_REQUESTS || refusal.status() == UNAVAILABLE) {
      again();
    } else {
      // This one was answered as the first was, whose outcome it tells so.
      maybeDone &= refusal.status() != PRECONDITION_FAILED;
      giveUp();
    }
  }

  private void unknown() {
    maybeDone |= effect != Effect.NONE;
    if (effect == Effect.EACH_TIME) {
      giveUp();
    } else {
      again();
    }
  }

  private void again() {
    vertx.setTimer(PAUSE_MILLIS, timer -> attempt());
  }

  private void giveUp() {
    promise.tryFail(
        maybeDone
            ? new OutcomeUnknownException(reason.status(), reason.kind(), reason.getMessage())
            : new RefusedException(reason.status(), reason.kind(), reason.getMessage()));
  }

  private static BalsaException exception(ReplyException failure) {
    String kind = "internal";
    String detail = failure.getMessage();
    boolean unknown = true; // Unless it says so itself.
    try {
      JsonObject said = new JsonObject(failure.getMessage());
      kind = said.getString("kind", kind);
      detail = said.getString("detail", detail);
      unknown = !"refused".equals(said.getString("outcome"));
    } catch (DecodeException | ClassCastException e) {
      // Not from a member of ours.
    }
    return unknown
        ? new OutcomeUnknownException(failure.failureCode(), kind, detail)
        : new RefusedException(failure.failureCode(), kind, detail);
  }
}
