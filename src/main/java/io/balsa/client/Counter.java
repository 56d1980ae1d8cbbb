package io.balsa.client;

import io.vertx.codegen.annotations.VertxGen;
import io.vertx.core.Future;

/** A number that many change; 64 bits with a sign. */
@VertxGen
public interface Counter {
  /** Its value now, linearizable. */
  Future<Long> get();

  /** Adds one and gives the value after it. */
  default Future<Long> increment() {
    return add(1);
  }

  /**
   * Adds a number, which may be negative, and gives the value after it. Refused as {@code
   * counter-overflow} where the sum does not fit. Without a session an unknown outcome cannot be
   * told from one that was lost: see {@link BalsaClient#exactlyOnce}.
   */
  Future<Long> add(long delta);

  /** Sets it if it has the expected value, and tells whether it had. */
  Future<Boolean> compareAndSet(long expected, long value);
}
