package io.balsa.engine;

import static io.balsa.engine.SoloReplica.get;
import static io.balsa.engine.SoloReplica.info;
import static io.balsa.engine.SoloReplica.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.balsa.data.MalformedException;
import io.balsa.engine.request.Leadership;
import io.balsa.engine.request.Refusal;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfChange.Operation;
import io.balsa.raft.message.ConfChange.OperationType;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.Snapshot;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Members change by the log; who is asked and who is concerned hears of it. */
class ReplicaMembersTest {
  private final SoloReplica solo = new SoloReplica();

  private static Request.MemberAdd add(String name) {
    return new Request.MemberAdd(name, List.of("http://" + name), true);
  }

  /** Asks for what is looked up behind a confirmed index. */
  private long askConfirmed(Request request, long timeoutMillis) {
    long call = solo.ask(request, timeoutMillis);
    solo.give(new ReplicaInput.ReadReady(solo.readContext(), solo.index));
    return call;
  }

  private long askConfirmed(Request request) {
    return askConfirmed(request, 1_000);
  }

  private static ConfChange change(Proposal proposal) throws MalformedException {
    assertThat(proposal.entry().type()).isEqualTo(EntryType.CONF_CHANGE_V2);
    return ConfChange.decode(proposal.entry().data());
  }

  @Test
  void tellsWhoLeadsWheneverTheLeaderOrTheTermIsAnotherOne() {
    solo.leader(0, 1);
    solo.leader(2, 2);
    solo.leader(2, 2);
    solo.leader(0, 2);
    solo.leader(9, 3);
    solo.leader(9, 4);

    assertThat(solo.leaderships)
        .extracting(
            seen -> seen.leader() == null ? "nobody" : seen.leader().name(), Leadership::term)
        .containsExactly(
            tuple("nobody", 1L),
            tuple("m2", 2L),
            tuple("nobody", 2L),
            tuple("", 3L),
            tuple("", 4L));
    assertThat(solo.leaderships.get(0).member().name()).isEqualTo("m1");
    assertThat(solo.leaderships.get(0).clusterId()).isEqualTo(SoloReplica.CLUSTER);
  }

  @Test
  void thePeersAreToldOfAllMembersAtTheStart() {
    assertThat(solo.peers).hasSize(1);
    assertThat(solo.peers.get(0).members()).containsExactly(info(1), info(2), info(3));
    assertThat(solo.peers.get(0).removed()).isEmpty();
  }

  @Test
  void aMemberThatHasYetToJoinTellsItsPeersNothing() {
    SoloReplica blank =
        new SoloReplica(
            SoloReplica.options(), StateMachine.genesis(Snapshot.EMPTY, List.of()), 100);
    assertThat(blank.peers).isEmpty();
  }

  @Test
  void anAddedMemberIsALearnerUnderAnIdOfItsOwn() throws MalformedException {
    solo.leader(2, 1);
    long call = solo.ask(add("m4"));
    List<Proposal> proposals = solo.proposed();
    Operation operation = change(proposals.get(0)).operations().get(0);
    assertThat(operation.type()).isEqualTo(OperationType.ADD_LEARNER);

    solo.commit(1, proposals);
    Reply.Members members = (Reply.Members) solo.replies.get(call);
    assertThat(members.changed()).isEqualTo(operation.member()).isNotIn(0L, -1L, -2L);
    assertThat(members.leader()).isEqualTo(2);
    assertThat(members.clusterId()).isEqualTo(SoloReplica.CLUSTER);
    assertThat(members.members())
        .contains(
            new Reply.Member(operation.member(), "m4", List.of("http://m4"), List.of(), true));
    assertThat(solo.peers.get(1).members()).hasSize(4);
    assertThat(solo.confChanges()).containsExactly(change(proposals.get(0)));
  }

  @Test
  void aChangeThatIsRefusedWhenAppliedIsCancelledForConsensusToo() {
    solo.leader(2, 1);
    long call = solo.ask(add("m3"));
    solo.commitProposed();

    solo.assertRefused(call, Refusal.MEMBER_EXISTS, false);
    assertThat(solo.confChanges())
        .singleElement()
        .satisfies(
            cancelled ->
                assertThat(cancelled.operations())
                    .containsExactly(new Operation(OperationType.ADD_LEARNER, 0)));
    assertThat(solo.peers).hasSize(1);
  }

  @Test
  void aMemberWithoutNameOrUrlIsRefusedAtOnce() {
    solo.leader(1, 1);
    solo.assertRefused(
        solo.ask(new Request.MemberAdd(" ", List.of("http://m4"), true)), Refusal.INVALID, false);
    solo.assertRefused(
        solo.ask(new Request.MemberAdd("m4", List.of(), true)), Refusal.INVALID, false);
    solo.assertRefused(
        solo.ask(new Request.MemberAdd("m4", List.of(""), true)), Refusal.INVALID, false);
    assertThat(solo.proposed()).isEmpty();
  }

