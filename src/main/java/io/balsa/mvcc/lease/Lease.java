package io.balsa.mvcc.lease;

/**
 * A lease as the log made it, the same on every member; how long it still has is each member's own
 * matter, see {@link LeaseClock}.
 *
 * @param id not 0
 * @param ttlSeconds the time that a grant, a renewal or a new leader gives it
 * @param renewals grows with each renewal and never returns to a value that this id had before, not
 *     even when the lease ends and is granted anew: an expiry names the value that it saw
 */
public record Lease(long id, long ttlSeconds, long renewals) {}
