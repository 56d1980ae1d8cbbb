package io.balsa.cluster;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** Work of several clients at once. */
final class Parallel {
  private Parallel() {}

  /** Does {@code action} for every item with as many threads; returns when all is done. */
  static <T> void forEach(int threads, Collection<T> items, Consumer<T> action) {
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (T item : items) {
        running.add(executor.submit(() -> action.accept(item)));
      }
      for (Future<?> future : running) {
        future.get();
      }
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError("work of a client failed", e);
    } finally {
      executor.shutdownNow();
    }
  }
}
