package io.balsa.engine;

import static io.balsa.engine.SoloReplica.FIRST_NUMBER;
import static io.balsa.engine.SoloReplica.founders;
import static io.balsa.engine.SoloReplica.genesis;
import static io.balsa.engine.SoloReplica.get;
import static io.balsa.engine.SoloReplica.info;
import static io.balsa.engine.SoloReplica.put;
import static io.balsa.engine.SoloReplica.sealed;
import static io.balsa.engine.SoloReplica.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.data.ByteWriter;
import io.balsa.data.Bytes;
import io.balsa.data.InvariantException;
import io.balsa.data.MalformedException;
import io.balsa.engine.request.Refusal;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.engine.request.WatchEvent;
import io.balsa.mvcc.command.Command;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfChange.Operation;
import io.balsa.raft.message.ConfChange.OperationType;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.Snapshot;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The state goes into snapshots while writes go on, and another takes its place whole. */
class ReplicaSnapshotsTest {
  private final SoloReplica solo = new SoloReplica();

  // ---- Of this member's own state

  private static DiskInput.WriteSnapshot written(SoloReplica solo) {
    List<DiskInput.WriteSnapshot> parts = solo.take(solo.disk, DiskInput.WriteSnapshot.class);
    assertThat(parts).as("parts at the disk").hasSize(1);
    return parts.get(0);
  }

  private static void answer(SoloReplica solo, DiskInput.WriteSnapshot part) {
    solo.give(
        new ReplicaInput.Io(
            new SnapshotIo.Written(
                part.ticket(), part.snapshot(), part.offset() + part.data().length(), part.end())));
  }

  private static SoloReplica taking(long snapshotEntries) {
    SoloReplica.Settings settings = new SoloReplica.Settings();
    settings.snapshotEntries = snapshotEntries;
    SoloReplica solo = settings.start();
    solo.leader(1, 1);
    return solo;
  }

  /** The raft loop looks at all entries of which it has not heard that they are applied. */
  @Test
  void noneIsTakenWithinABatch() {
    SoloReplica solo = taking(100);
    Entry[] batch = new Entry[600];
    for (int i = 0; i < batch.length; i++) {
      long index = ++solo.index;
      Bytes data = sealed(2, index, new Command.Write(put("k", "v" + i)));
      batch[i] = new Entry(1, index, EntryType.NORMAL, data);
    }

    solo.commit(batch);
    assertThat(solo.replica.hasMoreWork()).isTrue();
    assertThat(solo.disk).isEmpty();

    solo.replica.flush();
    assertThat(solo.take(solo.raft, RaftInput.Applied.class)).hasSize(1);
    assertThat(written(solo).snapshot().last().index()).isEqualTo(solo.index);
  }

  @Test
  void aSnapshotIsTakenInPartsOneAtATimeWhileWritesGoOn() throws MalformedException {
    SoloReplica solo = taking(3);
    solo.call(write("a", "x".repeat(600_000)));
    solo.call(write("b", "y".repeat(600_000)));
    assertThat(solo.disk).isEmpty();
    solo.call(write("c", "z"));
    long hash = solo.status().stateHash();

    StateMachine.Loader loader = null;
    int parts = 0;
    boolean end = false;
    while (!end) {
      DiskInput.WriteSnapshot part = written(solo);
      assertThat(part.replyTo()).isEqualTo(DiskInput.REPLICA);
      assertThat(part.origin()).isEqualTo(1);
      loader = loader == null ? new StateMachine.Loader(part.snapshot()) : loader;
      loader.accept(part.data());
      solo.call(write("a", "later" + parts++));
      assertThat(solo.disk).as("one part at a time").isEmpty();
      end = part.end();
      answer(solo, part);
    }

    assertThat(parts).isGreaterThan(2);
    StateMachine loaded = loader.finish();
    assertThat(loaded.applied().index()).isEqualTo(4);
    assertThat(loaded.store().stateHash()).isEqualTo(hash);
    assertThat(solo.take(solo.raft, RaftInput.SnapshotTaken.class))
        .extracting(taken -> taken.snapshot().last().index())
        .containsExactly(4L);
    assertThat(solo.status().counters().snapshotsTaken()).isEqualTo(1);
  }

  @Test
  void noOtherSnapshotIsBegunBeforeTheRaftLoopKnowsOfTheLast() {
    SoloReplica solo = taking(1);
    solo.call(write("a", "1"));
    answer(solo, written(solo));
    solo.call(write("a", "2"));
    assertThat(solo.disk).isEmpty();

    solo.lastSnapshot = 2;
    solo.leader(1, 1);
    assertThat(written(solo).snapshot().last().index()).isEqualTo(3);
  }

