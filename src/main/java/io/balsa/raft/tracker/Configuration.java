package io.balsa.raft.tracker;

import io.balsa.raft.message.ConfState;
import io.balsa.raft.quorum.JointConfig;
import io.balsa.raft.quorum.MajorityConfig;
import java.util.List;

/**
 * Who votes and who learns. Lists ascend by unsigned id.
 *
 * @param learners no voters
 * @param learnersNext voters of the outgoing half that become learners when the joint configuration
 *     is left; empty outside one
 * @param autoLeave whether the leader leaves the joint configuration by itself
 */
public record Configuration(
    JointConfig voters, List<Long> learners, List<Long> learnersNext, boolean autoLeave) {
  /** No members. */
  public static final Configuration EMPTY =
      new Configuration(JointConfig.EMPTY, List.of(), List.of(), false);

  public Configuration {
    learners = List.copyOf(learners);
    learnersNext = List.copyOf(learnersNext);
  }

  /** What a snapshot says. */
  public static Configuration of(ConfState state) {
    return new Configuration(
        new JointConfig(
            MajorityConfig.of(state.voters()), MajorityConfig.of(state.votersOutgoing())),
        state.learners().stream().distinct().toList(),
        state.learnersNext().stream().distinct().toList(),
        state.autoLeave());
  }

  /** The form that snapshots hold. */
  public ConfState toConfState() {
    return new ConfState(
        voters.incoming().members(),
        voters.outgoing().members(),
        learners,
        learnersNext,
        autoLeave);
  }

  @Override
  public String toString() {
    return toConfState().toString();
  }

  /** Whether two halves decide. */
  public boolean isJoint() {
    return voters.isJoint();
  }
}
