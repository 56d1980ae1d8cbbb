package io.balsa.cluster;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for a condition of another process, which cannot call back. */
public final class Await {
  private static final long POLL_NANOS = 20_000_000;

  private Await() {}

  /**
   * Asks {@code probe} until it gives a value.
   *
   * @throws AssertionError after {@code limit}
   */
  public static <T> T value(String what, Duration limit, Supplier<Optional<T>> probe) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (true) {
      Optional<T> found = probe.get();
      if (found.isPresent()) {
        return found.get();
      }
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("not within " + limit.toSeconds() + " s: " + what);
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  /**
   * Asks {@code probe} until it holds.
   *
   * @throws AssertionError after {@code limit}
   */
  public static void until(String what, Duration limit, BooleanSupplier probe) {
    value(what, limit, () -> probe.getAsBoolean() ? Optional.of(true) : Optional.empty());
  }

  /**
   * Asks {@code probe} for the whole of {@code span}: for what must not happen.
   *
   * @throws AssertionError as soon as it holds
   */
  static void never(String what, Duration span, BooleanSupplier probe) {
    long deadline = System.nanoTime() + span.toNanos();
    while (System.nanoTime() - deadline < 0) {
      if (probe.getAsBoolean()) {
        throw new AssertionError("happened: " + what);
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }
}
