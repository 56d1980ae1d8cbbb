package io.balsa.raft.quorum;

import java.util.List;
import java.util.Map;
import java.util.function.LongUnaryOperator;
import java.util.stream.Stream;

/**
 * The voters of a configuration, which is joint while {@code outgoing} is not empty: then both
 * halves must agree to everything (Raft paper §6).
 *
 * @param incoming the only voters, or those of the new half
 * @param outgoing those of the old half
 */
public record JointConfig(MajorityConfig incoming, MajorityConfig outgoing) {
  /** No voters. */
  public static final JointConfig EMPTY =
      new JointConfig(MajorityConfig.EMPTY, MajorityConfig.EMPTY);

  /** Whether two halves decide. */
  public boolean isJoint() {
    return !outgoing.isEmpty();
  }

  /** Whether {@code member} votes in either half. */
  public boolean contains(long member) {
    return incoming.contains(member) || outgoing.contains(member);
  }

  /** Whether {@code member} alone decides. */
  public boolean isOnly(long member) {
    return outgoing.isEmpty() && incoming.members().size() == 1 && incoming.contains(member);
  }

  @Override
  public String toString() {
    return outgoing.isEmpty() ? incoming.toString() : incoming + " and " + outgoing;
  }

  /** The voters of both halves, each once, ascending by unsigned id. */
  public List<Long> members() {
    return outgoing.isEmpty()
        ? incoming.members()
        : Stream.concat(incoming.members().stream(), outgoing.members().stream())
            .distinct()
            .sorted(Long::compareUnsigned)
            .toList();
  }

  /** The largest index that both halves have acknowledged: see {@link MajorityConfig}. */
  public long committedIndex(LongUnaryOperator acknowledged) {
    return Math.min(incoming.committedIndex(acknowledged), outgoing.committedIndex(acknowledged));
  }

  /** Won if both halves grant, lost if one refuses, else pending: see {@link MajorityConfig}. */
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
