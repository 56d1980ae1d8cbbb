package io.balsa.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Bytes;
import io.balsa.engine.request.Answers;
import io.balsa.engine.request.Leadership;
import io.balsa.engine.request.Refusal;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import io.balsa.storage.Recovered;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** One raft loop, member 1 of three, whose disk, replica and peers are the test. */
class RaftLoopTest {
  private static final int ELECTION_TICKS = 10;

  private final Recorder out = new Recorder();
  private RaftLoop raft = loop(1, 1L, 2L, 3L);

  private RaftLoop loop(long member, Long... voters) {
    EntryId genesis = new EntryId(1, 1);
    Recovered recovered =
        new Recovered(
            new HardState(1, 0, 1),
            new Snapshot(genesis, ConfState.ofVoters(List.of(voters))),
            List.of(),
            new Recovered.Report(Optional.empty(), List.of(), List.of()));
    RaftLoop loop =
        new RaftLoop(
            new RaftLoopOptions(member, ELECTION_TICKS, 10, 1 << 20, 100, 1 << 20, true),
            recovered,
            new Random(7),
            out);
    loop.flush();
    return loop;
  }

  private static final class Recorder implements Outbox {
    final List<DiskInput> disk = new ArrayList<>();
    final List<Message> sent = new ArrayList<>();
    final List<ReplicaInput> replica = new ArrayList<>();
    boolean removed;

    @Override
    public void toRaft(RaftInput input) {
      throw new AssertionError("the raft loop does not talk to itself");
    }

    @Override
    public void toDisk(DiskInput input) {
      disk.add(input);
    }

    @Override
    public void toPeers(PeerInput input) {
      sent.addAll(((PeerInput.Send) input).messages());
    }

    @Override
    public void toReplica(ReplicaInput input) {
      replica.add(input);
    }

    @Override
    public void toSnapshotUser(String address, SnapshotIo answer) {
      throw new AssertionError("not from here");
    }

    @Override
    public void toClient(String address, Answers answers) {
      throw new AssertionError("not from here");
    }

    @Override
    public void leadership(Leadership seen) {
      throw new AssertionError("the replica tells who leads");
    }

    @Override
    public void removed() {
      removed = true;
    }

    <T> List<T> take(List<? super T> from, Class<T> type) {
      List<T> found = new ArrayList<>();
      from.removeIf(one -> type.isInstance(one) && found.add(type.cast(one)));
      return found;
    }
  }

  private void give(RaftInput input) {
    raft.handle(input);
    raft.flush();
  }

  private void ticks(int count) {
    for (int i = 0; i < count; i++) {
      give(new RaftInput.Tick());
    }
  }

  private DiskInput.Append append() {
    List<DiskInput.Append> appends = out.take(out.disk, DiskInput.Append.class);
    assertThat(appends).as("appends at the disk").hasSize(1);
    return appends.get(0);
  }

  private void store() {
    give(new RaftInput.Stored(append().batches()));
  }

  private void fromPeer(Message message) {
    give(new RaftInput.FromPeer(List.of(message)));
  }

  /** Member 2 says that it would vote. */
  private void winPreVote() {
    ticks(2 * ELECTION_TICKS);
    Message.VoteRequest asked = out.take(out.sent, Message.VoteRequest.class).get(0);
    assertThat(asked.preVote()).isTrue();
    fromPeer(new Message.VoteResponse(2, 1, asked.term(), true, false));
  }

  private void lead() {
    winPreVote();
    store();
    fromPeer(new Message.VoteResponse(2, 1, 2, false, false));
    store();
    fromPeer(new Message.AppendResponse(2, 1, 2, 2, false, EntryId.ZERO));
    fromPeer(new Message.AppendResponse(3, 1, 2, 2, false, EntryId.ZERO));
    out.sent.clear();
    out.disk.clear();
    out.replica.clear();
  }

  private static Proposal proposal(long number) {
    Bytes sealed = Envelope.seal(1, number, Bytes.utf8("payload"));
    return new Proposal(number, Entry.proposal(EntryType.NORMAL, sealed));
  }

