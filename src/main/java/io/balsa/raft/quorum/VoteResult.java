package io.balsa.raft.quorum;

/** The state of an election. */
public enum VoteResult {
  /** A quorum may still be reached or missed. */
  PENDING,
  /** A quorum can no longer be reached. */
  LOST,
  /** A quorum has voted yes. */
  WON
}
