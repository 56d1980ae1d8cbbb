package io.balsa.raft.message;

import java.util.List;

/**
 * A configuration as it stands in snapshots and in replies: who votes, who learns. In a joint
 * configuration both halves are there (Raft paper §6). All lists ascend by unsigned id.
 */
public record ConfState(
    List<Long> voters,
    List<Long> votersOutgoing,
    List<Long> learners,
    List<Long> learnersNext,
    boolean autoLeave) {
  /** No members at all. */
  public static final ConfState EMPTY =
      new ConfState(List.of(), List.of(), List.of(), List.of(), false);

  public ConfState {
    voters = sorted(voters);
    votersOutgoing = sorted(votersOutgoing);
    learners = sorted(learners);
    learnersNext = sorted(learnersNext);
  }

  /** A configuration that is not joint and has no learners. */
  public static ConfState ofVoters(List<Long> voters) {
    return new ConfState(voters, List.of(), List.of(), List.of(), false);
  }

  /** Whether two halves decide. */
  public boolean isJoint() {
    return !votersOutgoing.isEmpty();
  }

  private static List<Long> sorted(List<Long> ids) {
    return ids.stream().sorted(Long::compareUnsigned).toList();
  }
}
