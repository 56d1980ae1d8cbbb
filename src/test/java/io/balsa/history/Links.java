package io.balsa.history;

import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The numbers from 0 to {@code count - 1} in a fixed order, from which some are taken out and put
 * back, the last taken first; each in constant time.
 */
final class Links {
  private final int end;
  private final int[] next;
  private final int[] previous;

  Links(int count, Comparator<Integer> order) {
    end = count;
    next = new int[count + 1];
    previous = new int[count + 1];
    int last = end;
    for (int item : IntStream.range(0, count).boxed().sorted(order).toList()) {
      next[last] = item;
      previous[item] = last;
      last = item;
    }
    next[last] = end;
    previous[end] = last;
  }

  boolean isEmpty() {
    return next[end] == end;
  }

  /** Equal to {@link #end} if empty. */
  int first() {
    return next[end];
  }

  int next(int item) {
    return next[item];
  }

  /** What comes after the last. */
  int end() {
    return end;
  }

  void take(int item) {
    next[previous[item]] = next[item];
    previous[next[item]] = previous[item];
  }

  void putBack(int item) {
    next[previous[item]] = item;
    previous[next[item]] = item;
  }
}
