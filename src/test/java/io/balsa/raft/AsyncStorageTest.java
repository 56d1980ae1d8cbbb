package io.balsa.raft;

import static io.balsa.raft.Core.at;
import static io.balsa.raft.Core.core;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.data.Bytes;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Message.StorageAppend;
import io.balsa.raft.message.Message.StorageApply;
import io.balsa.raft.message.Snapshot;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The contract of asynchronous storage writes, with several Readys under way. */
class AsyncStorageTest {
  private static final ConfState MEMBERS = ConfState.ofVoters(List.of(1L, 2L, 3L));

  private static Core.Builder async(long id) {
    return core(id).options(o -> o.asyncStorageWrites(true));
  }

  private static StorageAppend storageAppend(Core core) {
    return find(core.node.ready(), StorageAppend.class).orElseThrow();
  }

  private static <T extends Message> Optional<T> find(Ready ready, Class<T> type) {
    return ready.messages().stream().filter(type::isInstance).map(type::cast).findFirst();
  }

  /** The disk has made the batch durable: what is told to others is returned. */
  private static List<Message> store(Core core, StorageAppend batch) {
    if (!batch.hardState().isEmpty()) {
      core.storage.setHardState(batch.hardState());
    }
    if (!batch.snapshot().isEmpty()) {
      core.storage.applySnapshot(batch.snapshot());
    }
    core.storage.append(batch.entries());
    batch.responses().stream().filter(m -> m.to() == core.id).forEach(core::step);
    return batch.responses().stream().filter(m -> m.to() != core.id).toList();
  }

  private static Core asyncLeader() {
    Core core = async(1).build();
    core.node.campaign();
    store(core, storageAppend(core));
    core.step(new Message.VoteResponse(2, 1, 1, false, false));
    assertThat(core.node.isLeader()).isTrue();
    return core;
  }

  // ---- What waits for the disk

  @Test
  void appendsLeaveAtOnceWhileTheOwnCopyCountsOnlyWhenItIsDurable() {
    Core core = asyncLeader();
    Ready ready = core.node.ready();
    assertThat(ready.messages()).filteredOn(Message.AppendRequest.class::isInstance).hasSize(2);
    StorageAppend batch = find(ready, StorageAppend.class).orElseThrow();

    core.step(core.acknowledge(2, 1));
    core.node.status().progress().forEach((id, p) -> assertThat(p.match()).isLessThanOrEqualTo(1));
    assertThat(core.node.status().progress().get(1L).match()).isZero();
    assertThat(core.node.commit()).isZero();
    store(core, batch);

    assertThat(core.node.commit()).isEqualTo(1);
  }

  @Test
  void othersMayCommitAnEntryBeforeTheLeadersOwnDisk() {
    Core core = asyncLeader();
    storageAppend(core);

    core.step(core.acknowledge(2, 1));
    core.step(core.acknowledge(3, 1));

    assertThat(core.node.commit()).isEqualTo(1);
    Ready ready = core.node.ready();
    assertThat(ready.committedEntries()).isEmpty();
  }

  @Test
  void ownVoteCountsOnlyWhenItIsDurable() {
    Core core = async(1).build();
    core.node.campaign();
    StorageAppend batch = storageAppend(core);
    assertThat(batch.mustSync()).isTrue();
    assertThat(batch.hardState()).isEqualTo(new HardState(1, 1, 0));

    // Also where the others are a majority: a crash would lose the term that they voted in, and
    // this member could lead it twice.
    core.step(new Message.VoteResponse(2, 1, 1, false, false));
    core.step(new Message.VoteResponse(3, 1, 1, false, false));
    assertThat(core.node.isLeader()).isFalse();
    store(core, batch);

    assertThat(core.node.isLeader()).isTrue();
  }

