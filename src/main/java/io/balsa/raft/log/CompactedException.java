package io.balsa.raft.log;

/** The entries asked for lie before the first one kept: a snapshot stands in their place. */
public final class CompactedException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Says what was asked for and what is kept. */
  public CompactedException(long index, long firstIndex) {
    super("entry " + index + " is compacted, first index " + firstIndex);
  }
}
