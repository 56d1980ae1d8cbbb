package io.balsa.engine;

import io.balsa.mvcc.Store;
import io.balsa.mvcc.command.Command;
import io.balsa.mvcc.lease.LeaseClock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/**
 * What the leader proposes by itself: the end of leases whose time is over, records of how long the
 * long ones still have, and compactions. Every member keeps the clocks for it, so that a new leader
 * can go on.
 */
final class LeaderDuties {
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long RETRY_NANOS = 1_000 * NANOS_PER_MILLI;
  private static final int LEASES_PER_TICK_MAX = 1_000;
  private static final long REVISION_MODE_NANOS = 10_000 * NANOS_PER_MILLI;
  // How much of the allowed history one compaction gives back.
  private static final int HISTORY_SHARE = 4;
  private static final int SAMPLES_PER_RETENTION = 10;

  private record Sample(long nanos, long revision) {}

  private final ReplicaOptions options;
  private final Deque<Sample> samples = new ArrayDeque<>();
  private LeaseClock leases;
  private long leadingTerm; // 0 while this member does not lead.
  private long compactAskedNanos;
  private boolean compactAsked;
  private long lastLookNanos;

  LeaderDuties(ReplicaOptions options, Store store, long nowNanos) {
    this.options = options;
    this.lastLookNanos = nowNanos;
    restart(store, nowNanos);
  }

  /** Begins anew with the leases of another state. */
  void restart(Store store, long nowNanos) {
    leases = new LeaseClock(RETRY_NANOS, options.leaseCheckpointMillis() * NANOS_PER_MILLI);
    store.leases().forEach(lease -> leases.granted(lease, nowNanos));
    samples.clear();
  }

  LeaseClock leases() {
    return leases;
  }

  /**
   * Consensus may have changed.
   *
   * @param term that this member leads in, 0 for none
   */
  void leading(long term, long nowNanos) {
    if (term != 0 && term != leadingTerm) {
      leases.promoted(nowNanos);
    }
    leadingTerm = term;
  }

  /** What the leader should propose now; nothing on other members. */
  List<Command> due(Store store, long nowNanos) {
    sample(store, nowNanos);
    if (leadingTerm == 0) {
      return List.of();
    }
    List<Command> commands = new ArrayList<>();
    List<Command.Remaining> remaining = new ArrayList<>();
    for (LeaseClock.Due due : leases.due(nowNanos, LEASES_PER_TICK_MAX)) {
      if (due.remainingSeconds() == 0) {
        commands.add(new Command.LeaseExpire(due.id(), due.renewals()));
      } else {
        remaining.add(new Command.Remaining(due.id(), due.renewals(), due.remainingSeconds()));
      }
    }
    if (!remaining.isEmpty()) {
      commands.add(new Command.LeaseCheckpoint(remaining));
    }
    if (!compactAsked || nowNanos - compactAskedNanos >= RETRY_NANOS) {
      long compactTo = compactTo(store, nowNanos);
      if (compactTo > store.compactRevision()) {
        compactAsked = true;
        compactAskedNanos = nowNanos;
        commands.add(new Command.Compact(compactTo));
      }
    }
    return commands;
  }

  private void sample(Store store, long nowNanos) {
    if (options.autoCompaction().mode() != ReplicaOptions.AutoCompaction.Mode.PERIODIC) {
      return;
    }
    long retention = options.autoCompaction().retention() * NANOS_PER_MILLI;
    if (samples.isEmpty()
        || nowNanos - samples.getLast().nanos() >= retention / SAMPLES_PER_RETENTION) {
      samples.add(new Sample(nowNanos, store.revision()));
    }
    // The first is the newest of those that are old enough, if there is one.
    while (samples.size() > 1 && nowNanos - secondSample().nanos() >= retention) {
      samples.remove();
    }
  }

  private Sample secondSample() {
    Iterator<Sample> all = samples.iterator();
    all.next();
    return all.next();
  }

  private long compactTo(Store store, long nowNanos) {
    long to = 0;
    if (store.historyBytes() > options.historyBytes()) {
      long surplus = store.historyBytes() - options.historyBytes();
      to = store.revisionFreeing(surplus + options.historyBytes() / HISTORY_SHARE);
    }
    return switch (options.autoCompaction().mode()) {
      case NONE -> to;
      case PERIODIC -> Math.max(to, periodic(nowNanos));
      case REVISION -> Math.max(to, byRevision(store, nowNanos));
    };
  }

  /** The revision that was the newest one retention ago. */
  private long periodic(long nowNanos) {
    long retention = options.autoCompaction().retention() * NANOS_PER_MILLI;
    Sample oldest = samples.peek();
    return oldest != null && nowNanos - oldest.nanos() >= retention ? oldest.revision() : 0;
  }

  private long byRevision(Store store, long nowNanos) {
    if (nowNanos - lastLookNanos < REVISION_MODE_NANOS) {
      return 0;
    }
    lastLookNanos = nowNanos;
    return store.revision() - options.autoCompaction().retention();
  }
}
