package io.balsa.raft;

/** The role of a member in its term. */
public enum RoleName {
  FOLLOWER,
  PRE_CANDIDATE,
  CANDIDATE,
  LEADER
}
