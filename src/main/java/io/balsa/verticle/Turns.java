package io.balsa.verticle;

import io.vertx.core.Context;
import io.vertx.core.Handler;

/**
 * Runs an engine object on its event loop: inputs as they come, and one flush for all that come in
 * one turn of the loop. A failure of the object is the end of the member: after it, nothing reaches
 * the object any more.
 */
final class Turns {
  private final Context context;
  private final Runnable flush;
  private final Handler<Throwable> failed;
  private boolean scheduled;
  private boolean over;

  Turns(Context context, Runnable flush, Handler<Throwable> failed) {
    this.context = context;
    this.flush = flush;
    this.failed = failed;
  }

  /** Gives the object an input; a flush follows. */
  void take(Runnable input) {
    if (over) {
      return;
    }
    guard(input);
    again();
  }

  /** Asks for a flush in a later turn. */
  void again() {
    if (!scheduled && !over) {
      scheduled = true;
      context.runOnContext(
          none -> {
            scheduled = false;
            if (!over) {
              guard(flush);
            }
          });
    }
  }

  /** Flushes what was taken, then lets nothing through any more. */
  void end() {
    if (scheduled && !over) {
      guard(flush);
    }
    over = true;
  }

  private void guard(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException | Error e) {
      over = true;
      failed.handle(e);
    }
  }
}
