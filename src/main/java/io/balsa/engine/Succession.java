package io.balsa.engine;

import java.util.List;

/**
 * When a member campaigns for a leader whose process has ended, instead of waiting for its silence.
 *
 * <p>The voters take turns, so that they do not split their votes, until an election timeout has
 * passed, for one may have asked before the others know, or lack entries. Where the leader is there
 * all the same, those that hear from it refuse their pre-votes. Times are in ticks.
 */
final class Succession {
  private static final long TURN_TICKS = 2;

  private final long self;
  private final int electionTicks;
  private long since = -1; // No leader is gone.
  private long leader;
  private long term;

  Succession(long self, int electionTicks) {
    this.self = self;
    this.electionTicks = electionTicks;
  }

  /** The leader of a term is gone. */
  void begin(long gone, long ofTerm, long now) {
    leader = gone;
    term = ofTerm;
    since = now;
  }

  /** At each tick: whether a leader is gone that has no successor yet. */
  boolean goesOn(long termNow, boolean knowsLeader, long now) {
    if (since >= 0 && (termNow != term || knowsLeader || now - since > electionTicks)) {
      since = -1;
    }
    return since >= 0;
  }

  /** Whether it is this member's turn, while it goes on. */
  boolean isTurn(List<Long> voters, long now) {
    List<Long> candidates = voters.stream().filter(voter -> voter != leader).sorted().toList();
    int turn = candidates.indexOf(self);
    return turn >= 0 && (now - since - 1) % (TURN_TICKS * candidates.size()) == TURN_TICKS * turn;
  }
}
