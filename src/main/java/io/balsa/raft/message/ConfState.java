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

  /** The lists that are not empty, ids in hexadecimal. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("voters ").append(Message.names(voters));
    append(text, " outgoing ", votersOutgoing);
    append(text, " learners ", learners);
    append(text, " next learners ", learnersNext);
    return text.append(autoLeave ? " auto-leave" : "").toString();
  }

  private static void append(StringBuilder text, String name, List<Long> ids) {
    if (!ids.isEmpty()) {
      text.append(name).append(Message.names(ids));
    }
  }

  private static List<Long> sorted(List<Long> ids) {
    return ids.stream().sorted(Long::compareUnsigned).toList();
  }
}
