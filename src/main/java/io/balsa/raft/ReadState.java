package io.balsa.raft;

/**
 * The read of {@code context} may be served once {@code index} is applied (Raft thesis §6.4).
 *
 * @param context what was given to {@link RawNode#readIndex}
 */
public record ReadState(long index, long context) {
  @Override
  public String toString() {
    return "context " + context + " at " + index;
  }
}
