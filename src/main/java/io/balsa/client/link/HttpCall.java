package io.balsa.client.link;

import io.balsa.client.BalsaException;
import io.balsa.data.Endpoint;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One request with all attempts at it: does what its {@link Repetition} decides. It lives on the
 * context of its caller; its methods may be called on any thread.
 */
final class HttpCall<T> {
  private final Vertx vertx;
  private final Context context;
  private final Endpoints endpoints;
  private final Repetition repetition;
  private final Starter<T> starter;
  private final Promise<T> outcome = Promise.promise();
  private Attempt<T> attempt; // Null between two of them.
  private boolean closed;
  private boolean done;

  /** Makes an attempt, which is started on the context of the call. */
  interface Starter<T> {
    Started<T> start(Endpoint endpoint, long limitMillis);
  }

  /** An attempt with its outcome. */
  record Started<T>(Attempt<T> attempt, Future<T> outcome) {}

  HttpCall(
      Vertx vertx,
      Context context,
      Endpoints endpoints,
      Repetition repetition,
      Starter<T> starter) {
    this.vertx = vertx;
    this.context = context;
    this.endpoints = endpoints;
    this.repetition = repetition;
    this.starter = starter;
  }

  /** Completes on the context. */
  Future<T> outcome() {
    return outcome.future();
  }

  /** Makes the first attempt, a little later: so many that fail at once stand behind each other. */
  void begin() {
    context.runOnContext(none -> attempt());
  }

  /** Fails it, if it is not done. */
  void close() {
    onContext(
        () -> {
          closed = true;
          if (attempt != null) {
            attempt.close();
          } else {
            fail(repetition.giveUp(Fault.closed(false)));
          }
        });
  }

  /** Fails it without an attempt. */
  void refuse(Fault fault) {
    onContext(() -> fail(repetition.giveUp(fault)));
  }

  private void onContext(Runnable work) {
    if (Vertx.currentContext() == context) {
      work.run();
    } else {
      context.runOnContext(none -> work.run());
    }
  }

  private void attempt() {
    if (done) {
      return;
    }
    long limitMillis = repetition.limitMillis(System.nanoTime());
    if (limitMillis <= 0) {
      fail(repetition.expired());
      return;
    }
    Endpoint endpoint = endpoints.current();
    Started<T> started = starter.start(endpoint, limitMillis);
    attempt = started.attempt();
    started.outcome().onComplete(result -> attempted(endpoint, result));
  }

  private void attempted(Endpoint endpoint, AsyncResult<T> result) {
    attempt = null;
    if (result.succeeded()) {
      if (!done) {
        done = true;
        outcome.complete(result.result());
      }
      return;
    }
    Fault fault = ((FaultException) result.cause()).fault();
    if (fault.leavesEndpoint()) {
      endpoints.leave(endpoint);
    }
    if (closed) {
      fail(repetition.giveUp(fault));
      return;
    }
    Repetition.Step step = repetition.after(fault, System.nanoTime(), ThreadLocalRandom.current());
    if (step.failure() != null) {
      fail(step.failure());
    } else if (step.delayMillis() == 0) {
      attempt();
    } else {
      vertx.setTimer(step.delayMillis(), none -> attempt());
    }
  }

  private void fail(BalsaException failure) {
    if (!done) {
      done = true;
      outcome.fail(failure);
    }
  }
}
