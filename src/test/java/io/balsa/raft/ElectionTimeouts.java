package io.balsa.raft;

/** Opens the core's election timeout to tests of other packages. */
public final class ElectionTimeouts {
  private ElectionTimeouts() {}

  /** Overrides the timeout drawn until it is drawn again. */
  public static void set(RawNode node, int ticks) {
    node.randomizedElectionTimeout(ticks);
  }
}
