package io.balsa.raft;

import io.balsa.raft.message.Message;

/** Answers leaders and candidates; campaigns when it hears from no leader. */
final class Follower extends Role {
  Follower(Raft raft) {
    super(raft);
  }

  @Override
  RoleName name() {
    return RoleName.FOLLOWER;
  }

  @Override
  void tick() {
    raft.tickElection();
  }

  @Override
  void propose(Message.Propose proposal) throws ProposalDroppedException {
    if (raft.leader == Message.NOBODY) {
      throw new ProposalDroppedException(ProposalDroppedException.Reason.NO_LEADER);
    }
    if (raft.config.disableProposalForwarding()) {
      throw new ProposalDroppedException(ProposalDroppedException.Reason.FORWARDING_DISABLED);
    }
    raft.send(new Message.Propose(proposal.from(), raft.leader, 0, proposal.entries()));
  }

  @Override
  void readIndex(Message.ReadIndexRequest request) {
    if (raft.leader != Message.NOBODY) { // Without a leader it is lost: the reader asks again.
      raft.send(new Message.ReadIndexRequest(request.from(), raft.leader, 0, request.context()));
    }
  }

  @Override
  void transferLeader(Message.TransferLeader request) {
    if (raft.leader != Message.NOBODY) {
      raft.send(new Message.TransferLeader(request.from(), raft.leader, raft.term));
    }
  }

  @Override
  void forgetLeader() {
    // With lease-based reads a vote while the lease runs would break it.
    if (raft.config.readOnlyOption() != ReadOnlyOption.LEASE_BASED) {
      raft.leader = Message.NOBODY;
    }
  }

  @Override
  public void onAppendRequest(Message.AppendRequest message) {
    heardFrom(message.from());
    raft.handleAppend(message);
  }

  @Override
  public void onHeartbeat(Message.Heartbeat message) {
    heardFrom(message.from());
    raft.handleHeartbeat(message);
  }

  @Override
  public void onInstallSnapshot(Message.InstallSnapshot message) {
    heardFrom(message.from());
    raft.handleSnapshot(message);
  }

  @Override
  public void onTimeoutNow(Message.TimeoutNow message) {
    raft.hup(Campaign.TRANSFER);
  }

  @Override
  public void onReadIndexResponse(Message.ReadIndexResponse message) {
    raft.readStates.add(new ReadState(message.index(), message.context()));
  }

  private void heardFrom(long leader) {
    raft.electionElapsed = 0;
    raft.leader = leader;
  }
}
