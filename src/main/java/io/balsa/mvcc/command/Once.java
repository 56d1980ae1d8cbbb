package io.balsa.mvcc.command;

/**
 * Names a write so that it is applied at most once, however often it is sent (Raft thesis §6.3).
 *
 * <p>A session is a lease: it begins with the grant and ends when the lease is revoked or expires,
 * and all that was remembered of it is dropped then. The session's owner keeps the lease alive; a
 * write does not. A write of a session that has ended is refused.
 *
 * <p>The owner numbers its writes and never gives one number to two different writes. Numbers may
 * have gaps and need not arrive in order. A number that was seen before is answered as it was the
 * first time, and nothing is applied. Of each session the answers of the {@link #WINDOW} highest
 * numbers are remembered; a number that is not among them and lies {@link #WINDOW} or more below
 * the highest is refused, for nobody knows whether it was applied. So an owner may have up to
 * {@link #WINDOW} writes without an answer at a time, if it numbers them without gaps.
 *
 * <p>A write that was refused has changed nothing and is not remembered: sent again, it is judged
 * anew.
 *
 * @param session the id of a lease, not 0
 * @param sequence the number of the write, 1 or more
 */
public record Once(long session, long sequence) {
  /** How many answers are remembered of each session. */
  public static final int WINDOW = 128;

  /**
   * The size of the largest answer that is certainly remembered, by {@link OpResultCodec#bytesMax}.
   * Of a write whose answer is larger it is known only that it was applied, and when.
   */
  public static final int ANSWER_BYTES_MAX = 64 * 1024;

  @Override
  public String toString() {
    return "write " + sequence + " of session " + Long.toHexString(session);
  }
}
