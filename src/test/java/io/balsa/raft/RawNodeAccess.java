package io.balsa.raft;

/** Lets tests of other packages set what only chance sets otherwise. */
public final class RawNodeAccess {
  private RawNodeAccess() {}

  /** Overwrites the drawn election timeout until the next draw. */
  public static void setRandomizedElectionTimeout(RawNode node, int ticks) {
    node.setRandomizedElectionTimeout(ticks);
  }
}