  @Test
  void votesAndAcknowledgementsLeaveAsResponsesOfTheBatchTheyDependOn() {
    Core core = async(1).build();
    core.step(core.voteRequest(2, 1, EntryId.ZERO));
    Ready vote = core.node.ready();
    assertThat(vote.messages()).hasSize(1);
    assertThat(find(vote, StorageAppend.class).orElseThrow().responses())
        .containsExactly(new Message.VoteResponse(1, 2, 1, false, false));

    core.step(core.append(2, 1, EntryId.ZERO, 0, 1));
    Ready append = core.node.ready();
    assertThat(append.messages()).hasSize(1);
    assertThat(find(append, StorageAppend.class).orElseThrow().responses())
        .contains(new Message.AppendResponse(1, 2, 1, 1, false, EntryId.ZERO));
  }

  @Test
  void repeatedAppendIsAcknowledgedBehindTheBatchThatStoresIt() {
    Core core = async(1).build();
    Message append = core.append(2, 1, EntryId.ZERO, 0, 1);
    core.step(append);
    StorageAppend first = storageAppend(core);
    core.step(append);

    Ready again = core.node.ready();

    // The entry may not be durable yet: the answer must stand in line behind it.
    assertThat(again.entries()).isEmpty();
    assertThat(again.messages()).hasSize(1).first().isInstanceOf(StorageAppend.class);
    assertThat(store(core, first)).hasSize(1);
    assertThat(store(core, find(again, StorageAppend.class).orElseThrow())).hasSize(1);
  }

  @Test
  void rejectionsWaitAsWell() {
    Core core = async(1).build();
    core.step(core.append(2, 1, at(1, 5), 0, 1));

    Ready ready = core.node.ready();

    assertThat(ready.messages()).hasSize(1);
    assertThat(find(ready, StorageAppend.class).orElseThrow().responses())
        .containsExactly(new Message.AppendResponse(1, 2, 1, 5, true, EntryId.ZERO));
  }

  @Test
  void commitIndexAloneNeedsNoSyncButTermVoteEntriesAndSnapshotDo() {
    Core core = async(1).build();
    core.step(core.append(2, 1, EntryId.ZERO, 0, 1));
    StorageAppend entries = storageAppend(core);
    assertThat(entries.mustSync()).isTrue();
    core.step(core.append(2, 1, at(1, 1), 1));
    assertThat(storageAppend(core).mustSync()).isFalse();
    core.step(core.voteRequest(3, 2, at(9, 9)));
    assertThat(storageAppend(core).mustSync()).isTrue();
    core.step(new Message.InstallSnapshot(3, 1, 2, new Snapshot(at(2, 9), MEMBERS)));
    core.node.ready();
    core.step(new Message.InstallSnapshot(3, 1, 2, new Snapshot(at(2, 12), MEMBERS)));
    StorageAppend snapshot = storageAppend(core);
    assertThat(snapshot.snapshot().last()).isEqualTo(at(2, 12));
    assertThat(snapshot.mustSync()).isTrue();
  }

  @Test
  void changeOfTheVoteAloneNeedsASync() {
    Core core = async(1).hardState(1, 0, 0).build();

    core.step(core.voteRequest(2, 1, EntryId.ZERO));

    Ready ready = core.node.ready();
    assertThat(ready.hardState()).isEqualTo(new HardState(1, 2, 0));
    assertThat(ready.mustSync()).isTrue();
  }

  // ---- What is applied

  @Test
  void onlyDurableEntriesAreApplied() {
    Core core = async(1).build();
    core.step(core.append(2, 1, EntryId.ZERO, 2, 1, 1));
    assertThat(core.node.commit()).isEqualTo(2);
    Ready first = core.node.ready();
    assertThat(first.committedEntries()).isEmpty();

    store(core, find(first, StorageAppend.class).orElseThrow());

    Ready second = core.node.ready();
    assertThat(second.committedEntries()).extracting(Entry::index).containsExactly(1L, 2L);
    assertThat(find(second, StorageApply.class).orElseThrow().entries())
        .isEqualTo(second.committedEntries());
    assertThat(core.node.applied()).isZero();
    core.step(find(second, StorageApply.class).orElseThrow().responses().get(0));
    assertThat(core.node.applied()).isEqualTo(2);
  }

