package io.balsa.raft.confchange;

import io.balsa.data.Checks;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.quorum.JointConfig;
import io.balsa.raft.quorum.MajorityConfig;
import io.balsa.raft.tracker.Configuration;
import io.balsa.raft.tracker.Progress;
import io.balsa.raft.tracker.ProgressTracker;
import io.balsa.raft.tracker.ProgressTracker.Limits;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Applies one change to a configuration. For one use: take the changed tracker it returns, or keep
 * the old one if it throws.
 */
public final class Changer {
  private final long lastIndex;
  private final Limits limits;
  private final TreeMap<Long, Progress> progress = new TreeMap<>(Long::compareUnsigned);
  private final TreeSet<Long> incoming;
  private final TreeSet<Long> outgoing;
  private final TreeSet<Long> learners;
  private final TreeSet<Long> learnersNext;
  private boolean autoLeave;

  /**
   * Starts from {@code tracker}, which stays as it is.
   *
   * @param lastIndex where new members are probed first
   */
  public Changer(ProgressTracker tracker, long lastIndex, Limits limits) {
    Configuration configuration = tracker.configuration();
    this.lastIndex = lastIndex;
    this.limits = limits;
    this.incoming = sorted(configuration.voters().incoming().members());
    this.outgoing = sorted(configuration.voters().outgoing().members());
    this.learners = sorted(configuration.learners());
    this.learnersNext = sorted(configuration.learnersNext());
    this.autoLeave = configuration.autoLeave();
    for (int i = 0; i < tracker.size(); i++) {
      progress.put(tracker.member(i), tracker.progressAt(i));
    }
  }

  /**
   * The tracker of the configuration that a snapshot names, nothing known about its members.
   *
   * @throws io.balsa.data.InvariantException if no changes lead to such a configuration
   */
  public static ProgressTracker restore(ConfState state, long lastIndex, Limits limits) {
    Configuration configuration = Configuration.of(state);
    Checks.invariant(
        configuration.toConfState().equals(state),
        "configuration: restored is not what was stored: %s, %s",
        configuration.toConfState(),
        state);
    TreeMap<Long, Progress> progress = new TreeMap<>(Long::compareUnsigned);
    List<Long> members = new ArrayList<>(configuration.voters().members());
    members.addAll(configuration.learners());
    for (Long member : members) {
      boolean learner = configuration.learners().contains(member);
      progress.put(member, newProgress(lastIndex, learner, limits));
    }
    return new ProgressTracker(configuration, progress);
  }

  /**
   * Applies {@code change} in the way that it asks for.
   *
   * @throws ConfChangeException if it does not fit the configuration
   */
  public ProgressTracker apply(ConfChange change) {
    if (change.leavesJoint()) {
      return leaveJoint();
    }
    return change.entersJoint()
        ? enterJoint(change.leavesJointByItself(), change.operations())
        : simple(change.operations());
  }

  /**
   * Changes at most one voter, so that majorities before and after overlap (Raft thesis §4.1).
   *
   * @throws ConfChangeException in a joint configuration, if more voters change, or if none is left
   */
  public ProgressTracker simple(List<ConfChange.Operation> operations) {
    if (isJoint()) {
      throw new ConfChangeException("can't apply simple config change in joint config");
    }
    TreeSet<Long> before = sorted(incoming);
    perform(operations);
    long added = incoming.stream().filter(id -> !before.contains(id)).count();
    long removed = before.stream().filter(id -> !incoming.contains(id)).count();
    if (added + removed > 1) {
      throw new ConfChangeException("more than one voter changed without entering joint config");
    }
    return result();
  }

  /**
   * Keeps the voters as the outgoing half and changes the incoming half.
   *
   * @throws ConfChangeException in a joint configuration, without voters, or if none is left
   */
  public ProgressTracker enterJoint(boolean leavesByItself, List<ConfChange.Operation> operations) {
    if (isJoint()) {
      throw new ConfChangeException("config is already joint");
    }
    if (incoming.isEmpty()) {
      // Adding voters to nothing is how a cluster begins: there is no old half to keep.
      throw new ConfChangeException("can't make a zero-voter config joint");
    }
    outgoing.addAll(incoming);
    perform(operations);
    autoLeave = leavesByItself;
    return result();
  }

  /**
   * Lets the incoming half decide alone.
   *
   * @throws ConfChangeException outside a joint configuration
   */
  public ProgressTracker leaveJoint() {
    if (!isJoint()) {
      throw new ConfChangeException("can't leave a non-joint config");
    }
    for (Long member : learnersNext) {
      learners.add(member);
      progress.computeIfPresent(member, (id, known) -> known.withLearner(true));
    }
    learnersNext.clear();
    for (Long member : outgoing) {
      if (!incoming.contains(member) && !learners.contains(member)) {
        progress.remove(member);
      }
    }
    outgoing.clear();
    autoLeave = false;
    return result();
  }

  private void perform(List<ConfChange.Operation> operations) {
    for (ConfChange.Operation operation : operations) {
      if (operation.member() != 0) {
        switch (operation.type()) {
          case ADD_VOTER -> makeVoter(operation.member());
          case ADD_LEARNER -> makeLearner(operation.member());
          case REMOVE -> remove(operation.member());
          case UPDATE -> {} // The application's own data only.
        }
      }
    }
    if (incoming.isEmpty()) {
      throw new ConfChangeException("removed all voters");
    }
  }

  private void makeVoter(long member) {
    Progress known = progress.get(member);
    progress.put(
        member, known == null ? newProgress(lastIndex, false, limits) : known.withLearner(false));
    learners.remove(member);
    learnersNext.remove(member);
    incoming.add(member);
  }

  private void makeLearner(long member) {
    Progress known = progress.get(member);
    if (known == null) {
      progress.put(member, newProgress(lastIndex, true, limits));
      learners.add(member);
    } else if (!known.learner()) {
      incoming.remove(member);
      // A voter of the outgoing half still votes there, so it can be a learner only afterwards.
      if (outgoing.contains(member)) {
        learnersNext.add(member);
      } else {
        learners.add(member);
        progress.put(member, known.withLearner(true));
      }
    }
  }

  private void remove(long member) {
    incoming.remove(member);
    learners.remove(member);
    learnersNext.remove(member);
    if (!outgoing.contains(member)) {
      progress.remove(member);
    }
  }

  private boolean isJoint() {
    return !outgoing.isEmpty();
  }

  private ProgressTracker result() {
    JointConfig voters = new JointConfig(MajorityConfig.of(incoming), MajorityConfig.of(outgoing));
    return new ProgressTracker(
        new Configuration(voters, List.copyOf(learners), List.copyOf(learnersNext), autoLeave),
        progress);
  }

  // A new member counts as active, or the leader would step down before it can have answered.
  private static Progress newProgress(long lastIndex, boolean learner, Limits limits) {
    return new Progress(0, Math.max(lastIndex, 1), learner, true, limits.newInflights());
  }

  private static TreeSet<Long> sorted(Collection<Long> ids) {
    TreeSet<Long> sorted = new TreeSet<>(Long::compareUnsigned);
    sorted.addAll(ids);
    return sorted;
  }
}
