package io.balsa.mvcc.command;

/** What a {@link Command} answers. */
public sealed interface Result {
  /**
   * Of a write, or of a read by itself.
   *
   * @param revision the store's after the write, or at the read
   */
  record Written(long revision, OpResult result) implements Result {}

  /** Of a compaction. */
  record Compacted(long compactRevision) implements Result {}

  /** Of a grant, a renewal, or an expiry that came too late: the lease as it stands. */
  record Lease(long id, long ttlSeconds) implements Result {}

  /** Of a revocation or an expiry. */
  record LeaseEnded(long id, long deletedKeys) implements Result {}

  /** Of a record of how long leases still have: for how many of them it holds. */
  record Recorded(long leases) implements Result {}

  /** Nothing was changed. */
  record Failed(Fault fault, String detail) implements Result {}

  /** Why the state machine refuses. */
  enum Fault {
    /** The revision asked for is below the compact revision (reads), or not above it (compact). */
    COMPACTED,
    /** The revision asked for is above the store's. */
    FUTURE_REVISION,
    /** No such lease, or the session of that lease has ended. */
    LEASE_NOT_FOUND,
    /** The lease id is taken. */
    LEASE_EXISTS,
    /** A put that keeps the value or the lease, of a key that does not exist. */
    KEY_NOT_FOUND,
    /** A key is put twice, or put and deleted, on one path of a transaction. */
    DUPLICATE_KEY,
    /** The write was applied before, or may have been, and its answer is not remembered. */
    ANSWER_FORGOTTEN
  }
}
