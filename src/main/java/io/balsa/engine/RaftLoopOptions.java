package io.balsa.engine;

import io.balsa.data.Checks;

/**
 * How a member takes part in consensus. A tick is a heartbeat interval.
 *
 * @param memberId of this member
 * @param electionTicks the election timeout, 3 or more
 * @param ticksPerSecond how many ticks make up about a second, 1 or more: how often figures of the
 *     disk are asked for
 * @param messageBytesMax entries in one append, in bytes; a larger entry has one to itself
 * @param catchUpEntries how many entries stay in the log behind a snapshot, so that a member that
 *     lags a little needs no snapshot
 * @param catchUpBytes how many bytes they may have together
 * @param preVote whether members ask whether they would win before they raise their term
 */
public record RaftLoopOptions(
    long memberId,
    int electionTicks,
    int ticksPerSecond,
    int messageBytesMax,
    long catchUpEntries,
    long catchUpBytes,
    boolean preVote) {
  public RaftLoopOptions {
    Checks.argument(electionTicks >= 3, "electionTicks must be 3 or more: %d", electionTicks);
    Checks.argument(ticksPerSecond >= 1, "ticksPerSecond must be 1 or more: %d", ticksPerSecond);
    Checks.argument(messageBytesMax > 0, "messageBytesMax must be positive: %d", messageBytesMax);
    Checks.argument(catchUpEntries >= 0, "catchUpEntries is negative: %d", catchUpEntries);
  }
}
