package io.balsa.raft.paper;

import static io.balsa.raft.Core.at;
import static io.balsa.raft.Core.core;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.Core;
import io.balsa.raft.Group;
import io.balsa.raft.Ready;
import io.balsa.raft.Role;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Message;
import org.junit.jupiter.api.Test;

/** Crashes, and what must be stored to outlive them. */
class RestartTest {
  // ---- What is stored

  /** Paper figure 2: term and vote are stored before the vote is told. */
  @Test
  void termAndVoteAreInTheReadyThatTellsTheVote() {
    Core core = core(1).build();
    core.step(core.voteRequest(2, 3, EntryId.ZERO));

    Ready ready = core.node.ready();

    assertThat(ready.hardState()).isEqualTo(new HardState(3, 2, 0));
    assertThat(ready.mustSync()).isTrue();
    assertThat(ready.messages()).containsExactly(new Message.VoteResponse(1, 2, 3, false, false));
  }

  /** Paper figure 2: a candidate's own term and vote are stored before others are asked. */
  @Test
  void termAndOwnVoteAreInTheReadyThatAsksForVotes() {
    Core core = core(1).build();
    core.node.campaign();

    Ready ready = core.node.ready();

    assertThat(ready.hardState()).isEqualTo(new HardState(1, 1, 0));
    assertThat(ready.mustSync()).isTrue();
    assertThat(ready.messages()).hasSize(2);
  }

  /** Paper figure 2: entries are stored before they are acknowledged. */
  @Test
  void entriesAreInTheReadyThatAcknowledgesThem() {
    Core core = core(1).hardState(1, 0, 0).build();
    core.step(core.append(2, 1, EntryId.ZERO, 0, 1, 1));

    Ready ready = core.node.ready();

    assertThat(ready.entries()).extracting(Entry::id).containsExactly(at(1, 1), at(1, 2));
    assertThat(ready.mustSync()).isTrue();
    assertThat(ready.messages())
        .containsExactly(new Message.AppendResponse(1, 2, 1, 2, false, EntryId.ZERO));
  }

  /** Paper figure 2: a vote outlives a crash, so that nobody votes twice in a term. */
  @Test
  void voteOutlivesARestart() {
    Core core = core(1).build();
    core.stepAndRun(core.voteRequest(2, 3, EntryId.ZERO));

    Core restarted = core.restart();
    restarted.stepAndRun(restarted.voteRequest(3, 3, EntryId.ZERO));

    assertThat(restarted.take()).containsExactly(new Message.VoteResponse(1, 3, 3, false, true));
  }

  /** Paper figure 2: a term outlives a crash, so that a leader of an older one gets nothing. */
  @Test
  void termOutlivesARestart() {
    Core core = core(1).build();
    core.stepAndRun(core.heartbeat(2, 3));

    Core restarted = core.restart();
    restarted.stepAndRun(restarted.append(3, 2, EntryId.ZERO, 0, 2));

    assertThat(restarted.node.term()).isEqualTo(3);
    assertThat(restarted.node.lastIndex()).isZero();
  }

  /** Paper figure 2: the log outlives a crash. */
  @Test
  void logOutlivesARestart() {
    Core core = core(1).build();
    core.stepAndRun(core.append(2, 1, EntryId.ZERO, 0, 1, 1));

    Core restarted = core.restart();
    restarted.stepAndRun(restarted.append(2, 1, at(1, 2), 2));

    assertThat(restarted.applied).extracting(Entry::index).containsExactly(1L, 2L);
  }

  /** Paper §5.1, figure 2: no role outlives a crash: all begin as followers, in their term. */
  @Test
  void leaderIsFollowerAfterARestart() {
    Core restarted = core(1).leader().restart();

    assertThat(restarted.node.role()).isEqualTo(Role.FOLLOWER);
    assertThat(restarted.node.term()).isEqualTo(1);
    assertThat(restarted.node.leader()).isZero();
  }

  /** Thesis §3.8: the commit index may be lost; a leader of the member tells it again. */
  @Test
  void commitIndexThatWasLostIsLearntAgain() {
    Core core = core(1).log(1, 1).hardState(1, 0, 0).build();
    assertThat(core.run().applied).isEmpty();

    core.stepAndRun(core.append(2, 1, at(1, 2), 2));

    assertThat(core.applied).extracting(Entry::index).containsExactly(1L, 2L);
  }

  /** Thesis §3.8: a commit index alone is not worth a wait for the disk. */
  @Test
  void commitIndexAloneNeedsNoSync() {
    Core core = core(1).log(1, 1).hardState(1, 0, 0).build();
    core.step(core.append(2, 1, at(1, 2), 2));

    Ready ready = core.node.ready();

    assertThat(ready.hardState()).isEqualTo(new HardState(1, 0, 2));
    assertThat(ready.mustSync()).isFalse();
  }

  // ---- Crashes of followers and candidates

  /** Paper §5.5: a leader sends to a crashed follower until it is back and has all. */
  @Test
  void followerThatCrashedIsSentToUntilItHasAll() {
    Group group = Group.ofVoters(3);
    group.elect(1);
    group.crash(3);
    group.core(1).propose("x");
    group.tick(2 * Core.ELECTION_TICKS);
    assertThat(group.core(1).node.status().progress().get(3L).match()).isEqualTo(1);
    group.restart(3);

    group.tick(3);

    assertThat(group.core(3).appliedTexts()).containsExactly("x");
  }

  /** Paper §5.5: a request repeated after a crash before the answer does no harm. */
  @Test
  void requestsThatComeAgainAfterACrashAreAnsweredAsBefore() {
    Core core = core(1).build();
    Message append = core.append(2, 1, EntryId.ZERO, 0, 1, 1);
    core.stepAndRun(append);
    Message acknowledgement = core.take().get(0);

    Core restarted = core.restart().stepAndRun(append);

    assertThat(restarted.take()).containsExactly(acknowledgement);
    assertThat(restarted.logTerms()).containsExactly(1L, 1L);

    Message request = core.voteRequest(3, 2, at(1, 2));
    Message vote = restarted.stepAndRun(request).take().get(0);
    assertThat(restarted.restart().stepAndRun(request).take()).containsExactly(vote);
  }

  /** Paper §5.5, §5.2: a crashed candidate holds nobody up, and the group goes on. */
  @Test
  void candidateThatCrashesLeavesTheTermToOthers() {
    Group group = Group.ofVoters(3);
    // Server 3 votes for it, and so for nobody else in term 1.
    group.lose(m -> m.to() != 3);
    group.elect(1);
    group.crash(1);
    group.heal();

    group.elect(2);
    assertThat(group.core(2).node.term()).isEqualTo(1);
    assertThat(group.core(2).node.role()).isEqualTo(Role.CANDIDATE);
    group.elect(2);

    assertThat(group.leader().id).isEqualTo(2);
    assertThat(group.leader().node.term()).isEqualTo(2);
  }

  /** Paper §5.3, §5.5: a leader that crashed comes back and gives up what nobody else had. */
  @Test
  void leaderThatCrashedGivesUpWhatItHadAlone() {
    Group group = Group.ofVoters(3);
    group.elect(1);
    group.isolate(1);
    group.core(1).propose("mine");
    group.settle();
    group.elect(2);
    group.core(2).propose("ours");
    group.crash(1);
    group.settle();
    group.heal();
    group.restart(1);

    group.tick(3);

    for (long id = 1; id <= 3; id++) {
      assertThat(group.core(id).appliedTexts()).containsExactly("ours");
    }
  }
}
