package io.balsa.raft;

/** How a leader makes sure that it still leads before it answers a read. */
public enum ReadOnlyOption {
  /** By a round of heartbeats after the request (Raft thesis §6.4). */
  SAFE,
  /**
   * By the lease that CheckQuorum gives it: no round, but wrong where clocks drift apart or stop by
   * more than the election timeout (Raft thesis §6.4.1).
   */
  LEASE_BASED
}
