package io.balsa.engine;

import io.balsa.raft.message.Snapshot;

/**
 * When a snapshot of this member's own state is taken, and how one of the leader's takes its place.
 */
final class Snapshots {
  private final ReplicaOptions options;
  private final Outbox out;
  private final Counts counts;
  private final OwnSnapshot own;
  private long newestTaken; // The raft loop may not have heard of it yet.
  private boolean newestLost;
  private Installation installation; // Null while none is under way.
  private long installations;

  Snapshots(ReplicaOptions options, Outbox out, Counts counts) {
    this.options = options;
    this.out = out;
    this.counts = counts;
    this.own = new OwnSnapshot(options.self().id(), out);
  }

  void tick() {
    own.tick();
  }

  /** Begins a snapshot of the state if it is time for one. */
  void maybeTake(StateMachine state, RaftView view) {
    if (installation != null || !own.isIdle() || view.lastSnapshot() < newestTaken) {
      return;
    }
    long entries = state.applied().index() - view.lastSnapshot();
    if (newestLost && entries >= 0) {
      own.begin(state);
      return;
    }
    if (entries <= 0) {
      return;
    }
    long logBytes = Math.max(options.snapshotLogBytesMin(), state.store().liveBytes());
    if (entries >= options.snapshotEntries()
        || view.logBytesSinceSnapshot() >= logBytes
        || view.snapshotNeeded()) {
      own.begin(state);
    }
  }

  /** The newest snapshot is damaged: another is taken, even of the same state. */
  void replaceNewest() {
    newestLost = true;
  }

  /** Gives up the snapshot under way. */
  void abandonOwn() {
    own.abandon();
  }

  /** Whether a snapshot of the leader's is being restored. */
  boolean isInstalling() {
    return installation != null;
  }

  /** Restores this one; one that is being restored already has become useless. */
  void install(Snapshot snapshot) {
    own.abandon();
    // Tickets of installations are negative, to be told from those of this member's own snapshots.
    installation = new Installation(snapshot, --installations, out);
  }

  /**
   * A part was read or written.
   *
   * @return the state of the snapshot that is now restored, else null
   */
  StateMachine answered(SnapshotIo answer) {
    if (installation != null && installation.awaits(answer)) {
      if (answer instanceof SnapshotIo.Failed failed) {
        throw installation.failed(failed.reason());
      }
      StateMachine restored =
          answer instanceof SnapshotIo.Part part ? installation.accept(part) : null;
      if (restored != null) {
        installation = null;
        counts.snapshotsInstalled++;
      }
      return restored;
    }
    if (answer instanceof SnapshotIo.Written written) {
      Snapshot durable = own.written(written);
      if (durable != null) {
        counts.snapshotsTaken++;
        newestLost = false;
        newestTaken = durable.last().index();
        out.toRaft(new RaftInput.SnapshotTaken(durable));
      }
    } else if (answer instanceof SnapshotIo.Failed failed) {
      own.failed(failed);
    }
    return null;
  }
}
