package io.balsa.mvcc.command;

import java.util.List;

/** What goes through the log to the key-value state machine. */
public sealed interface Command {
  /** A put, deletion or transaction. */
  record Write(Op op) implements Command {}

  /** The same, unless it was applied before under the same name: then its first answer again. */
  record WriteOnce(Once once, Op op) implements Command {}

  /** Forgets what was overwritten or deleted at or before {@code revision}. */
  record Compact(long revision) implements Command {}

  /**
   * Makes a lease.
   *
   * @param id not 0; the proposer picks one where the client did not
   * @param ttlSeconds 1 or more; raised to the minimum by the proposer
   */
  record LeaseGrant(long id, long ttlSeconds) implements Command {}

  /** Ends a lease and deletes its keys under one revision. */
  record LeaseRevoke(long id) implements Command {}

  /** Starts the lease's time anew. */
  record LeaseKeepAlive(long id) implements Command {}

  /**
   * The leader's revocation of a lease whose time is over. Without effect if the lease was renewed
   * since: a renewal that was acknowledged is never followed by an expiry decided before it.
   *
   * @param renewals the count of renewals that the leader had seen, which the lease still must have
   */
  record LeaseExpire(long id, long renewals) implements Command {}

  /**
   * The leader's record of how long leases still have, for who leads next. Without effect on a
   * lease that was renewed since, or of which less is recorded.
   */
  record LeaseCheckpoint(List<Remaining> leases) implements Command {
    public LeaseCheckpoint {
      leases = List.copyOf(leases);
    }
  }

  /**
   * How long a lease still has.
   *
   * @param renewals the count of renewals that the leader had seen, which the lease still must have
   * @param seconds 1 or more, rounded up
   */
  record Remaining(long id, long renewals, long seconds) {}
}
