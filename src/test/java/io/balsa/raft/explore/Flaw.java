package io.balsa.raft.explore;

import io.balsa.raft.RawNode;
import io.balsa.raft.Role;
import io.balsa.raft.log.RaftLog;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Message;
import io.balsa.raft.tracker.ProgressTracker;

/** A member that breaks one rule, to see whether the explorer notices. */
enum Flaw {
  /** Breaks none. */
  NONE,

  /** Raft paper §5.2: votes at most once in a term. */
  VOTES_TWICE {
    @Override
    Message delivered(Member member, Message message) {
      if (message instanceof Message.VoteRequest && message.term() == member.node.term()) {
        set(raft(member.node), "vote", Message.NOBODY);
        set(raft(member.node), "leader", Message.NOBODY);
      }
      return message;
    }
  },

  /** Raft paper figure 2: the vote is durable before it is given. */
  DOES_NOT_STORE_THE_VOTE {
    @Override
    HardState stored(HardState state, HardState before) {
      return new HardState(state.term(), Message.NOBODY, state.commit());
    }
  },

  /** Raft paper figure 2: the term is durable before anything is sent in it. */
  DOES_NOT_STORE_THE_TERM {
    @Override
    HardState stored(HardState state, HardState before) {
      return new HardState(before.term(), before.vote(), state.commit());
    }
  },

  /** Raft paper §5.4.1: votes only for candidates whose log has all that may be committed. */
  VOTES_FOR_SHORTER_LOGS {
    @Override
    Message delivered(Member member, Message message) {
      return message instanceof Message.VoteRequest request
          ? new Message.VoteRequest(
              request.from(),
              request.to(),
              request.term(),
              new EntryId(request.term(), Long.MAX_VALUE / 2),
              request.preVote(),
              request.transfer())
          : message;
    }
  },

  /** Raft paper §5.4.2, figure 8: entries of older terms are not committed by counting. */
  COMMITS_OLDER_TERMS_BY_COUNTING {
    @Override
    void after(Member member, Event event) {
      if (member.node.isLeader()) {
        ProgressTracker tracker = (ProgressTracker) Fingerprint.get(raft(member.node), "tracker");
        log(member.node).commitTo(tracker.committedIndex());
      }
    }
  },

  /** Raft paper §5.3: appends only behind an entry that agrees. */
  DOES_NOT_CHECK_THE_PREVIOUS_ENTRY {
    @Override
    Message delivered(Member member, Message message) {
      if (message instanceof Message.AppendRequest append
          && append.term() >= member.node.term()
          && log(member.node).knowsTerm(append.previous().index())) {
        long index = append.previous().index();
        return new Message.AppendRequest(
            append.from(),
            append.to(),
            append.term(),
            new EntryId(log(member.node).term(index), index),
            append.entries(),
            append.commit());
      }
      return message;
    }
  },

  /** Raft paper §5.3: an old append that agrees does not shorten the log. */
  TRUNCATES_ON_EVERY_APPEND {
    @Override
    Message delivered(Member member, Message message) {
      if (message instanceof Message.AppendRequest append
          && append.term() == member.node.term()
          && !append.entries().isEmpty()
          && append.previous().index() >= member.node.commit()
          && log(member.node).matches(append.previous())) {
        log(member.node).append(append.entries());
      }
      return message;
    }
  },

  /** A heartbeat commits at most to what its receiver is known to have. */
  HEARTBEAT_COMMITS_ALL {
    @Override
    Message sent(Member member, Message message) {
      return message instanceof Message.Heartbeat beat
          ? new Message.Heartbeat(
              beat.from(), beat.to(), beat.term(), member.node.commit(), beat.readPosition())
          : message;
    }
  },

  /** Raft paper figure 2: a follower's entries are durable before it says so. */
  ACKNOWLEDGES_BEFORE_STORING {
    @Override
    boolean releasesEarly(Member member, Message response) {
      return response instanceof Message.AppendResponse && response.to() != member.id;
    }
  },

  /** Raft thesis §10.2.1: a leader's entries count when they are durable on it. */
  LEADER_COUNTS_BEFORE_STORING {
    @Override
    boolean releasesEarly(Member member, Message response) {
      return response instanceof Message.AppendResponse && response.to() == member.id;
    }
  },

  /** Raft thesis §4.1: one change of the configuration at a time. */
  TWO_CHANGES_AT_A_TIME {
    @Override
    void beforeProposal(Member member) {
      forgetPendingChange(member);
    }
  },

  /** Raft thesis §4.1: a new leader's log may have a change that is not applied. */
  NEW_LEADER_FORGETS_THE_PENDING_CHANGE {
    @Override
    void after(Member member, Event event) {
      if (member.node.isLeader() && member.node.commit() < member.node.lastIndex()) {
        long first = pendingChange(member);
        if (first > 0 && log(member.node).term(first) < member.node.term()) {
          forgetPendingChange(member);
        }
      }
    }
  },

  /** A change that is committed and not applied keeps a member from campaigning. */
  CAMPAIGNS_WITH_AN_UNAPPLIED_CHANGE {
    @Override
    void campaign(Member member) {
      long commit = member.node.commit();
      set(log(member.node), "committed", member.node.applied());
      member.node.campaign();
      set(log(member.node), "committed", commit);
    }
  },

  /** Raft thesis §9.6: a granted pre-vote is no vote. */
  COUNTS_PRE_VOTES_AS_VOTES {
    @Override
    Message delivered(Member member, Message message) {
      return message instanceof Message.VoteResponse response
              && response.preVote()
              && !response.rejected()
              && member.node.role() == Role.CANDIDATE
          ? new Message.VoteResponse(response.from(), response.to(), response.term(), false, false)
          : message;
    }
  };

  /** A message comes; returns the one that the core is to see. */
  Message delivered(Member member, Message message) {
    return message;
  }

  /** A message leaves; returns the one that leaves. */
  Message sent(Member member, Message message) {
    return message;
  }

  /** Whether a response leaves before what it waits for is durable. */
  boolean releasesEarly(Member member, Message response) {
    return false;
  }

  /** What becomes durable of the hard state. */
  HardState stored(HardState state, HardState before) {
    return state;
  }

  void beforeProposal(Member member) {}

  void campaign(Member member) {
    member.node.campaign();
  }

  /** An event is over, but for what the core has to hand out. */
  void after(Member member, Event event) {}

  static Object raft(RawNode node) {
    return Fingerprint.get(node, "raft");
  }

  static RaftLog log(RawNode node) {
    return (RaftLog) Fingerprint.get(raft(node), "log");
  }

  private static long pendingChange(Member member) {
    return (Long) Fingerprint.get(confChanges(member), "pendingConfIndex");
  }

  private static void forgetPendingChange(Member member) {
    if (member.node.isLeader()) {
      set(confChanges(member), "pendingConfIndex", 0L);
    }
  }

  /** What a leader decides by whether it takes a change. */
  private static Object confChanges(Member member) {
    return Fingerprint.get(Fingerprint.get(raft(member.node), "role"), "confChanges");
  }

  private static void set(Object object, String field, long value) {
    try {
      Fingerprint.field(object, field).setLong(object, value);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }
}
