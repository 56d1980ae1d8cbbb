package io.balsa.raft;

import static io.balsa.raft.Core.at;
import static io.balsa.raft.Core.core;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Bytes;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Message.AppendRequest;
import io.balsa.raft.tracker.Progress;
import io.balsa.raft.tracker.ProgressState;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a leader sends, and what it holds back; limits in bytes. */
class FlowControlTest {
  private static final String TEN_BYTES = "0123456789"; // 34 encoded.

  private static Progress peer(Core core, long id) {
    return core.node.status().progress().get(id);
  }

  private static Core replicating(Core.Builder builder) {
    Core core = builder.leader();
    core.stepAndRun(core.acknowledge(2, core.node.lastIndex()));
    core.stepAndRun(core.acknowledge(3, core.node.lastIndex()));
    core.take();
    return core;
  }

  private static List<AppendRequest> appendsTo(Core core, long to) {
    return core.take(AppendRequest.class).stream().filter(m -> m.to() == to).toList();
  }

  // ---- Sizes

  @Test
  void appendHoldsAsManyEntriesAsFitButAtLeastOne() {
    Core core = core(1).options(o -> o.maxMessageBytes(70)).leader();
    for (int i = 0; i < 5; i++) {
      core.propose(TEN_BYTES);
    }
    core.run();
    core.take();

    core.stepAndRun(core.acknowledge(2, 1));

    assertThat(appendsTo(core, 2)).extracting(m -> m.entries().size()).containsExactly(2, 2, 1);
  }

  @Test
  void entriesGoOneByOneWithoutAnySize() {
    Core core = core(1).options(o -> o.maxMessageBytes(0)).leader();
    core.propose("a");
    core.propose("b");
    core.run();
    core.take();

    core.stepAndRun(core.acknowledge(2, 1));

    assertThat(appendsTo(core, 2)).extracting(m -> m.entries().size()).containsExactly(1, 1);
  }

  @Test
  void committedEntriesAreHandedOutWithinTheLimitUntilTheyAreAcknowledged() {
    Core core =
        core(1)
            .options(o -> o.asyncStorageWrites(true).maxCommittedBytesPerReady(50))
            .log(1, 1, 1, 1)
            .hardState(1, 0, 4)
            .build();
    Ready first = core.node.ready();
    assertThat(first.committedEntries()).extracting(Entry::index).containsExactly(1L, 2L);
    assertThat(core.node.hasReady()).isFalse();

    core.step(new Message.StorageApplyResponse(Message.APPLY_THREAD, 1, first.committedEntries()));

    assertThat(core.node.ready().committedEntries())
        .extracting(Entry::index)
        .containsExactly(3L, 4L);
  }

  @Test
  void limitOfAppliedEntriesCountsWhatEarlierReadysHandedOut() {
    Core core =
        core(1)
            .options(o -> o.asyncStorageWrites(true).maxCommittedBytesPerReady(60))
            .log(1, 1, 1, 1, 1)
            .hardState(1, 0, 1)
            .build();
    Ready first = core.node.ready();
    assertThat(first.committedEntries()).extracting(Entry::index).containsExactly(1L);
    core.step(core.append(2, 1, at(1, 5), 5));

    // Entry 1 is not acknowledged: of 60 bytes 36 are left, room for one entry of 24.
    assertThat(core.node.ready().committedEntries()).extracting(Entry::index).containsExactly(2L);
    core.step(new Message.StorageApplyResponse(Message.APPLY_THREAD, 1, first.committedEntries()));

    assertThat(core.node.ready().committedEntries()).extracting(Entry::index).containsExactly(3L);
  }

  @Test
  void proposalsBeyondTheUncommittedLimitAreDroppedUntilEntriesAreApplied() {
    Core core = replicating(core(1).options(o -> o.maxUncommittedBytes(25)));
    core.propose(TEN_BYTES);
    core.propose(TEN_BYTES);

    assertThat(core.dropReason(TEN_BYTES))
        .isEqualTo(ProposalDroppedException.Reason.UNCOMMITTED_LIMIT);
    assertThat(core.dropReason("")).isNull(); // What has no data always goes.
    core.run();
    core.stepAndRun(core.acknowledge(2, 4));

    assertThat(core.appliedTexts()).hasSize(2);
    assertThat(core.dropReason(TEN_BYTES)).isNull();
  }

