package io.balsa.raft.paper;

import static io.balsa.raft.Core.at;
import static io.balsa.raft.Core.core;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.data.InvariantException;
import io.balsa.raft.Core;
import io.balsa.raft.Group;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Message;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Why all members apply the same entries in the same order. */
class SafetyTest {
  private static long[] terms(String text) {
    return text.isEmpty()
        ? new long[0]
        : Arrays.stream(text.split(" ")).mapToLong(Long::parseLong).toArray();
  }

  // ---- The restriction on elections

  /** Paper §5.4.1: a request for a vote tells the candidate's last entry. */
  @ParameterizedTest
  @CsvSource({"'', 0, 0", "1, 1, 1", "1 2, 2, 2", "1 2 2, 2, 3"})
  void requestForAVoteTellsTheCandidatesLastEntry(String log, long term, long index) {
    Core core = core(1).log(terms(log)).hardState(2, 0, 0).build().campaign();

    assertThat(core.take())
        .containsExactly(
            new Message.VoteRequest(1, 2, 3, at(term, index), false, false),
            new Message.VoteRequest(1, 3, 3, at(term, index), false, false));
  }

  /** Paper §5.4.1: a voter refuses a log that is older: last term first, then length. */
  @ParameterizedTest
  @CsvSource({
    // The voter's log, and the candidate's last term and index.
    "1, 1, 1, true",
    "1, 1, 2, true",
    "1 1, 1, 1, false",
    "1, 2, 1, true",
    "1, 2, 2, true",
    "1 1, 2, 1, true",
    "2, 1, 1, false",
    "2, 1, 2, false",
    "2 2, 1, 1, false",
    "1 2, 1, 9, false",
  })
  void voterRefusesACandidateWhoseLogIsLessUpToDate(
      String log, long term, long index, boolean granted) {
    Core core = core(1).log(terms(log)).hardState(2, 0, 0).build();

    core.stepAndRun(core.voteRequest(2, 5, at(term, index)));

    assertThat(core.take()).containsExactly(new Message.VoteResponse(1, 2, 5, false, !granted));
    assertThat(core.node.status().vote()).isEqualTo(granted ? 2 : 0);
  }

  /** Paper §5.4.1: who lacks a committed entry cannot become leader, however often it tries. */
  @Test
  void memberThatLacksACommittedEntryIsNotElected() {
    Group group = Group.ofVoters(3);
    group.elect(1);
    group.isolate(3);
    group.core(1).propose("x");
    group.settle();
    assertThat(group.core(1).appliedTexts()).containsExactly("x");
    group.heal();

    for (int i = 0; i < 5; i++) {
      group.elect(3);
      assertThat(group.core(3).node.isLeader()).isFalse();
    }
    group.elect(2);

    assertThat(group.leader().id).isEqualTo(2);
    assertThat(group.core(3).appliedTexts()).containsExactly("x");
  }

  // ---- Entries of earlier terms

  /** Paper §5.4.2: only entries of the leader's own term are committed by counting copies. */
  @ParameterizedTest
  @CsvSource({"1, 0", "2, 0", "3, 3"})
  void entryOfAnOlderTermIsNotCommittedByCountingCopies(long acknowledged, long committed) {
    Core core = core(1).log(1, 2).hardState(2, 0, 0).leader(); // Its own empty entry is (3, 3).

    core.stepAndRun(core.acknowledge(2, acknowledged))
        .stepAndRun(core.acknowledge(3, acknowledged));

    assertThat(core.node.commit()).isEqualTo(committed);
  }

  /** Paper §5.4.2: an entry keeps its term when a later leader replicates it. */
  @Test
  void entriesKeepTheirTermsWhenALaterLeaderSendsThem() {
    Core core = core(1).log(1, 2).hardState(5, 0, 0).leader();

    core.stepAndRun(core.reject(2, 2, EntryId.ZERO));

    assertThat(core.take(Message.AppendRequest.class))
        .flatExtracting(Message.AppendRequest::entries)
        .extracting(Entry::term)
        .containsExactly(1L, 2L, 6L);
  }