  @Test
  void theBytesOfTheLogOrAMemberThatLagsAskForASnapshot() {
    solo.leader(1, 1);
    solo.call(write("a", "1"));
    RaftView view = solo.view();
    solo.give(new ReplicaInput.RaftChanged(asking(view, 64L << 20, false)));
    assertThat(written(solo).snapshot().last().index()).isEqualTo(2);

    SoloReplica other = new SoloReplica();
    other.leader(1, 1);
    other.give(new ReplicaInput.RaftChanged(asking(view, 0, true)));
    assertThat(other.disk).as("there is nothing newer than the last").isEmpty();
    other.call(write("a", "1"));
    assertThat(written(other).snapshot().last().index()).isEqualTo(2);
  }

  @Test
  void aDamagedSnapshotIsTakenAnewThoughNothingHasHappenedSince() {
    SoloReplica solo = taking(1);
    solo.call(write("a", "1"));
    DiskInput.WriteSnapshot first = written(solo);
    answer(solo, first);
    solo.lastSnapshot = 2;
    solo.leader(1, 1);
    assertThat(solo.disk).isEmpty();

    solo.give(new ReplicaInput.SnapshotLost());

    DiskInput.WriteSnapshot second = written(solo);
    assertThat(second.snapshot()).isEqualTo(first.snapshot());
    answer(solo, second);
    assertThat(solo.take(solo.raft, RaftInput.SnapshotTaken.class)).hasSize(2);
    solo.leader(1, 1);
    assertThat(solo.disk).as("once").isEmpty();
  }

  private static RaftView asking(RaftView view, long logBytes, boolean needed) {
    return new RaftView(
        1, 1, true, 2, true, false, List.of(), view.wal(), 1, logBytes, needed, false, List.of());
  }

  @Test
  void aSnapshotThatFailedIsTriedAgainAfterAWhile() {
    SoloReplica solo = taking(1);
    solo.call(write("a", "1"));
    DiskInput.WriteSnapshot part = written(solo);
    solo.give(new ReplicaInput.Io(new SnapshotIo.Failed(part.ticket(), "no space")));
    solo.ticks(10);
    assertThat(solo.disk).isEmpty();
    answer(solo, part); // What comes of it later means nothing.
    assertThat(solo.raft).doesNotHaveAnyElementsOfTypes(RaftInput.SnapshotTaken.class);

    solo.ticks(60);
    assertThat(written(solo).offset()).isZero();
  }

  @Test
  void stoppingGivesUpTheSnapshotUnderWay() {
    SoloReplica solo = taking(1);
    solo.call(write("a", "1"));
    DiskInput.WriteSnapshot part = written(solo);
    solo.give(new ReplicaInput.Stop());
    answer(solo, part);
    assertThat(solo.disk).isEmpty();
    assertThat(solo.raft).doesNotHaveAnyElementsOfTypes(RaftInput.SnapshotTaken.class);
  }

  // ---- Of the leader's

  /** Another member's state, some entries ahead. */
  private static final class Ahead {
    final StateMachine state = StateMachine.genesis(genesis(), founders());
    private long term = 1;

    Ahead term(long newer) {
      term = newer;
      return this;
    }

    Ahead put(String key, String value) {
      return entry(
          sealed(2, state.applied().index() + 1, new Command.Write(SoloReplica.put(key, value))));
    }

    Ahead entry(Bytes data) {
      state.apply(new Entry(term, state.applied().index() + 1, EntryType.NORMAL, data));
      return this;
    }

    Ahead change(OperationType type, MemberInfo member) {
      Bytes context =
          Envelope.seal(
              2, state.applied().index() + 1, Envelope.encode(new Envelope.Change(member, false)));
      ConfChange change =
          new ConfChange(
              ConfChange.Transition.AUTO, List.of(new Operation(type, member.id())), context);
      state.apply(
          new Entry(term, state.applied().index() + 1, EntryType.CONF_CHANGE_V2, change.encode()));
      return this;
    }

    Bytes content() {
      ByteWriter writer = new ByteWriter(1024);
      StateMachine.Content content = state.content();
      while (!content.isAtEnd()) {
        Bytes frame = content.nextPart(1);
        writer.raw(frame);
      }
      return writer.toBytes();
    }
  }

  private DiskInput.ReadSnapshot readAsked() {
    List<DiskInput.ReadSnapshot> reads = solo.take(solo.disk, DiskInput.ReadSnapshot.class);
    assertThat(reads).as("reads at the disk").hasSize(1);
    return reads.get(0);
  }

