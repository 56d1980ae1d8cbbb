package io.balsa.raft.quorum;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.LongUnaryOperator;

/** A set of voters of which more than half must agree. */
public final class MajorityConfig {
  /**
   * The committed index of no voters at all: they never hold the other half of a joint set back.
   */
  public static final long INFINITE = Long.MAX_VALUE;

  /** No voters. */
  public static final MajorityConfig EMPTY = new MajorityConfig(List.of());

  private final List<Long> members;

  private MajorityConfig(List<Long> members) {
    this.members = members;
  }

  /** The given voters, in any order. */
  public static MajorityConfig of(Collection<Long> members) {
    return new MajorityConfig(members.stream().distinct().sorted(Long::compareUnsigned).toList());
  }

  /** The voters, ascending by unsigned id. */
  public List<Long> members() {
    return members;
  }

  /** Whether there are no voters. */
  public boolean isEmpty() {
    return members.isEmpty();
  }

  /** Whether {@code member} votes here. */
  public boolean contains(long member) {
    for (int i = 0; i < members.size(); i++) {
      if (members.get(i) == member) {
        return true;
      }
    }
    return false;
  }

  /**
   * The largest index that a majority has acknowledged, {@link #INFINITE} without voters.
   *
   * @param acknowledged the index that a voter acknowledged, 0 for none
   */
  public long committedIndex(LongUnaryOperator acknowledged) {
    if (members.isEmpty()) {
      return INFINITE;
    }
    // Each against all others: an array to sort would be garbage with every acknowledgement.
    long committed = 0;
    for (int i = 0; i < members.size(); i++) {
      long index = acknowledged.applyAsLong(members.get(i));
      if (index > committed && hasMajority(index, acknowledged)) {
        committed = index;
      }
    }
    return committed;
  }

  private boolean hasMajority(long index, LongUnaryOperator acknowledged) {
    int reached = 0;
    for (int i = 0; i < members.size(); i++) {
      if (acknowledged.applyAsLong(members.get(i)) >= index) {
        reached++;
      }
    }
    return reached >= majority();
  }

  /**
   * How the vote stands; without voters it is won, so that an empty half decides nothing.
   *
   * @param votes true for granted, false for refused, absent for no answer; others than voters do
   *     not count
   */
  public VoteResult voteResult(Map<Long, Boolean> votes) {
    int granted = 0;
    int missing = 0;
    for (Long member : members) {
      Boolean vote = votes.get(member);
      if (vote == null) {
        missing++;
      } else if (vote) {
        granted++;
      }
    }
    if (members.isEmpty() || granted >= majority()) {
      return VoteResult.WON;
    }
    return granted + missing >= majority() ? VoteResult.PENDING : VoteResult.LOST;
  }

  private int majority() {
    return members.size() / 2 + 1;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MajorityConfig that && members.equals(that.members);
  }

  @Override
  public int hashCode() {
    return members.hashCode();
  }

  @Override
  public String toString() {
    return members.stream().map(Long::toHexString).toList().toString();
  }
}
