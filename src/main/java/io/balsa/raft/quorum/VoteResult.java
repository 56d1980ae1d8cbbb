package io.balsa.raft.quorum;

/** How a vote stands. */
public enum VoteResult {
  /** Enough voters refused that no majority can come together any more. */
  LOST,
  /** Neither won nor lost: some voters have yet to answer. */
  PENDING,
  /** A majority granted. */
  WON
}