  @Test
  void nothingIsAppliedBesideASnapshotThatIsNotDurable() {
    Core core = async(1).log(1, 1).hardState(1, 0, 1).build();
    core.step(new Message.InstallSnapshot(2, 1, 1, new Snapshot(at(1, 9), MEMBERS)));

    Ready ready = core.node.ready();

    assertThat(ready.snapshot().last()).isEqualTo(at(1, 9));
    assertThat(ready.committedEntries()).isEmpty();
    core.step(core.append(2, 1, at(1, 9), 10, 1));
    Ready behind = core.node.ready();
    assertThat(behind.committedEntries()).isEmpty();
    store(core, find(ready, StorageAppend.class).orElseThrow());
    assertThat(core.node.applied()).isEqualTo(9);
    store(core, find(behind, StorageAppend.class).orElseThrow());
    assertThat(core.node.ready().committedEntries()).extracting(Entry::index).containsExactly(10L);
  }

  @Test
  void changeFromBeforeASnapshotDoesNotChangeTheSnapshotsConfiguration() {
    ConfChange add = ConfChange.of(ConfChange.OperationType.ADD_VOTER, 4);
    Core core =
        async(1)
            .entry(new Entry(1, 1, EntryType.CONF_CHANGE_V2, add.encode()))
            .hardState(1, 0, 1)
            .build();
    StorageApply applying = find(core.node.ready(), StorageApply.class).orElseThrow();
    // Since then member 4 was removed again, and this one missed it.
    core.step(new Message.InstallSnapshot(2, 1, 1, new Snapshot(at(1, 9), MEMBERS)));
    store(core, storageAppend(core));

    ConfState then = core.node.applyConfChange(1, add);
    core.step(applying.responses().get(0));

    assertThat(then.voters()).containsExactly(1L, 2L, 3L, 4L);
    assertThat(core.node.status().configuration()).isEqualTo(MEMBERS);
    assertThat(core.node.applyConfChange(10, add).voters()).containsExactly(1L, 2L, 3L, 4L);
    assertThat(core.node.status().isVoter(4)).isTrue();
  }

  // ---- Entries that are replaced while they are being stored

  @Test
  void acknowledgementOfAnOlderTermMarksNoEntriesStable() {
    Core core = async(1).build();
    core.step(core.append(2, 1, EntryId.ZERO, 0, 1, 1));
    StorageAppend first = storageAppend(core);
    core.step(core.append(3, 2, EntryId.ZERO, 0, 2));
    StorageAppend second = storageAppend(core);
    // Another leader brings the first entries back: same indexes, same terms.
    core.step(core.append(2, 3, EntryId.ZERO, 2, 1, 1));
    StorageAppend third = storageAppend(core);

    store(core, first);
    assertThat(core.node.ready().committedEntries()).isEmpty();
    // By now the storage has lost what the first acknowledgement spoke of.
    store(core, second);
    assertThat(core.logTerms()).containsExactly(2L);
    assertThat(core.node.hasReady()).isFalse();

    store(core, third);
    assertThat(core.node.ready().committedEntries())
        .extracting(Entry::term)
        .containsExactly(1L, 1L);
  }

  @Test
  void acknowledgementOfAReplacedEntryInTheSameTermMarksNothingStable() {
    Core core = async(1).hardState(2, 0, 0).log(1).build();
    // Entries of term 1 come late from a leader of term 2; all acknowledgements carry term 2.
    core.step(core.append(2, 2, at(1, 1), 0, 1, 1));
    StorageAppend first = storageAppend(core);
    core.step(new Message.AppendRequest(2, 1, 2, at(1, 1), entriesOfTerm2(2, 3), 3));
    StorageAppend second = storageAppend(core);

    store(core, first);
    assertThat(core.node.ready().committedEntries())
        .extracting(Entry::index)
        .doesNotContain(2L, 3L);
    store(core, second);
    assertThat(core.node.ready().committedEntries())
        .extracting(Entry::term)
        .containsExactly(2L, 2L);
  }

  private static List<Entry> entriesOfTerm2(long first, long last) {
    return LongStream.rangeClosed(first, last)
        .mapToObj(index -> new Entry(2, index, EntryType.NORMAL, Bytes.EMPTY))
        .toList();
  }

