package io.balsa.engine;

import io.balsa.engine.request.Reply;
import io.balsa.mvcc.Store;
import java.util.ArrayList;
import java.util.List;

/** What a member says of itself. */
final class StatusReport {
  // Reads of a member that is further behind are worth little.
  private static final long READY_LAG_ENTRIES_MAX = 5_000;

  private final ReplicaOptions options;
  private final Present present;
  private final Counts counts;

  StatusReport(ReplicaOptions options, Present present, Counts counts) {
    this.options = options;
    this.present = present;
    this.counts = counts;
  }

  Reply.MemberStatus of(
      int proposalsPending, WatchDesk watches, boolean isInstalling, boolean isStopping) {
    Store store = present.state.store();
    RaftView view = present.view;
    Membership membership = present.state.membership();
    MemberInfo about = membership.members().getOrDefault(options.self().id(), options.self());
    MemberInfo leader = membership.members().get(view.leader());
    long applied = present.state.applied().index();
    return new Reply.MemberStatus(
        options.clusterId(),
        membership.toReply(about),
        leader == null ? null : membership.toReply(leader),
        view.term(),
        Math.max(view.commitIndex(), applied),
        applied,
        store.revision(),
        store.compactRevision(),
        present.state.stateHash(),
        view.progress(),
        view.wal(),
        new Reply.StoreSize(
            store.keys(),
            store.revisions(),
            store.liveBytes() + store.historyBytes(),
            store.liveBytes(),
            options.quotaBytes()),
        new Reply.Counters(
            counts.leaderChanges,
            proposalsPending,
            counts.proposalsApplied,
            counts.proposalsFailed,
            counts.readsServed,
            watches.size(),
            watches.cutOff(),
            store.leaseCount(),
            counts.leasesExpired,
            counts.snapshotsTaken,
            counts.snapshotsInstalled),
        view.trouble(),
        ready(isInstalling, isStopping));
  }

  private List<String> ready(boolean isInstalling, boolean isStopping) {
    RaftView view = present.view;
    List<String> reasons = new ArrayList<>(view.trouble());
    if (isStopping) {
      reasons.add("the member is stopping");
    }
    if (!view.isVoter()) {
      reasons.add("the member is no voter");
    }
    if (!present.knowsLeader()) {
      reasons.add("no leader is known");
    }
    if (isInstalling) {
      reasons.add("a snapshot is being restored");
    }
    long lag = view.commitIndex() - present.state.applied().index();
    if (lag > READY_LAG_ENTRIES_MAX) {
      reasons.add("%d committed entries are not applied".formatted(lag));
    }
    return reasons;
  }
}