  @Test
  void emptyEntryOfANewLeaderTakesNothingOfTheLimit() {
    Core core = core(1).options(o -> o.maxUncommittedBytes(1)).leader(); // Nothing is committed.

    assertThat(core.dropReason(TEN_BYTES)).isNull();
    assertThat(core.dropReason("x")).isEqualTo(ProposalDroppedException.Reason.UNCOMMITTED_LIMIT);
  }

  @Test
  void uncommittedBytesOfOneTermDoNotCountInTheNext() {
    Core core = core(1).options(o -> o.maxUncommittedBytes(5)).leader();
    core.propose(TEN_BYTES);
    core.run();
    core.stepAndRun(core.heartbeat(2, 2));
    core.win();

    assertThat(core.dropReason(TEN_BYTES)).isNull();
  }

  @Test
  void droppedProposalsAreInNoLog() {
    Core core = replicating(core(1).options(o -> o.maxUncommittedBytes(5)));
    core.propose(TEN_BYTES);
    core.run();
    core.take();

    core.dropReason(TEN_BYTES);

    assertThat(core.node.lastIndex()).isEqualTo(2);
    assertThat(core.node.hasReady()).isFalse();
  }

  @Test
  void proposalLargerThanTheUncommittedLimitIsTakenWhenNothingElseIsThere() {
    Core core = replicating(core(1).options(o -> o.maxUncommittedBytes(5)));
    assertThat(core.dropReason(TEN_BYTES)).isNull();
    assertThat(core.dropReason("x")).isEqualTo(ProposalDroppedException.Reason.UNCOMMITTED_LIMIT);
  }

  // ---- Inflights

  @Test
  void fullInflightsStopAppendsUntilAnAcknowledgement() {
    Core core = replicating(core(1).options(o -> o.maxInflightMessages(2)));
    for (int i = 0; i < 4; i++) {
      core.propose("x");
      core.run();
    }
    assertThat(appendsTo(core, 2)).hasSize(2);
    assertThat(peer(core, 2).paused()).isTrue();
    assertThat(peer(core, 2).inflights().isFull()).isTrue();

    core.stepAndRun(core.acknowledge(2, 2));

    assertThat(appendsTo(core, 2))
        .flatExtracting(AppendRequest::entries)
        .extracting(Entry::index)
        .containsExactly(4L, 5L);
  }

  @Test
  void bytesInFlightStopAppendsAsWell() {
    Core core = replicating(core(1).options(o -> o.maxMessageBytes(50).maxInflightBytes(60)));
    for (int i = 0; i < 4; i++) {
      core.propose(TEN_BYTES);
      core.run();
    }
    assertThat(appendsTo(core, 2)).hasSize(2);
    assertThat(peer(core, 2).inflights().bytes()).isEqualTo(68);
  }

  @Test
  void bytesInFlightAreForgottenWhenTheStateChanges() {
    Core core = replicating(core(1).options(o -> o.maxMessageBytes(50).maxInflightBytes(60)));
    for (int i = 0; i < 2; i++) {
      core.propose(TEN_BYTES);
      core.run();
    }

    core.node.reportUnreachable(2);
    core.stepAndRun(core.acknowledge(2, 1));
    core.take();

    // Back in replicate state with everything sent anew, in as many appends as before.
    assertThat(peer(core, 2).state()).isEqualTo(ProgressState.REPLICATE);
    assertThat(peer(core, 2).next()).isEqualTo(4);
    assertThat(peer(core, 2).inflights().count()).isEqualTo(2);
    assertThat(peer(core, 2).inflights().bytes()).isEqualTo(68);
  }

  @Test
  void heartbeatResponseOfAThrottledPeerAllowsOneEmptyAppend() {
    Core core = replicating(core(1).options(o -> o.maxInflightMessages(1)));
    core.propose("x");
    core.propose("y");
    core.run();
    core.take();

    core.stepAndRun(new Message.HeartbeatResponse(2, 1, 1, 0));

    assertThat(appendsTo(core, 2)).extracting(m -> m.entries().size()).containsExactly(0);
    assertThat(peer(core, 2).paused()).isTrue();
  }

