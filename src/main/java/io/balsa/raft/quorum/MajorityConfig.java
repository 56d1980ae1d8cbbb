package io.balsa.raft.quorum;

import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.LongUnaryOperator;

/** A set of voters of which more than half decide. An empty one agrees to everything. */
public final class MajorityConfig {
  /** What an empty set of voters has committed: it never holds a joint configuration back. */
  public static final long EVERYTHING = Long.MAX_VALUE;

  private final TreeSet<Long> voters = new TreeSet<>(Long::compareUnsigned);

  /** No voters. */
  public MajorityConfig() {}

  /** These voters. */
  public MajorityConfig(Collection<Long> voters) {
    this.voters.addAll(voters);
  }

  /** The voters in ascending order of their unsigned ids: a live view. */
  public SortedSet<Long> voters() {
    return voters;
  }

  /**
   * The highest index that a majority has reached.
   *
   * @param acknowledged the index that a voter has, 0 for unknown
   */
  public long committedIndex(LongUnaryOperator acknowledged) {
    if (voters.isEmpty()) {
      return EVERYTHING;
    }
    long[] indexes = new long[voters.size()];
    int i = 0;
    for (long voter : voters) {
      indexes[i++] = acknowledged.applyAsLong(voter);
    }
    Arrays.sort(indexes);
    return indexes[indexes.length - (indexes.length / 2 + 1)];
  }

  /** Judges the votes cast so far; a voter who is not in the map has not answered. */
  public VoteResult voteResult(Map<Long, Boolean> votes) {
    if (voters.isEmpty()) {
      return VoteResult.WON;
    }
    int granted = 0;
    int missing = 0;
    for (long voter : voters) {
      Boolean vote = votes.get(voter);
      if (vote == null) {
        missing++;
      } else if (vote) {
        granted++;
      }
    }
    int quorum = voters.size() / 2 + 1;
    if (granted >= quorum) {
      return VoteResult.WON;
    }
    return granted + missing >= quorum ? VoteResult.PENDING : VoteResult.LOST;
  }
}
