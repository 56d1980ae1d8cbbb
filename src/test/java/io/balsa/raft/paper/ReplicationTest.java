package io.balsa.raft.paper;

import static io.balsa.raft.Core.at;
import static io.balsa.raft.Core.core;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Bytes;
import io.balsa.raft.Core;
import io.balsa.raft.Group;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.Message;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How the leader's log comes to all others. */
class ReplicationTest {
  private static long[] terms(String text) {
    return text.isEmpty()
        ? new long[0]
        : Arrays.stream(text.split(" ")).mapToLong(Long::parseLong).toArray();
  }

  private static List<Long> list(String terms) {
    return LongStream.of(terms(terms)).boxed().toList();
  }

  // ---- Normal operation

  /** Paper §5.3: a leader appends a command as a new entry and sends it to all at once. */
  @Test
  void leaderAppendsACommandAndSendsItToAllOthersWithThePreviousEntry() {
    Core core = core(1).leader().acknowledgedByAll();

    core.propose("some data");
    core.run();

    Entry entry = new Entry(1, 2, EntryType.NORMAL, Bytes.utf8("some data"));
    assertThat(core.take())
        .containsExactly(
            new Message.AppendRequest(1, 2, 1, at(1, 1), List.of(entry), 1),
            new Message.AppendRequest(1, 3, 1, at(1, 1), List.of(entry), 1));
    assertThat(core.storage.entries(2, 3, 1)).containsExactly(entry);
    assertThat(core.node.commit()).isEqualTo(1);
  }

  /** Paper §5.3: an entry is committed once the leader has it on a majority. */
  @ParameterizedTest
  @CsvSource({"1, 0", "2, 1", "3, 1", "4, 2", "5, 2"})
  void entryIsCommittedOnceAMajorityHasIt(int voters, int others) {
    Core core = core(1).voters(LongStream.rangeClosed(1, voters).toArray()).leader();
    core.propose("x");
    core.run();
    for (long voter = 2; voter < 2 + others; voter++) {
      assertThat(core.node.commit()).isZero();
      core.stepAndRun(core.acknowledge(voter, 2)).stepAndRun(core.acknowledge(voter, 2));
    }

    assertThat(core.node.commit()).isEqualTo(2);
    assertThat(core.appliedTexts()).containsExactly("x");
  }

  /** Paper §5.3: the leader tells the commit index in its next messages, also empty ones. */
  @Test
  void leaderTellsAllOthersWhatIsCommitted() {
    Core core = core(1).leader().acknowledgedByAll();
    core.propose("x");
    core.run();
    core.take();

    core.stepAndRun(core.acknowledge(2, 2));

    assertThat(core.take(Message.AppendRequest.class))
        .containsExactly(
            new Message.AppendRequest(1, 2, 1, at(1, 2), List.of(), 2),
            new Message.AppendRequest(1, 3, 1, at(1, 2), List.of(), 2));
  }

  /** Paper §5.3: the commit of an entry commits all before it, also of other leaders. */
  @ParameterizedTest
  @ValueSource(strings = {"", "2", "1 2", "1"})
  void commitOfAnEntryCommitsAllBeforeItAlsoOfOtherLeaders(String log) {
    Core core = core(1).log(terms(log)).hardState(2, 0, 0).leader();
    core.propose("x");
    core.run();
    long last = list(log).size() + 2;

    core.stepAndRun(core.acknowledge(2, last));

    assertThat(core.node.commit()).isEqualTo(last);
    assertThat(core.applied)
        .extracting(Entry::index)
        .isEqualTo(LongStream.rangeClosed(1, last).boxed().toList());
  }

