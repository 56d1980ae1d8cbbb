package io.balsa.client;

import io.vertx.codegen.annotations.VertxGen;
import io.vertx.core.Future;

/**
 * A gate that opens for all who wait when it was counted down to 0. It is closed while its key
 * exists, which has the count as decimal text: refused as {@code not-a-number} while that has
 * something else.
 */
@VertxGen
public interface Latch {
  /**
   * Closes it with this count, 1 or more, unless it is closed already, and tells whether it was
   * done.
   */
  Future<Boolean> trySet(long count);

  /** How often it must still be counted down; 0: it is open. Linearizable. */
  Future<Long> count();

  /**
   * Counts down by one and gives what is left; an open latch stays open. Many at once go into one
   * write, and share its outcome, as with {@link Counter#add}.
   */
  Future<Long> countDown();

  /** Completes when it is open, or was for a moment. */
  Future<Void> await();
}
