package io.balsa.raft.quorum;

import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.LongUnaryOperator;

/**
 * Two sets of voters that must both agree (Raft paper §6). With an empty outgoing half it is an
 * ordinary configuration.
 */
public record JointConfig(MajorityConfig incoming, MajorityConfig outgoing) {
  /** The voters of both halves in ascending order of their unsigned ids. */
  public SortedSet<Long> voters() {
    TreeSet<Long> all = new TreeSet<>(incoming.voters());
    all.addAll(outgoing.voters());
    return all;
  }

  /** Whether the member is a voter in either half. */
  public boolean contains(long member) {
    return incoming.voters().contains(member) || outgoing.voters().contains(member);
  }

  /** The highest index that both halves have reached. */
  public long committedIndex(LongUnaryOperator acknowledged) {
    return Math.min(incoming.committedIndex(acknowledged), outgoing.committedIndex(acknowledged));
  }

  /** Won when both halves are, lost when one is. */
  public VoteResult voteResult(Map<Long, Boolean> votes) {
    VoteResult first = incoming.voteResult(votes);
    VoteResult second = outgoing.voteResult(votes);
    if (first == second) {
      return first;
    }
    return first == VoteResult.LOST || second == VoteResult.LOST
        ? VoteResult.LOST
        : VoteResult.PENDING;
  }
}
