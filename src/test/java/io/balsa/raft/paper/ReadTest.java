package io.balsa.raft.paper;

import static io.balsa.raft.Core.core;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.data.Bytes;
import io.balsa.raft.Core;
import io.balsa.raft.Group;
import io.balsa.raft.ProposalDroppedException.Reason;
import io.balsa.raft.ReadOnlyOption;
import io.balsa.raft.ReadState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.Message;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Clients: their commands, and reads that need no entry of the log. */
class ReadTest {
  private static long position(Core core) {
    return core.take(Message.Heartbeat.class).get(0).readPosition();
  }

  private static Core.Builder leased() {
    return core(1).options(o -> o.checkQuorum(true).readOnlyOption(ReadOnlyOption.LEASE_BASED));
  }

  // ---- Commands of clients

  /** Paper §8: commands go to the leader; other servers hand them on. */
  @Test
  void commandGivenToAFollowerGoesToTheLeader() {
    Group group = Group.ofVoters(3);
    group.elect(1);

    group.core(2).propose("x");
    group.settle();

    for (long id = 1; id <= 3; id++) {
      assertThat(group.core(id).appliedTexts()).containsExactly("x");
    }
  }

  /** Paper §8: without a leader a client is told, and must try again. */
  @Test
  void commandWithoutALeaderIsDropped() {
    Core core = core(1).build();
    assertThat(core.dropReason("x")).isEqualTo(Reason.NO_LEADER);
    core.campaign();
    assertThat(core.dropReason("x")).isEqualTo(Reason.NO_LEADER);
  }

  /**
   * Paper §8, thesis §6.3: a command that is sent twice stands in the log twice: to do it once is
   * the work of the state machine, by the client's serial number.
   */
  @Test
  void commandThatIsSentTwiceIsCommittedTwice() {
    Core core = core(1).leader().acknowledgedByAll();

    core.propose("x");
    core.propose("x");
    core.acknowledgedByAll();

    assertThat(core.appliedTexts()).containsExactly("x", "x");
  }

  // ---- Reads by a round of heartbeats

  /** Paper §8: a leader begins its term with an empty entry, to learn what is committed. */
  @Test
  void newLeaderBeginsItsTermWithAnEmptyEntry() {
    Core core = core(1).log(1).hardState(1, 0, 0).leader();

    assertThat(core.storage.entries(2, 3, 1))
        .containsExactly(new Entry(2, 2, EntryType.NORMAL, Bytes.EMPTY));
  }

  /** Thesis §6.4, step 1: no read before an entry of the leader's term is committed. */
  @Test
  void readWaitsUntilTheLeaderHasCommittedInItsOwnTerm() {
    Core core = core(1).log(1, 1).hardState(1, 0, 1).leader();
    core.node.readIndex(7);
    core.run();
    assertThat(core.take()).isEmpty();

    core.stepAndRun(core.acknowledge(2, 3));
    core.stepAndRun(core.heartbeatResponse(2, position(core)));

    assertThat(core.reads).containsExactly(new ReadState(3, 7));
  }

  /** Thesis §6.4, steps 2 and 3: the commit index at the request, once a quorum has answered. */
  @ParameterizedTest
  @CsvSource({"3, 1", "5, 2"})
  void readIsAnsweredWithTheCommitIndexOfItsTimeOnceAQuorumAnswered(int voters, int answers) {
    Core core =
        core(1).voters(voters == 3 ? new long[] {1, 2, 3} : new long[] {1, 2, 3, 4, 5}).leader();
    core.acknowledgedByAll();
    core.node.readIndex(7);
    core.run();
    long position = position(core);
    core.propose("later");
    core.acknowledgedByAll();
    assertThat(core.node.commit()).isEqualTo(2);

    for (long voter = 2; voter < 2 + answers; voter++) {
      assertThat(core.reads).isEmpty();
      core.stepAndRun(core.heartbeatResponse(voter, position));
      core.stepAndRun(core.heartbeatResponse(voter, position));
    }

    assertThat(core.reads).containsExactly(new ReadState(1, 7));
  }

  /** Thesis §6.4, step 3: only heartbeats sent after the request tell that it still leads. */
  @Test
  void answersToEarlierHeartbeatsConfirmNothing() {
    Core core = core(1).leader().acknowledgedByAll();
    core.node.readIndex(7);
    core.run();
    long earlier = position(core);
    core.node.readIndex(8);
    core.run();

    core.stepAndRun(core.heartbeatResponse(2, 0));
    assertThat(core.reads).isEmpty();
    core.stepAndRun(core.heartbeatResponse(2, earlier));

    assertThat(core.reads).containsExactly(new ReadState(1, 7));
  }

