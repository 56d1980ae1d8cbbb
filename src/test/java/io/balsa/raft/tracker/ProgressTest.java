package io.balsa.raft.tracker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ProgressTest {
  private static Progress progress(long match, long next) {
    return new Progress(match, next, false, true, new Inflights(3, 100));
  }

  private static Progress replicating(long match) {
    Progress progress = progress(match, match + 1);
    progress.becomeReplicate();
    return progress;
  }

  private static Progress awaitingSnapshot(long match, long snapshot) {
    Progress progress = progress(match, match + 1);
    progress.becomeSnapshot(snapshot);
    return progress;
  }

  // ---- Acknowledging

  @Test
  void firstAcknowledgementOfAnIndexIsNewsAndAllowsTheNextAppend() {
    Progress progress = progress(3, 5);
    progress.pauseAppends();

    assertThat(progress.acknowledge(6)).isTrue();

    assertThat(progress.match()).isEqualTo(6);
    assertThat(progress.next()).isEqualTo(7);
    assertThat(progress.paused()).isFalse();
  }

  @Test
  void repeatedOrOldAcknowledgementIsNoNewsAndAllowsNothing() {
    Progress progress = progress(3, 5);
    progress.pauseAppends();

    assertThat(progress.acknowledge(3)).isFalse();
    assertThat(progress.acknowledge(2)).isFalse();

    assertThat(progress.match()).isEqualTo(3);
    assertThat(progress.next()).isEqualTo(5);
    assertThat(progress.paused()).isTrue();
  }

  @Test
  void acknowledgementNeverMovesTheNextIndexBack() {
    Progress progress = replicating(3);
    progress.sentEntries(4, 10);
    assertThat(progress.next()).isEqualTo(8);

    assertThat(progress.acknowledge(5)).isTrue();

    assertThat(progress.next()).isEqualTo(8);
  }

  // ---- Rejecting

  @Test
  void probeGoesBackToTheHintButNotBehindTheMatch() {
    Progress progress = progress(2, 11);
    progress.pauseAppends();
    assertThat(progress.reject(10, 6)).isTrue();
    assertThat(progress.next()).isEqualTo(7);
    assertThat(progress.paused()).isFalse();

    assertThat(progress.reject(6, 0)).isTrue();
    assertThat(progress.next()).isEqualTo(3);
  }

  @Test
  void probeGoesBackByOneAtLeast() {
    Progress progress = progress(2, 11);
    assertThat(progress.reject(10, 50)).isTrue();
    assertThat(progress.next()).isEqualTo(10);
  }

  @Test
  void probeIgnoresARejectionOfAnotherAppend() {
    Progress progress = progress(2, 11);
    progress.pauseAppends();
    assertThat(progress.reject(9, 3)).isFalse();
    assertThat(progress.reject(11, 3)).isFalse();
    assertThat(progress.next()).isEqualTo(11);
    assertThat(progress.paused()).isTrue();
  }

  @Test
  void replicationStartsAgainBehindTheMatch() {
    Progress progress = replicating(5);
    progress.sentEntries(3, 10);
    assertThat(progress.reject(7, 6)).isTrue();
    assertThat(progress.next()).isEqualTo(6);
  }

  @Test
  void replicationIgnoresARejectionOfWhatWasAcknowledgedSince() {
    Progress progress = replicating(5);
    progress.sentEntries(3, 10);
    assertThat(progress.reject(5, 2)).isFalse();
    assertThat(progress.reject(4, 2)).isFalse();
    assertThat(progress.next()).isEqualTo(9);
  }

  @Test
  void rejectionForgetsTheCommitIndexThatWentWithIt() {
    Progress progress = progress(2, 11);
    progress.sentCommit(9);
    progress.reject(10, 6);
    // The member may hold 6 entries at most: it can have committed 6, and is told from 7 on.
    progress.acknowledge(9);
    assertThat(progress.canBumpCommit(6)).isFalse();
    assertThat(progress.canBumpCommit(7)).isTrue();
  }

  // ---- States

  @Test
  void probeIsPausedByEntriesOnly() {
    Progress progress = progress(3, 4);
    progress.sentEntries(0, 0);
    assertThat(progress.paused()).isFalse();
    progress.sentEntries(2, 10);
    assertThat(progress.paused()).isTrue();
    assertThat(progress.next()).isEqualTo(4);
    progress.sentEntries(0, 0);
    assertThat(progress.paused()).isTrue();
    progress.resumeAppends();
    assertThat(progress.paused()).isFalse();
  }

  @Test
  void replicationIsPausedByFullInflights() {
    Progress progress = replicating(3);
    progress.sentEntries(0, 0);
    assertThat(progress.inflights().count()).isZero();
    progress.sentEntries(1, 10);
    progress.sentEntries(2, 10);
    assertThat(progress.paused()).isFalse();
    assertThat(progress.next()).isEqualTo(7);
    progress.sentEntries(1, 10);
    assertThat(progress.paused()).isTrue();
    assertThat(progress.inflights().count()).isEqualTo(3);
    assertThat(progress.inflights().bytes()).isEqualTo(30);

    progress.resumeAppends();
    progress.sentEntries(0, 0);
    assertThat(progress.paused()).isTrue();
    progress.inflights().freeTo(4);
    progress.sentEntries(0, 0);
    assertThat(progress.paused()).isFalse();
  }

  @Test
  void nothingIsSentBesideASnapshot() {
    Progress progress = awaitingSnapshot(3, 20);
    assertThat(progress.state()).isEqualTo(ProgressState.SNAPSHOT);
    assertThat(progress.pendingSnapshot()).isEqualTo(20);
    assertThat(progress.next()).isEqualTo(21);
    assertThat(progress.paused()).isTrue();
    progress.resumeAppends();
    assertThat(progress.paused()).isTrue();
    assertThatThrownBy(() -> progress.sentEntries(1, 10))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("progress: append sent beside a snapshot");
  }

  @Test
  void probeGoesOnBehindTheSnapshotThatWasSent() {
    Progress progress = awaitingSnapshot(3, 20);
    progress.becomeProbe();
    assertThat(progress.state()).isEqualTo(ProgressState.PROBE);
    assertThat(progress.next()).isEqualTo(21);
    assertThat(progress.pendingSnapshot()).isZero();
    assertThat(progress.paused()).isFalse();
  }

  @Test
  void probeGoesOnBehindTheMatchIfTheSnapshotIsLostOrOld() {
    Progress lost = awaitingSnapshot(3, 20);
    lost.forgetSnapshot();
    lost.becomeProbe();
    assertThat(lost.next()).isEqualTo(4);

    Progress old = awaitingSnapshot(3, 20);
    old.acknowledge(30);
    old.becomeProbe();
    assertThat(old.next()).isEqualTo(31);
  }

  @Test
  void changeOfStateForgetsWhatWasOnItsWay() {
    Progress progress = replicating(3);
    progress.sentEntries(5, 10);
    progress.pauseAppends();
    progress.becomeProbe();
    assertThat(progress.inflights().count()).isZero();
    assertThat(progress.next()).isEqualTo(4);
    assertThat(progress.paused()).isFalse();

    progress.sentEntries(1, 10);
    progress.becomeReplicate();
    assertThat(progress.paused()).isFalse();
    assertThat(progress.next()).isEqualTo(4);
  }

  // ---- Commits

  @Test
  void memberIsToldACommitIndexOnceAndOnlyWhileEntriesAreBeyondIt() {
    Progress progress = replicating(0);
    assertThat(progress.canBumpCommit(1)).isFalse();
    progress.sentEntries(5, 10);
    assertThat(progress.canBumpCommit(0)).isFalse();
    assertThat(progress.canBumpCommit(1)).isTrue();

    progress.sentCommit(4);
    assertThat(progress.canBumpCommit(4)).isFalse();
    assertThat(progress.canBumpCommit(5)).isTrue();

    progress.sentCommit(5);
    assertThat(progress.canBumpCommit(9)).isFalse();
  }

  @Test
  void snapshotTellsItsIndexAsCommitted() {
    Progress progress = awaitingSnapshot(3, 20);
    progress.acknowledge(25);
    assertThat(progress.canBumpCommit(20)).isFalse();
    assertThat(progress.canBumpCommit(21)).isTrue();
  }

  @Test
  void probeForgetsTheCommitIndexThatMayNotHaveArrived() {
    Progress progress = replicating(2);
    progress.sentEntries(7, 10);
    progress.sentCommit(8);
    progress.becomeProbe();
    // Sure is only what it acknowledged, which ends at 2.
    progress.acknowledge(9);
    assertThat(progress.canBumpCommit(2)).isFalse();
    assertThat(progress.canBumpCommit(3)).isTrue();
  }

  @Test
  void copyDoesNotChangeWithItsOriginal() {
    Progress progress = replicating(3);
    progress.sentEntries(2, 10);
    progress.sentCommit(4);
    Progress copy = progress.copy();

    progress.acknowledge(5);
    progress.inflights().freeTo(5);
    progress.setRecentActive(false);
    progress.becomeSnapshot(9);

    assertThat(copy.match()).isEqualTo(3);
    assertThat(copy.next()).isEqualTo(6);
    assertThat(copy.state()).isEqualTo(ProgressState.REPLICATE);
    assertThat(copy.inflights().count()).isEqualTo(1);
    assertThat(copy.inflights().bytes()).isEqualTo(10);
    assertThat(copy.recentActive()).isTrue();
    assertThat(copy.canBumpCommit(4)).isFalse();
    assertThat(copy.canBumpCommit(5)).isTrue();
  }

  @Test
  void learnerThatBecomesVoterKeepsWhatIsKnownOfIt() {
    Progress learner = new Progress(3, 7, true, true, new Inflights(3, 100));
    learner.becomeSnapshot(9);
    Progress voter = learner.withLearner(false);
    assertThat(voter.learner()).isFalse();
    assertThat(learner.learner()).isTrue();
    assertThat(voter.match()).isEqualTo(3);
    assertThat(voter.next()).isEqualTo(10);
    assertThat(voter.pendingSnapshot()).isEqualTo(9);
    assertThat(voter.inflights()).isSameAs(learner.inflights());
  }
}
