package io.balsa.client;

import io.vertx.codegen.annotations.VertxGen;
import io.vertx.core.Future;

/** A gate that opens for all who wait when it was counted down to 0. */
@VertxGen
public interface Latch {
  /**
   * Closes it with this count, 1 or more, unless it is closed already, and tells whether it was
   * done.
   */
  Future<Boolean> trySet(long count);

  /** How often it must still be counted down; 0: it is open. Linearizable. */
  Future<Long> count();

  /** Counts down by one and gives what is left; an open latch stays open. */
  Future<Long> countDown();

  /** Completes when it is open. */
  Future<Void> await();
}