  @Test
  void membersAreNamedByIdOrNameAndLookedUpBehindAConfirmedIndex() throws MalformedException {
    solo.leader(2, 1);
    solo.assertRefused(
        askConfirmed(new Request.MemberRemove("m9", false)), Refusal.MEMBER_NOT_FOUND, false);
    solo.assertRefused(
        askConfirmed(new Request.MemberPromote("9")), Refusal.MEMBER_NOT_FOUND, false);
    solo.assertRefused(askConfirmed(new Request.MemberPromote("3")), Refusal.CONFLICT, false);
    assertThat(solo.proposed()).isEmpty();

    askConfirmed(new Request.MemberRemove("m3", false));
    askConfirmed(new Request.MemberRemove("3", true));
    List<Proposal> proposals = solo.proposed();
    for (Proposal proposal : proposals) {
      assertThat(change(proposal).operations())
          .containsExactly(new Operation(OperationType.REMOVE, 3));
    }
    assertThat(Envelope.decode(change(proposals.get(0)).context()).payload())
        .isEqualTo(new Envelope.Change(info(3), false));
    assertThat(Envelope.decode(change(proposals.get(1)).context()).payload())
        .isEqualTo(new Envelope.Change(info(3), true));
  }

  @Test
  void aLearnerIsPromoted() throws MalformedException {
    solo.leader(2, 1);
    solo.ask(add("m4"));
    solo.commitProposed();
    long call = askConfirmed(new Request.MemberPromote("m4"));
    List<Proposal> proposals = solo.proposed();
    assertThat(change(proposals.get(0)).operations().get(0).type())
        .isEqualTo(OperationType.ADD_VOTER);

    solo.commit(1, proposals);
    Reply.Members members = (Reply.Members) solo.replies.get(call);
    assertThat(members.members()).noneMatch(Reply.Member::learner);
  }

  @Test
  void aChangeThatWasLostIsSentAgainWhole() throws MalformedException {
    solo.leader(2, 1);
    long call = solo.ask(add("m4"));
    ConfChange lost = change(solo.proposed().get(0));
    solo.leader(3, 2);
    solo.commitNoop(2);
    List<Proposal> again = solo.proposed();

    assertThat(change(again.get(0)).operations()).isEqualTo(lost.operations());
    solo.commit(2, again);
    assertThat(solo.replies.get(call)).isInstanceOf(Reply.Members.class);
  }

  @Test
  void theRemovalOfThisMemberIsAnsweredBeforeItEnds() {
    solo.leader(2, 1);
    long call = askConfirmed(new Request.MemberRemove("m1", false));
    List<Proposal> proposals = solo.proposed();
    solo.order.clear();
    solo.commit(1, proposals);

    assertThat(solo.replies.get(call)).isInstanceOf(Reply.Members.class);
    assertThat(solo.order).containsExactly("Applied", "Answers", "removed");
    assertThat(solo.peers.get(1).removed()).containsExactly(1L);
  }

  @Test
  void theRemovalOfAnotherMemberEndsNothingHere() {
    solo.leader(2, 1);
    askConfirmed(new Request.MemberRemove("m3", false));
    solo.commitProposed();
    assertThat(solo.order).doesNotContain("removed");
  }

  @Test
  void leadershipIsMovedToAMemberAndAnsweredWhenItLeads() {
    solo.leader(2, 1);
    long call = askConfirmed(new Request.TransferLeader("m3"));
    assertThat(solo.take(solo.raft, RaftInput.TransferLeader.class))
        .containsExactly(new RaftInput.TransferLeader(3));
    solo.ticks(3);
    assertThat(solo.replies).doesNotContainKey(call);

    solo.leader(3, 2);
    assertThat(((Reply.Members) solo.replies.get(call)).leader()).isEqualTo(3);
  }

  @Test
  void leadershipThatDoesNotMoveInTimeMayStillMove() {
    solo.leader(2, 1);
    long call = askConfirmed(new Request.TransferLeader("m3"), 200);
    solo.ticks(2);
    solo.assertRefused(call, Refusal.TIMEOUT, true);
  }

  @Test
  void aNewLeaderIsAskedWhatTheOldOneDidNotDo() {
    solo.leader(2, 1);
    long call = askConfirmed(new Request.TransferLeader("m3"));
    solo.raft.clear();
    solo.leader(0, 2);
    assertThat(solo.raft).isEmpty();
    solo.leader(1, 3);
    assertThat(solo.take(solo.raft, RaftInput.TransferLeader.class))
        .containsExactly(new RaftInput.TransferLeader(3));
    solo.leader(3, 4);
    assertThat(solo.replies.get(call)).isInstanceOf(Reply.Members.class);
  }

  @Test
  void whoLeadsAlreadyIsAnsweredAtOnce() {
    solo.leader(2, 1);
    assertThat(solo.replies.get(askConfirmed(new Request.TransferLeader("m2"))))
        .isInstanceOf(Reply.Members.class);
    assertThat(solo.raft).isEmpty();
  }

