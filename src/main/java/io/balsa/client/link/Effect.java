package io.balsa.client.link;

/** What a request does that is sent more than once. */
enum Effect {
  /** It changes nothing. */
  READ(true),
  /** It is done once more. */
  WRITE(false),
  /** It is done once: it has a {@link OnceKey}. */
  WRITE_ONCE(true),
  /** What it changes is the same as if it were done once, or goes away by itself. */
  LEASE(true);

  private final boolean repeatable;

  Effect(boolean repeatable) {
    this.repeatable = repeatable;
  }

  /** Whether it may be sent again though it may have been done. */
  boolean isRepeatable() {
    return repeatable;
  }
}
