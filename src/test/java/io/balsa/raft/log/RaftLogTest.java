package io.balsa.raft.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.data.Bytes;
import io.balsa.data.InvariantException;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.Snapshot;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RaftLogTest {
  /** The encoded size of an entry without data. */
  private static final long ONE = Entry.OVERHEAD_BYTES;

  private static final ConfState VOTERS = ConfState.ofVoters(List.of(1L, 2L, 3L));

  private final MemoryStorage storage = new MemoryStorage();

  private static Entry entry(long term, long index) {
    return new Entry(term, index, EntryType.NORMAL, Bytes.EMPTY);
  }

  private static Entry large(long term, long index) {
    return new Entry(term, index, EntryType.NORMAL, Bytes.wrap(new byte[1000]));
  }

  private static EntryId at(long term, long index) {
    return new EntryId(term, index);
  }

  private RaftLog log() {
    return new RaftLog(storage, true, Long.MAX_VALUE);
  }

  /** Entries 1 to 3 are stored, 4 and 5 are not; all of term 1. */
  private RaftLog halfStored() {
    storage.append(List.of(entry(1, 1), entry(1, 2), entry(1, 3)));
    RaftLog log = log();
    log.append(List.of(entry(1, 4), entry(1, 5)));
    return log;
  }

  private static List<Long> indexes(List<Entry> entries) {
    return entries.stream().map(Entry::index).toList();
  }

  // ---- Positions

  @Test
  void snapshotThatIsNotStoredYetTakesThePlaceOfTheLog() {
    RaftLog log = halfStored();
    Snapshot snapshot = new Snapshot(at(7, 10), VOTERS);

    log.restore(snapshot);

    assertThat(log.firstIndex()).isEqualTo(11);
    assertThat(log.last()).isEqualTo(at(7, 10));
    assertThat(log.committed()).isEqualTo(10);
    assertThat(log.snapshot()).contains(snapshot);
    assertThat(log.hasUnstableEntries()).isFalse();
    assertThatThrownBy(() -> log.term(9))
        .isInstanceOf(EntryUnavailableException.class)
        .hasMessage("log: entry is compacted: 9 < 11");
    assertThatThrownBy(() -> log.slice(10, 11, Long.MAX_VALUE))
        .isInstanceOf(EntryUnavailableException.class)
        .hasMessage("log: entry is compacted: 10 < 11");
  }

  @Test
  void entriesBehindASnapshotThatIsNotStoredYetCanBeRead() {
    RaftLog log = log();
    log.restore(new Snapshot(at(7, 10), VOTERS));

    log.append(List.of(entry(8, 11)));

    assertThat(log.entriesFrom(11, 0)).containsExactly(entry(8, 11));
    assertThat(log.last()).isEqualTo(at(8, 11));
  }

  @Test
  void lastPlaceThatMayAgreeIsFoundByTerm() {
    storage.applySnapshot(new Snapshot(at(2, 2), VOTERS));
    storage.append(List.of(entry(2, 3), entry(4, 4), entry(4, 5), entry(6, 6)));
    RaftLog log = log();

    assertThat(log.lastAtMostTerm(6, 6)).isEqualTo(at(6, 6));
    assertThat(log.lastAtMostTerm(6, 5)).isEqualTo(at(4, 5));
    assertThat(log.lastAtMostTerm(5, 3)).isEqualTo(at(2, 3));
    // Not even the snapshot's last entry may agree, and before it nothing is known.
    assertThat(log.lastAtMostTerm(5, 1)).isEqualTo(at(0, 1));
    // A place behind the log is as good as unknown.
    assertThat(log.lastAtMostTerm(7, 9)).isEqualTo(at(0, 7));
  }

  @Test
  void everyLogAgreesBeforeItsFirstEntry() {
    storage.append(List.of(entry(5, 1), entry(5, 2)));
    assertThat(log().lastAtMostTerm(2, 3)).isEqualTo(EntryId.ZERO);
  }

  // ---- Reading

  @Test
  void readsAcrossTheBorderOfWhatIsStored() {
    RaftLog log = halfStored();

    assertThat(indexes(log.slice(1, 6, Long.MAX_VALUE))).containsExactly(1L, 2L, 3L, 4L, 5L);
    assertThat(indexes(log.slice(2, 4, Long.MAX_VALUE))).containsExactly(2L, 3L);
    assertThat(indexes(log.slice(4, 6, Long.MAX_VALUE))).containsExactly(4L, 5L);
    assertThat(indexes(log.slice(3, 5, Long.MAX_VALUE))).containsExactly(3L, 4L);
    assertThat(log.slice(3, 3, Long.MAX_VALUE)).isEmpty();
    assertThat(log.slice(4, 4, Long.MAX_VALUE)).isEmpty();
    assertThat(log.slice(6, 6, Long.MAX_VALUE)).isEmpty();
    assertThat(indexes(log.entriesFrom(5, Long.MAX_VALUE))).containsExactly(5L);
    assertThat(log.entriesFrom(6, Long.MAX_VALUE)).isEmpty();
  }

  @Test
  void limitHoldsForBothPartsTogether() {
    RaftLog log = halfStored();

    assertThat(indexes(log.slice(2, 6, 2 * ONE))).containsExactly(2L, 3L);
    assertThat(indexes(log.slice(2, 6, 3 * ONE - 1))).containsExactly(2L, 3L);
    assertThat(indexes(log.slice(2, 6, 3 * ONE))).containsExactly(2L, 3L, 4L);
    assertThat(indexes(log.slice(2, 6, 4 * ONE))).containsExactly(2L, 3L, 4L, 5L);
  }

  @Test
  void atLeastOneEntryIsReadWhateverTheLimit() {
    RaftLog log = halfStored();

    assertThat(indexes(log.slice(3, 6, 0))).containsExactly(3L);
    assertThat(indexes(log.slice(4, 6, 0))).containsExactly(4L);
  }

  @Test
  void smallEntryIsNeverReadInPlaceOfALargeOneBeforeIt() {
    storage.append(List.of(entry(1, 1), large(1, 2)));
    RaftLog log = log();
    log.append(List.of(entry(1, 3)));

    assertThat(indexes(log.slice(1, 4, 2 * ONE))).containsExactly(1L);
  }

  @Test
  void refusesWhatIsNotThere() {
    RaftLog log = halfStored();
    assertThatThrownBy(() -> log.slice(5, 7, ONE))
        .isInstanceOf(EntryUnavailableException.class)
        .hasMessage("log: entry is beyond the last: 6 > 5");
    assertThatThrownBy(() -> log.term(6)).isInstanceOf(EntryUnavailableException.class);
  }

  // ---- Appending

  @Test
  void committedEntriesAreNeverReplaced() {
    RaftLog log = halfStored();
    log.commitTo(4);

    assertThatThrownBy(() -> log.maybeAppend(at(1, 3), List.of(entry(2, 4)), 0))
        .isInstanceOf(InvariantException.class)
        .hasMessage("log: committed entry would be replaced: index, commit: 4, 4");
    assertThat(log.maybeAppend(at(1, 4), List.of(entry(2, 5)), 0)).isEqualTo(5);
    assertThat(log.last()).isEqualTo(at(2, 5));
  }

  @Test
  void gapStopsTheMember() {
    RaftLog log = halfStored();
    assertThatThrownBy(() -> log.append(List.of(entry(1, 7))))
        .isInstanceOf(InvariantException.class)
        .hasMessage("log: entries are missing: first, last: 7, 5");
    assertThatThrownBy(() -> log.append(List.of(entry(1, 6), entry(1, 8))))
        .isInstanceOf(InvariantException.class)
        .hasMessage("log: entries have a gap before index: 8, 6");
  }

  @Test
  void oldAppendLeavesNewerEntriesInPlace() {
    RaftLog log = halfStored();

    assertThat(log.maybeAppend(at(1, 1), List.of(entry(1, 2)), 5)).isEqualTo(2);

    assertThat(log.last()).isEqualTo(at(1, 5));
    // The entries behind it may differ from the leader's.
    assertThat(log.committed()).isEqualTo(2);
  }

  @Test
  void appendWithoutItsPreviousEntryChangesNothing() {
    RaftLog log = halfStored();
    assertThat(log.maybeAppend(at(2, 5), List.of(entry(2, 6)), 5)).isEqualTo(-1);
    assertThat(log.maybeAppend(at(1, 6), List.of(entry(2, 7)), 5)).isEqualTo(-1);
    assertThat(log.last()).isEqualTo(at(1, 5));
    assertThat(log.committed()).isZero();
  }

  // ---- Committing

  @Test
  void commitNeverMovesBackNorBeyondTheLog() {
    RaftLog log = halfStored();
    log.commitTo(5);
    log.commitTo(2);
    assertThat(log.committed()).isEqualTo(5);
    assertThatThrownBy(() -> log.commitTo(6))
        .isInstanceOf(InvariantException.class)
        .hasMessageEndingWith("commit, last: 6, 5");
  }

  @Test
  void quorumCommitsOnlyEntriesOfTheLeadersTerm() {
    RaftLog log = halfStored();
    log.append(List.of(entry(2, 6)));

    assertThat(log.maybeCommit(5, 2)).isFalse();
    assertThat(log.maybeCommit(7, 2)).isFalse();
    assertThat(log.committed()).isZero();
    assertThat(log.maybeCommit(6, 2)).isTrue();
    assertThat(log.committed()).isEqualTo(6);
    assertThat(log.maybeCommit(6, 2)).isFalse();
  }

  // ---- Storing

  @Test
  void entriesAreHandedOutOnce() {
    RaftLog log = halfStored();
    assertThat(log.hasNextUnstableEntries()).isTrue();
    assertThat(indexes(log.nextUnstableEntries())).containsExactly(4L, 5L);

    log.acceptUnstable();
    assertThat(log.hasNextUnstableEntries()).isFalse();
    assertThat(log.nextUnstableEntries()).isEmpty();
    assertThat(log.hasUnstableEntries()).isTrue();

    log.append(List.of(entry(1, 6)));
    assertThat(log.hasNextUnstableEntries()).isTrue();
    assertThat(indexes(log.nextUnstableEntries())).containsExactly(6L);
  }

  @Test
  void whatReplacesEntriesUnderWayIsHandedOutAgain() {
    RaftLog log = halfStored();
    log.acceptUnstable();

    log.maybeAppend(at(1, 4), List.of(entry(2, 5), entry(2, 6)), 0);

    assertThat(log.nextUnstableEntries()).containsExactly(entry(2, 5), entry(2, 6));
  }

  @Test
  void whatReplacesStoredEntriesIsHandedOutWithAllThatFollows() {
    RaftLog log = halfStored();
    log.acceptUnstable();

    log.maybeAppend(at(1, 1), List.of(entry(2, 2), entry(2, 3)), 0);

    assertThat(log.nextUnstableEntries()).containsExactly(entry(2, 2), entry(2, 3));
    assertThat(log.last()).isEqualTo(at(2, 3));
  }

  @Test
  void onlyWhatIsAcknowledgedBecomesStable() {
    RaftLog log = halfStored();
    log.acceptUnstable();
    storage.append(List.of(entry(1, 4), entry(1, 5)));

    log.stableTo(at(1, 4));
    assertThat(log.hasUnstableEntries()).isTrue();
    log.stableTo(at(1, 5));
    assertThat(log.hasUnstableEntries()).isFalse();
    assertThat(log.last()).isEqualTo(at(1, 5));
  }

  @Test
  void acknowledgementOfEntriesThatAreGoneChangesNothing() {
    RaftLog log = halfStored();
    log.acceptUnstable();
    log.maybeAppend(at(1, 3), List.of(entry(2, 4)), 0);

    // Place 5 is cut off, place 4 holds another entry, place 3 was stored before.
    log.stableTo(at(1, 5));
    log.stableTo(at(1, 4));
    log.stableTo(at(1, 3));

    assertThat(log.hasUnstableEntries()).isTrue();
    assertThat(log.nextUnstableEntries()).containsExactly(entry(2, 4));
  }

  @Test
  void acknowledgedEntriesThatWereNotHandedOutAreNotHandedOutLater() {
    RaftLog log = halfStored();
    log.stableTo(at(1, 4));
    assertThat(indexes(log.nextUnstableEntries())).containsExactly(5L);
  }

  @Test
  void snapshotIsHandedOutOnceAndLeavesWhenItIsStored() {
    RaftLog log = halfStored();
    Snapshot snapshot = new Snapshot(at(7, 10), VOTERS);
    log.restore(snapshot);
    assertThat(log.nextUnstableSnapshot()).isEqualTo(snapshot);

    log.acceptUnstable();
    assertThat(log.nextUnstableSnapshot()).isEqualTo(Snapshot.EMPTY);
    assertThat(log.hasUnstableSnapshot()).isTrue();

    log.stableSnapshotTo(9);
    assertThat(log.hasUnstableSnapshot()).isTrue();
    log.stableSnapshotTo(10);
    assertThat(log.hasUnstableSnapshot()).isFalse();
  }

  @Test
  void newerSnapshotIsHandedOutThoughAnOlderOneIsUnderWay() {
    RaftLog log = halfStored();
    log.restore(new Snapshot(at(7, 10), VOTERS));
    log.acceptUnstable();
    Snapshot newer = new Snapshot(at(7, 20), VOTERS);

    log.restore(newer);

    assertThat(log.nextUnstableSnapshot()).isEqualTo(newer);
  }

  // ---- Applying

  private RaftLog logOf(long applyingBytesMax, Entry... entries) {
    storage.append(List.of(entries));
    return new RaftLog(storage, true, applyingBytesMax);
  }

  private List<Long> handOut(RaftLog log) {
    List<Entry> entries = log.nextCommittedEntries();
    log.acceptApplying(entries);
    return indexes(entries);
  }

  @Test
  void entriesUnderWayCountAgainstTheLimit() {
    RaftLog log = logOf(3 * ONE, entry(1, 1), entry(1, 2), entry(1, 3), entry(1, 4), entry(1, 5));
    log.commitTo(2);
    assertThat(handOut(log)).containsExactly(1L, 2L);

    log.commitTo(5);
    assertThat(handOut(log)).containsExactly(3L);
    assertThat(log.hasNextCommittedEntries()).isFalse();
    assertThat(log.nextCommittedEntries()).isEmpty();

    log.appliedTo(2, 2 * ONE);
    assertThat(handOut(log)).containsExactly(4L, 5L);
    assertThat(log.hasNextCommittedEntries()).isFalse();
  }

  @Test
  void limitThatIsJustReachedHoldsBackWhatIsCommittedLater() {
    RaftLog log = logOf(2 * ONE, entry(1, 1), entry(1, 2), entry(1, 3));
    log.commitTo(2);
    assertThat(handOut(log)).containsExactly(1L, 2L);

    log.commitTo(3);
    assertThat(log.hasNextCommittedEntries()).isFalse();
    log.appliedTo(1, ONE);
    assertThat(handOut(log)).containsExactly(3L);
  }

  @Test
  void whatIsCommittedLaterFollowsWhileThereIsRoom() {
    RaftLog log = logOf(2 * ONE, entry(1, 1), entry(1, 2));
    log.commitTo(1);
    assertThat(handOut(log)).containsExactly(1L);
    assertThat(log.hasNextCommittedEntries()).isFalse();

    log.commitTo(2);
    assertThat(handOut(log)).containsExactly(2L);
  }

  @Test
  void listThatWasCutWaitsThoughItLeftRoom() {
    RaftLog log = logOf(3 * ONE, entry(1, 1), large(1, 2));
    log.commitTo(2);
    assertThat(handOut(log)).containsExactly(1L);
    assertThat(log.hasNextCommittedEntries()).isFalse();

    log.appliedTo(1, ONE);
    assertThat(handOut(log)).containsExactly(2L);
  }

  @Test
  void entryBeyondTheLimitHoldsBackUntilTheRestIsBelowIt() {
    RaftLog log = logOf(1000 + ONE, entry(1, 1), large(1, 2), entry(1, 3));
    log.commitTo(1);
    assertThat(handOut(log)).containsExactly(1L);
    log.commitTo(2);
    // Handed out although it does not fit: otherwise it might never be.
    assertThat(handOut(log)).containsExactly(2L);

    log.commitTo(3);
    log.appliedTo(1, ONE);
    assertThat(log.hasNextCommittedEntries()).isFalse();
    log.appliedTo(2, 1000 + ONE);
    assertThat(handOut(log)).containsExactly(3L);
  }

  @Test
  void onlyStoredEntriesAreAppliedIfTheCallerStoresLater() {
    storage.append(List.of(entry(1, 1), entry(1, 2)));
    RaftLog log = new RaftLog(storage, false, Long.MAX_VALUE);
    log.append(List.of(entry(1, 3)));
    log.commitTo(3);

    assertThat(handOut(log)).containsExactly(1L, 2L);
    assertThat(log.hasNextCommittedEntries()).isFalse();
    storage.append(List.of(entry(1, 3)));
    log.stableTo(at(1, 3));
    assertThat(handOut(log)).containsExactly(3L);
  }

  @Test
  void nothingIsAppliedBeforeASnapshotIsStored() {
    RaftLog log = log();
    log.restore(new Snapshot(at(7, 10), VOTERS));
    log.append(List.of(entry(7, 11)));
    log.commitTo(11);
    assertThat(log.hasNextCommittedEntries()).isFalse();

    log.acceptUnstable();
    storage.applySnapshot(new Snapshot(at(7, 10), VOTERS));
    log.stableSnapshotTo(10);
    log.appliedTo(10, 0);
    assertThat(handOut(log)).containsExactly(11L);
  }

  @Test
  void appliedMovesOnlyForwardAndOnlyToWhatIsCommitted() {
    RaftLog log = logOf(Long.MAX_VALUE, entry(1, 1), entry(1, 2), entry(1, 3));
    log.commitTo(2);
    log.appliedTo(1, 0);
    log.appliedTo(1, 0);
    log.appliedTo(2, 0);
    assertThat(log.applied()).isEqualTo(2);

    assertThatThrownBy(() -> log.appliedTo(1, 0))
        .isInstanceOf(InvariantException.class)
        .hasMessage("log: applied would move back: index, applied: 1, 2");
    assertThatThrownBy(() -> log.appliedTo(3, 0))
        .isInstanceOf(InvariantException.class)
        .hasMessage("log: applied is beyond commit: index, commit: 3, 2");
  }

  @Test
  void nothingUncommittedIsHandedOut() {
    RaftLog log = logOf(Long.MAX_VALUE, entry(1, 1), entry(1, 2));
    log.commitTo(1);
    assertThatThrownBy(() -> log.acceptApplying(List.of(entry(1, 1), entry(1, 2))))
        .isInstanceOf(InvariantException.class)
        .hasMessage("log: applying is beyond commit: index, commit: 2, 1");
  }

  @Test
  void everyEntryIsHandedOutOnceInOrderWhateverTheLimit() {
    for (long limit = 1; limit <= 8 * ONE; limit += ONE / 2) {
      MemoryStorage own = new MemoryStorage();
      for (int i = 1; i <= 12; i++) {
        own.append(List.of(i % 5 == 0 ? large(1, i) : entry(1, i)));
      }
      RaftLog log = new RaftLog(own, true, limit);
      List<Long> applied = new ArrayList<>();
      for (int commit = 1; applied.size() < 12; commit = Math.min(12, commit + 2)) {
        log.commitTo(commit);
        List<Entry> entries = log.nextCommittedEntries();
        if (!entries.isEmpty()) {
          log.acceptApplying(entries);
          applied.addAll(indexes(entries));
          log.appliedTo(applied.size(), RaftLog.encodedBytes(entries));
        }
      }
      assertThat(applied)
          .as("limit %d", limit)
          .containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L, 12L);
    }
  }
}