  @Test
  void leadershipGoesToAnyVoterWhenNobodyIsNamed() {
    solo.leader(1, 1);
    long onLeader = askConfirmed(new Request.TransferLeader(""));
    assertThat(solo.take(solo.raft, RaftInput.TransferLeader.class))
        .containsExactly(new RaftInput.TransferLeader(0));
    solo.leader(0, 2);
    assertThat(solo.replies).doesNotContainKey(onLeader);
    solo.leader(2, 2);
    assertThat(solo.replies.get(onLeader)).isInstanceOf(Reply.Members.class);

    askConfirmed(new Request.TransferLeader(""));
    assertThat(solo.take(solo.raft, RaftInput.TransferLeader.class))
        .as("a follower can only offer itself")
        .containsExactly(new RaftInput.TransferLeader(1));
  }

  @Test
  void leadershipDoesNotGoToALearnerOrANobody() {
    solo.leader(2, 1);
    solo.ask(add("m4"));
    solo.commitProposed();
    solo.assertRefused(askConfirmed(new Request.TransferLeader("m4")), Refusal.CONFLICT, false);
    solo.assertRefused(
        askConfirmed(new Request.TransferLeader("m9")), Refusal.MEMBER_NOT_FOUND, false);
  }

  @Test
  void aMemberWithOtherAddressesPublishesThemUntilTheyAreKnown() throws MalformedException {
    MemberInfo moved = new MemberInfo(1, "m1", List.of("http://moved"), List.of("http://clients"));
    SoloReplica.Settings settings = new SoloReplica.Settings();
    settings.self = moved;
    SoloReplica solo = settings.start();
    solo.ticks(2);
    assertThat(solo.proposed()).as("nobody to tell").isEmpty();
    solo.leader(2, 1);
    solo.ticks(1);
    List<Proposal> lost = solo.proposed();
    assertThat(Envelope.decode(lost.get(0).entry().data()).payload())
        .isEqualTo(new Envelope.Publish(moved));
    solo.ticks(5);
    assertThat(solo.proposed()).isEmpty();
    solo.ticks(20);
    List<Proposal> again = solo.proposed();
    assertThat(again).hasSize(1);

    solo.commit(1, again);
    assertThat(solo.peers.get(1).members()).containsExactly(moved, info(2), info(3));
    solo.ticks(50);
    assertThat(solo.proposed()).isEmpty();
  }

  @Test
  void theMembersAreListedFromWhatIsHere() {
    Reply.Members members = (Reply.Members) solo.replies.get(solo.ask(new Request.MemberList()));
    assertThat(members.leader()).isZero();
    assertThat(members.changed()).isZero();
    assertThat(members.members()).extracting(Reply.Member::name).containsExactly("m1", "m2", "m3");
  }

  @Test
  void theStatusTellsWhereThisMemberIsAndWhyItIsNotReady() {
    assertThat(solo.status().ready()).contains("no leader is known");
    assertThat(solo.status().leader()).isNull();
    solo.leader(2, 4);
    solo.call(write("a", "1"));
    solo.ask(write("b", "1"));

    Reply.MemberStatus status = solo.status();
    assertThat(status.clusterId()).isEqualTo(SoloReplica.CLUSTER);
    assertThat(status.self().name()).isEqualTo("m1");
    assertThat(status.leader().name()).isEqualTo("m2");
    assertThat(status.term()).isEqualTo(4);
    assertThat(status.appliedIndex()).isEqualTo(2);
    assertThat(status.commitIndex()).isEqualTo(2);
    assertThat(status.revision()).isEqualTo(2);
    assertThat(status.store().keys()).isEqualTo(1);
    assertThat(status.counters().proposalsPending()).isEqualTo(1);
    assertThat(status.counters().proposalsApplied()).isEqualTo(1);
    assertThat(status.counters().leaderChanges()).isEqualTo(1);
    assertThat(status.live()).isEmpty();
    assertThat(status.ready()).isEmpty();

    RaftView view = solo.view();
    solo.give(
        new ReplicaInput.RaftChanged(
            new RaftView(
                4,
                2,
                false,
                10_000,
                false,
                false,
                List.of(),
                view.wal(),
                1,
                0,
                false,
                false,
                List.of("the disk hangs"))));
    assertThat(solo.status().live()).containsExactly("the disk hangs");
    assertThat(solo.status().ready())
        .containsExactly(
            "the disk hangs", "the member is no voter", "9998 committed entries are not applied");
  }

  @Test
  void aConfigurationEntryOfTheCoreItselfIsAppliedAndHandedBack() {
    ConfChange joint =
        new ConfChange(
            ConfChange.Transition.JOINT_IMPLICIT,
            List.of(new Operation(OperationType.REMOVE, 3)),
            Envelope.seal(2, 1, Envelope.encode(new Envelope.Change(info(3), false))));
    solo.commit(
        new Entry(1, ++solo.index, EntryType.CONF_CHANGE_V2, joint.encode()),
        new Entry(1, ++solo.index, EntryType.CONF_CHANGE_V2, ConfChange.LEAVE_JOINT.encode()));

    assertThat(solo.confChanges()).containsExactly(joint, ConfChange.LEAVE_JOINT);
    assertThat(solo.peers.get(1).members()).containsExactly(info(1), info(2));
    assertThat(solo.peers.get(1).removed()).containsExactly(3L);
    assertThat(solo.replies.get(solo.ask(get("a", true)))).isInstanceOf(Reply.Read.class);
  }
}
