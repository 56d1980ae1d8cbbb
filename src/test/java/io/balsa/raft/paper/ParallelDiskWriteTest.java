package io.balsa.raft.paper;

import static io.balsa.raft.Core.core;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.Core;
import io.balsa.raft.Role;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Message;
import org.junit.jupiter.api.Test;

/** The leader's disk works beside the network, and many commands are on their way at once. */
class ParallelDiskWriteTest {
  /** A leader of term 1 whose empty entry is stored and acknowledged by all. */
  private static SlowDisk leader() {
    SlowDisk disk = new SlowDisk(core(1));
    disk.core.node.campaign();
    disk.run();
    disk.write();
    disk.step(disk.core.grant(2));
    disk.write();
    disk.step(disk.core.acknowledge(2, 1));
    disk.step(disk.core.acknowledge(3, 1));
    disk.write();
    disk.take();
    assertThat(disk.core.node.commit()).isEqualTo(1);
    return disk;
  }

  // ---- The leader

  /** Thesis §10.2.1: the leader sends entries while its own disk still writes them. */
  @Test
  void entriesLeaveBeforeTheLeaderHasWrittenThem() {
    SlowDisk disk = leader();

    disk.core.propose("x");
    disk.run();

    assertThat(disk.take())
        .hasSize(2)
        .allSatisfy(m -> assertThat(((Message.AppendRequest) m).entries()).hasSize(1));
    assertThat(disk.writes()).hasSize(1);
    assertThat(disk.core.storage.lastIndex()).isEqualTo(1);
  }

  /** Thesis §10.2.1: its own copy counts only once its disk has it. */
  @Test
  void leadersOwnCopyCountsOnlyOnceItIsWritten() {
    SlowDisk disk = leader();
    disk.core.propose("x");
    disk.run();

    disk.step(disk.core.acknowledge(2, 2));
    assertThat(disk.core.node.commit()).isEqualTo(1);
    disk.write();

    assertThat(disk.core.node.commit()).isEqualTo(2);
    assertThat(disk.core.appliedTexts()).containsExactly("x");
  }

  /** Thesis §10.2.1: an entry may be committed by the others before the leader has it on disk. */
  @Test
  void othersMayCommitAnEntryBeforeTheLeaderHasWrittenIt() {
    SlowDisk disk = leader();
    disk.core.propose("x");
    disk.run();

    disk.step(disk.core.acknowledge(2, 2));
    disk.step(disk.core.acknowledge(3, 2));

    assertThat(disk.core.node.commit()).isEqualTo(2);
    assertThat(disk.core.storage.lastIndex()).isEqualTo(1);
  }

  /** Thesis §10.2.1: but here it is applied only once it is on the own disk as well. */
  @Test
  void committedEntryIsAppliedOnlyOnceItIsWritten() {
    SlowDisk disk = leader();
    disk.core.propose("x");
    disk.run();
    disk.step(disk.core.acknowledge(2, 2));
    disk.step(disk.core.acknowledge(3, 2));
    assertThat(disk.core.appliedTexts()).isEmpty();

    disk.write();

    assertThat(disk.core.appliedTexts()).containsExactly("x");
  }

  // ---- The others

  /** Thesis §10.2.1, paper figure 2: a follower acknowledges nothing that is not on its disk. */
  @Test
  void followerAcknowledgesOnlyWhatIsWritten() {
    SlowDisk disk = new SlowDisk(core(1));
    Message append = disk.core.append(2, 1, EntryId.ZERO, 0, 1, 1);
    disk.step(append);
    disk.step(append); // Nothing new, but still not on the disk.
    assertThat(disk.take()).isEmpty();

    disk.write();

    Message acknowledgement = new Message.AppendResponse(1, 2, 1, 2, false, EntryId.ZERO);
    assertThat(disk.take()).containsExactly(acknowledgement, acknowledgement);
    assertThat(disk.core.storage.lastIndex()).isEqualTo(2);
  }

  /** Thesis §10.2.1, paper figure 2: a vote leaves only when it is on the disk. */
  @Test
  void voteLeavesOnlyWhenItIsWritten() {
    SlowDisk disk = new SlowDisk(core(1));
    disk.step(disk.core.voteRequest(2, 3, EntryId.ZERO));
    assertThat(disk.take()).isEmpty();

    disk.write();

    assertThat(disk.take()).containsExactly(new Message.VoteResponse(1, 2, 3, false, false));
    assertThat(disk.core.storage.initialState().hardState()).isEqualTo(new HardState(3, 2, 0));
  }

  /** Thesis §10.2.1, paper figure 2: the own vote counts only when it is on the disk. */
  @Test
  void candidatesOwnVoteCountsOnlyWhenItIsWritten() {
    SlowDisk disk = new SlowDisk(core(1));
    disk.core.node.campaign();
    disk.run();
    assertThat(disk.take()).hasSize(2); // The caller holds them back until the term is written.

    disk.step(disk.core.grant(2));
    assertThat(disk.core.node.role()).isEqualTo(Role.CANDIDATE);
    disk.write();

    assertThat(disk.core.node.role()).isEqualTo(Role.LEADER);
  }

  // ---- Batches and pipelines

  /** Thesis §10.2.2: commands that come together go in one write and one message. */
  @Test
  void commandsThatComeTogetherGoInOneWriteAndOneMessage() {
    Core leader = core(1).leader();
    for (String text : new String[] {"x", "y", "z"}) {
      leader.propose(text);
    }
    assertThat(leader.runOnce().entries()).hasSize(3);

    leader.stepAndRun(leader.acknowledge(2, 1));

    assertThat(leader.take(Message.AppendRequest.class))
        .filteredOn(m -> m.to() == 2)
        .singleElement()
        .satisfies(
            m -> assertThat(m.entries()).extracting(Entry::index).containsExactly(2L, 3L, 4L));
  }

  /** Thesis §10.2.2: the next commands leave while the last are not yet acknowledged. */
  @Test
  void nextCommandsLeaveBeforeTheLastAreAcknowledged() {
    SlowDisk disk = leader();
    for (String text : new String[] {"x", "y", "z"}) {
      disk.core.propose(text);
      disk.run();
    }

    assertThat(disk.take())
        .filteredOn(m -> m.to() == 2)
        .extracting(m -> ((Message.AppendRequest) m).previous().index())
        .containsExactly(1L, 2L, 3L);
    assertThat(disk.writes()).hasSize(3);
  }

  /**
   * Thesis §10.2.2: should one be lost on its way, the leader starts again behind the last known.
   */
  @Test
  void lostMessageOfAPipelineIsSentAgain() {
    SlowDisk disk = leader();
    for (String text : new String[] {"x", "y"}) {
      disk.core.propose(text);
      disk.run();
    }
    disk.take();

    disk.step(disk.core.reject(2, 2, new EntryId(1, 1)));

    assertThat(disk.take())
        .hasSize(1)
        .allSatisfy(
            m -> {
              Message.AppendRequest append = (Message.AppendRequest) m;
              assertThat(append.previous()).isEqualTo(new EntryId(1, 1));
              assertThat(append.entries()).hasSize(2);
            });
  }
}
