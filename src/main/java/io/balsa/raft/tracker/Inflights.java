package io.balsa.raft.tracker;

import java.util.Arrays;

/**
 * The appends to one member that are not acknowledged yet: a ring that grows to its limit on
 * demand. The limit in bytes is soft: the append that reaches it is still sent, so that one large
 * entry cannot stop replication.
 */
public final class Inflights {
  private static final int CAPACITY_MIN = 4;

  private final int countMax;
  private final long bytesMax;
  private long[] lastIndexes = {};
  private long[] sizes = {};
  private int start;
  private int count;
  private long bytes;

  /** Holds up to {@code countMax} appends, full also once they have {@code bytesMax} bytes. */
  public Inflights(int countMax, long bytesMax) {
    this.countMax = countMax;
    this.bytesMax = bytesMax;
  }

  /** An append that ends with entry {@code lastIndex} is on its way. It must not be full. */
  public void add(long lastIndex, long appendBytes) {
    if (isFull()) {
      throw new IllegalStateException("inflights: full with " + count + " appends");
    }
    if (count == lastIndexes.length) {
      grow();
    }
    int slot = slot(count);
    lastIndexes[slot] = lastIndex;
    sizes[slot] = appendBytes;
    count++;
    bytes += appendBytes;
  }

  /** All appends that end at {@code index} or before have arrived. */
  public void freeTo(long index) {
    while (count > 0 && lastIndexes[start] <= index) {
      bytes -= sizes[start];
      start = slot(1);
      count--;
    }
  }

  /** Forgets all. */
  public void reset() {
    start = 0;
    count = 0;
    bytes = 0;
  }

  /** Whether no more may be sent. */
  public boolean isFull() {
    return count >= countMax || bytes >= bytesMax;
  }

  /** The number of appends on their way. */
  public int count() {
    return count;
  }

  /** The bytes of entries on their way. */
  public long bytes() {
    return bytes;
  }

  /** A copy that changes no more. */
  public Inflights copy() {
    Inflights copy = new Inflights(countMax, bytesMax);
    copy.lastIndexes = lastIndexes.clone();
    copy.sizes = sizes.clone();
    copy.start = start;
    copy.count = count;
    copy.bytes = bytes;
    return copy;
  }

  @Override
  public String toString() {
    return count + " appends of " + bytes + " bytes" + (isFull() ? ", full" : "");
  }

  private int slot(int offset) {
    int slot = start + offset;
    return slot < lastIndexes.length ? slot : slot - lastIndexes.length;
  }

  private void grow() {
    int length = lastIndexes.length;
    int capacity = (int) Math.min(countMax, Math.max(CAPACITY_MIN, 2L * length));
    lastIndexes = straightened(lastIndexes, capacity);
    sizes = straightened(sizes, capacity);
    start = 0;
  }

  private long[] straightened(long[] ring, int capacity) {
    long[] result = Arrays.copyOf(Arrays.copyOfRange(ring, start, ring.length), capacity);
    System.arraycopy(ring, 0, result, ring.length - start, start);
    return result;
  }
}
