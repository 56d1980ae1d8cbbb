package io.balsa.raft;

import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Message;
import io.balsa.raft.tracker.Progress;
import java.util.SortedMap;
import java.util.stream.Collectors;

/**
 * A picture of a member that changes no more.
 *
 * @param vote the member voted for in this term, 0 for none
 * @param leader 0 if none is known
 * @param transferee the member that leadership is being handed to, 0 for none
 * @param progress of each member, ascending by unsigned id; empty unless this member leads
 */
public record Status(
    long id,
    long term,
    long vote,
    long commit,
    long applied,
    long leader,
    Role role,
    long transferee,
    ConfState configuration,
    SortedMap<Long, Progress> progress) {
  @Override
  public String toString() {
    return "member "
        + Message.name(id)
        + " "
        + role
        + " term "
        + term
        + ", leader "
        + Message.name(leader)
        + ", vote "
        + Message.name(vote)
        + ", commit "
        + commit
        + ", applied "
        + applied
        + (transferee == Message.NOBODY ? "" : ", hands over to " + Message.name(transferee))
        + ", "
        + configuration
        + progress.entrySet().stream()
            .map(peer -> ", " + Message.name(peer.getKey()) + ": " + peer.getValue())
            .collect(Collectors.joining());
  }

  /** Whether two halves decide. */
  public boolean isJoint() {
    return configuration.isJoint();
  }

  /** Whether {@code member} votes in either half. */
  public boolean isVoter(long member) {
    return configuration.voters().contains(member)
        || configuration.votersOutgoing().contains(member);
  }

  /** Whether {@code member} gets the log without a vote. */
  public boolean isLearner(long member) {
    return configuration.learners().contains(member);
  }
}
