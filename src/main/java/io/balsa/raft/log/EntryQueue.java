package io.balsa.raft.log;

import io.balsa.data.Checks;
import io.balsa.raft.message.Entries;
import io.balsa.raft.message.Entry;
import java.util.Arrays;
import java.util.List;

/**
 * Consecutive entries in an array: appended at the end, dropped from both ends. Every entry is
 * moved a constant number of times on average, however long the log is.
 */
final class EntryQueue {
  private static final int CAPACITY_MIN = 16;

  private Entry[] array = new Entry[CAPACITY_MIN];
  private int start;
  private int end;

  int size() {
    return end - start;
  }

  boolean isEmpty() {
    return start == end;
  }

  Entry get(int place) {
    return array[start + place];
  }

  void append(List<Entry> entries, int from) {
    int count = entries.size() - from;
    makeRoom(count);
    for (int i = 0; i < count; i++) {
      Entry entry = entries.get(from + i);
      Checks.invariant(
          isEmpty() || entry.index() == last().index() + 1,
          "log: entries have a gap before index",
          entry.index(),
          isEmpty() ? 0 : last().index());
      array[end++] = entry;
    }
  }

  void dropFirst(int count) {
    Arrays.fill(array, start, start + count, null);
    start += count;
    if (start == end) {
      start = 0;
      end = 0;
    }
  }

  /** Keeps the first {@code count} entries. */
  void truncate(int count) {
    Arrays.fill(array, start + count, end, null);
    end = start + count;
  }

  /** The entries of these places whose sizes together stay within the limit, but at least one. */
  List<Entry> slice(int from, int to, long bytesMax) {
    if (from == to) {
      return List.of();
    }
    int limit = from + 1;
    long bytes = get(from).encodedBytes();
    while (limit < to) {
      bytes += get(limit).encodedBytes();
      if (bytes > bytesMax) {
        break;
      }
      limit++;
    }
    return Entries.copyOf(array, start + from, start + limit);
  }

  private Entry last() {
    return array[end - 1];
  }

  private void makeRoom(int count) {
    if (array.length - end >= count) {
      return;
    }
    int size = size();
    // Shifting pays only if it frees as much as it moves; otherwise doubling does.
    Entry[] target =
        start >= size && array.length - size >= count
            ? array
            : new Entry[Math.max(array.length * 2, Math.addExact(size, count))];
    System.arraycopy(array, start, target, 0, size);
    if (target == array) {
      Arrays.fill(array, size, end, null);
    }
    array = target;
    start = 0;
    end = size;
  }
}