  @Test
  void lossOfAllThatIsInFlightHealsByTheEmptyAppendsRejection() {
    Group group =
        Group.of(
            core(1).options(o -> o.maxInflightMessages(1)).build(),
            core(2).build(),
            core(3).build());
    group.elect(1);
    group.lose(m -> m instanceof AppendRequest && m.to() == 3);
    group.core(1).propose("x");
    group.core(1).propose("y");
    group.settle();
    group.heal();

    group.tick(2);

    assertThat(group.core(3).appliedTexts()).containsExactly("x", "y");
  }

  // ---- The commit index

  @Test
  void peerIsToldANewCommitIndexOnceWithoutEntries() {
    Core core = replicating(core(1));
    core.propose("x");
    core.run();
    core.take();

    core.stepAndRun(core.acknowledge(2, 2));
    assertThat(core.take())
        .containsExactly(
            new AppendRequest(1, 2, 1, at(1, 2), List.of(), 2),
            new AppendRequest(1, 3, 1, at(1, 2), List.of(), 2));

    // It knows already: nothing more to say.
    core.stepAndRun(core.acknowledge(3, 2));
    assertThat(core.take()).isEmpty();
  }

  @Test
  void peerThatCouldNotBeToldTheCommitIndexIsToldWhenItAnswers() {
    Core core = replicating(core(1).options(o -> o.maxInflightMessages(1)));
    core.propose("x");
    core.run();
    core.take();
    core.stepAndRun(core.acknowledge(2, 2));
    assertThat(appendsTo(core, 3)).isEmpty(); // What is on its way fills its inflights.

    core.stepAndRun(core.acknowledge(3, 2));

    assertThat(appendsTo(core, 3))
        .containsExactly(new AppendRequest(1, 3, 1, at(1, 2), List.of(), 2));
  }

  @Test
  void heartbeatThatToldLessThanTheCommitIndexIsMadeUpFor() {
    Core core = replicating(core(1));
    core.propose("x");
    core.run();
    core.stepAndRun(core.acknowledge(2, 2));
    core.tick(1);
    assertThat(core.take(Message.Heartbeat.class))
        .containsExactly(
            new Message.Heartbeat(1, 2, 1, 2, 0), new Message.Heartbeat(1, 3, 1, 1, 0));

    core.stepAndRun(core.acknowledge(3, 2));

    assertThat(appendsTo(core, 3))
        .containsExactly(new AppendRequest(1, 3, 1, at(1, 2), List.of(), 2));
  }

  @Test
  void learnersHaveEntriesButDoNotCommitThem() {
    ConfState members =
        new ConfState(List.of(1L, 2L, 3L), List.of(), List.of(4L, 5L), List.of(), false);
    Core core = core(1).members(members).leader();

    core.stepAndRun(core.acknowledge(4, 1)).stepAndRun(core.acknowledge(5, 1));
    assertThat(core.node.commit()).isZero();
    core.propose("x");
    core.run();
    assertThat(appendsTo(core, 4)).isNotEmpty();
    core.stepAndRun(core.acknowledge(2, 1));

    assertThat(core.node.commit()).isEqualTo(1);
  }

  // ---- Backtracking

  @Test
  void leaderSkipsItsOwnEntriesOfTermsThatThePeerCannotHave() {
    Core core = core(1).log(1, 3, 3, 3, 3).hardState(3, 0, 0).leader();
    core.take();

    // The peer's log ends with (2, 4): of the leader's entries up to 4 only (1, 1) can agree.
    core.stepAndRun(new Message.AppendResponse(2, 1, 4, 5, true, at(2, 4)));

    assertThat(appendsTo(core, 2)).extracting(AppendRequest::previous).containsExactly(at(1, 1));
  }

  @Test
  void followerSkipsItsOwnEntriesOfTermsThatTheLeaderCannotHave() {
    Core core = core(1).log(1, 3, 3, 3, 3).hardState(4, 0, 0).build();

    core.stepAndRun(core.append(2, 4, at(2, 4), 0, 4));

    assertThat(core.take()).containsExactly(new Message.AppendResponse(1, 2, 4, 4, true, at(1, 1)));
  }

