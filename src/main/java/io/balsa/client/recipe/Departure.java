package io.balsa.client.recipe;

import io.balsa.client.Change;
import io.balsa.client.WatchOptions;
import io.balsa.client.WatchStream;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;

/** Waits until a key is deleted. Confined to the client's home. */
final class Departure {
  private final Promise<Boolean> seen = Promise.promise();
  private WatchStream watch; // Null until it is in place.

  /**
   * Begins to wait.
   *
   * @param from the first revision that may have deleted it
   */
  Departure(StandardClient client, Buffer key, long from) {
    WatchOptions options = new WatchOptions().setKey(key).setFrom(from);
    client
        .home()
        .persist(() -> client.watch(options), () -> !isOver())
        .onSuccess(this::watch)
        .onFailure(seen::tryFail);
  }

  /**
   * Whether the key was deleted: else that cannot be told any more, and it must be looked for anew.
   */
  Future<Boolean> seen() {
    return seen.future();
  }

  /** It is not waited for any more. */
  void cancel() {
    settle(false);
  }

  private boolean isOver() {
    return seen.future().isComplete();
  }

  private void watch(WatchStream placed) {
    watch = placed;
    if (isOver()) {
      watch.close();
      return;
    }
    watch
        .exceptionHandler(
            failure -> {
              if (Refusals.isCompacted(failure)) {
                settle(false);
              } else {
                seen.tryFail(failure);
              }
            })
        .endHandler(none -> seen.tryFail(Refusals.closed()))
        .handler(
            event -> {
              if (event.changes().stream().anyMatch(Change::isDelete)) {
                settle(true);
              }
            });
  }

  private void settle(boolean deleted) {
    seen.tryComplete(deleted);
    if (watch != null) {
      watch.close();
    }
  }
}
