package io.balsa.engine;

import io.balsa.data.Checks;

/**
 * What a replica is started with.
 *
 * @param clusterId of the cluster
 * @param self this member as it wants to be known
 * @param pendingMax proposals of clients that wait at once; more are refused
 * @param pendingBytesMax what those may hold; one more is taken while they hold less
 * @param readsMax linearizable reads that wait at once; more are refused
 * @param watchesMax open watches; more are refused
 * @param quotaBytes of live keys and values, beyond which puts are refused
 * @param historyBytes of what is kept only for the past, beyond which it is compacted
 * @param txnOpsMax conditions, and operations of a branch, of one transaction
 * @param snapshotEntries entries applied since the last snapshot after which the next is taken
 * @param snapshotLogBytesMin bytes of log after which a snapshot is taken, or as many as the keys
 *     hold if that is more: so that the work for snapshots stays a share of that for writes
 * @param applyEntriesMax entries applied before others have their turn
 * @param leaseTtlSecondsMin shorter leases are granted this long: they could end while the cluster
 *     elects a leader
 * @param leaseCheckpointMillis how often the leader records what leases that have more than this
 *     still have: a new leader gives them so much, not their whole time
 * @param progressMillis how often a watch tells how far it is
 * @param watchStallMillis after which a watch is cut off whose client takes nothing
 */
public record ReplicaOptions(
    long clusterId,
    MemberInfo self,
    int pendingMax,
    long pendingBytesMax,
    int readsMax,
    int watchesMax,
    long quotaBytes,
    long historyBytes,
    int txnOpsMax,
    long snapshotEntries,
    long snapshotLogBytesMin,
    int applyEntriesMax,
    long leaseTtlSecondsMin,
    long leaseCheckpointMillis,
    AutoCompaction autoCompaction,
    long progressMillis,
    long watchStallMillis) {
  public ReplicaOptions {
    Checks.argument(pendingMax > 0, "pendingMax must be positive: %d", pendingMax);
    Checks.argument(pendingBytesMax > 0, "pendingBytesMax must be positive: %d", pendingBytesMax);
    Checks.argument(snapshotEntries > 0, "snapshotEntries must be positive: %d", snapshotEntries);
    Checks.argument(applyEntriesMax > 0, "applyEntriesMax must be positive: %d", applyEntriesMax);
    Checks.argument(historyBytes > 0, "historyBytes must be positive: %d", historyBytes);
  }

  /** What the leader compacts without being asked, beside what {@code historyBytes} demands. */
  public record AutoCompaction(Mode mode, long retention) {
    /** Only what {@code historyBytes} demands. */
    public static final AutoCompaction NONE = new AutoCompaction(Mode.NONE, 0);

    /** What the retention counts. */
    public enum Mode {
      /** Nothing is compacted. */
      NONE,
      /** Milliseconds. */
      PERIODIC,
      /** Revisions. */
      REVISION
    }
  }

  /** The defaults of the service. */
  public static ReplicaOptions of(long clusterId, MemberInfo self) {
    return new ReplicaOptions(
        clusterId,
        self,
        20_000,
        64L << 20,
        20_000,
        100_000,
        2L << 30,
        256L << 20,
        128,
        100_000,
        64L << 20,
        512,
        2,
        300_000,
        AutoCompaction.NONE,
        10_000,
        5_000);
  }

  /**
   * The same as an operator wants it.
   *
   * @param electionMillis a lease must outlive an election: 1.5 times this, at least
   */
  public ReplicaOptions configured(
      long quotaBytes,
      long historyBytes,
      int txnOpsMax,
      long snapshotEntries,
      long snapshotLogBytesMin,
      long electionMillis,
      AutoCompaction autoCompaction) {
    return new ReplicaOptions(
        clusterId,
        self,
        pendingMax,
        pendingBytesMax,
        readsMax,
        watchesMax,
        quotaBytes,
        historyBytes,
        txnOpsMax,
        snapshotEntries,
        snapshotLogBytesMin,
        applyEntriesMax,
        (electionMillis * 3 + 1999) / 2000,
        leaseCheckpointMillis,
        autoCompaction,
        progressMillis,
        watchStallMillis);
  }

  /** The same with another interval between records of leases. */
  public ReplicaOptions withLeaseCheckpointMillis(long millis) {
    return with(applyEntriesMax, millis);
  }

  /** The same with other steps in which entries are applied. */
  public ReplicaOptions withApplyEntriesMax(int entries) {
    return with(entries, leaseCheckpointMillis);
  }

  private ReplicaOptions with(int entries, long checkpointMillis) {
    return new ReplicaOptions(
        clusterId,
        self,
        pendingMax,
        pendingBytesMax,
        readsMax,
        watchesMax,
        quotaBytes,
        historyBytes,
        txnOpsMax,
        snapshotEntries,
        snapshotLogBytesMin,
        entries,
        leaseTtlSecondsMin,
        checkpointMillis,
        autoCompaction,
        progressMillis,
        watchStallMillis);
  }
}
