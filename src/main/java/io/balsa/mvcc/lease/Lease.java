package io.balsa.mvcc.lease;

/**
 * A lease as the log made it, the same on every member; how long it still has is each member's own
 * matter, see {@link LeaseClock}.
 *
 * @param id not 0
 * @param ttlSeconds the time that a grant or a renewal gives it
 * @param renewals grows with each renewal and never returns to a value that this id had before, not
 *     even when the lease ends and is granted anew: an expiry names the value that it saw
 * @param remainingSeconds the time that a new leader gives it: what it still had when a leader
 *     recorded it last, or all of it if none has since the grant or renewal; 1 or more, never too
 *     little
 */
public record Lease(long id, long ttlSeconds, long renewals, long remainingSeconds) {
  /** A lease that was granted or renewed just now. */
  public Lease(long id, long ttlSeconds, long renewals) {
    this(id, ttlSeconds, renewals, ttlSeconds);
  }
}
