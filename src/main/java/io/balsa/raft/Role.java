package io.balsa.raft;

/** What a member does in its term. */
public enum Role {
  /** Takes what the leader sends, and votes. */
  FOLLOWER,
  /** Asks whether it would win, without raising its term (Raft thesis §9.6). */
  PRE_CANDIDATE,
  /** Asks for votes in its term. */
  CANDIDATE,
  /** Orders the log. */
  LEADER
}
