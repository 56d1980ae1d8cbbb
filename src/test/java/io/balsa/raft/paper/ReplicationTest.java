package io.balsa.raft.paper;

import static io.balsa.raft.Core.at;
import static io.balsa.raft.Core.core;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Bytes;
import io.balsa.raft.Core;
import io.balsa.raft.Group;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The log and its commitment. */
class ReplicationTest {
  private static Entry normal(long term, long index, String text) {
    return new Entry(term, index, EntryType.NORMAL, Bytes.utf8(text));
  }

  // ---- Normal operation (paper §5.3)

  @Test
  void leaderAppendsACommandAndSendsItToAllOthersWithThePreviousEntry() {
    Core core = core(1).leader();
    core.stepAndRun(core.acknowledge(2, 1)).stepAndRun(core.acknowledge(3, 1));
    core.take();

    core.propose("some data");
    core.run();

    Entry entry = normal(1, 2, "some data");
    assertThat(core.take())
        .containsExactly(
            new Message.AppendRequest(1, 2, 1, at(1, 1), List.of(entry), 1),
            new Message.AppendRequest(1, 3, 1, at(1, 1), List.of(entry), 1));
    assertThat(core.storage.entries(2, 3, 1)).containsExactly(entry);
  }

  @ParameterizedTest
  @CsvSource({"1, 0", "3, 1", "4, 2", "5, 2"})
  void entryIsCommittedOnceAMajorityHasIt(int voters, int others) {
    Core core = core(1).voters(LongStream.rangeClosed(1, voters).toArray()).leader();
    core.propose("x");
    core.run();
    for (long voter = 2; voter < 2 + others; voter++) {
      assertThat(core.node.commit()).isZero();
      core.stepAndRun(core.acknowledge(voter, 2));
    }

    assertThat(core.node.commit()).isEqualTo(2);
    assertThat(core.appliedTexts()).containsExactly("x");
  }

  @Test
  void commitOfAnEntryCommitsAllBeforeItAlsoOfOtherLeaders() {
    Core core = core(1).log(1, 2).hardState(2, 0, 0).leader();
    core.propose("x");
    core.run();

    core.stepAndRun(core.acknowledge(2, 4));

    assertThat(core.node.commit()).isEqualTo(4);
    assertThat(core.applied.stream().map(Entry::index)).containsExactly(1L, 2L, 3L, 4L);
  }

  @Test
  void followerLearnsTheCommitIndexAndAppliesInOrder() {
    Core core = core(1).build();

    core.stepAndRun(core.append(2, 1, EntryId.ZERO, 0, 1, 1, 1));
    assertThat(core.applied).isEmpty();
    core.stepAndRun(core.append(2, 1, at(1, 3), 2));

    assertThat(core.applied.stream().map(Entry::index)).containsExactly(1L, 2L);
  }

  @Test
  void leaderSendsAgainUntilAllHaveTheEntry() {
    Group group = Group.of(core(1).build(), core(2).build(), core(3).build());
    group.elect(1);
    group.isolate(3);
    group.core(1).propose("x");
    group.settle();
    group.heal();

    group.tick(2);

    assertThat(group.core(3).appliedTexts()).containsExactly("x");
  }

  // ---- Consistency (paper §5.3)

  @ParameterizedTest
  @CsvSource({"1, 3, 1, 2", "2, 3, 1, 2", "3, 2, 1, 1"})
  void followerRejectsAnAppendWhosePreviousEntryItDoesNotHave(
      long previousTerm, long previousIndex, long hintTerm, long hintIndex) {
    Core core = core(1).log(1, 1).hardState(3, 0, 0).build();
    if (previousTerm == 3) {
      hintTerm = 1;
      hintIndex = 2;
    }

    core.stepAndRun(core.append(2, 3, at(previousTerm, previousIndex), 0, 3));

    assertThat(core.take())
        .containsExactly(
            new Message.AppendResponse(1, 2, 3, previousIndex, true, at(hintTerm, hintIndex)));
    assertThat(core.logTerms()).containsExactly(1L, 1L);
  }

  @Test
  void followerReplacesConflictingEntriesAndKeepsAgreeingOnes() {
    Core core = core(1).log(1, 2, 2).hardState(2, 0, 0).build();

    core.stepAndRun(core.append(2, 3, at(1, 1), 0, 3));

    assertThat(core.logTerms()).containsExactly(1L, 3L);
  }

  @Test
  void lateAppendDoesNotCutOffWhatCameAfterIt() {
    Core core = core(1).build();
    core.stepAndRun(core.append(2, 1, EntryId.ZERO, 0, 1, 1, 1));

    core.stepAndRun(core.append(2, 1, EntryId.ZERO, 0, 1));

    assertThat(core.logTerms()).containsExactly(1L, 1L, 1L);
    assertThat(core.take(Message.AppendResponse.class))
        .extracting(Message.AppendResponse::index)
        .containsExactly(3L, 1L);
  }

