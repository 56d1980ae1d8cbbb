package io.balsa.raft.tracker;

import io.balsa.data.Checks;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongUnaryOperator;

/**
 * A configuration with the progress of each of its members. A change of the configuration makes a
 * new one: {@link io.balsa.raft.confchange.Changer}.
 */
public final class ProgressTracker {
  private final Configuration configuration;
  // Sorted arrays instead of a map: looked at for each message, and clusters are small.
  private final long[] members;
  private final Progress[] progress;
  private final LongUnaryOperator matchOf = this::matchOf;

  /**
   * Takes over the progress objects.
   *
   * @throws io.balsa.data.InvariantException if they do not fit the configuration
   */
  public ProgressTracker(Configuration configuration, SortedMap<Long, Progress> progressOf) {
    this.configuration = configuration;
    this.members = progressOf.keySet().stream().mapToLong(Long::longValue).toArray();
    this.progress = progressOf.values().toArray(Progress[]::new);
    checkInvariants();
  }

  /** Who votes and who learns. */
  public Configuration configuration() {
    return configuration;
  }

  /** The number of members, voters and learners. */
  public int size() {
    return members.length;
  }

  /** The id of a member by its place, 0 to size - 1, ascending by unsigned id. */
  public long member(int place) {
    return members[place];
  }

  /** The progress of a member by its place. */
  public Progress progressAt(int place) {
    return progress[place];
  }

  /** The progress of {@code member}, null if it is not in the configuration. */
  public Progress progress(long member) {
    for (int i = 0; i < members.length; i++) {
      if (members[i] == member) {
        return progress[i];
      }
    }
    return null;
  }

  /** The largest index that a quorum has, by what it acknowledged. */
  public long committedIndex() {
    return configuration.voters().committedIndex(matchOf);
  }

  /** Whether a quorum of voters was heard of lately; learners do not count. */
  public boolean quorumActive() {
    // As an index: 1 for active, 0 for not; a quorum has reached 1 exactly if it is active.
    return configuration.voters().committedIndex(id -> progress(id).recentActive() ? 1 : 0) >= 1;
  }

  /** Copies of all, ascending by unsigned id. */
  public SortedMap<Long, Progress> copies() {
    TreeMap<Long, Progress> copies = new TreeMap<>(Long::compareUnsigned);
    for (int i = 0; i < members.length; i++) {
      copies.put(members[i], progress[i].copy());
    }
    return Collections.unmodifiableSortedMap(copies);
  }

  /** Every member starts anew: in probe state, with nothing known but its part. */
  public ProgressTracker restarted(long self, long lastIndex, Limits limits) {
    TreeMap<Long, Progress> fresh = new TreeMap<>(Long::compareUnsigned);
    for (int i = 0; i < members.length; i++) {
      long match = members[i] == self ? lastIndex : 0;
      fresh.put(
          members[i],
          new Progress(match, lastIndex + 1, progress[i].learner(), false, limits.newInflights()));
    }
    return new ProgressTracker(configuration, fresh);
  }

  /** How much may be on its way to each member. */
  public record Limits(int inflightMessages, long inflightBytes) {
    /** An empty ring of this size. */
    public Inflights newInflights() {
      return new Inflights(inflightMessages, inflightBytes);
    }
  }

  private long matchOf(long member) {
    return progress(member).match();
  }

  private void checkInvariants() {
    for (Long voter : configuration.voters().members()) {
      Progress voters = progress(voter);
      Checks.invariant(
          voters != null && !voters.learner(),
          "configuration: voter is tracked wrongly: %x",
          voter);
    }
    for (Long learner : configuration.learners()) {
      Progress learners = progress(learner);
      Checks.invariant(
          learners != null && learners.learner(),
          "configuration: learner is tracked wrongly: %x",
          learner);
    }
    for (Long next : configuration.learnersNext()) {
      Checks.invariant(
          configuration.voters().outgoing().contains(next),
          "configuration: next learner is no outgoing voter: %x",
          next);
    }
    Checks.invariant(
        configuration.isJoint() || !configuration.autoLeave(),
        "configuration: autoLeave without a joint configuration: %s",
        configuration);
  }
}
