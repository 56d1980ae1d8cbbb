package io.balsa.raft.confchange;

import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfChange.Operation;
import io.balsa.raft.message.ConfChange.OperationType;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.tracker.Configuration;
import io.balsa.raft.tracker.Inflights;
import io.balsa.raft.tracker.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * Computes the next configuration and its progress map. Works on copies: where it throws, what it
 * was given is untouched.
 */
public final class Changer {
  private final Configuration configuration;
  private final SortedMap<Long, Progress> progress;
  private final long lastIndex;
  private final Supplier<Inflights> inflights;

  /**
   * Starts from the present configuration.
   *
   * @param lastIndex the last index of the log, where a new member's progress begins
   */
  public Changer(
      Configuration configuration,
      SortedMap<Long, Progress> progress,
      long lastIndex,
      Supplier<Inflights> inflights) {
    this.configuration = configuration;
    this.progress = progress;
    this.lastIndex = lastIndex;
    this.inflights = inflights;
  }

  /** A configuration with the progress of each of its members. */
  public record Change(Configuration configuration, SortedMap<Long, Progress> progress) {}

  /** Does what the change asks: simple, entering or leaving a joint configuration. */
  public Change apply(ConfChange change) throws ConfChangeException {
    if (change.transition() == ConfChange.Transition.AUTO && change.operations().isEmpty()) {
      return leaveJoint();
    }
    if (change.transition() != ConfChange.Transition.AUTO || change.operations().size() > 1) {
      return enterJoint(
          change.transition() != ConfChange.Transition.JOINT_EXPLICIT, change.operations());
    }
    return simple(change.operations());
  }

  /** Changes at most one voter, without a joint configuration. */
  public Change simple(List<Operation> operations) throws ConfChangeException {
    if (configuration.isJoint()) {
      throw new ConfChangeException("can't apply simple config change in joint config");
    }
    Change next = copy(configuration.autoLeave());
    operate(next, operations);
    TreeSet<Long> changed = new TreeSet<>(configuration.voters().incoming().voters());
    for (long voter : next.configuration().voters().incoming().voters()) {
      if (!changed.remove(voter)) {
        changed.add(voter);
      }
    }
    if (changed.size() > 1) {
      throw new ConfChangeException("more than one voter changed without entering joint config");
    }
    return next;
  }

  /** The present voters become the outgoing half; the operations make the incoming one. */
  public Change enterJoint(boolean autoLeave, List<Operation> operations)
      throws ConfChangeException {
    if (configuration.isJoint()) {
      throw new ConfChangeException("config is already joint");
    }
    if (configuration.voters().incoming().voters().isEmpty()) {
      throw new ConfChangeException("can't make a zero-voter config joint");
    }
    Change next = copy(autoLeave);
    next.configuration()
        .voters()
        .outgoing()
        .voters()
        .addAll(configuration.voters().incoming().voters());
    operate(next, operations);
    return next;
  }

  /** Drops the outgoing half; voters on their way to be learners are now. */
  public Change leaveJoint() throws ConfChangeException {
    if (!configuration.isJoint()) {
      throw new ConfChangeException("can't leave a non-joint config");
    }
    Change next = copy(false);
    Configuration after = next.configuration();
    for (long member : after.learnersNext()) {
      after.learners().add(member);
      next.progress().get(member).learner(true);
    }
    after.learnersNext().clear();
    for (long member : after.voters().outgoing().voters()) {
      if (!after.voters().incoming().voters().contains(member)
          && !after.learners().contains(member)) {
        next.progress().remove(member);
      }
    }
    after.voters().outgoing().voters().clear();
    return next;
  }

  /** Builds the configuration of a snapshot, from nothing. */
  public static Change restore(ConfState state, long lastIndex, Supplier<Inflights> inflights)
      throws ConfChangeException {
    Change change = new Change(Configuration.empty(), new TreeMap<>(Long::compareUnsigned));
    List<Operation> second = new ArrayList<>();
    state
        .votersOutgoing()
        .forEach(member -> second.add(new Operation(OperationType.REMOVE, member)));
    state.voters().forEach(member -> second.add(new Operation(OperationType.ADD_VOTER, member)));
    state
        .learners()
        .forEach(member -> second.add(new Operation(OperationType.ADD_LEARNER, member)));
    state
        .learnersNext()
        .forEach(member -> second.add(new Operation(OperationType.ADD_LEARNER, member)));
    List<Operation> first = state.isJoint() ? new ArrayList<>() : second;
    if (state.isJoint()) {
      state
          .votersOutgoing()
          .forEach(member -> first.add(new Operation(OperationType.ADD_VOTER, member)));
    }
    for (Operation operation : first) {
      change = next(change, lastIndex, inflights).simple(List.of(operation));
    }
    return state.isJoint()
        ? next(change, lastIndex, inflights).enterJoint(state.autoLeave(), second)
        : change;
  }

  private static Changer next(Change change, long lastIndex, Supplier<Inflights> inflights) {
    return new Changer(change.configuration(), change.progress(), lastIndex, inflights);
  }

  private Change copy(boolean autoLeave) {
    SortedMap<Long, Progress> copies = new TreeMap<>(Long::compareUnsigned);
    progress.forEach((member, known) -> copies.put(member, known.copy()));
    return new Change(configuration.copy(autoLeave), copies);
  }

  private void operate(Change next, List<Operation> operations) throws ConfChangeException {
    for (Operation operation : operations) {
      if (operation.member() == 0) {
        continue; // The application cancelled it.
      }
      switch (operation.type()) {
        case ADD_VOTER -> makeVoter(next, operation.member());
        case ADD_LEARNER -> makeLearner(next, operation.member());
        case REMOVE -> remove(next, operation.member());
        case UPDATE -> {}
      }
    }
    if (next.configuration().voters().incoming().voters().isEmpty()) {
      throw new ConfChangeException("removed all voters");
    }
  }

  private void makeVoter(Change next, long member) {
    Progress known = next.progress().get(member);
    if (known == null) {
      next.progress().put(member, begin(false));
    } else {
      known.learner(false);
    }
    Configuration after = next.configuration();
    after.learners().remove(member);
    after.learnersNext().remove(member);
    after.voters().incoming().voters().add(member);
  }

  private void makeLearner(Change next, long member) {
    Configuration after = next.configuration();
    Progress known = next.progress().get(member);
    if (known == null) {
      next.progress().put(member, begin(true));
      after.learners().add(member);
      return;
    }
    if (known.learner()) {
      return;
    }
    remove(next, member);
    next.progress().put(member, known);
    // A voter of the outgoing half keeps its vote until that half is dropped.
    if (after.voters().outgoing().voters().contains(member)) {
      after.learnersNext().add(member);
    } else {
      known.learner(true);
      after.learners().add(member);
    }
  }

  private void remove(Change next, long member) {
    Configuration after = next.configuration();
    after.voters().incoming().voters().remove(member);
    after.learners().remove(member);
    after.learnersNext().remove(member);
    if (!after.voters().outgoing().voters().contains(member)) {
      next.progress().remove(member);
    }
  }

  private Progress begin(boolean learner) {
    // Active from the start, or a new voter could cost the leader its quorum at the next check.
    return new Progress(0, Math.max(lastIndex, 1), inflights.get(), learner, true);
  }
}
