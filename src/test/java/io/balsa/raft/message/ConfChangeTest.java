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
  void contextMayBeLongerThanTheChange() throws MalformedException {
    ConfChange change = new ConfChange(Transition.AUTO, List.of(), Bytes.wrap(new byte[1000]));
    assertThat(ConfChange.decode(change.encode())).isEqualTo(change);
  }

  @Test
  void refusesUnknownKinds() {
    assertRefused("conf change: unknown transition: 9", 9, 0, 0);
    assertRefused("conf change: unknown transition: 3", 3, 0, 0);
    assertRefused("conf change: unknown operation type: 4", 0, 1, 4, 1, 0);
  }

  @Test
  void refusesBytesBehindTheEnd() throws MalformedException {
    assertThat(ConfChange.decode(bytes(0, 1, 0, 7, 0)))
        .isEqualTo(ConfChange.of(OperationType.ADD_VOTER, 7));
    assertThatThrownBy(() -> ConfChange.decode(bytes(0, 1, 0, 7, 0, 0)))
        .isInstanceOf(MalformedException.class);
  }

  private static void assertRefused(String message, int... bytes) {
    assertThatThrownBy(() -> ConfChange.decode(bytes(bytes)))
        .isInstanceOf(MalformedException.class)
        .hasMessage(message);
  }

  private static Bytes bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return Bytes.wrap(bytes);
  }
}
