package io.balsa.raft;

/** Why a leader put an empty entry in the place of a proposed configuration change. */
public enum ConfChangeRefusal {
  /** An earlier change may not be applied yet. */
  PENDING,
  /** The configuration is joint: it must be left first. */
  JOINT,
  /** The change leaves a joint configuration, but the configuration is not joint. */
  NOT_JOINT,
  /** The change does not fit the configuration, for example because it removes all voters. */
  INVALID
}
