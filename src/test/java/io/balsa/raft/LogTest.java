package io.balsa.raft;

import static io.balsa.raft.Core.at;
import static io.balsa.raft.Core.core;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.data.InvariantException;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Message;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What enters the log, what leaves it again, and what is committed, seen in the core's state. */
class LogTest {
  // ---- A follower's log

  @Test
  void appendIsTakenOnlyBehindAnEntryThatAgrees() {
    Core core = core(1).log(1, 2).hardState(2, 0, 0).build();

    core.stepAndRun(core.append(2, 3, at(3, 2), 0, 3));
    core.stepAndRun(core.append(2, 3, at(3, 3), 0, 3));
    assertThat(core.logTerms()).containsExactly(1L, 2L);
    core.stepAndRun(core.append(2, 3, at(2, 2), 0, 3));

    assertThat(core.logTerms()).containsExactly(1L, 2L, 3L);
  }

  @Test
  void conflictReplacesFromTheFirstEntryThatDiffers() {
    Core core = core(1).log(1, 2, 2, 2).hardState(2, 0, 1).build();

    core.step(core.append(2, 3, at(1, 1), 0, 2, 3));

    assertThat(core.runOnce().entries()).extracting(Entry::id).containsExactly(at(3, 3));
    assertThat(core.logTerms()).containsExactly(1L, 2L, 3L);
  }

  @Test
  void lateAppendCutsNothingOff() {
    Core core = core(1).log(1, 1, 1).hardState(1, 0, 0).build();

    core.step(core.append(2, 1, EntryId.ZERO, 0, 1));
    Ready ready = core.runOnce();
    core.step(core.append(2, 1, at(1, 1), 0));
    core.runOnce();

    assertThat(ready.entries()).isEmpty();
    assertThat(core.node.lastIndex()).isEqualTo(3);
    assertThat(core.logTerms()).containsExactly(1L, 1L, 1L);
  }

  @Test
  void committedEntryIsNeverReplaced() {
    Core core = core(1).log(1, 1).hardState(1, 0, 2).build();
    // Before the commit index nothing is compared: all there is known to agree.
    core.stepAndRun(core.append(2, 2, EntryId.ZERO, 0, 2, 2));
    assertThat(core.logTerms()).containsExactly(1L, 1L);
    assertThat(core.take())
        .containsExactly(new Message.AppendResponse(1, 2, 2, 2, false, EntryId.ZERO));
  }

  @Test
  void appendCommitsAtMostToItsOwnLastEntry() {
    Core core = core(1).log(1, 1, 1).hardState(1, 0, 0).build();

    core.stepAndRun(core.append(2, 2, at(1, 1), 3));
    assertThat(core.node.commit()).isEqualTo(1);
    core.stepAndRun(core.append(2, 2, at(1, 1), 9, 1));

    assertThat(core.node.commit()).isEqualTo(2);
  }

  @Test
  void commitIndexNeverMovesBack() {
    Core core = core(1).log(1, 1, 1).hardState(1, 0, 2).build();

    core.stepAndRun(core.append(2, 2, at(1, 3), 1));
    core.stepAndRun(core.heartbeat(2, 2));

    assertThat(core.node.commit()).isEqualTo(2);
  }

  @Test
  void memberThatLostWhatItAcknowledgedStops() {
    Core core = core(1).log(1).hardState(1, 0, 0).build();

    assertThatThrownBy(() -> core.step(new Message.Heartbeat(2, 1, 1, 5, 0)))
        .isInstanceOf(InvariantException.class)
        .hasMessage(
            "log: commit is beyond the last entry, was the log lost or truncated: commit, last:"
                + " 5, 1");
  }

  // ---- What a leader commits

  @Test
  void entryOfAnOlderTermIsCommittedByALaterOneOnly() {
    Core core = core(1).log(1, 2).hardState(2, 0, 0).leader();

    core.stepAndRun(core.acknowledge(2, 2)).stepAndRun(core.acknowledge(3, 2));
    assertThat(core.node.commit()).isZero();
    core.stepAndRun(core.acknowledge(2, 3));

    assertThat(core.node.commit()).isEqualTo(3);
  }

  @Test
  void bothHalvesOfAJointConfigurationCommit() {
    ConfState joint =
        new ConfState(List.of(1L, 2L, 3L), List.of(1L, 4L, 5L), List.of(), List.of(), false);
    Core core = core(1).members(joint).leader();

    core.stepAndRun(core.acknowledge(2, 1)).stepAndRun(core.acknowledge(3, 1));
    assertThat(core.node.commit()).isZero();
    core.stepAndRun(core.acknowledge(4, 1));

    assertThat(core.node.commit()).isEqualTo(1);
  }

  @Test
  void heartbeatTellsNoCommitIndexBeyondWhatThePeerHas() {
    Core core = core(1).leader();
    core.propose("x");
    core.run();
    core.stepAndRun(core.acknowledge(2, 2));
    core.stepAndRun(core.acknowledge(3, 1));
    core.take();

    core.tick(1);

    assertThat(core.take())
        .containsExactly(
            new Message.Heartbeat(1, 2, 1, 2, 0), new Message.Heartbeat(1, 3, 1, 1, 0));
  }
}
