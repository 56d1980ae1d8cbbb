package io.balsa.client;

import io.vertx.codegen.annotations.GenIgnore;
import io.vertx.codegen.annotations.VertxGen;
import io.vertx.core.Future;

/**
 * A lock that is held.
 *
 * <p>It can be lost: a holder that is paused for longer than its lease lives does not know that
 * another holds the lock now. What the lock protects must therefore check: a store of another kind
 * by refusing a {@link #fencingToken} lower than one it has seen; this one by {@link #held} as a
 * condition of each transaction.
 */
@VertxGen
public interface BalsaLock {
  /** The key that stands for this holder. */
  String key();

  /** The revision at which the lock was asked for: larger for each later holder. */
  long fencingToken();

  /** Holds as long as the lock is held: a condition for transactions under the lock. */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  Condition held();

  /**
   * Completes when the lock is lost or may be, as {@link Lease#ended} of its lease: succeeds after
   * {@link #unlock}, fails when the lease was not renewed in time.
   */
  Future<Void> ended();

  /** Lets the next one have it. Of a lock that was lost it succeeds too. */
  Future<Void> unlock();
}
