package io.balsa.data;

/**
 * Checks that are always on. A broken invariant must stop the member before it can do harm, with
 * the values in the message.
 */
public final class Checks {
  private Checks() {}

  /**
   * Stops the member when {@code holds} is false: an invariant of our own code is broken.
   *
   * @throws InvariantException with {@code format} applied to {@code values}
   */
  public static void invariant(boolean holds, String format, Object... values) {
    if (!holds) {
      throw new InvariantException(String.format(format, values));
    }
  }

  /** Allocation-free form for hot paths: two numbers shown behind the text. */
  public static void invariant(boolean holds, String text, long first, long second) {
    if (!holds) {
      throw new InvariantException(text + ": " + first + ", " + second);
    }
  }

  /**
   * Refuses an argument that a caller should not have given.
   *
   * @throws IllegalArgumentException with {@code format} applied to {@code values}
   */
  public static void argument(boolean holds, String format, Object... values) {
    if (!holds) {
      throw new IllegalArgumentException(String.format(format, values));
    }
  }
}
