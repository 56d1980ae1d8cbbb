package io.balsa.raft;

/** How a leader makes sure that it still leads before it answers a read. */
public enum ReadOnlyOption {
  /** By a round of heartbeats after the request (Raft thesis §6.4). */
  SAFE,
  /**
   * By the lease that CheckQuorum gives it: no round, until the leader tells a successor to
   * campaign, which ends the lease for the rest of the term (Raft thesis §6.4.1).
   *
   * <p>Weaker than the thesis, as in etcd. A read may be stale where clocks drift apart or stop;
   * where a leader is cut off, since it looks for its quorum once per election timeout and may go
   * on for nearly two; and where followers restart, since they vote at once.
   */
  LEASE_BASED
}
