package io.balsa.client.link;

/**
 * Lets a write be sent again without being done again.
 *
 * @param session the id of the lease that is the session, in lower-case hexadecimal
 * @param sequence 1 or more, another one for each write of the session
 */
public record OnceKey(String session, long sequence) {
  /** As the header {@code Idempotency-Key} has it. */
  @Override
  public String toString() {
    return session + "-" + sequence;
  }
}
