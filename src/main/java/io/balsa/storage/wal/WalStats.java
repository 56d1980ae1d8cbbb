package io.balsa.storage.wal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;

/** Counts what a log does. Written by its thread, readable from any. */
public final class WalStats {
  private static final long LATENCY_NANOS_MAX = 100_000_000_000L;
  private static final long LIMIT_NANOS_MIN = 1_000_000;
  private static final int LIMITS = 14;

  private final AtomicLong syncs = new AtomicLong();
  private final AtomicLong entries = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final SingleWriterRecorder recorder = new SingleWriterRecorder(LATENCY_NANOS_MAX, 2);
  private final Histogram total = new Histogram(LATENCY_NANOS_MAX, 2);

  /**
   * The counts since the log was opened.
   *
   * @param fsyncs syncs that an append waited for
   * @param entries entries made durable
   * @param bytes bytes of records written
   * @param syncNanosP50 the median of what those syncs took, in nanoseconds
   * @param syncNanosP99 99 of 100 took no longer
   * @param syncNanosMax the longest
   * @param syncNanosSum all of them together, give or take a hundredth
   * @param syncsWithin how many took no longer than 1, 2, 4 and so on to 8,192 milliseconds
   */
  public record Values(
      long fsyncs,
      long entries,
      long bytes,
      long syncNanosP50,
      long syncNanosP99,
      long syncNanosMax,
      long syncNanosSum,
      List<Long> syncsWithin) {}

  /** The counts as they are now. */
  public synchronized Values values() {
    total.add(recorder.getIntervalHistogram());
    return new Values(
        syncs.get(),
        entries.get(),
        bytes.get(),
        total.getValueAtPercentile(50),
        total.getValueAtPercentile(99),
        total.getMaxValue(),
        Math.round(total.getMean() * total.getTotalCount()),
        syncsWithin());
  }

  private List<Long> syncsWithin() {
    List<Long> within = new ArrayList<>(LIMITS);
    for (int i = 0; i < LIMITS; i++) {
      within.add(total.getCountBetweenValues(0, LIMIT_NANOS_MIN << i));
    }
    return within;
  }

  void synced(long nanos) {
    syncs.incrementAndGet();
    recorder.recordValue(Math.max(0, Math.min(nanos, LATENCY_NANOS_MAX)));
  }

  void wrote(long entryCount, long byteCount) {
    entries.addAndGet(entryCount);
    bytes.addAndGet(byteCount);
  }
}
