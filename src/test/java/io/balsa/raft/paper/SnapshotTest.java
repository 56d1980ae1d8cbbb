package io.balsa.raft.paper;

import static io.balsa.raft.Core.at;
import static io.balsa.raft.Core.core;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.Core;
import io.balsa.raft.Group;
import io.balsa.raft.RawNodeAccess;
import io.balsa.raft.Ready;
import io.balsa.raft.Role;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compaction of the log, and members that lack what was compacted. */
class SnapshotTest {
  private static final ConfState MEMBERS = ConfState.ofVoters(List.of(1L, 2L, 3L));

  /** A leader of term 6 whose log begins after (5, 10), and to which 2 has answered. */
  private static Core leaderWithSnapshot() {
    Core core = core(1).snapshot(5, 10).hardState(5, 0, 10).leader();
    core.stepAndRun(core.heartbeatResponse(2, 0));
    core.take();
    return core;
  }

  // ---- Compaction

  /** Paper §7: each server compacts by itself what it has applied, without the leader. */
  @Test
  void followerCompactsOnItsOwnAndGoesOn() {
    Core core = core(1).build();
    core.stepAndRun(core.append(2, 1, EntryId.ZERO, 3, 1, 1, 1));

    core.storage.createSnapshot(3, MEMBERS);
    core.storage.compact(3);
    core.stepAndRun(core.append(2, 1, at(1, 3), 4, 1));

    assertThat(core.storage.firstIndex()).isEqualTo(4);
    assertThat(core.applied).extracting(Entry::index).containsExactly(1L, 2L, 3L, 4L);
  }

  /** Paper §7: a snapshot keeps the last entry's place, for the check of the append after it. */
  @ParameterizedTest
  @CsvSource({"5, false", "4, true"})
  void appendBehindASnapshotIsCheckedAgainstTheSnapshotsLastEntry(long term, boolean rejected) {
    Core core = core(1).snapshot(5, 10).hardState(5, 0, 0).log(5).build();

    core.stepAndRun(core.append(2, 6, at(term, 10), 0, 6));

    // What lies before the commit index is known to agree, and needs no check.
    assertThat(core.node.commit()).isEqualTo(10);
    assertThat(core.take(Message.AppendResponse.class))
        .extracting(Message.AppendResponse::rejected)
        .containsExactly(rejected);
    assertThat(core.logTerms()).containsExactly(rejected ? 5L : 6L);
  }

  /** Paper §7, §5.4.1: a log that is a snapshot alone ends with the snapshot's last entry. */
  @ParameterizedTest
  @CsvSource({"5, 10, true", "5, 9, false", "4, 11, false"})
  void candidatesLogIsComparedWithTheSnapshotsLastEntry(long term, long index, boolean granted) {
    Core core = core(1).snapshot(5, 10).hardState(5, 0, 0).build();

    core.stepAndRun(core.voteRequest(2, 6, at(term, index)));

    assertThat(core.take()).containsExactly(new Message.VoteResponse(1, 2, 6, false, !granted));
  }

  /** Paper §7: what is in the snapshot is applied already, and not once more after a restart. */
  @Test
  void restartGoesOnBehindTheSnapshot() {
    Core core = core(1).snapshot(5, 10).log(5, 5).hardState(5, 0, 11).build().run();

    assertThat(core.applied).extracting(Entry::index).containsExactly(11L);
    assertThat(core.node.applied()).isEqualTo(11);
  }

  // ---- Sending

  /** Paper §7: whose next entry is compacted gets the snapshot, with its last entry's place. */
  @Test
  void leaderSendsASnapshotInPlaceOfCompactedEntries() {
    Core core = leaderWithSnapshot();

    core.stepAndRun(core.reject(2, 10, EntryId.ZERO));

    assertThat(core.take())
        .containsExactly(new Message.InstallSnapshot(1, 2, 6, new Snapshot(at(5, 10), MEMBERS)));
  }

  /** Paper §7: nothing is appended beside a snapshot; its acknowledgement starts the rest. */
  @Test
  void appendsGoOnBehindTheSnapshotOnceItIsAcknowledged() {
    Core core = leaderWithSnapshot();
    core.stepAndRun(core.reject(2, 10, EntryId.ZERO));
    core.take();
    core.propose("x");
    core.run();
    assertThat(core.take()).noneMatch(m -> m.to() == 2);

    core.stepAndRun(core.acknowledge(2, 10));

    assertThat(core.take(Message.AppendRequest.class))
        .filteredOn(m -> m.to() == 2)
        .first()
        .satisfies(m -> assertThat(m.previous()).isEqualTo(at(5, 10)))
        .satisfies(m -> assertThat(m.entries()).hasSize(2));
  }

