package io.balsa.raft.confchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Bytes;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfChange.Operation;
import io.balsa.raft.message.ConfChange.OperationType;
import io.balsa.raft.message.ConfChange.Transition;
import io.balsa.raft.message.ConfState;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConfigurationsTest {
  private static final ConfState VOTERS = ConfState.ofVoters(List.of(1L, 2L, 3L));

  @Test
  void tellsTheConfigurationAfterAChange() {
    assertThat(Configurations.after(VOTERS, ConfChange.of(OperationType.ADD_LEARNER, 4)))
        .contains(new ConfState(List.of(1L, 2L, 3L), List.of(), List.of(4L), List.of(), false));
  }

  @Test
  void tellsBothWaysThroughAJointConfiguration() {
    ConfChange demotion =
        new ConfChange(
            Transition.JOINT_EXPLICIT,
            List.of(
                new Operation(OperationType.ADD_LEARNER, 3),
                new Operation(OperationType.ADD_VOTER, 4)),
            Bytes.EMPTY);
    ConfState joint =
        new ConfState(List.of(1L, 2L, 4L), List.of(1L, 2L, 3L), List.of(), List.of(3L), false);

    assertThat(Configurations.after(VOTERS, demotion)).contains(joint);
    assertThat(Configurations.after(joint, ConfChange.LEAVE_JOINT))
        .contains(new ConfState(List.of(1L, 2L, 4L), List.of(), List.of(3L), List.of(), false));
  }

  @Test
  void isEmptyWhereARuleForbidsTheChange() {
    assertThat(Configurations.after(VOTERS, ConfChange.LEAVE_JOINT)).isEmpty();
    assertThat(
            Configurations.after(
                ConfState.ofVoters(List.of(1L)), ConfChange.of(OperationType.REMOVE, 1)))
        .isEmpty();
  }
}
