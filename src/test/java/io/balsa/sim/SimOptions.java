package io.balsa.sim;

import java.util.Random;

/**
 * What one simulated cluster is like. All of it follows from the seed.
 *
 * @param members founders: 3 or 5
 * @param faultNanos how long faults go on
 * @param meanFaultNanos between two faults
 * @param applyEntries in one turn of a member
 * @param messageBytes entries in one append: all that there are, one by one, or some
 * @param thinkMillis the most that a client usually waits between two operations
 */
record SimOptions(
    int members,
    long faultNanos,
    long meanFaultNanos,
    int clients,
    int keys,
    int thinkMillis,
    long snapshotEntries,
    long catchUpEntries,
    long historyBytes,
    int applyEntries,
    int messageBytes) {
  /** In half of the clusters what leases still have is recorded. */
  long leaseCheckpointMillis() {
    return catchUpEntries % 2 == 0 ? 1_000 : 300_000;
  }

  /**
   * A busy cluster for a short time, or a calm one for a long time.
   *
   * @param alwaysBusy more happens in less time then
   */
  static SimOptions draw(Random random, boolean alwaysBusy) {
    boolean busy = random.nextInt(3) == 0 || alwaysBusy;
    return new SimOptions(
        random.nextInt(3) == 0 ? 5 : 3,
        (busy ? 30 + random.nextInt(90) : 120 + random.nextInt(600)) * Timeline.SECONDS,
        (busy ? 200 + random.nextInt(3_000) : 1_000 + random.nextInt(12_000)) * Timeline.MILLIS,
        3 + random.nextInt(4),
        1 + random.nextInt(6),
        busy ? 20 + random.nextInt(300) : 500 + random.nextInt(4_000),
        20 + random.nextInt(300),
        random.nextInt(60),
        1_000 + random.nextInt(100_000),
        1 + random.nextInt(2) * random.nextInt(500),
        random.nextInt(2) == 0 ? 1 << 20 : 1 + random.nextInt(2) * random.nextInt(2_000));
  }
}