  @Test
  void rejectionOfAnythingButTheProbeChangesNothing() {
    Core core = core(1).log(1, 1, 1).hardState(1, 0, 0).leader(); // Probes from behind entry 3.
    core.take();

    core.stepAndRun(new Message.AppendResponse(2, 1, 2, 2, true, at(1, 1)));
    assertThat(core.take()).isEmpty();
    assertThat(peer(core, 2).next()).isEqualTo(4);
    core.stepAndRun(new Message.AppendResponse(2, 1, 2, 3, true, at(1, 1)));

    assertThat(appendsTo(core, 2)).extracting(AppendRequest::previous).containsExactly(at(1, 1));
  }

  // ---- States

  @Test
  void probeSendsOneAppendUntilItIsAnsweredOrAHeartbeatIs() {
    Core core = core(1).leader(); // The first append of the term is a probe.
    core.propose("x");
    core.run();
    assertThat(appendsTo(core, 2)).isEmpty();

    core.stepAndRun(new Message.HeartbeatResponse(2, 1, 1, 0));

    assertThat(appendsTo(core, 2)).hasSize(1);
  }

  @Test
  void probeOfAPeerThatHasEverythingIsAnEmptyAppendAfterAHeartbeat() {
    Core core = replicating(core(1));
    core.node.reportUnreachable(2);
    core.run();
    assertThat(core.take()).isEmpty();

    core.stepAndRun(new Message.HeartbeatResponse(2, 1, 1, 0));
    assertThat(core.take()).containsExactly(new AppendRequest(1, 2, 1, at(1, 1), List.of(), 1));
    core.stepAndRun(core.acknowledge(2, 1));

    assertThat(peer(core, 2).state()).isEqualTo(ProgressState.REPLICATE);
  }

  @Test
  void rejectionEndsTheRowOfAppendsAndBeginsAProbe() {
    Core core = replicating(core(1));
    core.propose("x");
    core.propose("y");
    core.run();
    assertThat(peer(core, 2).next()).isEqualTo(4);
    core.take();

    core.stepAndRun(new Message.AppendResponse(2, 1, 1, 2, true, at(1, 1)));

    assertThat(peer(core, 2).state()).isEqualTo(ProgressState.PROBE);
    assertThat(appendsTo(core, 2)).extracting(AppendRequest::previous).containsExactly(at(1, 1));
  }

  @Test
  void staleRejectionsChangeNothing() {
    Core core = replicating(core(1));
    core.propose("x");
    core.run();
    core.stepAndRun(core.acknowledge(2, 2));
    core.take();

    core.stepAndRun(new Message.AppendResponse(2, 1, 1, 1, true, EntryId.ZERO));

    assertThat(peer(core, 2).state()).isEqualTo(ProgressState.REPLICATE);
    assertThat(core.take()).isEmpty();
  }

  @Test
  void unreachablePeerIsProbed() {
    Core core = replicating(core(1));
    core.propose("x");
    core.run();
    core.node.reportUnreachable(2);

    assertThat(peer(core, 2).state()).isEqualTo(ProgressState.PROBE);
    assertThat(peer(core, 2).next()).isEqualTo(2);
  }

  @Test
  void acknowledgementBeyondTheLogIsIgnored() {
    Core core = replicating(core(1));

    core.stepAndRun(core.acknowledge(2, 99));

    assertThat(peer(core, 2).match()).isEqualTo(1);
  }

  // ---- Snapshots

  private static Core compactedLeader() {
    Core core = core(1).log(1, 1, 1, 1).hardState(1, 0, 4).build();
    core.run();
    core.storage.createSnapshot(4, ConfState.ofVoters(List.of(1L, 2L, 3L)));
    core.storage.compact(4);
    core.win();
    core.stepAndRun(core.acknowledge(2, core.node.lastIndex()));
    core.take();
    return core;
  }

  private static void rejectEverything(Core core, long from) {
    core.stepAndRun(new Message.AppendResponse(from, 1, 2, 4, true, EntryId.ZERO));
  }

