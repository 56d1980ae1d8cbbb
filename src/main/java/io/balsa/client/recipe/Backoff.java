package io.balsa.client.recipe;

import java.util.concurrent.ThreadLocalRandom;

/**
 * How long to wait before the next attempt: a random part of a span that doubles, so that those who
 * failed together do not come back together.
 */
final class Backoff {
  private final long firstMillis;
  private final int doublingsMax;
  private int attempts;

  private Backoff(long firstMillis, int doublingsMax) {
    this.firstMillis = firstMillis;
    this.doublingsMax = doublingsMax;
  }

  /** For a cluster that does not answer: up to 2.56 s. */
  static Backoff ofFailures() {
    return new Backoff(10, 8);
  }

  /** For others who were faster, which leaves the cluster well: up to 128 ms. */
  static Backoff ofConflicts() {
    return new Backoff(1, 7);
  }

  /** In milliseconds, 1 or more. */
  long nextMillis() {
    long span = firstMillis << Math.min(attempts++, doublingsMax);
    return ThreadLocalRandom.current().nextLong(1, span + 1);
  }

  /** It worked: the next failure is the first again. */
  void reset() {
    attempts = 0;
  }
}
