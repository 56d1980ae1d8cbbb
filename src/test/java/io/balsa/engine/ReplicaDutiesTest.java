package io.balsa.engine;

import static io.balsa.engine.SoloReplica.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import io.balsa.engine.ReplicaOptions.AutoCompaction;
import io.balsa.engine.request.Refusal;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.mvcc.command.Command;
import io.balsa.mvcc.command.Op;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Only the leader ends leases and compacts by itself, and what it decided dies with its term. */
class ReplicaDutiesTest {
  private final SoloReplica solo = new SoloReplica();

  private static List<Command> commands(List<Proposal> proposals) throws MalformedException {
    List<Command> commands = new ArrayList<>();
    for (Proposal proposal : proposals) {
      Envelope envelope = Envelope.decode(proposal.entry().data());
      commands.add(((Envelope.KeyValueCommand) envelope.payload()).command());
    }
    return commands;
  }

  @Test
  void aLeaseIsAtLeastAsLongAsAnElectionAndAtMostAsLongAsEtcds() {
    solo.leader(1, 1);
    Reply.Lease granted = (Reply.Lease) solo.call(new Request.LeaseGrant(7, 1));
    assertThat(granted.lease().ttlSeconds()).isEqualTo(2);
    solo.assertRefused(solo.ask(new Request.LeaseGrant(8, 0)), Refusal.INVALID, false);
    solo.assertRefused(solo.ask(new Request.LeaseGrant(8, 9_000_000_001L)), Refusal.INVALID, false);
    assertThat(solo.call(new Request.LeaseGrant(8, 9_000_000_000L)))
        .isInstanceOf(Reply.Lease.class);
    assertThat(((Reply.Refused) solo.call(new Request.LeaseGrant(7, 5))).refusal())
        .isEqualTo(Refusal.LEASE_EXISTS);
  }

  @Test
  void theMemberPicksAnIdWhereTheClientDoesNot() {
    solo.leader(1, 1);
    Reply.Lease one = (Reply.Lease) solo.call(new Request.LeaseGrant(0, 60));
    Reply.Lease other = (Reply.Lease) solo.call(new Request.LeaseGrant(0, 60));
    assertThat(one.lease().id()).isPositive().isNotEqualTo(other.lease().id());
  }

  @Test
  void theLeaderEndsALeaseWhoseTimeIsOver() throws MalformedException {
    solo.leader(1, 1);
    solo.call(new Request.LeaseGrant(7, 2));
    solo.call(new Request.Write(Op.Put.of(Bytes.utf8("a"), Bytes.EMPTY, 7)));
    solo.ticks(19);
    assertThat(solo.proposed()).isEmpty();

    solo.ticks(1);
    List<Proposal> proposals = solo.proposed();
    assertThat(commands(proposals)).containsExactly(new Command.LeaseExpire(7, 1));
    solo.commit(1, proposals);
    assertThat(solo.value("a")).isNull();
    assertThat(solo.status().counters().leasesExpired()).isEqualTo(1);
    assertThat(solo.status().counters().leases()).isZero();
    solo.ticks(50);
    assertThat(solo.proposed()).isEmpty();
  }

  @Test
  void aRenewedLeaseLivesOnAndARevokedOneIsForgotten() {
    solo.leader(1, 1);
    solo.call(new Request.LeaseGrant(7, 2));
    solo.call(new Request.LeaseGrant(8, 2));
    solo.ticks(15);
    assertThat(solo.call(new Request.LeaseKeepAlive(7)))
        .isEqualTo(new Reply.Lease(new Reply.LeaseState(7, 2, 2), List.of()));
    assertThat(solo.call(new Request.LeaseRevoke(8))).isEqualTo(new Reply.LeaseEnded(8, 1));
    solo.ticks(19);
    assertThat(solo.proposed()).isEmpty();
    solo.ticks(1);
    assertThat(solo.proposed()).hasSize(1);
  }

  @Test
  void aFollowerEndsNoLeaseAndANewLeaderGivesEachItsWholeTime() {
    solo.leader(2, 1);
    solo.call(new Request.LeaseGrant(7, 2));
    solo.ticks(40);
    assertThat(solo.proposed()).isEmpty();

    solo.leader(1, 2);
    solo.ticks(19);
    assertThat(solo.proposed()).isEmpty();
    solo.ticks(1);
    assertThat(solo.proposed()).hasSize(1);
  }

  @Test
  void theLeaderRecordsWhatLongLeasesStillHaveForItsSuccessor() throws MalformedException {
    SoloReplica.Settings settings = new SoloReplica.Settings();
    settings.leaseCheckpointMillis = 3_000;
    SoloReplica solo = settings.start();
    solo.leader(1, 1);
    solo.call(new Request.LeaseGrant(7, 10));
    solo.call(new Request.LeaseGrant(8, 3));
    solo.ticks(10);
    solo.call(new Request.LeaseKeepAlive(8));
    solo.ticks(19);
    assertThat(solo.proposed()).isEmpty();
    solo.ticks(1);
    List<Proposal> proposals = solo.proposed();
    assertThat(commands(proposals))
        .containsExactly(new Command.LeaseCheckpoint(List.of(new Command.Remaining(7, 1, 7))));
    solo.commit(1, proposals);

    solo.leader(2, 2);
    solo.ticks(15);
    assertThat(solo.proposed()).as("followers record nothing").isEmpty();
    solo.leader(1, 3);
    solo.ticks(30); // Its successor records, too; the short lease has ended.
    assertThat(commands(solo.proposed()))
        .containsExactly(
            new Command.LeaseExpire(8, 3),
            new Command.LeaseCheckpoint(List.of(new Command.Remaining(7, 1, 4))));
    solo.ticks(39);
    assertThat(commands(solo.proposed()))
        .noneMatch(command -> command.equals(new Command.LeaseExpire(7, 1)));
    solo.ticks(1);
    assertThat(commands(solo.proposed())).contains(new Command.LeaseExpire(7, 1));
  }