  @Test
  void snapshotIsSentInPlaceOfCompactedEntriesAndNothingElseUntilItIsAnswered() {
    Core core = compactedLeader();
    rejectEverything(core, 3);

    assertThat(core.take(Message.InstallSnapshot.class)).hasSize(1);
    assertThat(peer(core, 3).state()).isEqualTo(ProgressState.SNAPSHOT);
    core.propose("x");
    core.run();
    core.stepAndRun(new Message.HeartbeatResponse(3, 1, 2, 0));
    assertThat(core.take()).filteredOn(m -> m.to() == 3).isEmpty();

    core.stepAndRun(core.acknowledge(3, 4));
    assertThat(peer(core, 3).state()).isEqualTo(ProgressState.REPLICATE);
    assertThat(appendsTo(core, 3)).isNotEmpty();
  }

  @Test
  void inactivePeerGetsNoSnapshotUntilItIsHeardOf() {
    Core core = replicating(core(1).options(o -> o.checkQuorum(true)));
    core.tick(Core.ELECTION_TICKS); // The check of the quorum: from now on 3 is not heard of.
    core.propose("x");
    core.run();
    core.stepAndRun(core.acknowledge(2, 2));
    core.storage.createSnapshot(2, core.node.status().configuration());
    core.storage.compact(2);
    core.node.reportUnreachable(3);
    core.propose("y");
    core.run();
    assertThat(core.take(Message.InstallSnapshot.class)).isEmpty();

    core.stepAndRun(new Message.HeartbeatResponse(3, 1, 1, 0));

    assertThat(core.take(Message.InstallSnapshot.class)).hasSize(1);
  }

  @Test
  void lostSnapshotIsSentAgainAfterTheNextHeartbeatResponse() {
    Core core = compactedLeader();
    rejectEverything(core, 3);
    core.take();

    core.node.reportSnapshot(3, false);
    core.run();
    assertThat(peer(core, 3).state()).isEqualTo(ProgressState.PROBE);
    core.propose("x"); // Nor does this make it send another one at once.
    core.run();
    assertThat(core.take(Message.InstallSnapshot.class)).isEmpty();
    core.stepAndRun(new Message.HeartbeatResponse(3, 1, 2, 0));

    assertThat(core.take(Message.InstallSnapshot.class)).hasSize(1);
  }

  @Test
  void deliveredSnapshotIsFollowedByAProbeBehindIt() {
    Core core = compactedLeader();
    rejectEverything(core, 3);
    core.take();

    core.node.reportSnapshot(3, true);
    core.run();
    assertThat(peer(core, 3).next()).isEqualTo(5);
    core.propose("x");
    core.run();
    assertThat(appendsTo(core, 3)).isEmpty();
    core.stepAndRun(new Message.HeartbeatResponse(3, 1, 2, 0));

    assertThat(appendsTo(core, 3)).extracting(AppendRequest::previous).containsExactly(at(1, 4));
  }

  @Test
  void snapshotStateEndsByAnyAcknowledgementThatReconnects() {
    Core core = compactedLeader();
    rejectEverything(core, 3);
    core.take();

    // Not the snapshot's index: the peer got further by other means.
    core.stepAndRun(core.acknowledge(3, 5));

    assertThat(peer(core, 3).state()).isEqualTo(ProgressState.REPLICATE);
  }

  // ---- Proposals that are not taken

  @Test
  void proposalIsForwardedToTheLeaderUnlessThatIsForbidden() {
    Core open = core(1).build();
    open.stepAndRun(open.heartbeat(2, 1));
    open.take();
    open.propose("x");
    open.run();
    assertThat(open.take(Message.Propose.class))
        .singleElement()
        .satisfies(
            m -> {
              assertThat(m.to()).isEqualTo(2);
              assertThat(m.term()).isZero();
              assertThat(m.entries().get(0).data()).isEqualTo(Bytes.utf8("x"));
            });

    Core closed = core(1).options(o -> o.disableProposalForwarding(true)).build();
    closed.stepAndRun(closed.heartbeat(2, 1));
    assertThat(closed.dropReason("x"))
        .isEqualTo(ProposalDroppedException.Reason.FORWARDING_DISABLED);
  }

  @Test
  void proposalWithoutALeaderIsDropped() {
    Core core = core(1).build();
    assertThat(core.dropReason("x")).isEqualTo(ProposalDroppedException.Reason.NO_LEADER);
    core.node.campaign();
    assertThat(core.dropReason("x")).isEqualTo(ProposalDroppedException.Reason.NO_LEADER);
  }
}
