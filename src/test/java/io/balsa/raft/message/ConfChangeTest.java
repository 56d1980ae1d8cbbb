package io.balsa.raft.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import io.balsa.raft.message.ConfChange.Operation;
import io.balsa.raft.message.ConfChange.OperationType;
import io.balsa.raft.message.ConfChange.Transition;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConfChangeTest {
  @Test
  void readsBackWhatItWrote() throws MalformedException {
    ConfChange change =
        new ConfChange(
            Transition.JOINT_EXPLICIT,
            List.of(
                new Operation(OperationType.ADD_LEARNER, -3),
                new Operation(OperationType.REMOVE, 7)),
            Bytes.utf8("context"));

    assertThat(ConfChange.decode(change.encode())).isEqualTo(change);
  }

  @Test
  void leavingAJointConfigurationHasNoBytes() throws MalformedException {
    assertThat(ConfChange.LEAVE_JOINT.encode()).isEqualTo(Bytes.EMPTY);
    assertThat(ConfChange.decode(Bytes.EMPTY)).isEqualTo(ConfChange.LEAVE_JOINT);
  }

  @Test
  void refusesUnknownKinds() {
    assertThatThrownBy(() -> ConfChange.decode(Bytes.wrap(new byte[] {9, 0, 0})))
        .isInstanceOf(MalformedException.class)
        .hasMessage("conf change: unknown transition: 9");
  }
}
