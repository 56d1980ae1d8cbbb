package io.balsa.history;

/** How many steps a search may still take. */
final class Budget {
  private long left;

  Budget(long steps) {
    left = steps;
  }

  /** Takes one step; false if there is none left. */
  boolean spend() {
    return left-- > 0;
  }
}
