package io.balsa.raft;

/** How a leader makes sure of its leadership before it answers a read (Raft thesis §6.4). */
public enum ReadOnlyOption {
  /** By a round of heartbeats. */
  SAFE,
  /** By its lease: relies on CheckQuorum and on clocks that run at about the same rate. */
  LEASE_BASED
}
