package io.balsa.raft.tracker;

import io.balsa.raft.message.ConfState;
import io.balsa.raft.quorum.JointConfig;
import io.balsa.raft.quorum.MajorityConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Who votes and who learns. Not changed once it is in use: a change makes a copy.
 *
 * @param learnersNext voters of the outgoing half that become learners when the joint configuration
 *     is left
 */
public record Configuration(
    JointConfig voters, SortedSet<Long> learners, SortedSet<Long> learnersNext, boolean autoLeave) {
  /** Nobody. */
  public static Configuration empty() {
    return new Configuration(
        new JointConfig(new MajorityConfig(), new MajorityConfig()),
        new TreeSet<>(Long::compareUnsigned),
        new TreeSet<>(Long::compareUnsigned),
        false);
  }

  /** A copy with another mark, whose sets may be changed. */
  public Configuration copy(boolean autoLeaves) {
    return new Configuration(
        new JointConfig(
            new MajorityConfig(voters.incoming().voters()),
            new MajorityConfig(voters.outgoing().voters())),
        new TreeSet<>(learners),
        new TreeSet<>(learnersNext),
        autoLeaves);
  }

  /** Whether two halves decide. */
  public boolean isJoint() {
    return !voters.outgoing().voters().isEmpty();
  }

  /** Whether one voter alone decides. */
  public boolean isSingleton() {
    return voters.incoming().voters().size() == 1 && !isJoint();
  }

  /** The form for snapshots. */
  public ConfState toConfState() {
    return new ConfState(
        List.copyOf(voters.incoming().voters()),
        List.copyOf(voters.outgoing().voters()),
        List.copyOf(learners),
        List.copyOf(learnersNext),
        autoLeave);
  }

  /** In the notation of etcd, for people. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("voters=").append(ids(voters.incoming().voters()));
    if (isJoint()) {
      text.append("&&").append(ids(voters.outgoing().voters()));
    }
    if (!learners.isEmpty()) {
      text.append(" learners=").append(ids(learners));
    }
    if (!learnersNext.isEmpty()) {
      text.append(" learners_next=").append(ids(learnersNext));
    }
    return text.append(autoLeave ? " autoleave" : "").toString();
  }

  private static String ids(SortedSet<Long> members) {
    List<String> texts = new ArrayList<>();
    members.forEach(member -> texts.add(Long.toHexString(member)));
    return "(" + String.join(" ", texts) + ")";
  }
}