  /**
   * Figure 8 up to (c): the entry of term 2 lies on a majority, but another of term 3 in its place
   * lies on server 5. Server 1 leads term 4, and its own entry of that term has reached nobody.
   */
  private static Group figure8() {
    Group group =
        Group.of(
            figure8Member(1),
            figure8Member(2),
            figure8Member(3),
            figure8Member(4),
            figure8Member(5));
    // (a) Server 1 leads term 2 and brings its entry to server 2 only.
    group.lose(m -> m instanceof Message.AppendRequest && m.to() != 2);
    group.elect(1);
    // (b) It crashes. Server 5 is elected by 3, 4 and itself, and stores an entry nowhere else.
    group.crash(1);
    group.lose(m -> m instanceof Message.AppendRequest || m.to() == 2);
    group.elect(5);
    assertThat(group.core(5).logTerms()).containsExactly(1L, 3L);
    // (c) It crashes, server 1 is elected once more and goes on with the entry of term 2.
    group.crash(5);
    group.restart(1);
    group.lose(
        m ->
            m instanceof Message.AppendRequest append
                && append.entries().stream().anyMatch(e -> e.term() == 4)
                && group.core(m.to()).node.lastIndex() >= 2);
    group.elect(1);
    group.elect(1); // Its first campaign told it that there was a term 3.
    assertThat(group.leader().id).isEqualTo(1);
    assertThat(group.core(1).logTerms()).containsExactly(1L, 2L, 4L);
    for (long id = 2; id <= 4; id++) {
      assertThat(group.core(id).logTerms()).containsExactly(1L, 2L);
    }
    return group;
  }

  private static Core figure8Member(long id) {
    // One entry in each append, so that (c) can stop between two.
    return core(id)
        .voters(1, 2, 3, 4, 5)
        .log(1)
        .hardState(1, 0, 0)
        .options(o -> o.maxMessageBytes(0))
        .build();
  }

  /** Paper §5.4.2, figure 8 (d): an entry on a majority may still be replaced: not committed. */
  @Test
  void entryOfAnOlderTermOnAMajorityMayStillBeReplaced() {
    Group group = figure8();
    for (long id = 1; id <= 5; id++) {
      assertThat(group.core(id).node.commit()).isLessThan(2);
    }

    group.crash(1);
    group.restart(5);
    group.heal();
    group.elect(5);
    group.elect(5); // As above, with term 4.
    group.restart(1);
    group.tick(3);

    for (long id = 1; id <= 5; id++) {
      assertThat(group.core(id).logTerms()).containsExactly(1L, 3L, 5L);
      assertThat(group.core(id).node.commit()).isEqualTo(3);
    }
  }

  /** Paper §5.4.2, figure 8 (e): an own entry on a majority commits all before it, for good. */
  @Test
  void ownEntryOnAMajorityMakesTheOlderOnesSafe() {
    Group group = figure8();
    group.heal();
    group.tick(2);
    assertThat(group.core(1).node.commit()).isEqualTo(3);

    group.restart(5);
    group.elect(5);
    group.elect(5);
    assertThat(group.core(5).node.isLeader()).isFalse();
    group.tick(5 * Core.ELECTION_TICKS);

    for (long id = 1; id <= 5; id++) {
      assertThat(group.core(id).logTerms()).startsWith(1L, 2L, 4L);
    }
  }

  // ---- The argument

  /** Paper §5.4.3: a committed entry is in the logs of the leaders of all later terms. */
  @Test
  void committedEntriesAreInTheLogsOfAllLaterLeaders() {
    Group group = Group.ofVoters(5);
    for (int round = 0; round < 20; round++) {
      long cutOff = round % 5 + 1;
      group.isolate(cutOff);
      for (long candidate = 1; candidate <= 5; candidate++) {
        group.elect(candidate);
      }
      group.leader().propose("x" + round);
      group.settle();
      group.heal();
      // It lacks the newest entry, and must not lead however high its term.
      long term = group.leader().node.term();
      while (group.core(cutOff).node.term() <= term) {
        group.elect(cutOff);
      }
      assertThat(group.core(cutOff).node.isLeader()).isFalse();
    }
    group.tick(10 * Core.ELECTION_TICKS);

    List<String> applied = group.leader().appliedTexts();
    assertThat(applied).hasSize(20);
    for (long id = 1; id <= 5; id++) {
      assertThat(group.core(id).appliedTexts()).isEqualTo(applied);
    }
  }

  /** Paper §5.4.3: what is committed and may be applied is never replaced. */
  @Test
  void appendFromBeforeTheCommitIndexChangesNothingAndIsToldTheCommitIndex() {
    Core core = core(1).log(1, 1, 1).hardState(1, 0, 2).build();
    core.run();

    core.stepAndRun(core.append(2, 3, EntryId.ZERO, 0, 3, 3, 3));

    assertThat(core.logTerms()).containsExactly(1L, 1L, 1L);
    assertThat(core.take())
        .containsExactly(new Message.AppendResponse(1, 2, 3, 2, false, EntryId.ZERO));
  }

  /** Paper §5.4.3: a committed entry that is not in the log was lost; that must not pass. */
  @ParameterizedTest
  @ValueSource(longs = {2, 9})
  void commitOfAnEntryThatTheLogDoesNotHaveStopsTheMember(long commit) {
    Core core = core(1).log(1).hardState(1, 0, 1).build();

    assertThatThrownBy(() -> core.step(new Message.Heartbeat(2, 1, 1, commit, 0)))
        .isInstanceOf(InvariantException.class)
        .hasMessageContaining("commit is beyond the last entry");
  }
}
