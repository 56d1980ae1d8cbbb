package io.balsa.raft;

import static io.balsa.raft.Core.at;
import static io.balsa.raft.Core.core;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.data.Bytes;
import io.balsa.raft.log.MemoryStorage;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What goes into the core and what comes out, under the plain contract. */
class RawNodeTest {
  private static final ConfState MEMBERS = ConfState.ofVoters(List.of(1L, 2L, 3L));

  private static RawNode restart(MemoryStorage storage, long applied) {
    return new RawNode(RaftConfig.builder(1, storage, new Random(1)).applied(applied).build());
  }

  // ---- The same inputs give the same outputs

  private static List<String> outputs(long seed) {
    Core core = core(1).seed(seed).build();
    List<String> outputs = new ArrayList<>();
    Random inputs = new Random(7);
    for (int i = 0; i < 2000; i++) {
      long from = 2L + inputs.nextInt(2);
      switch (inputs.nextInt(6)) {
        case 0, 1 -> core.node.tick();
        case 2 -> core.dropReason("x");
        case 3 -> core.step(new Message.VoteResponse(from, 1, core.node.term(), false, false));
        case 4 -> {
          if (inputs.nextInt(50) == 0) {
            core.step(core.heartbeat(from, core.node.term() + 1));
          }
        }
        default -> core.step(core.acknowledge(from, core.node.lastIndex()));
      }
      while (core.node.hasReady()) {
        outputs.add(core.runOnce().toString());
      }
    }
    return outputs;
  }

  @Test
  void sameInputsAndTheSameChanceGiveTheSameOutputs() {
    assertThat(outputs(3)).isEqualTo(outputs(3)).hasSizeGreaterThan(100);
    assertThat(outputs(3).equals(outputs(4))).as("chance decides nothing").isFalse();
  }

  // ---- Ready

  @Test
  void readyHoldsEverythingOnceAndTakingItAcceptsIt() {
    Core core = core(1).build();
    assertThat(core.node.hasReady()).isFalse();
    core.step(core.append(2, 1, EntryId.ZERO, 1, 1, 1));
    assertThat(core.node.hasReady()).isTrue();

    Ready ready = core.node.ready();

    assertThat(ready.softState()).isEqualTo(new SoftState(2, Role.FOLLOWER));
    assertThat(ready.hardState()).isEqualTo(new HardState(1, 0, 1));
    assertThat(ready.entries()).extracting(Entry::id).containsExactly(at(1, 1), at(1, 2));
    // What is committed may be handed out beside its own storing: it is stored before.
    assertThat(ready.committedEntries()).extracting(Entry::id).containsExactly(at(1, 1));
    assertThat(ready.messages())
        .containsExactly(new Message.AppendResponse(1, 2, 1, 2, false, EntryId.ZERO));
    assertThat(ready.snapshot()).isEqualTo(Snapshot.EMPTY);
    assertThat(ready.mustSync()).isTrue();
    assertThat(core.node.hasReady()).isFalse();
  }

  @Test
  void readyHoldsOnlyWhatChanged() {
    Core core = core(1).build();
    core.stepAndRun(core.append(2, 1, EntryId.ZERO, 0, 1));
    core.step(core.append(2, 1, at(1, 1), 1));

    Ready ready = core.node.ready();

    assertThat(ready.softState()).isNull();
    assertThat(ready.hardState()).isEqualTo(new HardState(1, 0, 1));
    assertThat(ready.entries()).isEmpty();
    assertThat(ready.mustSync()).isFalse(); // The commit index alone.
  }

  @Test
  void syncIsAskedForWhenTheVoteAloneChanges() {
    Core core = core(1).hardState(1, 0, 0).build();
    core.step(core.voteRequest(2, 1, EntryId.ZERO));

    assertThat(core.node.ready().mustSync()).isTrue();
  }

  @Test
  void advanceAcknowledgesWhatTheReadyHeldAndNotBefore() {
    Core core = core(1).voters(1).build();
    core.node.campaign();
    Ready vote = core.node.ready();
    assertThat(vote.hardState()).isEqualTo(new HardState(1, 1, 0));
    assertThat(core.node.isLeader()).isFalse();
    core.storage.setHardState(vote.hardState());
    core.node.advance();
    assertThat(core.node.isLeader()).isTrue();

    Ready entry = core.node.ready();
    assertThat(core.node.commit()).isZero();
    core.storage.append(entry.entries());
    core.node.advance();
    assertThat(core.node.commit()).isEqualTo(1);

    assertThat(core.node.ready().committedEntries()).hasSize(1);
    assertThat(core.node.applied()).isZero();
    core.node.advance();
    assertThat(core.node.applied()).isEqualTo(1);
  }

