package io.balsa.raft.log;

/** An index was asked for that the log does not hold, or holds no more. */
public final class EntryUnavailableException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final boolean compacted;

  private EntryUnavailableException(String message, boolean compacted) {
    super(message);
    this.compacted = compacted;
  }

  /** {@code index} lies before the first entry that is still there. */
  public static EntryUnavailableException compacted(long index, long firstIndex) {
    return new EntryUnavailableException(
        "log: entry is compacted: " + index + " < " + firstIndex, true);
  }

  /** {@code index} lies behind the last entry. */
  public static EntryUnavailableException beyondLast(long index, long lastIndex) {
    return new EntryUnavailableException(
        "log: entry is beyond the last: " + index + " > " + lastIndex, false);
  }

  /** Whether a snapshot has replaced the entry; otherwise it was never there. */
  public boolean isCompacted() {
    return compacted;
  }
}
