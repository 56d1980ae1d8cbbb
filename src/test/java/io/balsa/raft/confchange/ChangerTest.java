package io.balsa.raft.confchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.message.ConfChange.Operation;
import io.balsa.raft.message.ConfChange.OperationType;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.tracker.ProgressTracker;
import io.balsa.raft.tracker.ProgressTracker.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ChangerTest {
  private static final Limits LIMITS = new Limits(8, Long.MAX_VALUE);

  @Test
  void restoredConfigurationIsTheOneThatWasStoredWhateverLedToIt() {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    ProgressTracker tracker = Changer.restore(ConfState.ofVoters(List.of(1L)), 1, LIMITS);
    int joint = 0;
    for (int i = 0; i < 5000; i++) {
      ConfState before = tracker.configuration().toConfState();
      try {
        Changer changer = new Changer(tracker, i, LIMITS);
        tracker =
            switch (random.nextInt(3)) {
              case 0 -> changer.simple(operations(random));
              case 1 -> changer.enterJoint(random.nextBoolean(), operations(random));
              default -> changer.leaveJoint();
            };
      } catch (ConfChangeException e) {
        assertThat(tracker.configuration().toConfState()).isEqualTo(before);
        continue;
      }
      ConfState state = tracker.configuration().toConfState();
      joint += state.isJoint() ? 1 : 0;
      ProgressTracker restored = Changer.restore(state, i, LIMITS);
      assertThat(restored.configuration())
          .as("seed %d; repeat: -Dseed=%d", seed, seed)
          .isEqualTo(tracker.configuration());
      assertThat(restored.copies().keySet()).isEqualTo(tracker.copies().keySet());
      checkChange(before, state);
      for (long member : tracker.copies().keySet()) {
        assertThat(restored.progress(member).learner())
            .isEqualTo(tracker.progress(member).learner());
      }
    }
    assertThat(joint).isPositive();
  }

  /** Majorities before and after overlap: one voter more or less, or a half that stays. */
  private static void checkChange(ConfState before, ConfState after) {
    if (!before.isJoint() && !after.isJoint()) {
      TreeSet<Long> different = new TreeSet<>(before.voters());
      different.addAll(after.voters());
      different.removeIf(id -> before.voters().contains(id) && after.voters().contains(id));
      assertThat(different).hasSizeLessThanOrEqualTo(1);
    } else if (after.isJoint()) {
      assertThat(after.votersOutgoing()).isEqualTo(before.voters());
    } else {
      assertThat(after.voters()).isEqualTo(before.voters());
    }
  }

  private static List<Operation> operations(Random random) {
    List<Operation> operations = new ArrayList<>();
    for (int n = random.nextInt(4); n > 0; n--) {
      OperationType type = OperationType.values()[random.nextInt(4)];
      operations.add(new Operation(type, random.nextInt(6)));
    }
    return operations;
  }
}