  @Test
  void asksForVotesOnlyWhenItsOwnVoteIsDurable() {
    winPreVote();

    DiskInput.Append vote = append();
    assertThat(out.take(out.sent, Message.VoteRequest.class)).isEmpty();

    give(new RaftInput.Stored(vote.batches()));
    assertThat(out.take(out.sent, Message.VoteRequest.class))
        .extracting(Message.VoteRequest::to, Message.VoteRequest::term)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(2L, 2L),
            org.assertj.core.groups.Tuple.tuple(3L, 2L));
  }

  @Test
  void sendsEntriesWhileItsOwnDiskIsStillWritingThem() {
    lead();

    give(new RaftInput.Propose(2, List.of(proposal(1))));

    assertThat(append().batches().get(0).entries()).hasSize(1);
    assertThat(out.take(out.sent, Message.AppendRequest.class))
        .extracting(Message.AppendRequest::to)
        .containsExactlyInAnyOrder(2L, 3L);
  }

  @Test
  void followerAcknowledgesOnlyWhatIsStored() {
    fromPeer(
        new Message.AppendRequest(
            2,
            1,
            2,
            new EntryId(1, 1),
            List.of(new Entry(2, 2, EntryType.NORMAL, Bytes.EMPTY)),
            1));
    assertThat(out.take(out.sent, Message.AppendResponse.class)).isEmpty();

    store();

    assertThat(out.take(out.sent, Message.AppendResponse.class))
        .containsExactly(new Message.AppendResponse(1, 2, 2, 2, false, EntryId.ZERO));
  }

  @Test
  void gathersOneAppendFromAllThatComesWhileTheDiskIsBusy() {
    lead();
    give(new RaftInput.Propose(2, List.of(proposal(1))));
    DiskInput.Append first = append();

    give(new RaftInput.Propose(2, List.of(proposal(2))));
    give(new RaftInput.Propose(2, List.of(proposal(3))));
    assertThat(out.take(out.disk, DiskInput.Append.class)).as("while one is stored").isEmpty();

    give(new RaftInput.Stored(first.batches()));
    assertThat(append().batches().stream().mapToInt(batch -> batch.entries().size()).sum())
        .isEqualTo(2);
  }

  private void commit(long index) {
    fromPeer(new Message.AppendResponse(2, 1, 2, index, false, EntryId.ZERO));
  }

  @Test
  void aCommitIndexGoesToTheDiskWithTheNextEntries() {
    lead();
    give(new RaftInput.Propose(2, List.of(proposal(1))));
    store();
    commit(3);
    assertThat(out.take(out.replica, ReplicaInput.Committed.class)).hasSize(1);
    assertThat(out.take(out.disk, DiskInput.Append.class)).isEmpty();

    give(new RaftInput.Propose(2, List.of(proposal(2))));

    Message.StorageAppend written = append().batches().get(0);
    assertThat(written.hardState().commit()).isEqualTo(3);
    assertThat(written.entries()).hasSize(1);
  }

  @Test
  void aCommitIndexGoesToTheDiskByItselfOnceATickHasPassed() {
    lead();
    give(new RaftInput.Propose(2, List.of(proposal(1))));
    store();
    commit(3);
    assertThat(out.take(out.disk, DiskInput.Append.class)).isEmpty();

    ticks(1);

    Message.StorageAppend written = append().batches().get(0);
    assertThat(written.hardState().commit()).isEqualTo(3);
    assertThat(written.entries()).isEmpty();
    give(new RaftInput.Stored(List.of(written)));
    ticks(2);
    assertThat(out.take(out.disk, DiskInput.Append.class)).isEmpty();
  }

  @Test
  void thatAConfigurationChangeIsCommittedIsForcedAtOnce() {
    EntryId before = new EntryId(1, 1);
    Entry change = new Entry(2, 2, EntryType.CONF_CHANGE, Bytes.EMPTY);
    fromPeer(new Message.AppendRequest(2, 1, 2, before, List.of(change), 1));
    store();

    fromPeer(new Message.AppendRequest(2, 1, 2, change.id(), List.of(), 2));

    Message.StorageAppend written = append().batches().get(0);
    assertThat(written.hardState().commit()).isEqualTo(2);
    assertThat(written.mustSync()).isTrue();
  }

  @Test
  void anAnswerThatPromisesNothingNewStaysBehindWhatIsBeingStored() {
    EntryId before = new EntryId(1, 1);
    Entry entry = new Entry(2, 2, EntryType.NORMAL, Bytes.EMPTY);
    fromPeer(new Message.AppendRequest(2, 1, 2, before, List.of(entry), 1));
    fromPeer(new Message.AppendRequest(2, 1, 2, entry.id(), List.of(), 2));
    assertThat(out.take(out.sent, Message.AppendResponse.class)).isEmpty();

    store();

    assertThat(out.take(out.sent, Message.AppendResponse.class)).hasSize(2);
  }

  @Test
  void refusesProposalsForAnotherTerm() {
    lead();

    give(new RaftInput.Propose(1, List.of(proposal(5))));

    assertThat(out.take(out.replica, ReplicaInput.Refused.class))
        .extracting(ReplicaInput.Refused::proposals, ReplicaInput.Refused::code)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(List.of(5L), Refusal.NO_LEADER.name()));
    assertThat(out.disk).isEmpty();
  }

  @Test
  void tellsAFollowerWhichOfItsProposalsItRefuses() {
    lead();
    give(new RaftInput.DiskSpace(true));

    fromPeer(new Message.Propose(3, 1, 2, List.of(proposal(9).entry())));

    assertThat(out.take(out.sent, Message.ProposeRefused.class))
        .extracting(Message.ProposeRefused::to, Message.ProposeRefused::proposals)
        .containsExactly(org.assertj.core.groups.Tuple.tuple(3L, List.of(9L)));
  }

  @Test
  void whoLeadsNoMoreDoesNotRefuseWhatItMayHaveTaken() {
    lead();
    Message.Propose forwarded = new Message.Propose(3, 1, 2, List.of(proposal(9).entry()));
    fromPeer(forwarded);
    assertThat(append().batches()).hasSize(1);
    ticks(2 * ELECTION_TICKS); // Nobody answers: it gives up leadership, but not its term.

    fromPeer(forwarded);

    assertThat(out.take(out.sent, Message.ProposeRefused.class)).isEmpty();
  }

  @Test
  void judgesAForwardedProposalOnceHoweverOftenItComes() {
    lead();
    Message.Propose first = new Message.Propose(3, 1, 2, List.of(proposal(9).entry()));
    Message.Propose second = new Message.Propose(3, 1, 2, List.of(proposal(10).entry()));
    give(new RaftInput.DiskSpace(true));
    fromPeer(first);
    assertThat(out.take(out.sent, Message.ProposeRefused.class)).hasSize(1);

    give(new RaftInput.DiskSpace(false));
    fromPeer(first);
    assertThat(out.disk).as("what was refused is not taken").isEmpty();

    fromPeer(second);
    assertThat(append().batches()).hasSize(1);
    give(new RaftInput.DiskSpace(true));
    fromPeer(second);
    assertThat(out.take(out.sent, Message.ProposeRefused.class))
        .as("what was taken is not refused")
        .isEmpty();
  }

  @Test
  void forwardsProposalsWithTheTermOfTheLeaderTheyAreFor() {
    fromPeer(new Message.Heartbeat(2, 1, 4, 1, 0));

    give(new RaftInput.Propose(4, List.of(proposal(1))));

    assertThat(out.take(out.sent, Message.Propose.class))
        .extracting(Message.Propose::to, Message.Propose::term)
        .containsExactly(org.assertj.core.groups.Tuple.tuple(2L, 4L));
  }

  @Test
  void forwardsManyBytesInMessagesThatTheTransportCanCarry() {
    fromPeer(new Message.Heartbeat(2, 1, 4, 1, 0));
    List<Proposal> proposals = new ArrayList<>();
    for (long number = 1; number <= 5; number++) {
      Bytes sealed = Envelope.seal(1, number, Bytes.wrap(new byte[50_000]));
      proposals.add(new Proposal(number, Entry.proposal(EntryType.NORMAL, sealed)));
    }

    give(new RaftInput.Propose(4, proposals));

    assertThat(out.take(out.sent, Message.Propose.class))
        .extracting(message -> message.entries().size())
        .containsExactly(2, 2, 1);
  }

  @Test
  void refusesWritesWhileTheDiskIsFullAndTakesThemAfterwards() {
    lead();
    give(new RaftInput.DiskSpace(true));

    give(new RaftInput.Propose(2, List.of(proposal(1))));
    assertThat(out.take(out.replica, ReplicaInput.Refused.class))
        .extracting(ReplicaInput.Refused::code)
        .containsExactly(Refusal.DISK_FULL.name());

    give(new RaftInput.DiskSpace(false));
    give(new RaftInput.Propose(2, List.of(proposal(2))));
    assertThat(out.take(out.replica, ReplicaInput.Refused.class)).isEmpty();
  }

  private List<Message.VoteRequest> campaign() {
    return out.take(out.sent, Message.VoteRequest.class);
  }

  @Test
  void campaignsAtOnceForALeaderWhoseProcessHasEnded() {
    fromPeer(new Message.Heartbeat(2, 1, 4, 1, 0));

    give(new RaftInput.Gone(2));
    ticks(1);

    assertThat(campaign()).allMatch(Message.VoteRequest::preVote).hasSize(2);
  }

  @Test
  void campaignsOnceMoreForALeaderThatIsGoneWhenItsNextTurnComes() {
    fromPeer(new Message.Heartbeat(2, 1, 4, 1, 0));
    give(new RaftInput.Gone(2));
    ticks(1);
    campaign();

    ticks(3);
    assertThat(campaign()).isEmpty();
    ticks(1);
    assertThat(campaign()).hasSize(2);
  }

  @Test
  void campaignsForALeaderThatIsGoneAfterThoseBeforeIt() {
    raft = loop(3, 1L, 2L, 3L);
    fromPeer(new Message.Heartbeat(2, 3, 4, 1, 0));

    give(new RaftInput.Gone(2));
    ticks(2);
    assertThat(campaign()).isEmpty();

    ticks(1);
    assertThat(campaign()).hasSize(2);
  }

  @Test
  void theOnlyVoterLeadsWithoutWaitingForAnybody() {
    raft = loop(1, 1L);
    ticks(1);
    store();
    store();
    assertThat(out.take(out.replica, ReplicaInput.RaftChanged.class))
        .last()
        .matches(changed -> changed.view().isLeader());

    raft = loop(1, 1L, 2L);
    out.disk.clear();
    ticks(1);
    assertThat(out.take(out.disk, DiskInput.Append.class)).isEmpty();
  }

  @Test
  void aMemberWithoutAVoteLeavesTheCampaignToOthers() {
    raft = loop(3, 2L);
    fromPeer(new Message.Heartbeat(2, 3, 4, 1, 0));

    give(new RaftInput.Gone(2));
    ticks(ELECTION_TICKS);

    assertThat(campaign()).isEmpty();
  }

  @Test
  void grantsAPreVoteWhenTheLeaderIsGone() {
    raft = loop(3, 1L, 2L, 3L);
    fromPeer(new Message.Heartbeat(2, 3, 4, 1, 0));
    store();
    Message.VoteRequest asked = new Message.VoteRequest(1, 3, 5, new EntryId(1, 1), true, false);
    fromPeer(asked);
    assertThat(out.take(out.sent, Message.VoteResponse.class)).isEmpty();

    give(new RaftInput.Gone(2));
    fromPeer(asked);

    assertThat(out.take(out.sent, Message.VoteResponse.class))
        .singleElement()
        .matches(answer -> !answer.rejected());
  }

  @Test
  void doesNotCampaignWhenTheLeaderIsHeardOfAfterAll() {
    fromPeer(new Message.Heartbeat(2, 1, 4, 1, 0));

    give(new RaftInput.Gone(2));
    fromPeer(new Message.Heartbeat(2, 1, 4, 1, 0));
    ticks(ELECTION_TICKS - 1);

    assertThat(campaign()).isEmpty();
  }

  @Test
  void doesNotCampaignWhenAnotherFollowerIsGone() {
    fromPeer(new Message.Heartbeat(2, 1, 4, 1, 0));

    give(new RaftInput.Gone(3));
    ticks(ELECTION_TICKS - 1);

    assertThat(campaign()).isEmpty();
  }

  @Test
  void leadershipMovesWhenTheDiskMakesNoProgress() {
    lead();
    give(new RaftInput.Propose(2, List.of(proposal(1))));
    fromPeer(new Message.AppendResponse(2, 1, 2, 3, false, EntryId.ZERO));
    for (int i = 0; i <= ELECTION_TICKS; i++) {
      ticks(1);
      fromPeer(new Message.HeartbeatResponse(2, 1, 2, 0));
    }

    assertThat(out.take(out.sent, Message.TimeoutNow.class))
        .extracting(Message.TimeoutNow::to)
        .containsExactly(2L);
  }

  /** Ticks in which both followers are heard of; returns who was offered leadership. */
  private List<Long> offeredDuring(int ticks) {
    List<Long> offered = new ArrayList<>();
    for (int i = 0; i < ticks; i++) {
      ticks(1);
      fromPeer(new Message.HeartbeatResponse(2, 1, 2, 0));
      fromPeer(new Message.HeartbeatResponse(3, 1, 2, 0));
      out.take(out.sent, Message.TimeoutNow.class).forEach(offer -> offered.add(offer.to()));
    }
    return offered;
  }

  @Test
  void leadershipMovesFromAFullDiskAtOnce() {
    lead();

    give(new RaftInput.DiskSpace(true));

    assertThat(out.take(out.sent, Message.TimeoutNow.class)).hasSize(1);
  }

  @Test
  void leadershipStaysAfterOneOfferToEachWhereAllDisksAreFull() {
    lead();
    give(new RaftInput.DiskSpace(true));
    long first = out.take(out.sent, Message.TimeoutNow.class).get(0).to();

    assertThat(offeredDuring(5 * ELECTION_TICKS)).containsExactly(5 - first);
    give(new RaftInput.Propose(2, List.of(proposal(1))));
    assertThat(out.take(out.replica, ReplicaInput.Refused.class))
        .extracting(ReplicaInput.Refused::code)
        .containsExactly(Refusal.DISK_FULL.name());

    assertThat(offeredDuring(20 * ELECTION_TICKS)).as("after a pause").hasSizeBetween(2, 4);
  }

  @Test
  void theNextIsOfferedLeadershipWhenTheFirstDoesNotTakeItFromAStalledDisk() {
    lead();
    give(new RaftInput.Propose(2, List.of(proposal(1))));
    fromPeer(new Message.AppendResponse(2, 1, 2, 3, false, EntryId.ZERO));
    fromPeer(new Message.AppendResponse(3, 1, 2, 3, false, EntryId.ZERO));

    assertThat(offeredDuring(4 * ELECTION_TICKS)).containsExactlyInAnyOrder(2L, 3L);
  }

  @Test
  void takesNoLeadershipWithAFullDiskAndTakesItAfterwards() {
    fromPeer(new Message.Heartbeat(2, 1, 4, 1, 0));
    store();
    give(new RaftInput.DiskSpace(true));

    fromPeer(new Message.TimeoutNow(2, 1, 4));
    assertThat(out.disk).isEmpty();

    give(new RaftInput.DiskSpace(false));
    fromPeer(new Message.TimeoutNow(2, 1, 4));
    store(); // Its vote for itself.
    assertThat(out.take(out.sent, Message.VoteRequest.class)).hasSize(2);
  }

  @Test
  void whatWaitsForADiskThatStandsStillIsBounded() {
    fromPeer(new Message.Heartbeat(2, 1, 4, 1, 0));
    EntryId last = new EntryId(1, 1);
    for (int i = 0; i < 30_000; i++) {
      fromPeer(new Message.AppendRequest(2, 1, 4, last, List.of(), 1));
    }
    store();

    assertThat(out.take(out.sent, Message.AppendResponse.class)).hasSizeBetween(1, 10_000);
    fromPeer(new Message.Heartbeat(2, 1, 4, 1, 0));
    assertThat(out.take(out.sent, Message.HeartbeatResponse.class)).isNotEmpty();
  }

  @Test
  void endsSomeTimeAfterAPeerSaidThatItIsRemoved() {
    give(new RaftInput.Removed());
    ticks(ELECTION_TICKS - 1);
    assertThat(out.removed).isFalse();

    ticks(1);

    assertThat(out.removed).isTrue();
  }
}
