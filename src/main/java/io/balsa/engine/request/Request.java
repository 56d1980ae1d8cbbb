package io.balsa.engine.request;

import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.Once;
import io.balsa.mvcc.command.Op;
import java.util.List;

/** What a client asks of a member. Any member takes any request. */
public sealed interface Request {
  /**
   * A put, deletion or transaction; answered by {@link Reply.Written}.
   *
   * @param once the name under which it is applied at most once, however often and to whichever
   *     member it is sent, and answered each time as it was the first time; then {@code op} must
   *     write. A refusal says nothing of what was sent earlier under this name. Null for none
   */
  record Write(Op op, Once once) implements Request {
    /** A write that is applied as often as it is sent. */
    public Write(Op op) {
      this(op, null);
    }
  }

  /**
   * A range, or a transaction without writes; answered by {@link Reply.Read}.
   *
   * @param serializable answers from this member's own state, which may be behind
   */
  record Read(Op op, boolean serializable) implements Request {}

  /** Answered by {@link Reply.Compacted}. */
  record Compact(long revision) implements Request {}

  /**
   * Answered by {@link Reply.Lease}.
   *
   * @param id 0 lets the member pick
   */
  record LeaseGrant(long id, long ttlSeconds) implements Request {}

  /** Answered by {@link Reply.LeaseEnded}. */
  record LeaseRevoke(long id) implements Request {}

  /** Answered by {@link Reply.Lease}. */
  record LeaseKeepAlive(long id) implements Request {}

  /** A linearizable look at one lease; answered by {@link Reply.Lease}. */
  record LeaseGet(long id) implements Request {}

  /** A linearizable list; answered by {@link Reply.Leases}. */
  record LeaseList() implements Request {}

  /** Answered by {@link Reply.Members}, from this member's own state. */
  record MemberList() implements Request {}

  /**
   * Answered by {@link Reply.Members} with {@code changed} set.
   *
   * @param learner a learner first; a voter at once otherwise
   */
  record MemberAdd(String name, List<String> peerUrls, boolean learner) implements Request {
    public MemberAdd {
      peerUrls = List.copyOf(peerUrls);
    }
  }

  /**
   * Makes a learner a voter.
   *
   * @param member an id in hexadecimal, or a name
   */
  record MemberPromote(String member) implements Request {}

  /**
   * Takes a member out.
   *
   * @param force also where the members left would be without a quorum of reachable ones
   */
  record MemberRemove(String member, boolean force) implements Request {}

  /** Hands leadership over; answered by {@link Reply.Members} once the new leader is known. */
  record TransferLeader(String member) implements Request {}

  /** Answered by {@link Reply.Status} at once. */
  record Status() implements Request {}

  /**
   * Opens a watch. The answers are {@link WatchEvent}s to the address of the caller's batch, not a
   * {@link Reply}.
   *
   * @param watch chosen by the caller, unique for its address
   * @param startRevision the first revision wanted; 0: after what is applied when it opens
   * @param previous whether each change carries the item before
   * @param creditBytes how much may be sent before more credit comes
   */
  record WatchOpen(
      long watch, KeyRange keys, long startRevision, boolean previous, long creditBytes)
      implements Request {}

  /** The client took {@code bytes} more: they may be sent anew. */
  record WatchCredit(long watch, long bytes) implements Request {}

  /**
   * Asks how far a watch is: a {@link WatchEvent.Progress} comes as soon as every change that it
   * wants has been sent.
   */
  record WatchProgress(long watch) implements Request {}

  /** Ends a watch; nothing is answered. */
  record WatchClose(long watch) implements Request {}
}