  @Test
  void membersThatNeedNobodyElseWorkAlone() {
    Core core = core(1).voters(1).build();
    core.tick(2 * Core.ELECTION_TICKS);
    core.propose("x");
    core.run();

    assertThat(core.appliedTexts()).containsExactly("x");
    assertThat(core.take()).isEmpty();
  }

  // ---- What is handed over does not change any more

  @Test
  void listsThatWereHandedOverAreNobodysToChange() throws Exception {
    List<Entry> proposals =
        new ArrayList<>(List.of(Entry.proposal(EntryType.NORMAL, Bytes.utf8("x"))));
    Core core = core(1).leader();
    core.node.propose(proposals);
    proposals.clear();
    List<Entry> entries = new ArrayList<>(List.of(new Entry(1, 1, EntryType.NORMAL, Bytes.EMPTY)));
    Message.AppendRequest append = new Message.AppendRequest(2, 1, 1, EntryId.ZERO, entries, 0);
    entries.clear();

    Ready ready = core.node.ready();

    assertThat(append.entries()).hasSize(1);
    assertThat(ready.entries()).hasSize(1);
    for (List<?> list : List.of(ready.entries(), ready.messages(), ready.committedEntries())) {
      assertThatThrownBy(list::clear).isInstanceOf(UnsupportedOperationException.class);
    }
  }

  // ---- What is refused

  @Test
  void responsesOfStrangersAreRefusedAndChangeNothing() {
    Core core = core(1).leader();
    List<Message> responses =
        List.of(
            new Message.AppendResponse(9, 1, 7, 1, false, EntryId.ZERO),
            new Message.VoteResponse(9, 1, 7, false, false),
            new Message.HeartbeatResponse(9, 1, 7, 0),
            new Message.ReadIndexResponse(9, 1, 7, 1, 1));
    for (Message response : responses) {
      assertThatThrownBy(() -> core.node.step(response))
          .isInstanceOfSatisfying(
              StepException.class,
              e -> assertThat(e.reason()).isEqualTo(StepException.Reason.PEER_NOT_FOUND));
    }
    assertThat(core.node.term()).isEqualTo(1);
    assertThat(core.node.isLeader()).isTrue();
  }

  @Test
  void requestsOfStrangersAreHeardBecauseTheirConfigurationMayBeNewer() {
    Core core = core(1).build();
    core.stepAndRun(core.append(9, 3, EntryId.ZERO, 0, 3));

    assertThat(core.node.leader()).isEqualTo(9);
    assertThat(core.logTerms()).containsExactly(3L);
  }

  @Test
  void messagesOfTheStorageThreadsAreRefusedFromAnyoneElse() {
    Core core = core(1).build();
    List<Message> local =
        List.of(
            new Message.StorageAppend(
                2, 1, HardState.EMPTY, List.of(), Snapshot.EMPTY, false, List.of()),
            new Message.StorageAppendResponse(2, 1, 0, EntryId.ZERO, Snapshot.EMPTY),
            new Message.StorageApply(2, 1, List.of(), List.of()),
            new Message.StorageApplyResponse(2, 1, List.of()));
    for (Message message : local) {
      assertThatThrownBy(() -> core.node.step(message))
          .isInstanceOfSatisfying(
              StepException.class,
              e -> assertThat(e.reason()).isEqualTo(StepException.Reason.LOCAL_MESSAGE));
    }
  }

