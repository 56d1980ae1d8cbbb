package io.balsa.raft;

import io.balsa.raft.log.RaftLog;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Message;

/** Takes what the leader sends, hands requests on to it, and campaigns when it is silent. */
final class Follower extends ActiveRole {
  Follower(Raft raft) {
    super(raft);
  }

  @Override
  Role role() {
    return Role.FOLLOWER;
  }

  @Override
  void tick() {
    raft.tickElection();
  }

  // ---- From the leader

  @Override
  public void onAppendRequest(Message.AppendRequest message) {
    raft.heardFromLeader(message.from());
    RaftLog log = raft.log;
    EntryId previous = message.previous();
    if (previous.index() < log.committed()) {
      // An old append: all before the commit index is known to agree.
      acknowledge(message, log.committed());
      return;
    }
    long last = log.maybeAppend(previous, message.entries(), message.commit());
    if (last >= 0) {
      acknowledge(message, last);
    } else {
      // The leader skips a whole term with each rejection (Raft paper §5.3, end).
      EntryId hint =
          log.lastAtMostTerm(Math.min(previous.index(), log.lastIndex()), previous.term());
      raft.sendAfterAppend(
          new Message.AppendResponse(
              raft.id, message.from(), raft.term(), previous.index(), true, hint));
    }
  }

  @Override
  public void onHeartbeat(Message.Heartbeat message) {
    raft.heardFromLeader(message.from());
    raft.log.commitTo(message.commit());
    raft.send(
        new Message.HeartbeatResponse(
            raft.id, message.from(), raft.term(), message.readPosition()));
  }

  @Override
  public void onInstallSnapshot(Message.InstallSnapshot message) {
    raft.heardFromLeader(message.from());
    raft.restore(message);
    acknowledge(message, raft.log.committed());
  }

  @Override
  public void onTimeoutNow(Message.TimeoutNow message) {
    // No pre-vote: the leader wants to be replaced (Raft thesis §3.10).
    raft.campaignForTransfer(message);
  }

  @Override
  public void onReadIndexResponse(Message.ReadIndexResponse message) {
    raft.readReady(new ReadState(message.index(), message.context()));
  }

  // ---- For the leader

  @Override
  public void onPropose(Message.Propose message) {
    if (raft.leader() == Message.NOBODY) {
      raft.drop(message, ProposalDroppedException.Reason.NO_LEADER);
    } else if (raft.config.disableProposalForwarding()) {
      raft.drop(message, ProposalDroppedException.Reason.FORWARDING_DISABLED);
    } else {
      raft.send(new Message.Propose(message.from(), raft.leader(), 0, message.entries()));
    }
  }

  @Override
  public void onTransferLeader(Message.TransferLeader message) {
    if (raft.leader() == Message.NOBODY) {
      raft.ignore(message, "no leader is known");
    } else {
      raft.send(new Message.TransferLeader(message.from(), raft.leader(), raft.term()));
    }
  }

  @Override
  public void onReadIndexRequest(Message.ReadIndexRequest message) {
    if (raft.leader() == Message.NOBODY) {
      raft.ignore(message, "no leader is known");
    } else {
      raft.send(
          new Message.ReadIndexRequest(
              raft.readerOf(message), raft.leader(), 0, message.context()));
    }
  }

  /** Stops following without campaigning, so that it may vote. */
  void forgetLeader() {
    // The lease of a leader relies on its followers not voting.
    if (raft.config.readOnlyOption() != ReadOnlyOption.LEASE_BASED) {
      raft.setLeader(Message.NOBODY);
    }
  }

  // ---- Late messages

  @Override
  public void onAppendResponse(Message.AppendResponse message) {
    ignore(message);
  }

  @Override
  public void onVoteResponse(Message.VoteResponse message) {
    ignore(message);
  }

  @Override
  public void onHeartbeatResponse(Message.HeartbeatResponse message) {
    ignore(message);
  }

  private void acknowledge(Message message, long index) {
    raft.sendAfterAppend(
        new Message.AppendResponse(
            raft.id, message.from(), raft.term(), index, false, EntryId.ZERO));
  }
}
