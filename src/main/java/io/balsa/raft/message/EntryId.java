package io.balsa.raft.message;

/**
 * Names one log entry. Passing the pair, never two longs, makes swapping term and index impossible.
 *
 * @param term the term in which the entry was appended, 0 for the position before the first entry
 * @param index the position in the log, counted from 1
 */
public record EntryId(long term, long index) {
  /** The position before the first entry of an empty log. */
  public static final EntryId ZERO = new EntryId(0, 0);

  /** Term, slash, index. */
  @Override
  public String toString() {
    return term + "/" + index;
  }
}
