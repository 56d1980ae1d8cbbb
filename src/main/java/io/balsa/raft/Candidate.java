package io.balsa.raft;

import io.balsa.raft.message.Message;
import java.util.TreeMap;

/** Collects votes, or in a pre-vote the answers to whether it would get them. */
final class Candidate extends ActiveRole {
  private final boolean preVote;
  private final TreeMap<Long, Boolean> votes = new TreeMap<>(Long::compareUnsigned);

  Candidate(Raft raft, boolean preVote) {
    super(raft);
    this.preVote = preVote;
  }

  @Override
  Role role() {
    return preVote ? Role.PRE_CANDIDATE : Role.CANDIDATE;
  }

  @Override
  void tick() {
    raft.tickElection();
  }

  @Override
  public void onVoteResponse(Message.VoteResponse message) {
    if (message.preVote() != preVote) {
      ignore(message);
      return;
    }
    votes.putIfAbsent(message.from(), !message.rejected());
    switch (raft.tracker().configuration().voters().voteResult(votes)) {
      case WON -> {
        if (preVote) {
          raft.campaignForTerm();
        } else if (votes.containsKey(raft.id)) {
          raft.becomeLeader();
        }
        // Else the others are a majority, but the own vote and with it the term is not durable: a
        // crash could lose it, and this member would lead the same term a second time.
      }
      case LOST -> raft.becomeFollower(raft.term(), Message.NOBODY);
      case PENDING -> {}
    }
  }

  // ---- Another member leads this term

  @Override
  public void onAppendRequest(Message.AppendRequest message) {
    follow(message);
  }

  @Override
  public void onHeartbeat(Message.Heartbeat message) {
    follow(message);
  }

  @Override
  public void onInstallSnapshot(Message.InstallSnapshot message) {
    follow(message);
  }

  private void follow(Message message) {
    raft.becomeFollower(raft.term(), message.from());
    raft.deliver(message);
  }

  // ---- Without a leader

  @Override
  public void onPropose(Message.Propose message) {
    raft.drop(message, ProposalDroppedException.Reason.NO_LEADER);
  }

  @Override
  public void onTransferLeader(Message.TransferLeader message) {
    raft.ignore(message, "no leader is known");
  }

  @Override
  public void onReadIndexRequest(Message.ReadIndexRequest message) {
    raft.ignore(message, "no leader is known");
  }

  @Override
  public void onReadIndexResponse(Message.ReadIndexResponse message) {
    ignore(message);
  }

  @Override
  public void onTimeoutNow(Message.TimeoutNow message) {
    ignore(message);
  }

  @Override
  public void onAppendResponse(Message.AppendResponse message) {
    ignore(message);
  }

  @Override
  public void onHeartbeatResponse(Message.HeartbeatResponse message) {
    ignore(message);
  }
}