  @Test
  void appendCommitsAtMostToItsOwnLastEntry() {
    // Entries 2 and 3 are of an older leader, and not known to agree (figure 2).
    Core core = core(1).log(1, 1, 1).hardState(1, 0, 0).build();

    core.stepAndRun(core.append(2, 2, at(1, 1), 3));

    assertThat(core.node.commit()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // The followers of figure 7, against a leader with 1 1 1 4 4 5 5 6 6 6.
        "1 1 1 4 4 5 5 6 6",
        "1 1 1 4",
        "1 1 1 4 4 5 5 6 6 6 6",
        "1 1 1 4 4 5 5 6 6 6 7 7",
        "1 1 1 4 4 4 4",
        "1 1 1 2 2 2 3 3 3 3 3",
      })
  void leaderBringsEveryFollowersLogToAgreeWithItsOwn(String terms) {
    long[] log = Arrays.stream(terms.split(" ")).mapToLong(Long::parseLong).toArray();
    Group group =
        Group.of(
            core(1).log(1, 1, 1, 4, 4, 5, 5, 6, 6, 6).hardState(7, 0, 0).build(),
            core(2).log(log).hardState(7, 0, 0).build(),
            core(3).log(1, 1, 1).hardState(7, 0, 0).build());
    group.elect(1);

    assertThat(group.core(1).node.isLeader()).isTrue();
    assertThat(group.core(2).logTerms()).isEqualTo(group.core(1).logTerms());
    assertThat(group.core(2).logTerms()).endsWith(6L, 6L, 6L, 8L);
  }

  @Test
  void rejectionsSkipWholeTerms() {
    // The follower has a long tail of a term that the leader's log does not have.
    long[] follower = new long[100];
    Arrays.fill(follower, 2);
    follower[0] = 1;
    long[] leader = new long[100];
    Arrays.fill(leader, 3);
    leader[0] = 1;
    Core behind = core(2).log(follower).hardState(3, 0, 0).build();
    Core ahead = core(1).log(leader).hardState(3, 0, 0).build();
    Group group = Group.of(ahead, behind, core(3).hardState(3, 0, 0).build());
    int[] rejections = {0};
    group.lose(
        m -> {
          if (m instanceof Message.AppendResponse r && r.from() == 2 && r.rejected()) {
            rejections[0]++;
          }
          return false;
        });
    group.elect(1);

    assertThat(behind.logTerms()).isEqualTo(ahead.logTerms());
    assertThat(rejections[0]).isBetween(1, 2);
  }

  // ---- Commitment of older terms (paper §5.4.2)

  @Test
  void entryOfAnOlderTermIsNotCommittedByCountingCopies() {
    Core core = core(1).log(1, 2).hardState(2, 0, 0).leader(); // Its empty entry is (3, 3).

    core.stepAndRun(core.acknowledge(2, 1));
    assertThat(core.node.commit()).isZero();
    core.stepAndRun(core.acknowledge(2, 2));
    assertThat(core.node.commit()).isZero();
    core.stepAndRun(core.acknowledge(2, 3));
    assertThat(core.node.commit()).isEqualTo(3);
  }

  @Test
  void newLeaderBeginsItsTermWithAnEmptyEntry() {
    Core core = core(1).log(1).hardState(1, 0, 0).leader(); // Paper §8.

    assertThat(core.storage.entries(2, 3, 1))
        .containsExactly(new Entry(2, 2, EntryType.NORMAL, Bytes.EMPTY));
  }

  @Test
  void heartbeatNeverTellsACommitBeyondWhatThePeerHas() {
    Core core = core(1).leader();
    core.stepAndRun(core.acknowledge(2, 1));
    core.take();

    core.tick(1);

    assertThat(core.take())
        .containsExactly(
            new Message.Heartbeat(1, 2, 1, 1, 0), new Message.Heartbeat(1, 3, 1, 0, 0));
  }

  // ---- Joint majorities (paper §6)

  @Test
  void bothHalvesOfAJointConfigurationMustAgreeToElectAndToCommit() {
    ConfState joint =
        new ConfState(List.of(1L, 2L, 3L), List.of(1L, 4L, 5L), List.of(), List.of(), false);
    Core core = core(1).members(joint).build();
    core.node.campaign();
    core.run();
    core.stepAndRun(new Message.VoteResponse(2, 1, 1, false, false));
    core.stepAndRun(new Message.VoteResponse(3, 1, 1, false, false));
    assertThat(core.node.isLeader()).isFalse();
    core.stepAndRun(new Message.VoteResponse(4, 1, 1, false, false));
    assertThat(core.node.isLeader()).isTrue();

    core.stepAndRun(core.acknowledge(4, 1)).stepAndRun(core.acknowledge(5, 1));
    assertThat(core.node.commit()).isZero();
    core.stepAndRun(core.acknowledge(2, 1));
    assertThat(core.node.commit()).isEqualTo(1);
  }

  // ---- Snapshots (paper §7)

  @Test
  void peerWhoseNextEntryIsCompactedGetsASnapshotAndThenTheRest() {
    Core leader = core(1).build();
    Core late = core(3).build();
    Group group = Group.of(leader, core(2).build(), late);
    group.isolate(3);
    group.elect(1);
    for (int i = 0; i < 5; i++) {
      leader.propose("x" + i);
    }
    group.settle();
    leader.storage.createSnapshot(4, leader.node.status().configuration());
    leader.storage.compact(4);
    group.heal();

    group.tick(3);

    assertThat(late.storage.firstIndex()).isEqualTo(5);
    assertThat(late.node.commit()).isEqualTo(6);
    assertThat(late.appliedTexts()).containsExactly("x3", "x4");
  }

  @Test
  void snapshotThatTheLogAlreadyHoldsOnlyMovesTheCommitIndex() {
    Core core = core(1).log(1, 1, 1).hardState(1, 0, 1).build();
    Snapshot snapshot = new Snapshot(at(1, 2), ConfState.ofVoters(List.of(1L, 2L, 3L)));

    core.stepAndRun(new Message.InstallSnapshot(2, 1, 1, snapshot));

    assertThat(core.logTerms()).containsExactly(1L, 1L, 1L);
    assertThat(core.node.commit()).isEqualTo(2);
    assertThat(core.take(Message.AppendResponse.class))
        .extracting(Message.AppendResponse::index)
        .containsExactly(2L);
  }
}
