package io.balsa.raft;

import io.balsa.raft.message.Message;

/**
 * What a member does in one role. State that only the role needs lives in its object, so that it
 * dies with the role. A message that a role has no use for is ignored.
 */
abstract class Role implements Message.Handler {
  final Raft raft;

  Role(Raft raft) {
    this.raft = raft;
  }

  abstract RoleName name();

  abstract void tick();

  abstract void propose(Message.Propose proposal) throws ProposalDroppedException;

  void readIndex(Message.ReadIndexRequest request) {}

  void transferLeader(Message.TransferLeader request) {}

  void forgetLeader() {}

  void reportUnreachable(long member) {}

  void reportSnapshot(long member, boolean delivered) {}

  @Override
  public void onPropose(Message.Propose message) {
    throw new IllegalStateException("proposals are stepped by propose");
  }

  @Override
  public void onAppendRequest(Message.AppendRequest message) {}

  @Override
  public void onAppendResponse(Message.AppendResponse message) {}

  @Override
  public void onVoteRequest(Message.VoteRequest message) {
    raft.answerVoteRequest(message);
  }

  @Override
  public void onVoteResponse(Message.VoteResponse message) {}

  @Override
  public void onInstallSnapshot(Message.InstallSnapshot message) {}

  @Override
  public void onHeartbeat(Message.Heartbeat message) {}

  @Override
  public void onHeartbeatResponse(Message.HeartbeatResponse message) {}

  @Override
  public void onTimeoutNow(Message.TimeoutNow message) {}

  @Override
  public void onTransferLeader(Message.TransferLeader message) {
    transferLeader(message);
  }

  @Override
  public void onReadIndexRequest(Message.ReadIndexRequest message) {
    readIndex(message);
  }

  @Override
  public void onReadIndexResponse(Message.ReadIndexResponse message) {}

  @Override
  public void onProposeRefused(Message.ProposeRefused message) {}

  @Override
  public void onStorageAppend(Message.StorageAppend message) {}

  @Override
  public void onStorageAppendResponse(Message.StorageAppendResponse message) {
    raft.stored(message);
  }

  @Override
  public void onStorageApply(Message.StorageApply message) {}

  @Override
  public void onStorageApplyResponse(Message.StorageApplyResponse message) {
    raft.applied(message.entries());
  }
}
