package io.balsa.client.recipe;

import io.vertx.core.Handler;
import io.vertx.core.internal.ContextInternal;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Function;

/**
 * The side of a stream that is read: keeps what is added until it is asked for, and hands it out on
 * one context. Whoever adds sees to it that the items have a bound.
 *
 * <p>Items are added on the context; all else may be called on any thread.
 *
 * @param <T> what is added
 * @param <R> what the reader gets
 */
final class Outlet<T, R> {
  private final ContextInternal context;
  private final Function<T, R> read;
  // All below is guarded by this.
  private final Deque<T> items = new ArrayDeque<>();
  private Handler<R> handler;
  private Handler<Throwable> exceptionHandler;
  private Handler<Void> endHandler;
  private long demand = Long.MAX_VALUE;
  private boolean draining; // Or about to.
  private boolean ended;
  private Throwable failure;

  /**
   * An open outlet, flowing as soon as it has a handler.
   *
   * @param read called on the context before an item is handed out
   */
  Outlet(ContextInternal context, Function<T, R> read) {
    this.context = context;
    this.read = read;
  }

  synchronized void handler(Handler<R> handler) {
    this.handler = handler;
    schedule();
  }

  synchronized void exceptionHandler(Handler<Throwable> handler) {
    exceptionHandler = handler;
    schedule();
  }

  synchronized void endHandler(Handler<Void> handler) {
    endHandler = handler;
    schedule();
  }

  synchronized void pause() {
    demand = 0;
  }

  synchronized void fetch(long amount) {
    if (amount < 0) {
      throw new IllegalArgumentException("fetch: found " + amount + ", expected 0 or more");
    }
    demand += Math.min(amount, Long.MAX_VALUE - demand);
    schedule();
  }

  synchronized boolean isEmpty() {
    return items.isEmpty();
  }

  void add(T item) {
    synchronized (this) {
      if (ended) {
        return;
      }
      items.add(item);
      if (draining) {
        return;
      }
      draining = true;
    }
    drain();
  }

  /** Adds an item in place of those that were not read. */
  void replace(T item) {
    synchronized (this) {
      items.clear();
    }
    add(item);
  }

  /** The reader is told when it has read everything; the failure is null if there was none. */
  synchronized void end(Throwable failure) {
    if (!ended) {
      ended = true;
      this.failure = failure;
      schedule();
    }
  }

  /** Ends without handing out what was not read. */
  synchronized void cut() {
    items.clear();
    end(null);
  }

  /** Nobody is called any more. */
  synchronized void close() {
    items.clear();
    ended = true;
    handler = null;
    exceptionHandler = null;
    endHandler = null;
  }

  private void schedule() {
    if (!draining) {
      draining = true;
      context.runOnContext(none -> drain());
    }
  }

  private void drain() {
    while (true) {
      T item;
      Handler<R> to;
      synchronized (this) {
        item = handler == null || demand == 0 ? null : items.poll();
        if (item == null) {
          draining = false;
          break;
        }
        if (demand != Long.MAX_VALUE) {
          demand--;
        }
        to = handler;
      }
      context.dispatch(read.apply(item), to);
    }
    tellEnd();
  }

  private void tellEnd() {
    Throwable cause = null;
    Handler<Throwable> toFail = null;
    Handler<Void> toEnd;
    synchronized (this) {
      if (!ended || handler == null || !items.isEmpty()) {
        return;
      }
      if (failure != null && exceptionHandler != null) {
        toFail = exceptionHandler;
        cause = failure;
        failure = null;
      }
      toEnd = endHandler;
      endHandler = null;
    }
    if (toFail != null) {
      context.dispatch(cause, toFail);
    }
    if (toEnd != null) {
      context.dispatch(null, toEnd);
    }
  }
}