  @Test
  void aLeaderThatLostAndRegainedItsPlaceUnseenGivesEachLeaseItsWholeTime() {
    solo.leader(1, 1);
    solo.call(new Request.LeaseGrant(7, 2));
    solo.ticks(15);
    solo.leader(1, 3);
    solo.ticks(19);
    assertThat(solo.proposed()).isEmpty();
    solo.ticks(1);
    assertThat(solo.proposed()).hasSize(1);
  }

  @Test
  void anExpiryThatItsLeaderCouldNotSendIsNotSentToItsSuccessor() {
    solo.leader(1, 1);
    solo.call(new Request.LeaseGrant(7, 2));
    RaftView view = solo.view();
    solo.give(
        new ReplicaInput.RaftChanged(
            new RaftView(
                1, 1, true, 2, true, true, List.of(), view.wal(), 1, 0, false, false, List.of())));
    solo.ticks(20);
    solo.leader(2, 2);
    solo.ticks(1);
    assertThat(solo.proposed()).isEmpty();
  }

  @Test
  void whatTheLeaderProposesByItselfTakesNoClientsPlace() {
    SoloReplica.Settings settings = new SoloReplica.Settings();
    settings.pendingMax = 1;
    SoloReplica solo = settings.start();
    solo.leader(1, 1);
    solo.call(new Request.LeaseGrant(7, 2));
    solo.ticks(20);
    assertThat(solo.proposed()).hasSize(1);

    assertThat(solo.status().counters().proposalsPending()).isZero();
    assertThat(solo.call(write("a", "1"))).isInstanceOf(Reply.Written.class);
  }

  @Test
  void tooMuchHistoryIsCompactedByTheLeaderOnce() throws MalformedException {
    SoloReplica.Settings settings = new SoloReplica.Settings();
    settings.historyBytes = 10_000;
    SoloReplica solo = settings.start();
    solo.leader(1, 1);
    for (int i = 0; i < 20; i++) {
      solo.call(write("a", "x".repeat(1_000)));
    }
    solo.ticks(1);
    List<Proposal> proposals = solo.proposed();
    assertThat(commands(proposals)).singleElement().isInstanceOf(Command.Compact.class);
    solo.ticks(1);
    assertThat(solo.proposed()).as("one at a time").isEmpty();

    solo.commit(1, proposals);
    assertThat(solo.status().store().bytes()).isLessThan(12_000);
    assertThat(solo.status().compactRevision()).isBetween(2L, 20L);
    solo.ticks(20);
    assertThat(solo.proposed()).isEmpty();
  }

  @Test
  void aFollowerCompactsNothingByItself() {
    SoloReplica.Settings settings = new SoloReplica.Settings();
    settings.historyBytes = 1_000;
    settings.autoCompaction = new AutoCompaction(AutoCompaction.Mode.REVISION, 1);
    SoloReplica solo = settings.start();
    solo.leader(2, 1);
    for (int i = 0; i < 20; i++) {
      solo.call(write("a", "x".repeat(1_000)));
    }
    solo.ticks(200);
    assertThat(solo.proposed()).isEmpty();
  }

  @Test
  void revisionModeKeepsSoManyRevisions() throws MalformedException {
    SoloReplica.Settings settings = new SoloReplica.Settings();
    settings.autoCompaction = new AutoCompaction(AutoCompaction.Mode.REVISION, 5);
    SoloReplica solo = settings.start();
    solo.leader(1, 1);
    for (int i = 0; i < 20; i++) {
      solo.call(write("a", "1"));
    }
    solo.ticks(200);
    assertThat(commands(solo.proposed())).contains(new Command.Compact(21 - 5));
  }

  @Test
  void periodicModeKeepsWhatWasTheNewestARetentionAgo() throws MalformedException {
    SoloReplica.Settings settings = new SoloReplica.Settings();
    settings.autoCompaction = new AutoCompaction(AutoCompaction.Mode.PERIODIC, 10_000);
    SoloReplica solo = settings.start();
    solo.leader(2, 1);
    for (int i = 0; i < 30; i++) {
      solo.call(write("a", "1"));
      solo.ticks(10);
    }
    assertThat(solo.proposed()).as("followers only take notes").isEmpty();

    solo.leader(1, 2);
    solo.ticks(1);
    List<Proposal> proposals = solo.proposed();
    // A write each second, and a note each second or so, ten of which reach back ten seconds.
    assertThat(commands(proposals))
        .singleElement()
        .isInstanceOfSatisfying(
            Command.Compact.class, compact -> assertThat(compact.revision()).isBetween(19L, 22L));
  }

  @Test
  void compactedVersionsAreGivenBackInSteps() {
    solo.leader(1, 1);
    for (int i = 0; i < 5_000; i++) {
      solo.ask(write("a", "1"));
    }
    solo.commitProposed();
    while (solo.replica.hasMoreWork()) {
      solo.replica.flush();
    }
    solo.ask(new Request.Compact(5_001));
    solo.commitProposed();

    int flushes = 1;
    while (solo.replica.hasMoreWork()) {
      solo.replica.flush();
      flushes++;
    }
    assertThat(flushes).isEqualTo(3);
  }
}
