package io.balsa.raft;

import io.balsa.raft.message.Message;
import io.balsa.raft.quorum.VoteResult;
import java.util.Map;
import java.util.TreeMap;

/** Counts votes, or with {@code preVote} promises of votes. */
final class Candidate extends Role {
  private final boolean preVote;
  private final Map<Long, Boolean> votes = new TreeMap<>(Long::compareUnsigned);

  Candidate(Raft raft, boolean preVote) {
    super(raft);
    this.preVote = preVote;
  }

  @Override
  RoleName name() {
    return preVote ? RoleName.PRE_CANDIDATE : RoleName.CANDIDATE;
  }

  @Override
  void tick() {
    raft.tickElection();
  }

  @Override
  void propose(Message.Propose proposal) throws ProposalDroppedException {
    throw new ProposalDroppedException(ProposalDroppedException.Reason.NO_LEADER);
  }

  @Override
  public void onVoteResponse(Message.VoteResponse message) {
    if (message.preVote() != preVote) {
      return;
    }
    votes.putIfAbsent(message.from(), !message.rejected());
    VoteResult result = raft.configuration.voters().voteResult(votes);
    if (result == VoteResult.LOST) {
      // A rejected pre-vote may carry a higher term: then the term has been taken over already.
      raft.becomeFollower(raft.term, Message.NOBODY);
    } else if (result == VoteResult.WON) {
      if (preVote) {
        raft.campaign(Campaign.ELECTION);
      } else {
        raft.becomeLeader();
      }
    }
  }

  @Override
  public void onAppendRequest(Message.AppendRequest message) {
    raft.becomeFollower(message.term(), message.from());
    raft.handleAppend(message);
  }

  @Override
  public void onHeartbeat(Message.Heartbeat message) {
    raft.becomeFollower(message.term(), message.from());
    raft.handleHeartbeat(message);
  }

  @Override
  public void onInstallSnapshot(Message.InstallSnapshot message) {
    raft.becomeFollower(message.term(), message.from());
    raft.handleSnapshot(message);
  }
}
