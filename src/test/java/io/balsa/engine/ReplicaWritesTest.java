package io.balsa.engine;

import static io.balsa.engine.SoloReplica.CLIENT;
import static io.balsa.engine.SoloReplica.FIRST_NUMBER;
import static io.balsa.engine.SoloReplica.put;
import static io.balsa.engine.SoloReplica.sealed;
import static io.balsa.engine.SoloReplica.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Bytes;
import io.balsa.engine.request.Call;
import io.balsa.engine.request.Refusal;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.mvcc.command.Command;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.Once;
import io.balsa.mvcc.command.Op;
import io.balsa.mvcc.command.OpResult;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A write is done once, refused, or not known to be done; never told as another of these. */
class ReplicaWritesTest {
  private final SoloReplica solo = new SoloReplica();

  @Test
  void allWritesOfOneTurnAreOneProposalMessageAndOneAnswerMessage() {
    solo.leader(2, 1);
    solo.give(
        new ReplicaInput.Calls(CLIENT, List.of(new Call(1, 1_000, write("a", "1")))),
        new ReplicaInput.Calls(
            CLIENT,
            List.of(new Call(2, 1_000, write("b", "2")), new Call(3, 1_000, write("c", "3")))));

    List<RaftInput.Propose> messages = solo.take(solo.raft, RaftInput.Propose.class);
    assertThat(messages).hasSize(1);
    assertThat(messages.get(0).term()).isEqualTo(1);
    assertThat(messages.get(0).proposals())
        .extracting(Proposal::number)
        .containsExactly(FIRST_NUMBER, FIRST_NUMBER + 1, FIRST_NUMBER + 2);
    assertThat(solo.sent).isEmpty();

    solo.commit(1, messages.get(0).proposals());
    assertThat(solo.sent).hasSize(1);
    assertThat(solo.replies.get(1L)).isEqualTo(new Reply.Written(2, new OpResult.Put(2, 1, null)));
    assertThat(solo.replies.get(3L)).isEqualTo(new Reply.Written(4, new OpResult.Put(4, 1, null)));
    assertThat(solo.take(solo.raft, RaftInput.Applied.class)).hasSize(1);
  }

  /** A member that starts has a long log to apply, and heartbeats to answer meanwhile. */
  @Test
  void whatIsCommittedIsAppliedInSteps() {
    solo.leader(2, 1);
    long call = solo.ask(write("last", "1"));
    List<Proposal> own = solo.proposed();
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < 1_200; i++) {
      entries.add(foreign(put("k" + i, "1")));
    }
    entries.add(new Entry(1, ++solo.index, EntryType.NORMAL, own.get(0).entry().data()));
    solo.give(new ReplicaInput.Committed(SoloReplica.batch(entries.toArray(Entry[]::new))));

    long first = entries.get(0).index();
    assertThat(solo.replica.appliedIndex()).isEqualTo(first + 511);
    assertThat(solo.replica.hasMoreWork()).isTrue();
    solo.replica.flush();
    assertThat(solo.replica.appliedIndex()).isEqualTo(first + 1_023);
    assertThat(solo.take(solo.raft, RaftInput.Applied.class)).isEmpty();
    assertThat(solo.replies).doesNotContainKey(call);

    solo.replica.flush();

