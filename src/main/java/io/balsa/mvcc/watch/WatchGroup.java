package io.balsa.mvcc.watch;

import io.balsa.data.Bytes;
import io.balsa.mvcc.command.KeyRange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** All watches of the same keys; a node in the tree of {@link WatchIndex} unless it is one key. */
final class WatchGroup {
  final KeyRange keys;
  private final List<Watch> watches = new ArrayList<>();

  // Which changes of the revision that is being dispatched the group wants.
  private int[] positions = new int[1];
  private int positionCount;

  // For the index.
  final long priority;
  WatchGroup left;
  WatchGroup right;
  Bytes highestEnd; // Of all below; null where one has no upper end.

  WatchGroup(KeyRange keys, long priority) {
    this.keys = keys;
    this.priority = priority;
  }

  List<Watch> watches() {
    return watches;
  }

  void add(Watch watch) {
    watch.group = this;
    watch.slot = watches.size();
    watches.add(watch);
  }

  /** In constant time, as thousands may close at once: the last one takes the free place. */
  void remove(Watch watch) {
    Watch last = watches.remove(watches.size() - 1);
    if (last != watch) {
      watches.set(watch.slot, last);
      last.slot = watch.slot;
    }
  }

  boolean isEmpty() {
    return watches.isEmpty();
  }

  /** Notes a change; whether it is the first one of the revision. */
  boolean note(int position) {
    if (positionCount == positions.length) {
      positions = Arrays.copyOf(positions, positionCount * 2);
    }
    positions[positionCount++] = position;
    return positionCount == 1;
  }

  int noted() {
    return positionCount;
  }

  int noted(int index) {
    return positions[index];
  }

  void forgetNoted() {
    positionCount = 0;
    if (positions.length > 1024) {
      positions = new int[1];
    }
  }
}
