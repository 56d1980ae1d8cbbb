package io.balsa.engine.request;

import io.balsa.mvcc.auth.AuthCommand;
import io.balsa.mvcc.auth.AuthQuery;
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

  /**
   * A linearizable look at one lease; answered by {@link Reply.Lease}.
   *
   * @param keys whether the answer tells the keys, which asks for more permissions
   */
  record LeaseGet(long id, boolean keys) implements Request {
    /** With its keys. */
    public LeaseGet(long id) {
      this(id, true);
    }
  }

  /** A linearizable list; answered by {@link Reply.Leases}. */
  record LeaseList() implements Request {}

  /** Answered by {@link Reply.Members}, from this member's own state. */
  record MemberList() implements Request {}

  /**
   * Answered by {@link Reply.Members} with {@code changed} set.
   *
   * @param name empty for one that tells its name when it starts, as with etcd
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

  /**
   * Gives a member other peer URLs; the member itself must be started anew to be found there.
   *
   * @param member an id in hexadecimal, or a name
   */
  record MemberUpdate(String member, List<String> peerUrls) implements Request {
    public MemberUpdate {
      peerUrls = List.copyOf(peerUrls);
    }
  }

  /** Hands leadership over; answered by {@link Reply.Members} once the new leader is known. */
  record TransferLeader(String member) implements Request {}

  /** A change of users and roles; answered by {@link Reply.Auth}. */
  record Auth(AuthCommand command) implements Request {}

  /** A linearizable look at users and roles; answered by {@link Reply.Auth}. */
  record AuthLook(AuthQuery query) implements Request {}

  /** Answered by {@link Reply.Status} at once. */
  record Status() implements Request {}

  /**
   * A hash over the keys up to a revision, of this member's own state; answered by {@link
   * Reply.Hash}.
   *
   * @param revision 0 for the present one
   */
  record Hash(long revision) implements Request {}

  /**
   * Begins to read this member's own state as it is now, as a file to be kept; answered by the
   * first {@link Reply.BackupPart}. It ends with its last part, by {@link BackupClose}, or when no
   * part was asked for in a minute.
   */
  record BackupOpen() implements Request {}

  /**
   * The next part; answered by {@link Reply.BackupPart}. Only who opened it can ask.
   *
   * @param backup as its first part named it
   */
  record BackupNext(long backup) implements Request {}

  /** No more parts are wanted; answered by {@link Reply.BackupClosed}. */
  record BackupClose(long backup) implements Request {}

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
