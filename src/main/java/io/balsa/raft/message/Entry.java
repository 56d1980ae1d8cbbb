package io.balsa.raft.message;

import io.balsa.data.Bytes;

/**
 * One entry of the replicated log.
 *
 * @param term 0 while the entry is a proposal
 * @param index 0 while the entry is a proposal
 */
public record Entry(long term, long index, EntryType type, Bytes data) {
  /** What an entry costs on disk and wire beside its data, in bytes: a round upper bound. */
  public static final int OVERHEAD_BYTES = 24;

  /** A proposal: an entry that no leader has given a place. */
  public static Entry proposal(EntryType type, Bytes data) {
    return new Entry(0, 0, type, data);
  }

  /** Term and index together. */
  public EntryId id() {
    return new EntryId(term, index);
  }

  /** The size that all limits in bytes count. */
  public long encodedBytes() {
    return OVERHEAD_BYTES + (long) data.length();
  }
}
