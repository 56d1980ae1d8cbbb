/**
 * Leases in time: what the state machine itself must not know.
 *
 * <p>The log decides which leases exist; this package only tells the leader whose time is over, so
 * that it can propose the expiry, and how long the long ones still have, so that it can be recorded
 * for its successor. The caller tells {@link io.balsa.mvcc.lease.LeaseClock} of every grant,
 * renewal, record and end after applying it, on every member, and of becoming the leader. Pure and
 * single-threaded, time comes in as a number.
 */
package io.balsa.mvcc.lease;
