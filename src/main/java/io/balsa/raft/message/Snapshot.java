package io.balsa.raft.message;

/**
 * Names a state of the application: everything up to and including {@code last} is applied. The
 * core needs no more of it; the content lies in a file and travels on a stream of its own.
 */
public record Snapshot(EntryId last, ConfState confState) {
  /** No snapshot: index 0. */
  public static final Snapshot EMPTY = new Snapshot(EntryId.ZERO, ConfState.EMPTY);

  /** Whether there is no snapshot. */
  public boolean isEmpty() {
    return last.index() == 0;
  }

  @Override
  public String toString() {
    return isEmpty() ? "no snapshot" : "snapshot " + last + " of " + confState;
  }
}
