package io.balsa.raft.tracker;

/** How a leader sends to a member. */
public enum ProgressState {
  /** One append at a time, until it is known where the logs agree. */
  PROBE,
  /** Appends in a row, without waiting for each answer. */
  REPLICATE,
  /** Nothing, because a snapshot is on its way. */
  SNAPSHOT
}
