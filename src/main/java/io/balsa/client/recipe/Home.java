package io.balsa.client.recipe;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The context to which the state of one client is confined, and whether that client is closed.
 * Timers and repeated requests belong to the context on which they are started.
 */
final class Home {
  private final Vertx vertx;
  private final ContextInternal context;
  private volatile boolean closed; // Set at home, read anywhere.

  private Home(Vertx vertx, ContextInternal context) {
    this.vertx = vertx;
    this.context = context;
  }

  /** A context of its own, as that of a verticle would end with it. */
  static Home in(Vertx vertx) {
    return new Home(vertx, ((VertxInternal) vertx).createEventLoopContext());
  }

  /** The same context for another client. */
  Home share() {
    return new Home(vertx, context);
  }

  boolean isClosed() {
    return closed;
  }

  void close() {
    closed = true;
  }

  /** Runs an action at home; at once if that is where the caller is. */
  void run(Runnable action) {
    if (context.isRunningOnContext()) {
      action.run();
    } else {
      context.runOnContext(none -> action.run());
    }
  }

  /** Does work at home, unless the client is closed, and completes on the caller's context. */
  <T> Future<T> call(Supplier<Future<T>> work) {
    Promise<T> promise = promise();
    run(
        () ->
            Future.<Void>succeededFuture()
                .compose(none -> closed ? Future.failedFuture(Refusals.closed()) : work.get())
                .onComplete(promise));
    return promise.future();
  }

  /** A promise whose future completes on the caller's context, where it has one. */
  static <T> Promise<T> promise() {
    ContextInternal caller = ContextInternal.current();
    return caller == null ? Promise.promise() : caller.promise();
  }

  /** The same outcome on the caller's context. */
  static <T> Future<T> toCaller(Future<T> future) {
    Promise<T> promise = promise();
    future.onComplete(promise);
    return promise.future();
  }

  /** Where streams deliver to the caller: its context, or home if it has none. */
  ContextInternal contextOfCaller() {
    ContextInternal caller = ContextInternal.current();
    return caller == null ? context : caller;
  }

  /** Runs an action later on the caller's context. */
  long after(long millis, Runnable action) {
    return vertx.setTimer(Math.max(1, millis), timer -> action.run());
  }

  void cancel(long timer) {
    vertx.cancelTimer(timer);
  }

  /** Waits on the caller's context. */
  Future<Void> pause(Backoff backoff) {
    return vertx.timer(backoff.nextMillis(), TimeUnit.MILLISECONDS).mapEmpty();
  }

  /**
   * Asks until there is an answer, as long as it is wanted and the client is open. Only for what
   * may be done more than once. Must be called on a context, and goes on there.
   */
  <T> Future<T> persist(Supplier<Future<T>> request, BooleanSupplier wanted) {
    Promise<T> promise = Promise.promise();
    attempt(request, wanted, Backoff.ofFailures(), promise);
    return promise.future();
  }

  private <T> void attempt(
      Supplier<Future<T>> request, BooleanSupplier wanted, Backoff backoff, Promise<T> promise) {
    request
        .get()
        .onComplete(
            answer -> {
              if (answer.failed()
                  && Refusals.mayPass(answer.cause())
                  && !closed
                  && wanted.getAsBoolean()) {
                pause(backoff).onSuccess(none -> attempt(request, wanted, backoff, promise));
              } else {
                promise.handle(answer);
              }
            });
  }
}