  /** Paper §5.3: a follower applies what it is told is committed, in the order of the log. */
  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3})
  void followerLearnsTheCommitIndexAndAppliesInOrder(long commit) {
    Core core = core(1).build();

    core.stepAndRun(core.append(2, 1, EntryId.ZERO, 0, 1, 1, 1));
    assertThat(core.applied).isEmpty();
    core.stepAndRun(core.append(2, 1, at(1, 3), commit));

    assertThat(core.applied)
        .extracting(Entry::index)
        .isEqualTo(LongStream.rangeClosed(1, commit).boxed().toList());
  }

  /** Paper §5.3: a leader sends again without end, until all followers have all entries. */
  @Test
  void leaderSendsAgainUntilAllHaveTheEntry() {
    Group group = Group.ofVoters(3);
    group.elect(1);
    int[] lost = {0};
    group.lose(m -> m.to() == 3 && m instanceof Message.AppendRequest && lost[0]++ < 20);
    group.core(1).propose("x");

    group.tick(25);

    assertThat(group.core(3).appliedTexts()).containsExactly("x");
  }

  /** Paper §5.3: a slow or dead minority does not hold the others up. */
  @Test
  void slowMinorityDoesNotHoldTheOthersUp() {
    Group group = Group.ofVoters(5);
    group.elect(1);
    group.lose(m -> m.to() >= 4);

    group.core(1).propose("x");
    group.settle();

    assertThat(group.core(1).appliedTexts()).containsExactly("x");
  }

  /** Paper figure 3: a leader never replaces or removes entries of its own log. */
  @Test
  void leaderNeverChangesItsOwnLogButAtTheEnd() {
    Core core = core(1).log(1, 1).hardState(1, 0, 0).leader();

    core.stepAndRun(core.append(2, 2, EntryId.ZERO, 3, 2, 2, 2, 2));
    core.stepAndRun(core.install(2, 2, at(2, 9)));

    assertThat(core.node.isLeader()).isTrue();
    assertThat(core.logTerms()).containsExactly(1L, 1L, 2L);
    assertThat(core.node.commit()).isZero();
  }

  // ---- Consistency

  /** Paper §5.3: an append names the entry before it: the follower must have just that one. */
  @ParameterizedTest
  @CsvSource({
    // The previous entry, and the follower's answer if its log is 1 2, commit 1.
    "1, 1, false, 1, 0, 0",
    "2, 2, false, 2, 0, 0",
    "1, 2, true, 2, 1, 1",
    "3, 3, true, 3, 2, 2",
    "2, 5, true, 5, 2, 2",
  })
  void followerTakesAnAppendOnlyIfItHasThePreviousEntry(
      long term, long index, boolean rejected, long answered, long hintTerm, long hintIndex) {
    Core core = core(1).log(1, 2).hardState(3, 0, 1).build();
    core.run();

    core.stepAndRun(core.append(2, 3, at(term, index), 0));

    assertThat(core.take())
        .containsExactly(
            new Message.AppendResponse(1, 2, 3, answered, rejected, at(hintTerm, hintIndex)));
    assertThat(core.logTerms()).containsExactly(1L, 2L);
  }

  /** Paper §5.3: from the first conflict on the follower's entries give way to the leader's. */
  @ParameterizedTest
  @CsvSource({
    // The previous entry, what is sent after it, and what then is in a log of 1 2.
    "2, 2, 3, 1 2 3, 3",
    "1, 1, 3 4, 1 3 4, 3 4",
    "0, 0, 1, 1 2, ''",
    "0, 0, 1 2 3, 1 2 3, 3",
    "0, 0, 3, 3, 3",
  })
  void followerReplacesConflictingEntriesAndKeepsAgreeingOnes(
      long term, long index, String sent, String log, String stored) {
    Core core = core(1).log(1, 2).hardState(2, 0, 0).build();

    core.step(core.append(2, 4, at(term, index), 0, terms(sent)));

    assertThat(core.runOnce().entries()).extracting(Entry::term).isEqualTo(list(stored));
    assertThat(core.logTerms()).isEqualTo(list(log));
  }

  /** Paper figure 2, AppendEntries: a late append must not cut off what came after it. */
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

  /** Paper figure 2, AppendEntries: entries behind the append are not known to agree. */
  @Test
  void appendCommitsAtMostToItsOwnLastEntry() {
    Core core = core(1).log(1, 1, 1).hardState(1, 0, 0).build();

    core.stepAndRun(core.append(2, 2, at(1, 1), 3));

    assertThat(core.node.commit()).isEqualTo(1);
  }

  /** Paper figure 2, AppendEntries: nor does a heartbeat tell more than the peer has. */
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

  // ---- Logs that differ

  /** Paper §5.3: a new leader first tries its last entry, as if all logs agreed with its own. */
  @Test
  void newLeaderFirstSendsWhatComesAfterItsLastEntry() {
    Core core = core(1).log(1, 2, 2).hardState(2, 0, 0).build().campaign();
    core.take();

    core.stepAndRun(core.grant(2));

    assertThat(core.take(Message.AppendRequest.class))
        .extracting(Message.AppendRequest::previous)
        .containsExactly(at(2, 3), at(2, 3));
    assertThat(core.node.status().progress().get(2L).match()).isZero();
  }

  /** Paper §5.3: after a rejection the leader goes back and tries again. */
  @Test
  void leaderGoesBackWithEachRejection() {
    Core core = core(1).log(1, 2, 2).hardState(2, 0, 0).leader();

    core.stepAndRun(core.reject(2, 3, at(2, 2)));
    core.stepAndRun(core.reject(2, 2, at(1, 1)));

    assertThat(core.take(Message.AppendRequest.class))
        .extracting(Message.AppendRequest::previous)
        .containsExactly(at(2, 2), at(1, 1));
  }

  /** Paper §5.3: a rejection that an acknowledgement has overtaken says nothing any more. */
  @Test
  void leaderDoesNotGoBackBehindWhatWasAcknowledged() {
    Core core = core(1).log(1, 2, 2).hardState(2, 0, 0).leader();
    core.stepAndRun(core.acknowledge(2, 4));
    core.take();

    core.stepAndRun(core.reject(2, 3, at(1, 1)));
    core.stepAndRun(core.acknowledge(2, 1));

    assertThat(core.take(Message.AppendRequest.class)).isEmpty();
    assertThat(core.node.status().progress().get(2L).match()).isEqualTo(4);
    assertThat(core.node.status().progress().get(2L).next()).isEqualTo(5);
  }

  /** Paper §5.3, figure 7: the leader brings every follower's log to agree with its own. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        // (a) to (f), against a leader with 1 1 1 4 4 5 5 6 6 6.
        "1 1 1 4 4 5 5 6 6",
        "1 1 1 4",
        "1 1 1 4 4 5 5 6 6 6 6",
        "1 1 1 4 4 5 5 6 6 6 7 7",
        "1 1 1 4 4 4 4",
        "1 1 1 2 2 2 3 3 3 3 3",
      })
  void leaderBringsEveryFollowersLogToAgreeWithItsOwn(String terms) {
    Group group =
        Group.of(
            core(1).log(1, 1, 1, 4, 4, 5, 5, 6, 6, 6).hardState(7, 0, 0).build(),
            core(2).log(terms(terms)).hardState(7, 0, 0).build(),
            core(3).log(1, 1, 1).hardState(7, 0, 0).build());
    group.elect(1);

    assertThat(group.core(1).node.isLeader()).isTrue();
    for (long id = 1; id <= 3; id++) {
      assertThat(group.core(id).logTerms())
          .containsExactly(1L, 1L, 1L, 4L, 4L, 5L, 5L, 6L, 6L, 6L, 8L);
      assertThat(group.core(id).node.commit()).isEqualTo(11);
    }
  }

  /** Paper §5.3: with a hint of the follower one rejection skips all entries of a term. */
  @Test
  void rejectionsSkipWholeTerms() {
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
}
