package io.balsa.sim;

/** Something that must never happen has happened. */
final class Violation extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Violation(String text) {
    super(text);
  }

  Violation(String text, Throwable cause) {
    super(text, cause);
  }

  static void unless(boolean holds, String format, Object... values) {
    if (!holds) {
      throw new Violation(format.formatted(values));
    }
  }
}
