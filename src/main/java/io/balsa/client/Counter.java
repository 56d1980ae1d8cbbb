package io.balsa.client;

import io.vertx.codegen.annotations.VertxGen;
import io.vertx.core.Future;

/**
 * A number that many change; 64 bits with a sign. It stands as decimal text in its key: refused as
 * {@code not-a-number} while that has something else.
 */
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
   * counter-overflow} where the sum does not fit. What one client adds while a write is under way
   * goes into the next one, up to 10,000 additions, beyond which they are refused as {@code
   * too-many-requests}. Without a session the outcome of all that went into a write is unknown if
   * that of the write is: see {@link BalsaClient#exactlyOnce}.
   */
  Future<Long> add(long delta);

  /** Sets it if it has the expected value, and tells whether it had. */
  Future<Boolean> compareAndSet(long expected, long value);
}