  /** Paper §8: a leader that was deposed and does not know cannot answer from old state. */
  @Test
  void leaderThatWasDeposedAnswersNoRead() {
    Group group = Group.ofVoters(3);
    group.elect(1);
    group.isolate(1);
    group.elect(2);
    group.core(2).propose("x");
    group.settle();

    group.core(1).node.readIndex(7);
    group.tick(5);
    assertThat(group.core(1).node.isLeader()).isTrue();
    assertThat(group.core(1).reads).isEmpty();
    group.heal();
    group.tick(5);

    assertThat(group.core(1).node.leader()).isEqualTo(2);
    assertThat(group.core(1).reads).isEmpty();
  }

  /** Thesis §6.4: one round of heartbeats serves all reads that were there before it. */
  @Test
  void oneRoundConfirmsAllReadsBeforeIt() {
    Core core = core(1).leader().acknowledgedByAll();
    core.node.readIndex(7);
    core.node.readIndex(8);
    core.node.readIndex(9);
    core.run();
    List<Message.Heartbeat> sent = core.take(Message.Heartbeat.class);

    core.stepAndRun(core.heartbeatResponse(2, sent.get(sent.size() - 1).readPosition()));

    assertThat(core.reads)
        .containsExactly(new ReadState(1, 7), new ReadState(1, 8), new ReadState(1, 9));
  }

  /** Thesis §6.4: a follower asks the leader for the index, and serves the read itself. */
  @Test
  void followersReadGetsItsIndexFromTheLeader() {
    Group group = Group.ofVoters(3);
    group.elect(1);
    group.core(1).propose("x");
    group.settle();

    group.core(2).node.readIndex(7);
    group.settle();

    assertThat(group.core(2).reads).containsExactly(new ReadState(2, 7));
    assertThat(group.core(1).reads).isEmpty();
  }

  /** Thesis §6.4: an only voter needs nobody's answer, but its own commit. */
  @Test
  void onlyVoterAnswersAtOnce() {
    Core core = core(1).voters(1).log(1).hardState(1, 0, 0).build();
    core.node.campaign();
    core.runOnce();
    core.node.readIndex(7);
    assertThat(core.reads).isEmpty();
    core.run();

    core.node.readIndex(8);
    core.run();

    assertThat(core.reads).containsExactly(new ReadState(2, 7), new ReadState(2, 8));
  }

  // ---- Reads by lease

  /** Thesis §6.4.1: within its lease a leader answers without a round. */
  @Test
  void leaseAnswersAtOnce() {
    Core core = leased().leader().acknowledgedByAll();
    core.node.readIndex(7);
    core.run();

    assertThat(core.reads).containsExactly(new ReadState(1, 7));
    assertThat(core.take()).isEmpty();
  }

  /** Thesis §6.4.1, §6.4: a lease does not tell what is committed either. */
  @Test
  void leaseDoesNotAnswerBeforeTheLeaderHasCommittedInItsOwnTerm() {
    Core core = leased().log(1, 1).hardState(1, 0, 1).leader();
    core.node.readIndex(7);
    core.run();
    assertThat(core.reads).isEmpty();

    core.stepAndRun(core.acknowledge(2, 3));

    assertThat(core.reads).containsExactly(new ReadState(3, 7));
  }

  /** Thesis §6.4.1: a lease ends without answers of a quorum, and with it the leader's term. */
  @Test
  void leaseEndsWithoutAnswersOfAQuorum() {
    Core core = leased().leader().acknowledgedByAll();

    core.tick(2 * Core.ELECTION_TICKS);
    core.node.readIndex(7);
    core.run();

    assertThat(core.node.isLeader()).isFalse();
    assertThat(core.reads).isEmpty();
  }

  /** Thesis §6.4.1: followers give the lease, as they elect nobody while they hear the leader. */
  @Test
  void followersKeepTheLeaseOfTheLeaderThatTheyHear() {
    Core core = leased().build();
    core.stepAndRun(core.heartbeat(2, 1));
    core.take();
    core.tick(Core.ELECTION_TICKS - 1);
    assertThat(core.node.leader()).isEqualTo(2);

    core.node.forgetLeader();
    core.stepAndRun(core.voteRequest(3, 2, EntryId.ZERO));

    assertThat(core.node.term()).isEqualTo(1);
    assertThat(core.take()).isEmpty();
  }

  /** Thesis §6.4.1: so leases are not to be had without that rule. */
  @Test
  void leasesWithoutCheckQuorumAreRefused() {
    Core.Builder builder = core(1).options(o -> o.readOnlyOption(ReadOnlyOption.LEASE_BASED));

    assertThatThrownBy(builder::build)
        .hasMessage("config: readOnlyOption LEASE_BASED needs checkQuorum");
  }

  /** Thesis §6.4.1: a transfer elects another leader within the lease, so it ends the lease. */
  @Test
  void transferEndsTheLease() {
    Core core = leased().leader().acknowledgedByAll();
    core.node.transferLeader(2);
    core.run();
    assertThat(core.take(Message.TimeoutNow.class)).hasSize(1);

    core.node.readIndex(7);
    core.run();
    assertThat(core.reads).isEmpty();
    core.stepAndRun(core.heartbeatResponse(3, position(core)));

    assertThat(core.reads).containsExactly(new ReadState(1, 7));
  }
}