  /** Answers reads in parts of {@code bytes} until the content is over. */
  private void serveReads(Snapshot snapshot, Bytes content, int bytes) {
    boolean end = false;
    while (!end) {
      DiskInput.ReadSnapshot read = readAsked();
      assertThat(read.last()).isEqualTo(snapshot.last());
      int from = (int) read.offset();
      int length = Math.min(bytes, content.length() - from);
      end = from + length == content.length();
      solo.give(
          new ReplicaInput.Io(
              new SnapshotIo.Part(
                  read.ticket(), snapshot, from, content.slice(from, length), end)));
    }
  }

  private void install(Ahead ahead) {
    Snapshot snapshot = ahead.state.snapshotName();
    solo.give(new ReplicaInput.Install(snapshot));
    serveReads(snapshot, ahead.content(), 50);
    solo.index = Math.max(solo.index, snapshot.last().index());
  }

  @Test
  void anInstalledSnapshotTakesTheStatesPlace() {
    solo.leader(2, 1);
    solo.call(new Request.LeaseGrant(7, 60));
    Ahead ahead = new Ahead().put("a", "1").put("b", "2");
    solo.give(new ReplicaInput.Install(ahead.state.snapshotName()));
    assertThat(solo.status().ready()).containsExactly("a snapshot is being restored");
    assertThat(solo.value("a")).as("what was there is served meanwhile").isNull();
    serveReads(ahead.state.snapshotName(), ahead.content(), 30);

    assertThat(solo.value("a")).isEqualTo("1");
    assertThat(solo.status().appliedIndex()).isEqualTo(3);
    assertThat(solo.status().stateHash()).isEqualTo(ahead.state.store().stateHash());
    assertThat(solo.status().ready()).isEmpty();
    assertThat(solo.status().counters().snapshotsInstalled()).isEqualTo(1);
    assertThat(solo.status().counters().leases()).isZero();
    assertThat(solo.peers).hasSize(2);
  }

  @Test
  void whatIsCommittedMeanwhileIsAppliedBehindIt() {
    solo.leader(2, 1);
    Ahead ahead = new Ahead().put("a", "1").put("b", "2");
    Bytes third = sealed(2, 100, new Command.Write(put("a", "3")));
    solo.give(new ReplicaInput.Install(ahead.state.snapshotName()));
    solo.commit(new Entry(1, 4, EntryType.NORMAL, third));
    assertThat(solo.raft).doesNotHaveAnyElementsOfTypes(RaftInput.Applied.class);
    serveReads(ahead.state.snapshotName(), ahead.content(), 1 << 20);

    assertThat(solo.value("a")).isEqualTo("3");
    assertThat(solo.take(solo.raft, RaftInput.Applied.class)).hasSize(1);
  }

  @Test
  void entriesThatTheSnapshotHoldsAreNotAppliedTwiceAndTheirChangesCancelled() {
    solo.leader(2, 1);
    Ahead ahead = new Ahead().put("a", "1").change(OperationType.REMOVE, info(3));
    install(ahead);

    Bytes again = sealed(2, 2, new Command.Write(put("a", "1")));
    ConfChange change = ConfChange.of(OperationType.REMOVE, 3);
    solo.commit(
        new Entry(1, 2, EntryType.NORMAL, again),
        new Entry(1, 3, EntryType.CONF_CHANGE_V2, change.encode()));

    assertThat(solo.confChanges())
        .singleElement()
        .satisfies(
            cancelled ->
                assertThat(cancelled.operations())
                    .containsExactly(new Operation(OperationType.REMOVE, 0)));
    assertThat(solo.status().revision()).isEqualTo(2);
    assertThat(solo.peers.get(1).removed()).containsExactly(3L);
  }

  @Test
  void aWriteThatTheSnapshotMayHoldIsUnknownOthersGoOn() {
    solo.leader(2, 1);
    long overtaken = solo.ask(write("a", "1"));
    Proposal proposal = solo.proposed().get(0);
    long later = solo.ask(write("b", "1"));
    List<Proposal> laterProposals = solo.proposed();
    solo.leader(0, 1);
    long waiting = solo.ask(write("c", "1"));
    assertThat(proposal.number()).isEqualTo(FIRST_NUMBER);

    install(new Ahead().entry(proposal.entry().data()));
    solo.assertRefused(overtaken, Refusal.TIMEOUT, true);
    assertThat(solo.replies).doesNotContainKeys(later, waiting);

    solo.commit(1, laterProposals);
    assertThat(solo.replies.get(later)).isInstanceOf(Reply.Written.class);
    solo.leader(2, 1);
    solo.commitProposed();
    assertThat(solo.replies.get(waiting)).isInstanceOf(Reply.Written.class);
  }