    assertThat(solo.replica.hasMoreWork()).isFalse();
    assertThat(solo.take(solo.raft, RaftInput.Applied.class)).hasSize(1);
    assertThat(solo.replies.get(call)).isInstanceOf(Reply.Written.class);
  }

  @Test
  void largeEntriesAreAppliedInShorterSteps() {
    solo.leader(2, 1);
    String value = "x".repeat(100_000);
    Entry[] entries = new Entry[7];
    for (int i = 0; i < entries.length; i++) {
      entries[i] = foreign(put("k", value));
    }
    int flushes;
    solo.give(new ReplicaInput.Committed(SoloReplica.batch(entries)));
    for (flushes = 1; solo.replica.hasMoreWork(); flushes++) {
      solo.replica.flush();
    }
    assertThat(flushes).isEqualTo(3);
    assertThat(solo.replica.appliedIndex()).isEqualTo(solo.index);
  }

  /** Its entries may be on their way still, and one of the same number pass for a new one. */
  @Test
  void aRunDoesNotNumberAsTheOneBeforeThoughTheClockWasSetBack() {
    StateMachine state = StateMachine.genesis(SoloReplica.genesis(), SoloReplica.founders());
    Recovery recovery = new Recovery(null, state);
    Random random = new Random(7);
    long before = recovery.firstNumber(1, 1_000, random);
    long after = recovery.firstNumber(1, 1_000, random);

    assertThat(before).isGreaterThanOrEqualTo(1_000L << 20);
    assertThat(Math.abs(after - before)).isGreaterThan(1_000_000);
  }

  /** A clock that was set back, and a log of the run before that is applied only now. */
  @Test
  void anEqualEntryOfAnEarlierRunDoesNotPassForANewOne() {
    solo.leader(2, 1);
    Command command = new Command.Write(put("a", "1"));
    solo.commit(earlier(FIRST_NUMBER + 50, command));
    long call = solo.ask(write("a", "1"));
    List<Proposal> proposals = solo.proposed();

    solo.commit(earlier(FIRST_NUMBER + 51, command));
    assertThat(solo.replies).doesNotContainKey(call);

    solo.commit(1, proposals);
    assertThat(solo.replies.get(call)).isInstanceOf(Reply.Written.class);
  }

  private Entry earlier(long number, Command command) {
    return new Entry(1, ++solo.index, EntryType.NORMAL, sealed(1, number, command));
  }

  private Entry foreign(Op.Put put) {
    long index = ++solo.index;
    return new Entry(1, index, EntryType.NORMAL, sealed(2, index, new Command.Write(put)));
  }

  @Test
  void withoutALeaderAWriteWaitsAndIsRefusedAtItsDeadlineAsNeverDone() {
    long early = solo.ask(write("a", "1"), 200);
    long late = solo.ask(write("b", "1"), 5_000);
    assertThat(solo.raft).isEmpty();

    solo.ticks(2);
    solo.assertRefused(early, Refusal.NO_LEADER, false);
    assertThat(solo.replies).doesNotContainKey(late);

    solo.leader(2, 3);
    assertThat(solo.proposed()).hasSize(1);
  }

  @Test
  void whileLeadershipMovesAWriteWaits() {
    solo.leader(1, 1);
    RaftView view = solo.view();
    solo.give(
        new ReplicaInput.RaftChanged(
            new RaftView(
                1, 1, true, 1, true, true, List.of(), view.wal(), 1, 0, false, false, List.of())));
    solo.ask(write("a", "1"));
    assertThat(solo.proposed()).isEmpty();

    solo.leader(2, 2);
    assertThat(solo.proposed()).hasSize(1);
  }

  @Test
  void aWriteThatWasSentAndNotSeenAgainIsUnknownAtItsDeadlineAndMayStillHappen() {
    solo.leader(2, 1);
    long call = solo.ask(write("a", "1"), 200);
    List<Proposal> proposals = solo.proposed();

    solo.ticks(2);
    solo.assertRefused(call, Refusal.TIMEOUT, true);

    solo.commit(1, proposals);
    assertThat(solo.value("a")).isEqualTo("1");
    assertThat(solo.status().counters().proposalsFailed()).isEqualTo(1);
  }

  @Test
  void anEntryOfALaterTermBringsALostWriteOnceMoreUnderALargerNumber() {
    solo.leader(2, 1);
    long call = solo.ask(write("a", "1"));
    List<Proposal> lost = solo.proposed();

    solo.leader(3, 2);
    assertThat(solo.proposed()).as("it may still be committed").isEmpty();
    solo.commitNoop(2);
    List<Proposal> again = solo.proposed();
    assertThat(again).hasSize(1);
    assertThat(again.get(0).number()).isGreaterThan(lost.get(0).number());
    assertThat(solo.take(solo.raft, RaftInput.Propose.class)).isEmpty();

    solo.commit(2, again);
    assertThat(solo.replies.get(call))
        .isEqualTo(new Reply.Written(2, new OpResult.Put(2, 1, null)));
    // Even should the lost one come after all.
    solo.commit(2, lost);
    assertThat(solo.status().revision()).isEqualTo(2);
  }

  @Test
  void aWriteThatTheOldLeadersLogHeldIsAnsweredAndNotSentAgain() {
    solo.leader(2, 1);
    long call = solo.ask(write("a", "1"));
    List<Proposal> proposals = solo.proposed();
    solo.leader(3, 2);

    Proposal proposal = proposals.get(0);
    solo.commit(
        new Entry(1, ++solo.index, EntryType.NORMAL, proposal.entry().data()),
        new Entry(2, ++solo.index, EntryType.NORMAL, Bytes.EMPTY));

    assertThat(solo.replies.get(call)).isInstanceOf(Reply.Written.class);
    assertThat(solo.proposed()).isEmpty();
  }

  @Test
  void aWriteLostWithinATermIsSentAgainWhenALaterOneOfThisMemberIsApplied() {
    solo.leader(2, 1);
    long first = solo.ask(write("a", "1"));
    List<Proposal> lost = solo.proposed();
    long second = solo.ask(write("b", "1"));
    solo.commitProposed();

    assertThat(solo.replies).containsOnlyKeys(second);
    solo.commitProposed();
    assertThat(solo.replies.get(first)).isInstanceOf(Reply.Written.class);

    solo.commit(1, lost);
    assertThat(solo.status().revision()).isEqualTo(3);
  }

  @Test
  void refusedForWantOfALeaderIsSentAgainAfterATickNotAtOnce() {
    solo.leader(2, 1);
    long call = solo.ask(write("a", "1"));
    long number = solo.proposed().get(0).number();

    solo.give(new ReplicaInput.Refused(List.of(number), "NO_LEADER", "handing over"));
    assertThat(solo.proposed()).isEmpty();
    long other = solo.ask(write("b", "1"));
    assertThat(solo.proposed()).as("others are not held up").hasSize(1);
    solo.ticks(1);
    List<Proposal> again = solo.proposed();
    assertThat(again).hasSize(1);

    solo.commit(1, again);
    assertThat(solo.replies).containsKey(call).doesNotContainKey(other);
  }

  @Test
  void refusedByAnOldLeaderIsSentToTheNewOneAtOnce() {
    solo.leader(2, 1);
    solo.ask(write("a", "1"));
    long number = solo.proposed().get(0).number();
    solo.leader(3, 2);

    solo.give(new ReplicaInput.Refused(List.of(number), "NO_LEADER", "the leader has changed"));
    assertThat(solo.proposed()).hasSize(1);
  }

  @Test
  void refusedForWantOfALeaderUntilTheDeadlineWasNeverDone() {
    solo.leader(2, 1);
    long call = solo.ask(write("a", "1"), 100);
    long number = solo.proposed().get(0).number();
    solo.give(new ReplicaInput.Refused(List.of(number), "NO_LEADER", "handing over"));

    solo.ticks(1);
    solo.assertRefused(call, Refusal.NO_LEADER, false);
    assertThat(solo.proposed()).isEmpty();
  }

  @Test
  void whatTheLeaderRefusesIsAnsweredWithItsReasonAsNotDone() {
    solo.leader(2, 1);
    long first = solo.ask(write("a", "1"));
    long second = solo.ask(write("b", "1"));
    List<Proposal> proposals = solo.proposed();
    List<Long> numbers = proposals.stream().map(Proposal::number).toList();

    solo.give(new ReplicaInput.Refused(numbers.subList(0, 1), "TOO_MANY_REQUESTS", "full"));
    solo.give(new ReplicaInput.Refused(numbers.subList(1, 2), "OF_A_LATER_VERSION", "new"));
    solo.give(new ReplicaInput.Refused(numbers, "CONFLICT", "told twice"));

    solo.assertRefused(first, Refusal.TOO_MANY_REQUESTS, false);
    solo.assertRefused(second, Refusal.CONFLICT, false);
  }

  @Test
  void stoppingTellsApartWhatWasSentAndWhatWasNot() {
    solo.leader(2, 1);
    long sent = solo.ask(write("a", "1"));
    List<Proposal> proposals = solo.proposed();
    solo.leader(0, 1);
    long waiting = solo.ask(write("b", "1"));

    solo.give(new ReplicaInput.Stop());
    solo.assertRefused(sent, Refusal.STOPPING, true);
    solo.assertRefused(waiting, Refusal.STOPPING, false);
    solo.assertRefused(solo.ask(write("c", "1")), Refusal.STOPPING, false);

    solo.commit(1, proposals);
    assertThat(solo.replica.appliedIndex()).as("what is committed is applied").isEqualTo(2);
  }

  @Test
  void moreThanTheTableHoldsIsRefusedAtOnceAndAnsweredSlotsAreFree() {
    SoloReplica.Settings settings = new SoloReplica.Settings();
    settings.pendingMax = 2;
    SoloReplica small = settings.start();
    small.leader(1, 1);
    small.ask(write("a", "1"));
    small.ask(write("b", "1"));
    small.assertRefused(small.ask(write("c", "1")), Refusal.TOO_MANY_REQUESTS, false);

    small.commitProposed();
    assertThat(small.call(write("c", "1"))).isInstanceOf(Reply.Written.class);
  }

  @Test
  void moreBytesThanAllowedAreRefusedAtOnce() {
    SoloReplica.Settings settings = new SoloReplica.Settings();
    settings.pendingBytesMax = 1_000;
    SoloReplica small = settings.start();
    small.leader(1, 1);
    small.ask(write("a", "x".repeat(2_000)));
    small.assertRefused(small.ask(write("b", "1")), Refusal.TOO_MANY_REQUESTS, false);

    small.commitProposed();
    assertThat(small.call(write("b", "1"))).isInstanceOf(Reply.Written.class);
  }

  @Test
  void whatBreaksARuleNeverReachesALog() {
    solo.leader(1, 1);
    solo.assertRefused(solo.ask(write("", "1")), Refusal.INVALID, false);
    Op twice = new Op.Txn(List.of(), List.of(put("a", "1"), put("a", "2")), List.of());
    solo.assertRefused(solo.ask(new Request.Write(twice)), Refusal.DUPLICATE_KEY, false);
    assertThat(solo.proposed()).isEmpty();
  }

  @Test
  void beyondTheQuotaOnlyPutsAreRefusedUntilThereIsRoom() {
    SoloReplica.Settings settings = new SoloReplica.Settings();
    settings.quotaBytes = 1_000;
    SoloReplica full = settings.start();
    full.leader(1, 1);
    assertThat(full.call(write("a", "x".repeat(2_000)))).isInstanceOf(Reply.Written.class);

    full.assertRefused(full.ask(write("b", "1")), Refusal.SPACE_EXCEEDED, false);
    Op nested = new Op.Txn(List.of(), List.of(), List.of(put("b", "1")));
    full.assertRefused(full.ask(new Request.Write(nested)), Refusal.SPACE_EXCEEDED, false);
    Op delete = new Op.DeleteRange(KeyRange.of(Bytes.utf8("a")), false);
    assertThat(full.call(new Request.Write(delete))).isInstanceOf(Reply.Written.class);
    assertThat(full.call(write("b", "1"))).isInstanceOf(Reply.Written.class);
  }

  @Test
  void aWriteThatAnotherMemberSentFirstIsAnsweredWithItsFirstRevision() {
    solo.leader(1, 1);
    solo.call(new Request.LeaseGrant(7, 60));
    solo.commitForeign(new Command.WriteOnce(new Once(7, 1), put("a", "1")));
    solo.call(write("a", "2"));

    assertThat(solo.call(new Request.Write(put("a", "1"), new Once(7, 1))))
        .isEqualTo(new Reply.Written(2, new OpResult.Put(2, 1, null)));
    assertThat(solo.value("a")).isEqualTo("2");
    assertThat(solo.status().revision()).isEqualTo(3);
    assertThat(solo.call(new Request.Write(put("a", "3"), new Once(7, 2))))
        .isEqualTo(new Reply.Written(4, new OpResult.Put(4, 3, null)));
  }

  @Test
  void aNameThatCanNameNoWriteIsRefusedBeforeItIsProposed() {
    solo.leader(1, 1);
    Op get = SoloReplica.get("a", false).op();
    List<String> details = new ArrayList<>();
    for (Request request :
        List.of(
            new Request.Write(put("a", "1"), new Once(0, 1)),
            new Request.Write(put("a", "1"), new Once(0x7f, 0)),
            new Request.Write(put("a", "1"), new Once(0x7f, Long.MIN_VALUE)),
            new Request.Write(get, new Once(0x7f, 1)),
            new Request.Write(new Op.Txn(List.of(), List.of(get), List.of()), new Once(0x7f, 1)))) {
      long call = solo.ask(request);
      solo.assertRefused(call, Refusal.INVALID, false);
      details.add(((Reply.Refused) solo.replies.get(call)).detail());
    }

    assertThat(solo.proposed()).isEmpty();
    assertThat(details)
        .containsExactly(
            "session must be the id of a lease: 0",
            "sequence must be from 1 to 9223372036854775807: 0",
            "sequence must be from 1 to 9223372036854775807: -9223372036854775808",
            "write 1 of session 7f must write: it only reads",
            "write 1 of session 7f must write: it only reads");
  }

  @Test
  void beyondTheQuotaAPutThatWasAppliedIsStillAnswered() {
    SoloReplica.Settings settings = new SoloReplica.Settings();
    settings.quotaBytes = 1_000;
    SoloReplica full = settings.start();
    full.leader(1, 1);
    full.call(new Request.LeaseGrant(7, 60));
    Request.Write large = new Request.Write(put("a", "x".repeat(2_000)), new Once(7, 1));
    Reply first = full.call(large);
    assertThat(first).isInstanceOf(Reply.Written.class);

    assertThat(full.call(large)).isEqualTo(first);
    full.assertRefused(
        full.ask(new Request.Write(put("b", "1"), new Once(7, 2))), Refusal.SPACE_EXCEEDED, false);
  }

  @Test
  void answersOfSessionsFillTheQuotaUntilTheSessionEnds() {
    SoloReplica.Settings settings = new SoloReplica.Settings();
    settings.quotaBytes = 1_000;
    SoloReplica full = settings.start();
    full.leader(1, 1);
    full.call(new Request.LeaseGrant(7, 60));
    for (int sequence = 1; sequence <= 20; sequence++) {
      Op nothing = new Op.DeleteRange(KeyRange.of(Bytes.utf8("none")), false);
      full.call(new Request.Write(nothing, new Once(7, sequence)));
    }

    full.assertRefused(full.ask(write("b", "1")), Refusal.SPACE_EXCEEDED, false);
    full.call(new Request.LeaseRevoke(7));
    assertThat(full.call(write("b", "1"))).isInstanceOf(Reply.Written.class);
  }

  @Test
  void aWriteThatMayHaveBeenAppliedIsRefusedAsForgottenOrAsOfNoSession() {
    solo.leader(1, 1);
    solo.call(new Request.LeaseGrant(7, 60));
    solo.call(new Request.Write(put("a", "1"), new Once(7, 500)));

    assertThat(((Reply.Refused) solo.call(new Request.Write(put("a", "2"), new Once(7, 372)))))
        .extracting(Reply.Refused::refusal, Reply.Refused::unknown)
        .containsExactly(Refusal.ANSWER_FORGOTTEN, false);
    solo.call(new Request.LeaseRevoke(7));
    assertThat(((Reply.Refused) solo.call(new Request.Write(put("a", "2"), new Once(7, 500)))))
        .extracting(Reply.Refused::refusal, Reply.Refused::unknown)
        .containsExactly(Refusal.LEASE_NOT_FOUND, false);
    assertThat(solo.value("a")).isEqualTo("1");
  }

  @Test
  void aFullDiskRefusesWritesAndServesReads() {
    solo.leader(1, 1);
    RaftView view = solo.view();
    solo.give(
        new ReplicaInput.RaftChanged(
            new RaftView(
                1, 1, true, 1, true, false, List.of(), view.wal(), 1, 0, false, true, List.of())));

    solo.assertRefused(solo.ask(write("a", "1")), Refusal.DISK_FULL, false);
    assertThat(solo.value("a")).isNull();
  }

  @Test
  void faultsOfTheStateMachineAreToldAsRefusals() {
    solo.leader(1, 1);
    solo.call(write("a", "1"));
    assertThat(solo.call(new Request.Compact(2))).isEqualTo(new Reply.Compacted(2, 2));
    List<Request> requests =
        List.of(
            new Request.Compact(2),
            new Request.Compact(9),
            new Request.LeaseRevoke(5),
            new Request.Write(Op.Put.of(Bytes.utf8("b"), Bytes.EMPTY, 5)),
            new Request.Write(new Op.Put(Bytes.utf8("b"), Bytes.EMPTY, 0, false, true, false)));
    List<Refusal> refusals = new ArrayList<>();
    for (Request request : requests) {
      refusals.add(((Reply.Refused) solo.call(request)).refusal());
    }

    assertThat(refusals)
        .containsExactly(
            Refusal.COMPACTED,
            Refusal.FUTURE_REVISION,
            Refusal.LEASE_NOT_FOUND,
            Refusal.LEASE_NOT_FOUND,
            Refusal.KEY_NOT_FOUND);
  }

  @Test
  void anEntryOfAnEarlierRunUnderTheSameNumberAnswersNobody() {
    solo.leader(2, 1);
    long call = solo.ask(write("a", "new"));
    List<Proposal> proposals = solo.proposed();
    assertThat(proposals.get(0).number()).isEqualTo(FIRST_NUMBER);

    Bytes old = sealed(1, FIRST_NUMBER, new Command.Write(put("b", "old")));
    solo.commit(new Entry(1, ++solo.index, EntryType.NORMAL, old));
    assertThat(solo.replies).doesNotContainKey(call);
    List<Proposal> again = solo.proposed();
    assertThat(again).hasSize(1);

    solo.commit(1, proposals);
    assertThat(solo.value("a")).as("its number is used up").isNull();
    solo.commit(1, again);
    assertThat(solo.replies.get(call)).isInstanceOf(Reply.Written.class);
    assertThat(solo.value("a")).isEqualTo("new");
  }

  @Test
  void numbersBelowThoseOfAnEarlierRunCostTimeButNoAnswer() {
    solo.leader(2, 1);
    Bytes old = sealed(1, FIRST_NUMBER + 1_000, new Command.Write(put("b", "old")));
    long call = solo.ask(write("a", "1"));
    List<Proposal> proposals = solo.proposed();
    solo.commit(new Entry(1, ++solo.index, EntryType.NORMAL, old));
    solo.commit(1, proposals);

    assertThat(solo.replies).doesNotContainKey(call);
    solo.commitProposed();
    assertThat(solo.replies.get(call)).isInstanceOf(Reply.Written.class);
  }

  @Test
  void anyTimeoutIsTakenInStride() {
    long never = solo.ask(write("a", "1"), Long.MAX_VALUE);
    long gone = solo.ask(write("b", "1"), Long.MIN_VALUE);
    solo.ticks(1);

    assertThat(solo.replies).containsOnlyKeys(gone).doesNotContainKey(never);
  }

  @Test
  void entriesOfOtherMembersAnswerNobodyHere() {
    solo.leader(2, 1);
    long call = solo.ask(write("a", "1"));
    Bytes foreign = sealed(2, FIRST_NUMBER, new Command.Write(put("a", "2")));
    solo.commit(new Entry(1, ++solo.index, EntryType.NORMAL, foreign));

    assertThat(solo.replies).doesNotContainKey(call);
    assertThat(solo.value("a")).isEqualTo("2");
  }
}
