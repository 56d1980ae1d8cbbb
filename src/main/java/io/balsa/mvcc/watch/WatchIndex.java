package io.balsa.mvcc.watch;

import io.balsa.data.Bytes;
import io.balsa.mvcc.command.KeyRange;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Finds the watches of a key: those of just that key in a map, those of ranges in a treap by start
 * that knows the highest end below each node, so that the work grows with the logarithm of the
 * number of different ranges and with the number found.
 */
final class WatchIndex {
  private final Map<Bytes, WatchGroup> singles = new HashMap<>();
  private final Map<KeyRange, WatchGroup> ranges = new HashMap<>();
  private WatchGroup root;
  private long priorities;

  void add(Watch watch) {
    KeyRange keys = watch.keys;
    WatchGroup group = keys.isSingle() ? singles.get(keys.key()) : ranges.get(keys);
    if (group == null) {
      group = new WatchGroup(keys, nextPriority());
      if (keys.isSingle()) {
        singles.put(keys.key(), group);
      } else {
        ranges.put(keys, group);
        root = insert(root, group);
      }
    }
    group.add(watch);
  }

  void remove(Watch watch) {
    WatchGroup group = watch.group;
    group.remove(watch);
    if (group.isEmpty()) {
      if (group.keys.isSingle()) {
        singles.remove(group.keys.key());
      } else {
        ranges.remove(group.keys);
        root = remove(root, group);
      }
    }
  }

  /** Shows each group whose keys contain {@code key}. */
  void visit(Bytes key, Consumer<WatchGroup> visitor) {
    WatchGroup single = singles.get(key);
    if (single != null) {
      visitor.accept(single);
    }
    visit(root, key, visitor);
  }

  private static void visit(WatchGroup node, Bytes key, Consumer<WatchGroup> visitor) {
    if (node == null || !isBelow(key, node.highestEnd)) {
      return;
    }
    visit(node.left, key, visitor);
    if (node.keys.key().compareTo(key) <= 0) {
      if (isBelow(key, end(node))) {
        visitor.accept(node);
      }
      visit(node.right, key, visitor);
    }
  }

  private static WatchGroup insert(WatchGroup node, WatchGroup group) {
    if (node == null) {
      return updated(group);
    }
    if (group.priority > node.priority) {
      split(node, group);
      return updated(group);
    }
    if (compare(group, node) < 0) {
      node.left = insert(node.left, group);
    } else {
      node.right = insert(node.right, group);
    }
    return updated(node);
  }

  /** Hangs what is below {@code node} on both sides of {@code group}. */
  private static void split(WatchGroup node, WatchGroup group) {
    if (node == null) {
      group.left = null;
      group.right = null;
    } else if (compare(node, group) < 0) {
      split(node.right, group);
      node.right = group.left;
      group.left = updated(node);
    } else {
      split(node.left, group);
      node.left = group.right;
      group.right = updated(node);
    }
  }

  private static WatchGroup remove(WatchGroup node, WatchGroup group) {
    if (node == group) {
      return merge(group.left, group.right);
    }
    if (compare(group, node) < 0) {
      node.left = remove(node.left, group);
    } else {
      node.right = remove(node.right, group);
    }
    return updated(node);
  }

  private static WatchGroup merge(WatchGroup left, WatchGroup right) {
    if (left == null || right == null) {
      return left == null ? right : left;
    }
    if (left.priority > right.priority) {
      left.right = merge(left.right, right);
      return updated(left);
    }
    right.left = merge(left, right.left);
    return updated(right);
  }

  private static WatchGroup updated(WatchGroup node) {
    node.highestEnd = higher(higher(end(node), node.left), node.right);
    return node;
  }

  private static Bytes higher(Bytes end, WatchGroup node) {
    if (node == null || end == null) {
      return end;
    }
    return node.highestEnd == null || node.highestEnd.compareTo(end) > 0 ? node.highestEnd : end;
  }

  private static int compare(WatchGroup one, WatchGroup other) {
    int order = one.keys.key().compareTo(other.keys.key());
    return order != 0 ? order : one.keys.end().compareTo(other.keys.end());
  }

  private static Bytes end(WatchGroup group) {
    return group.keys.isUnbounded() ? null : group.keys.end();
  }

  private static boolean isBelow(Bytes key, Bytes end) {
    return end == null || key.compareTo(end) < 0;
  }

  /** Well spread, and the same on every run: the finalizer of SplitMix64 over a counter. */
  private long nextPriority() {
    long mixed = ++priorities * 0x9E3779B97F4A7C15L;
    mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }
}
