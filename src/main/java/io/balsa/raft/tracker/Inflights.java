package io.balsa.raft.tracker;

import io.balsa.data.Checks;
import java.util.Arrays;

/**
 * The appends on their way to one member: a ring that grows on demand, bounded by count and,
 * softly, by bytes: the append that reaches the bound may pass it.
 */
public final class Inflights {
  private final int countMax;
  private final long bytesMax;
  private long[] lastIndexes = new long[0];
  private long[] sizes = new long[0];
  private int start;
  private int count;
  private long bytes;

  /**
   * Empty.
   *
   * @param bytesMax 0 for no bound
   */
  public Inflights(int countMax, long bytesMax) {
    this.countMax = countMax;
    this.bytesMax = bytesMax;
  }

  /** A copy with the same contents. */
  public Inflights copy() {
    Inflights copy = new Inflights(countMax, bytesMax);
    copy.lastIndexes = lastIndexes.clone();
    copy.sizes = sizes.clone();
    copy.start = start;
    copy.count = count;
    copy.bytes = bytes;
    return copy;
  }

  /** Adds an append whose last entry is {@code lastIndex}; must not be full. */
  public void add(long lastIndex, long appendBytes) {
    Checks.invariant(!full(), "append added to full inflights: %d", count);
    if (count == lastIndexes.length) {
      grow();
    }
    int next = (start + count) % lastIndexes.length;
    lastIndexes[next] = lastIndex;
    sizes[next] = appendBytes;
    count++;
    bytes += appendBytes;
  }

  /** Frees all appends that end at or before {@code index}. */
  public void freeUpTo(long index) {
    while (count > 0 && lastIndexes[start] <= index) {
      bytes -= sizes[start];
      start = (start + 1) % lastIndexes.length;
      count--;
    }
  }

  /** Whether nothing more may be sent. */
  public boolean full() {
    return count >= countMax || (bytesMax > 0 && bytes >= bytesMax);
  }

  /** The number of appends under way. */
  public int count() {
    return count;
  }

  /** Their bytes. */
  public long bytes() {
    return bytes;
  }

  /** Forgets all; the bytes too, or the flow would stay closed for ever. */
  public void reset() {
    start = 0;
    count = 0;
    bytes = 0;
  }

  private void grow() {
    int capacity = (int) Math.min(countMax, Math.max(8L, 2L * lastIndexes.length));
    long[] newIndexes = new long[capacity];
    long[] newSizes = new long[capacity];
    for (int i = 0; i < count; i++) {
      int from = (start + i) % lastIndexes.length;
      newIndexes[i] = lastIndexes[from];
      newSizes[i] = sizes[from];
    }
    lastIndexes = newIndexes;
    sizes = newSizes;
    start = 0;
  }

  @Override
  public String toString() {
    return "Inflights" + Arrays.toString(lastIndexes) + " count=" + count + " bytes=" + bytes;
  }
}