  /** Paper §7, §5.5: a snapshot that was lost is sent again, after the next sign of life. */
  @Test
  void lostSnapshotIsSentAgain() {
    Core core = leaderWithSnapshot();
    core.stepAndRun(core.reject(2, 10, EntryId.ZERO));
    core.take();

    core.node.reportSnapshot(2, false);
    core.run();
    assertThat(core.take()).isEmpty();
    core.stepAndRun(core.heartbeatResponse(2, 0));

    assertThat(core.take(Message.InstallSnapshot.class)).hasSize(1);
  }

  /** Paper §7: so a member that was away catches up: snapshot, then the entries behind it. */
  @Test
  void memberThatWasAwayGetsTheSnapshotAndThenTheRest() {
    Group group = Group.ofVoters(3);
    Core leader = group.core(1);
    Core late = group.core(3);
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

  // ---- Receiving

  /** Paper §7: a snapshot beyond the log, or at odds with it, replaces the whole log. */
  @ParameterizedTest
  @CsvSource({"1, 9", "2, 2"})
  void snapshotThatTheLogDoesNotHoldReplacesAllOfIt(long term, long index) {
    Core core = core(1).log(1, 1, 1).hardState(1, 0, 1).build();

    core.stepAndRun(core.install(2, 2, at(term, index)));

    assertThat(core.logTerms()).isEmpty();
    assertThat(core.node.lastIndex()).isEqualTo(index);
    assertThat(core.node.commit()).isEqualTo(index);
    assertThat(core.node.applied()).isEqualTo(index);
    assertThat(core.take())
        .containsExactly(new Message.AppendResponse(1, 2, 2, index, false, EntryId.ZERO));
  }

  /** Paper §7: if the log holds the snapshot's last entry, the entries behind it stay. */
  @Test
  void snapshotThatTheLogAlreadyHoldsOnlyMovesTheCommitIndex() {
    Core core = core(1).log(1, 1, 1).hardState(1, 0, 1).build();

    core.stepAndRun(core.install(2, 1, at(1, 2)));

    assertThat(core.logTerms()).containsExactly(1L, 1L, 1L);
    assertThat(core.node.commit()).isEqualTo(2);
    assertThat(core.take())
        .containsExactly(new Message.AppendResponse(1, 2, 1, 2, false, EntryId.ZERO));
  }

  /** Paper §7: a snapshot that comes late must not turn anything back. */
  @Test
  void snapshotFromBeforeTheCommitIndexChangesNothing() {
    Core core = core(1).snapshot(1, 5).log(1, 1).hardState(1, 0, 6).build().run();

    core.stepAndRun(core.install(2, 1, at(1, 3)));

    assertThat(core.logTerms()).containsExactly(1L, 1L);
    assertThat(core.node.commit()).isEqualTo(6);
    assertThat(core.take())
        .containsExactly(new Message.AppendResponse(1, 2, 1, 6, false, EntryId.ZERO));
  }

  /** Paper §7, figure 13: a snapshot is a word of the leader, and starts the timeout anew. */
  @Test
  void snapshotStartsTheElectionTimeoutAnew() {
    Core core = core(1).hardState(1, 0, 0).build();
    core.stepAndRun(core.heartbeat(2, 1));
    RawNodeAccess.setRandomizedElectionTimeout(core.node, Core.ELECTION_TICKS);
    core.tick(Core.ELECTION_TICKS - 1);

    core.stepAndRun(core.install(2, 1, at(1, 9)));
    core.tick(Core.ELECTION_TICKS - 1);

    assertThat(core.node.role()).isEqualTo(Role.FOLLOWER);
    assertThat(core.node.leader()).isEqualTo(2);
  }

  /** Paper §7, figure 13: a snapshot is stored before it is acknowledged. */
  @Test
  void snapshotIsInTheReadyThatAcknowledgesIt() {
    Core core = core(1).build();
    core.step(core.install(2, 1, at(1, 9)));

    Ready ready = core.node.ready();

    assertThat(ready.snapshot().last()).isEqualTo(at(1, 9));
    assertThat(ready.hardState().commit()).isEqualTo(9);
    assertThat(ready.messages())
        .containsExactly(new Message.AppendResponse(1, 2, 1, 9, false, EntryId.ZERO));
  }

  /** Paper §7: a snapshot brings the configuration as of its last entry. */
  @Test
  void snapshotBringsItsConfiguration() {
    Core core = core(1).build();
    ConfState joint =
        new ConfState(List.of(1L, 2L, 4L), List.of(1L, 2L, 3L), List.of(5L), List.of(3L), true);

    core.stepAndRun(new Message.InstallSnapshot(2, 1, 1, new Snapshot(at(1, 9), joint)));

    assertThat(core.node.status().configuration()).isEqualTo(joint);
    assertThat(core.take(Message.AppendResponse.class))
        .extracting(Message.AppendResponse::index)
        .containsExactly(9L);
  }
}