  @Test
  void aWriteForAnOlderTermThatTheSnapshotDoesNotHoldIsSentAgain() {
    solo.leader(2, 1);
    long call = solo.ask(write("a", "1"));
    solo.proposed();
    solo.leader(3, 2);
    install(new Ahead().term(2).put("b", "1"));

    List<Proposal> again = solo.proposed();
    assertThat(again).hasSize(1);
    solo.commit(2, again);
    assertThat(solo.replies.get(call)).isInstanceOf(Reply.Written.class);
  }

  @Test
  void aReadWaitsForTheSnapshotThatBringsItsIndex() {
    solo.leader(2, 1);
    long call = solo.ask(get("a", false));
    solo.give(new ReplicaInput.ReadReady(solo.readContext(), 3));
    install(new Ahead().put("a", "1").put("a", "2"));
    assertThat(((Reply.Read) solo.replies.get(call)).revision()).isEqualTo(3);
  }

  @Test
  void aNewerSnapshotSupersedesTheOneThatIsBeingRestored() {
    solo.leader(2, 1);
    Ahead first = new Ahead().put("a", "1");
    solo.give(new ReplicaInput.Install(first.state.snapshotName()));
    DiskInput.ReadSnapshot lost = readAsked();
    install(new Ahead().put("a", "1").put("a", "2"));
    assertThat(solo.value("a")).isEqualTo("2");

    solo.give(new ReplicaInput.Io(new SnapshotIo.Failed(lost.ticket(), "released")));
    assertThat(solo.value("a")).isEqualTo("2");
  }

  @Test
  void anOlderSnapshotIsNotTaken() {
    solo.leader(2, 1);
    Ahead ahead = new Ahead().put("a", "1");
    install(ahead);
    solo.give(new ReplicaInput.Install(ahead.state.snapshotName()));
    assertThat(solo.disk).isEmpty();
  }

  @Test
  void theSnapshotOfThisMembersOwnStateIsGivenUpForTheLeaders() {
    SoloReplica taking = taking(1);
    taking.call(write("a", "1"));
    DiskInput.WriteSnapshot part = written(taking);
    Ahead ahead = new Ahead().put("a", "1").put("a", "2");
    taking.give(new ReplicaInput.Install(ahead.state.snapshotName()));
    answer(taking, part);
    assertThat(taking.raft).doesNotHaveAnyElementsOfTypes(RaftInput.SnapshotTaken.class);
    assertThat(taking.take(taking.disk, DiskInput.ReadSnapshot.class)).hasSize(1);
  }

  @Test
  void aSnapshotThatCannotBeReadEndsTheMember() {
    Ahead ahead = new Ahead().put("a", "1");
    solo.give(new ReplicaInput.Install(ahead.state.snapshotName()));
    long ticket = readAsked().ticket();
    assertThatThrownBy(
            () -> solo.give(new ReplicaInput.Io(new SnapshotIo.Failed(ticket, "bad checksum"))))
        .isInstanceOf(InvariantException.class)
        .hasMessageContaining("index 2")
        .hasMessageContaining("bad checksum");
  }

  @Test
  void aSnapshotWithoutThisMemberEndsIt() {
    solo.leader(2, 1);
    install(new Ahead().change(OperationType.REMOVE, info(1)));
    assertThat(solo.order).contains("removed");
  }

  @Test
  void watchesGoOnOverTheNewStateWithoutGapOrRepeat() {
    solo.leader(2, 1);
    Ahead ahead = new Ahead();
    for (int i = 0; i < 3; i++) {
      Bytes data = sealed(2, 2 + i, new Command.Write(put("a", "v" + i)));
      ahead.entry(data);
      solo.commit(new Entry(1, ++solo.index, EntryType.NORMAL, data));
    }
    solo.ask(new Request.WatchOpen(1, KeyRange.ALL, 2, false, 1 << 20));
    install(ahead.put("a", "4").put("a", "5"));

    List<Long> revisions = new ArrayList<>();
    solo.takeEvents(WatchEvent.Changed.class).forEach(event -> revisions.add(event.revision()));
    assertThat(revisions).containsExactly(2L, 3L, 4L, 5L, 6L);
    assertThat(solo.takeEvents(WatchEvent.Ended.class)).isEmpty();
  }

  @Test
  void leasesOfTheNewStateHaveTheirWholeTime() {
    Ahead ahead = new Ahead().entry(sealed(2, 50, new Command.LeaseGrant(7, 10)));
    solo.leader(1, 1);
    install(ahead);
    solo.ticks(99);
    assertThat(solo.proposed()).isEmpty();
    solo.ticks(1);
    assertThat(solo.proposed()).hasSize(1);
  }
}
