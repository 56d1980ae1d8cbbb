package io.balsa.mvcc;

import java.util.ArrayList;
import java.util.List;

/**
 * Gives back the memory of what is compacted, bit by bit. It follows the history, not the keys:
 * each change names the version below it that has become worthless, so that the work is in
 * proportion to what was written, however many keys there are.
 */
final class Sweep {
  private final KeyTree tree;
  // The compact revisions of open snapshots: what those still read must not go.
  private final List<Long> floors = new ArrayList<>();
  private History.Chunk chunk;
  // Swept are all changes below this revision, and of its own those before the position.
  private long revision;
  private int position;
  // Of the target itself the versions below are cut off before this position.
  private long cutRevision;
  private int cutPosition;

  Sweep(KeyTree tree, History history, long compactRevision) {
    this.tree = tree;
    chunk = history.chunk(compactRevision);
    revision = compactRevision;
    cutRevision = compactRevision;
  }

  /** Keeps what can be read at {@code floor}, the present compact revision, until released. */
  void hold(long floor) {
    floors.add(floor);
  }

  void release(long floor) {
    floors.remove(Long.valueOf(floor));
  }

  /** Looks at no more than {@code versionsMax} versions; whether there is more to do. */
  boolean step(long compactRevision, int versionsMax) {
    long target = compactRevision;
    for (long floor : floors) {
      target = Math.min(target, floor);
    }
    int budget = versionsMax;
    while (revision < target) {
      for (; position < sizeAt(revision); position++) {
        if (budget-- == 0) {
          return true;
        }
        sweep(chunk.at(revision, position));
      }
      revision++;
      position = 0;
    }
    return cut(target, budget);
  }

  private void sweep(Version change) {
    change.older = null;
    // The key may have been written anew; then the deletion goes with that version's sweep.
    if (change.isDeletion() && tree.locate(change.key) == change) {
      tree.remove();
    }
  }

  /** At the target itself a deletion stays: it may still be watched. */
  private boolean cut(long target, int budgetLeft) {
    if (cutRevision != target) {
      cutRevision = target;
      cutPosition = 0;
    }
    int budget = budgetLeft;
    for (; cutPosition < sizeAt(target); cutPosition++) {
      if (budget-- == 0) {
        return true;
      }
      chunk.at(target, cutPosition).older = null;
    }
    return false;
  }

  private int sizeAt(long at) {
    while (!chunk.covers(at)) {
      chunk = chunk.next;
    }
    return chunk.size(at);
  }
}
