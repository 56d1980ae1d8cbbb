package io.balsa.engine;

import static io.balsa.engine.SoloReplica.CLIENT;
import static io.balsa.engine.SoloReplica.get;
import static io.balsa.engine.SoloReplica.put;
import static io.balsa.engine.SoloReplica.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Bytes;
import io.balsa.engine.request.Call;
import io.balsa.engine.request.Refusal;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.mvcc.command.Command;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.Op;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A linearizable read is served behind a confirmed index, or refused; never unknown. */
class ReplicaReadsTest {
  private final SoloReplica solo = new SoloReplica();

  private static Request.Read at(long revision) {
    return new Request.Read(Op.Range.of(KeyRange.of(Bytes.utf8("a")), revision, 0, false), true);
  }

  @Test
  void readsShareARoundAndThoseThatCameMeanwhileShareTheNext() {
    solo.leader(2, 1);
    solo.give(
        new ReplicaInput.Calls(
            CLIENT,
            List.of(new Call(1, 1_000, get("a", false)), new Call(2, 1_000, get("b", false)))));
    long first = solo.readContext();
    solo.give(
        new ReplicaInput.Calls(
            CLIENT,
            List.of(new Call(3, 1_000, get("a", false)), new Call(4, 1_000, get("b", false)))));
    assertThat(solo.raft).isEmpty();

    solo.give(new ReplicaInput.ReadReady(first, solo.index));
    assertThat(solo.replies).containsOnlyKeys(1L, 2L);
    long second = solo.readContext();
    assertThat(second).isNotEqualTo(first);
    solo.give(new ReplicaInput.ReadReady(second, solo.index));
    assertThat(solo.replies).containsOnlyKeys(1L, 2L, 3L, 4L);
  }

  @Test
  void aReadWaitsUntilItsIndexIsApplied() {
    solo.leader(2, 1);
    long call = solo.ask(get("a", false));
    solo.give(new ReplicaInput.ReadReady(solo.readContext(), solo.index + 2));
    solo.commitForeign(new Command.Write(put("a", "1")));
    assertThat(solo.replies).doesNotContainKey(call);

    solo.commitForeign(new Command.Write(put("a", "2")));
    assertThat(((Reply.Read) solo.replies.get(call)).revision()).isEqualTo(3);
  }

  @Test
  void anAnswerToAnEarlierContextServesNobody() {
    solo.leader(2, 1);
    long call = solo.ask(get("a", false));
    long lost = solo.readContext();
    solo.leader(3, 2);
    long again = solo.readContext();

    solo.give(new ReplicaInput.ReadReady(lost, solo.index));
    assertThat(solo.replies).doesNotContainKey(call);
    solo.give(new ReplicaInput.ReadReady(again, solo.index));
    assertThat(solo.replies).containsKey(call);
  }

  @Test
  void aLostRoundIsAskedAgainMoreAndMoreRarely() {
    solo.leader(2, 1);
    solo.ask(get("a", false), 60_000);
    int asked = 0;
    for (int ticks = 0; ticks < 45; ticks++) {
      asked += solo.take(solo.raft, RaftInput.ReadIndex.class).size();
      solo.ticks(1);
    }
    assertThat(asked).as("at 0, 3, 9 and 21 ticks").isEqualTo(4);
  }

  @Test
  void withoutALeaderAReadIsRefusedAtItsDeadline() {
    long call = solo.ask(get("a", false), 200);
    assertThat(solo.raft).isEmpty();
    solo.ticks(2);
    solo.assertRefused(call, Refusal.NO_LEADER, false);
    assertThat(solo.status().counters().readsServed()).isZero();
  }

  @Test
  void aReadWithoutConfirmationIsRefusedAtItsDeadlineInAnyStage() {
    solo.leader(2, 1);
    long applied = solo.ask(get("a", false), 200);
    solo.give(new ReplicaInput.ReadReady(solo.readContext(), solo.index + 5));
    long asked = solo.ask(get("a", false), 200);
    long next = solo.ask(get("a", false), 200);
    solo.ticks(2);

    solo.assertRefused(applied, Refusal.NO_LEADER, false);
    solo.assertRefused(asked, Refusal.NO_LEADER, false);
    solo.assertRefused(next, Refusal.NO_LEADER, false);
    assertThat(solo.ask(get("a", false))).isPositive();
    assertThat(solo.take(solo.raft, RaftInput.ReadIndex.class)).isNotEmpty();
  }

  @Test
  void moreReadsThanMayWaitAreRefusedAtOnce() {
    SoloReplica.Settings settings = new SoloReplica.Settings();
    settings.readsMax = 1;
    SoloReplica small = settings.start();
    small.ask(get("a", false));
    small.assertRefused(small.ask(get("a", false)), Refusal.TOO_MANY_REQUESTS, false);
    assertThat(small.replies.get(small.ask(get("a", true)))).isInstanceOf(Reply.Read.class);
  }

  @Test
  void aSerializableReadIsServedAtOnceFromWhatIsHere() {
    solo.leader(1, 1);
    solo.call(write("a", "1"));
    solo.leader(0, 2);
    assertThat(solo.value("a")).isEqualTo("1");
  }

  @Test
  void aReadAtARevisionThatIsNotThereSaysWhy() {
    solo.leader(1, 1);
    solo.call(write("a", "1"));
    solo.call(write("a", "2"));
    solo.call(new Request.Compact(3));

    solo.assertRefused(solo.ask(at(2)), Refusal.COMPACTED, false);
    solo.assertRefused(solo.ask(at(4)), Refusal.FUTURE_REVISION, false);
    assertThat(solo.replies.get(solo.ask(at(3)))).isInstanceOf(Reply.Read.class);
  }

  @Test
  void whatIsNoReadIsRefused() {
    solo.assertRefused(solo.ask(new Request.Read(put("a", "1"), true)), Refusal.INVALID, false);
    solo.assertRefused(solo.ask(get("", true)), Refusal.INVALID, false);
  }

  @Test
  void leasesAreLookedAtBehindAConfirmedIndex() {
    solo.leader(1, 1);
    Reply.Lease granted = (Reply.Lease) solo.call(new Request.LeaseGrant(7, 60));
    assertThat(granted.lease()).isEqualTo(new Reply.LeaseState(7, 60, 60));
    solo.call(new Request.Write(Op.Put.of(Bytes.utf8("a"), Bytes.EMPTY, 7)));
    solo.ticks(20);
    long one = solo.ask(new Request.LeaseGet(7));
    solo.give(new ReplicaInput.ReadReady(solo.readContext(), solo.index));
    long all = solo.ask(new Request.LeaseList());
    solo.give(new ReplicaInput.ReadReady(solo.readContext(), solo.index));
    long none = solo.ask(new Request.LeaseGet(8));
    solo.give(new ReplicaInput.ReadReady(solo.readContext(), solo.index));

    Reply.LeaseState state = new Reply.LeaseState(7, 60, 58);
    assertThat(solo.replies.get(one)).isEqualTo(new Reply.Lease(state, List.of(Bytes.utf8("a"))));
    assertThat(solo.replies.get(all)).isEqualTo(new Reply.Leases(List.of(state)));
    solo.assertRefused(none, Refusal.LEASE_NOT_FOUND, false);
  }
}
