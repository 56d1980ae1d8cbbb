package io.balsa.engine.request;

import io.balsa.mvcc.auth.AuthAnswer;
import io.balsa.mvcc.command.OpResult;
import java.util.List;

/** What a member answers. */
public sealed interface Reply {
  /**
   * A write is committed and applied, now or when it was sent first under its name.
   *
   * @param revision the store's revision after it
   */
  record Written(long revision, OpResult result) implements Reply {}

  /**
   * A read.
   *
   * @param revision the store's revision at which the read was served
   */
  record Read(long revision, OpResult result) implements Reply {}

  /** A compaction is committed and applied. */
  record Compacted(long revision, long compactRevision) implements Reply {}

  /** One lease. */
  record Lease(LeaseState lease, List<io.balsa.data.Bytes> keys) implements Reply {
    public Lease {
      keys = List.copyOf(keys);
    }
  }

  /** All leases. */
  record Leases(List<LeaseState> leases) implements Reply {
    public Leases {
      leases = List.copyOf(leases);
    }
  }

  /** A lease has ended. */
  record LeaseEnded(long id, long revision) implements Reply {}

  /**
   * The members.
   *
   * @param leader 0 for none known
   * @param changed the member that a change was about, 0 for none
   */
  record Members(long clusterId, long leader, long changed, List<Member> members) implements Reply {
    public Members {
      members = List.copyOf(members);
    }
  }

  /** Of users and roles; never {@link AuthAnswer.Refused}. */
  record Auth(AuthAnswer answer) implements Reply {}

  /**
   * A hash.
   *
   * @param revision up to which keys count
   * @param compactRevision from which on they do
   */
  record Hash(long revision, long compactRevision, int hash) implements Reply {}

  /**
   * A part of a backup.
   *
   * @param backup names it for {@link Request.BackupNext}
   * @param remainingBytes an estimate of what follows, as a rule too high; exact in the last part
   * @param last whether none follows
   */
  record BackupPart(long backup, io.balsa.data.Bytes data, long remainingBytes, boolean last)
      implements Reply {}

  /** A backup is over. */
  record BackupClosed() implements Reply {}

  /** The state of this member. */
  record Status(MemberStatus status) implements Reply {}

  /**
   * Not done, or not known to be done.
   *
   * @param unknown whether it may still happen: only for {@link Refusal#NO_LEADER}, {@link
   *     Refusal#TIMEOUT} and {@link Refusal#STOPPING}
   * @param detail the value found and the rule, for people
   */
  record Refused(Refusal refusal, boolean unknown, String detail) implements Reply {}

  /**
   * A lease as clients see it.
   *
   * @param remainingSeconds by this member's own clock
   */
  record LeaseState(long id, long ttlSeconds, long remainingSeconds) {}

  /** A member of the cluster as clients see it. */
  record Member(
      long id, String name, List<String> peerUrls, List<String> clientUrls, boolean learner) {
    public Member {
      peerUrls = List.copyOf(peerUrls);
      clientUrls = List.copyOf(clientUrls);
    }
  }

  /**
   * What a member says of itself.
   *
   * @param leader null for none known
   * @param progress by member, on the leader only
   * @param live empty, or why this member should be restarted
   * @param ready empty, or why this member should get no traffic
   */
  record MemberStatus(
      long clusterId,
      Member self,
      Member leader,
      long term,
      long commitIndex,
      long appliedIndex,
      long revision,
      long compactRevision,
      long stateHash,
      List<Progress> progress,
      Wal wal,
      StoreSize store,
      Counters counters,
      List<String> live,
      List<String> ready) {
    public MemberStatus {
      progress = List.copyOf(progress);
      live = List.copyOf(live);
      ready = List.copyOf(ready);
    }
  }

  /** How far a member is, as its leader sees it. */
  record Progress(
      long member, String state, long match, long next, boolean recentActive, boolean learner) {}

  /**
   * What the log writer did since start; times in microseconds.
   *
   * @param fsyncMicrosSum of all syncs together, estimated
   * @param fsyncsWithin how many syncs took no longer than 1, 2, 4, 8 milliseconds and so on; empty
   *     before the first report
   */
  record Wal(
      long fsyncs,
      long entries,
      long bytes,
      long fsyncMicrosP50,
      long fsyncMicrosP99,
      long fsyncMicrosMax,
      long fsyncMicrosSum,
      List<Long> fsyncsWithin) {
    /** Before the first report. */
    public static final Wal NONE = new Wal(0, 0, 0, 0, 0, 0, 0, List.of());

    public Wal {
      fsyncsWithin = List.copyOf(fsyncsWithin);
    }
  }

  /**
   * How much the store holds.
   *
   * @param bytes of everything
   * @param liveBytes of what is there not only for the past
   * @param quotaBytes puts are refused while {@code liveBytes} are more
   */
  record StoreSize(long keys, long revisions, long bytes, long liveBytes, long quotaBytes) {
    /** Whether puts are refused. */
    public boolean isOverQuota() {
      return liveBytes > quotaBytes;
    }
  }

  /** Counts since start, for metrics. */
  record Counters(
      long leaderChanges,
      long proposalsPending,
      long proposalsApplied,
      long proposalsFailed,
      long readsServed,
      long watches,
      long watchesCutOff,
      long leases,
      long leasesExpired,
      long snapshotsTaken,
      long snapshotsInstalled) {}
}