  @Test
  void entriesThatReplaceOnesUnderWayAreHandedOutAgain() {
    Core core = async(1).build();
    core.step(core.append(2, 1, EntryId.ZERO, 0, 1, 1, 1));
    storageAppend(core);

    core.step(core.append(3, 2, at(1, 1), 0, 2, 2));

    StorageAppend second = storageAppend(core);
    assertThat(second.entries()).extracting(Entry::id).containsExactly(at(2, 2), at(2, 3));
  }

  @Test
  void entriesThatBecameStableAreNotHandedOutAgain() {
    Core core = async(1).build();
    core.step(core.append(2, 3, EntryId.ZERO, 0, 1, 1));
    StorageAppend first = storageAppend(core);
    // Entry 2 is replaced and comes back before anything of that is handed out.
    core.step(core.append(2, 3, at(1, 1), 0, 2));
    core.step(core.append(2, 3, at(1, 1), 0, 1));

    store(core, first);

    assertThat(storageAppend(core).entries()).isEmpty();
    assertThat(core.logTerms()).containsExactly(1L, 1L);
  }

  @Test
  void acknowledgementThatWasIgnoredIsMadeUpForByALaterOneWithoutEntries() {
    Core core = async(1).build();
    core.step(core.append(2, 1, EntryId.ZERO, 0, 1));
    StorageAppend entries = storageAppend(core);
    core.step(core.voteRequest(3, 2, at(9, 9))); // Term 2 begins before the disk answers.
    StorageAppend vote = storageAppend(core);
    assertThat(vote.entries()).isEmpty();
    core.step(core.append(3, 2, at(1, 1), 1));
    store(core, entries);
    assertThat(core.node.ready().committedEntries()).isEmpty();

    store(core, vote);

    assertThat(core.node.ready().committedEntries()).extracting(Entry::index).containsExactly(1L);
  }

  @Test
  void snapshotIsStableThoughTheTermHasChanged() {
    Core core = async(1).build();
    core.step(new Message.InstallSnapshot(2, 1, 1, new Snapshot(at(1, 9), MEMBERS)));
    StorageAppend batch = storageAppend(core);
    core.step(core.voteRequest(3, 2, at(9, 9)));

    store(core, batch);

    assertThat(core.node.applied()).isEqualTo(9);
  }

  // ---- Campaigns

  @Test
  void memberWithASnapshotUnderWayDoesNotCampaign() {
    Core core = async(1).build();
    core.step(new Message.InstallSnapshot(2, 1, 1, new Snapshot(at(1, 9), MEMBERS)));
    StorageAppend batch = storageAppend(core);

    core.node.campaign();
    assertThat(core.node.role()).isEqualTo(Role.FOLLOWER);
    store(core, batch);
    core.node.campaign();

    assertThat(core.node.role()).isEqualTo(Role.CANDIDATE);
  }

  // ---- The two contracts apart

  @Test
  void advanceIsForThePlainContractOnly() {
    assertThatThrownBy(() -> async(1).build().node.advance())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("raft: advance with asynchronous storage writes");
  }

  @Test
  void plainContractHandsOutOneReadyAtATime() {
    Core core = core(1).build();
    core.step(core.append(2, 1, EntryId.ZERO, 0, 1));
    core.node.ready();

    assertThatThrownBy(core.node::ready)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("raft: the last ready was not advanced");
  }

  @Test
  void storageMessagesFromElsewhereAreRefused() {
    Core core = async(1).build();
    assertThatThrownBy(
            () ->
                core.node.step(
                    new Message.StorageAppendResponse(2, 1, 0, EntryId.ZERO, Snapshot.EMPTY)))
        .isInstanceOf(StepException.class)
        .hasMessage("raft: cannot step raft local message");
    assertThatThrownBy(
            () -> core.node.step(new Message.AppendResponse(9, 1, 0, 1, false, EntryId.ZERO)))
        .isInstanceOf(StepException.class)
        .hasMessage("raft: cannot step as peer not found");
  }
}
