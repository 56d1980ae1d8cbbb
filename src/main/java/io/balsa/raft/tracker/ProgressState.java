package io.balsa.raft.tracker;

/** How a leader sends to a member. */
public enum ProgressState {
  /** One append at a time, until it is known where the logs agree. */
  PROBE,
  /** Appends follow each other without waiting. */
  REPLICATE,
  /** A snapshot is on its way; no appends. */
  SNAPSHOT
}