  @Test
  void emptyProposalIsRefused() {
    assertThatThrownBy(() -> core(1).leader().node.propose(List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("raft: proposal without entries");
  }

  // ---- Beginnings

  @Test
  void memberStartsAgainFromItsStorageAlone() {
    Core core = core(1).leader();
    core.propose("x");
    core.run();
    core.stepAndRun(core.acknowledge(2, 2));

    RawNode again = restart(core.storage, 0);

    assertThat(again.role()).isEqualTo(Role.FOLLOWER);
    assertThat(again.leader()).isZero();
    assertThat(again.term()).isEqualTo(1);
    assertThat(again.status().vote()).isEqualTo(1);
    assertThat(again.commit()).isEqualTo(2);
    assertThat(again.lastIndex()).isEqualTo(2);
    assertThat(again.status().configuration()).isEqualTo(MEMBERS);
    // Nothing to store: it is all there. What is committed is to be applied again.
    Ready ready = again.ready();
    assertThat(ready.hardState()).isEqualTo(HardState.EMPTY);
    assertThat(ready.entries()).isEmpty();
    assertThat(ready.committedEntries()).extracting(Entry::index).containsExactly(1L, 2L);
  }

  @Test
  void memberStartsAgainBehindASnapshotWithWhatFollowsIt() {
    Core core = core(1).snapshot(3, 10).log(3, 4).hardState(4, 2, 11).build();

    assertThat(core.node.applied()).isEqualTo(10);
    assertThat(core.node.lastIndex()).isEqualTo(12);
    core.run();

    assertThat(core.applied).extracting(Entry::index).containsExactly(11L);
  }

  @Test
  void appliedEntriesDoNotComeAgain() {
    Core core = core(1).log(1, 1, 1).hardState(1, 0, 3).options(o -> o.applied(2)).build();
    core.run();

    assertThat(core.applied).extracting(Entry::index).containsExactly(3L);
  }

  @Test
  void storedCommitIndexBehindTheSnapshotIsNoReasonNotToStart() {
    Core core = core(1).snapshot(3, 10).hardState(3, 0, 7).build();

    assertThat(core.node.commit()).isEqualTo(10);
    assertThat(core.node.applied()).isEqualTo(10);
  }

  @Test
  void appliedBehindTheSnapshotIsRefused() {
    assertThatThrownBy(() -> core(1).snapshot(3, 10).options(o -> o.applied(9)).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("config: applied is below the storage's snapshot: 9 < 10");
  }

  @Test
  void clusterBeginsFromAStorageThatHoldsOnlyTheConfiguration() {
    Group group = Group.of(core(1).build(), core(2).build(), core(3).build());
    group.elect(1);
    group.core(1).propose("x");
    group.settle();

    assertThat(group.core(3).appliedTexts()).containsExactly("x");
  }

  @Test
  void foundersFormAClusterByTheirFirstEntries() {
    Group group =
        Group.of(
            core(1).members(ConfState.EMPTY).build(), core(2).members(ConfState.EMPTY).build());
    List<Peer> founders = List.of(new Peer(1, Bytes.EMPTY), new Peer(2, Bytes.EMPTY));
    group.core(1).node.bootstrap(founders);
    group.core(2).node.bootstrap(founders);
    group.settle();
    group.elect(1);

    assertThat(group.leader().id).isEqualTo(1);
    assertThat(group.core(2).logTerms()).containsExactly(1L, 1L, 2L);
    assertThat(group.core(2).applied)
        .extracting(Entry::type)
        .containsExactly(EntryType.CONF_CHANGE, EntryType.CONF_CHANGE, EntryType.NORMAL);
  }

  @Test
  void bootstrapWithoutFoundersIsRefused() {
    assertThatThrownBy(() -> core(1).members(ConfState.EMPTY).build().node.bootstrap(List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("raft: bootstrap needs at least one founder");
  }

  // ---- Status

  @Test
  void statusIsAPictureThatChangesNoMore() {
    Core core = core(1).leader();
    core.stepAndRun(core.acknowledge(2, 1));
    Status status = core.node.status();
    core.node.transferLeader(3);
    core.stepAndRun(core.acknowledge(3, 1));
    core.stepAndRun(core.append(2, 5, EntryId.ZERO, 0));

    assertThat(status.id()).isEqualTo(1);
    assertThat(status.term()).isEqualTo(1);
    assertThat(status.vote()).isEqualTo(1);
    assertThat(status.leader()).isEqualTo(1);
    assertThat(status.role()).isEqualTo(Role.LEADER);
    assertThat(status.commit()).isEqualTo(1);
    assertThat(status.applied()).isEqualTo(1);
    assertThat(status.transferee()).isZero();
    assertThat(status.configuration()).isEqualTo(MEMBERS);
    assertThat(status.progress().keySet()).containsExactly(1L, 2L, 3L);
    assertThat(status.progress().get(2L).match()).isEqualTo(1);
    assertThat(status.progress().get(3L).match()).isZero();
    // A follower knows nothing of the others.
    assertThat(core.node.status().progress()).isEmpty();
    assertThat(core.node.status().leader()).isEqualTo(2);
  }
}
