package io.balsa.raft.tracker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.data.InvariantException;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.tracker.ProgressTracker.Limits;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ProgressTrackerTest {
  private static final Limits LIMITS = new Limits(3, 100);

  private final TreeMap<Long, Progress> progress = new TreeMap<>(Long::compareUnsigned);

  private ProgressTrackerTest voter(long id, long match) {
    return member(id, match, false);
  }

  private ProgressTrackerTest learner(long id, long match) {
    return member(id, match, true);
  }

  private ProgressTrackerTest member(long id, long match, boolean learner) {
    progress.put(id, new Progress(match, match + 1, learner, false, LIMITS.newInflights()));
    return this;
  }

  private ProgressTracker tracker(ConfState state) {
    return new ProgressTracker(Configuration.of(state), progress);
  }

  private static ConfState state(List<Long> voters, List<Long> outgoing, List<Long> learners) {
    return new ConfState(voters, outgoing, learners, List.of(), false);
  }

  private void assertRefused(ConfState state, String message) {
    assertThatThrownBy(() -> tracker(state))
        .isInstanceOf(InvariantException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void learnersDoNotCountForCommitAndQuorum() {
    voter(1, 5).voter(2, 3).voter(3, 1).learner(4, 9).learner(5, 9);
    ProgressTracker tracker = tracker(state(List.of(1L, 2L, 3L), List.of(), List.of(4L, 5L)));

    assertThat(tracker.committedIndex()).isEqualTo(3);
    tracker.progress(1).setRecentActive(true);
    tracker.progress(4).setRecentActive(true);
    tracker.progress(5).setRecentActive(true);
    assertThat(tracker.quorumActive()).isFalse();
    tracker.progress(3).setRecentActive(true);
    assertThat(tracker.quorumActive()).isTrue();
  }

  @Test
  void membersAreInUnsignedOrder() {
    voter(-1, 0).voter(2, 0).learner(1, 0);
    ProgressTracker tracker = tracker(state(List.of(2L, -1L), List.of(), List.of(1L)));
    assertThat(tracker.size()).isEqualTo(3);
    assertThat(tracker.member(0)).isEqualTo(1);
    assertThat(tracker.member(2)).isEqualTo(-1);
    assertThat(tracker.progressAt(2)).isSameAs(tracker.progress(-1));
    assertThat(tracker.progress(3)).isNull();
    assertThat(tracker.copies().keySet()).containsExactly(1L, 2L, -1L);
  }

  @Test
  void copiesDoNotChangeWithTheTracker() {
    ProgressTracker tracker = voter(1, 5).tracker(ConfState.ofVoters(List.of(1L)));
    var copies = tracker.copies();
    tracker.progress(1).acknowledge(9);
    assertThat(copies.get(1L).match()).isEqualTo(5);
    assertThatThrownBy(copies::clear).isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void restartKeepsNobodysProgressButItsOwn() {
    voter(1, 5).voter(2, 4).learner(3, 5);
    ProgressTracker tracker = tracker(state(List.of(1L, 2L), List.of(), List.of(3L)));
    tracker.progress(2).becomeReplicate();
    tracker.progress(2).setRecentActive(true);

    ProgressTracker restarted = tracker.restarted(1, 7, LIMITS);

    assertThat(restarted.configuration()).isEqualTo(tracker.configuration());
    assertThat(restarted.progress(1).match()).isEqualTo(7);
    assertThat(restarted.progress(2).match()).isZero();
    assertThat(restarted.progress(2).state()).isEqualTo(ProgressState.PROBE);
    assertThat(restarted.progress(2).recentActive()).isFalse();
    assertThat(restarted.progress(2).learner()).isFalse();
    assertThat(restarted.progress(3).match()).isZero();
    assertThat(restarted.progress(3).learner()).isTrue();
    for (int i = 0; i < restarted.size(); i++) {
      assertThat(restarted.progressAt(i).next()).isEqualTo(8);
    }
  }

  @Test
  void voterMustBeTrackedAsVoter() {
    assertRefused(ConfState.ofVoters(List.of(10L)), "configuration: voter is tracked wrongly: a");
    learner(10, 0);
    assertRefused(ConfState.ofVoters(List.of(10L)), "configuration: voter is tracked wrongly: a");
    assertRefused(
        state(List.of(), List.of(10L), List.of()), "configuration: voter is tracked wrongly: a");
  }

  @Test
  void learnerMustBeTrackedAsLearner() {
    voter(1, 0);
    ConfState learns = state(List.of(1L), List.of(), List.of(11L));
    assertRefused(learns, "configuration: learner is tracked wrongly: b");
    voter(11, 0);
    assertRefused(learns, "configuration: learner is tracked wrongly: b");
    learner(11, 0);
    assertThat(tracker(learns).size()).isEqualTo(2);
  }

  @Test
  void onlyAnOutgoingVoterIsALearnerLater() {
    voter(1, 0).voter(2, 0);
    assertThat(
            tracker(new ConfState(List.of(1L), List.of(1L, 2L), List.of(), List.of(2L), true))
                .configuration()
                .isJoint())
        .isTrue();
    assertRefused(
        new ConfState(List.of(1L, 2L), List.of(1L), List.of(), List.of(2L), false),
        "configuration: next learner is no outgoing voter: 2");
  }

  @Test
  void onlyAJointConfigurationIsLeft() {
    voter(1, 0);
    assertRefused(
        new ConfState(List.of(1L), List.of(), List.of(), List.of(), true),
        "configuration: autoLeave without a joint configuration: ");
  }
}
