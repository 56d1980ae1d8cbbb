package io.balsa.client.recipe;

import java.util.concurrent.ThreadLocalRandom;

/**
 * How long to wait before the next attempt: a random part of a span that doubles, so that those who
 * failed together do not come back together.
 */
final class Backoff {
  private static final long FIRST_MILLIS = 10;
  private static final int DOUBLINGS_MAX = 8; // To 2.56 s.

  private int attempts;

  /** In milliseconds, 1 or more. */
  long nextMillis() {
    long span = FIRST_MILLIS << Math.min(attempts++, DOUBLINGS_MAX);
    return ThreadLocalRandom.current().nextLong(1, span + 1);
  }

  /** It worked: the next failure is the first again. */
  void reset() {
    attempts = 0;
  }
}
