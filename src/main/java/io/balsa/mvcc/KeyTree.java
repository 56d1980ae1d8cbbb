package io.balsa.mvcc;

import io.balsa.data.Bytes;
import java.util.Arrays;

/**
 * The newest version of each key in the order of keys: a B+ tree of wide nodes, so that a key costs
 * a few bytes of index and no object of its own.
 *
 * <p>Each node knows how many keys below it are live and an upper bound of their mod revisions.
 * Counting a range therefore touches only its edges and what was written since the revision asked
 * for, and a watch can tell without a scan that nothing in its range has changed.
 */
final class KeyTree {
  private static final int SLOTS_MAX = 64;
  // A level more needs at least SLOTS_MAX / 2 times as many insertions.
  private static final int DEPTH_MAX = 13;

  /** Sees versions in the order of keys; must not change the tree. */
  interface Visitor {
    /** Whether to go on. */
    boolean visit(Version newest);
  }

  private abstract static class Node {
    int size;
    long live;
    long newestRevision; // Invariant: no version below is newer.

    /** Moves the slots from {@code at} on to a new node. */
    abstract Node split(int at);

    /** Takes over the slots of {@code right}, whose keys are all {@code lowest} or above. */
    abstract void append(Node right, Bytes lowest);

    abstract void sum();
  }

  private static final class Leaf extends Node {
    final Version[] items = new Version[SLOTS_MAX];

    /** The slot of {@code key}, or the complement of the slot where it belongs. */
    int find(Bytes key) {
      int low = 0;
      int high = size - 1;
      while (low <= high) {
        int middle = (low + high) >>> 1;
        int order = items[middle].key.compareTo(key);
        if (order == 0) {
          return middle;
        }
        if (order < 0) {
          low = middle + 1;
        } else {
          high = middle - 1;
        }
      }
      return ~low;
    }

    int from(Bytes key) {
      int slot = find(key);
      return slot < 0 ? ~slot : slot;
    }

    void insert(int slot, Version version) {
      System.arraycopy(items, slot, items, slot + 1, size - slot);
      items[slot] = version;
      size++;
    }

    void remove(int slot) {
      System.arraycopy(items, slot + 1, items, slot, size - slot - 1);
      items[--size] = null;
    }

    @Override
    Node split(int at) {
      Leaf right = new Leaf();
      right.size = size - at;
      System.arraycopy(items, at, right.items, 0, right.size);
      Arrays.fill(items, at, size, null);
      size = at;
      sum();
      right.sum();
      return right;
    }

    @Override
    void append(Node node, Bytes lowest) {
      Leaf right = (Leaf) node;
      System.arraycopy(right.items, 0, items, size, right.size);
      size += right.size;
      sum();
    }

    @Override
    void sum() {
      live = 0;
      newestRevision = 0;
      for (int i = 0; i < size; i++) {
        live += items[i].isDeletion() ? 0 : 1;
        newestRevision = Math.max(newestRevision, items[i].modRevision);
      }
    }
  }

  private static final class Branch extends Node {
    final Node[] children = new Node[SLOTS_MAX];
    // Invariant: all keys below children[i] are lowest[i] or above, and below lowest[i + 1];
    // lowest[0] is not looked at.
    final Bytes[] lowest = new Bytes[SLOTS_MAX];

    int childFor(Bytes key) {
      int low = 1;
      int high = size - 1;
      while (low <= high) {
        int middle = (low + high) >>> 1;
        if (lowest[middle].compareTo(key) <= 0) {
          low = middle + 1;
        } else {
          high = middle - 1;
        }
      }
      return low - 1;
    }

    void insert(int slot, Bytes key, Node child) {
      System.arraycopy(children, slot, children, slot + 1, size - slot);
      System.arraycopy(lowest, slot, lowest, slot + 1, size - slot);
      children[slot] = child;
      lowest[slot] = key;
      size++;
    }

    void remove(int slot) {
      System.arraycopy(children, slot + 1, children, slot, size - slot - 1);
      System.arraycopy(lowest, slot + 1, lowest, slot, size - slot - 1);
      size--;
      children[size] = null;
      lowest[size] = null;
    }

    @Override
    Node split(int at) {
      Branch right = new Branch();
      right.size = size - at;
      System.arraycopy(children, at, right.children, 0, right.size);
      System.arraycopy(lowest, at, right.lowest, 0, right.size);
      Arrays.fill(children, at, size, null);
      Arrays.fill(lowest, at, size, null);
      size = at;
      sum();
      right.sum();
      return right;
    }

    @Override
    void append(Node node, Bytes key) {
      Branch right = (Branch) node;
      System.arraycopy(right.children, 0, children, size, right.size);
      System.arraycopy(right.lowest, 0, lowest, size, right.size);
      lowest[size] = key;
      size += right.size;
      sum();
    }

    @Override
    void sum() {
      live = 0;
      newestRevision = 0;
      for (int i = 0; i < size; i++) {
        live += children[i].live;
        newestRevision = Math.max(newestRevision, children[i].newestRevision);
      }
    }
  }

  private Node root = new Leaf();

  // Where locate found, or would put, its key: the branches from the root down with the child
  // taken in each, then the leaf and its slot, complemented if the key is missing.
  private final Branch[] path = new Branch[DEPTH_MAX];
  private final int[] taken = new int[DEPTH_MAX];
  private int depth;
  private Leaf leaf;
  private int slot;

  /** How many keys are live. */
  long live() {
    return root.live;
  }

  /** The newest version of {@code key}, or null; {@link #place} and {@link #remove} act there. */
  Version locate(Bytes key) {
    depth = 0;
    Node node = root;
    while (node instanceof Branch branch) {
      int child = branch.childFor(key);
      path[depth] = branch;
      taken[depth] = child;
      depth++;
      node = branch.children[child];
    }
    leaf = (Leaf) node;
    slot = leaf.find(key);
    return slot < 0 ? null : leaf.items[slot];
  }

  /** Makes {@code version} the newest of the key that was located last, above the one before. */
  void place(Version version) {
    long liveMore = version.isDeletion() ? 0 : 1;
    if (slot < 0) {
      slot = ~slot;
      leaf.insert(slot, version);
    } else {
      Version before = leaf.items[slot];
      liveMore -= before.isDeletion() ? 0 : 1;
      version.older = before;
      leaf.items[slot] = version;
    }
    leaf.live += liveMore;
    leaf.newestRevision = Math.max(leaf.newestRevision, version.modRevision);
    for (int level = 0; level < depth; level++) {
      path[level].live += liveMore;
      path[level].newestRevision = Math.max(path[level].newestRevision, version.modRevision);
    }
    if (leaf.size == SLOTS_MAX) {
      split(leaf, depth, slot);
    }
  }

  /** Takes out the key that was located last, whose newest version must be a deletion. */
  void remove() {
    leaf.remove(slot);
    Node node = leaf;
    for (int level = depth - 1; level >= 0 && node.size < SLOTS_MAX / 4; level--) {
      Branch parent = path[level];
      if (node.size == 0) {
        parent.remove(taken[level]);
      } else if (!merge(parent, taken[level])) {
        break;
      }
      node = parent;
    }
    while (root instanceof Branch branch && branch.size <= 1) {
      root = branch.size == 1 ? branch.children[0] : new Leaf();
    }
  }

  /**
   * Shows the keys from {@code low} on and below {@code high}; null for no upper end.
   *
   * @return whether the visitor has seen them all
   */
  boolean visit(Bytes low, Bytes high, Visitor visitor) {
    return visit(root, low, high, visitor);
  }

  /** How many of these keys were live at {@code revision}. */
  long count(Bytes low, Bytes high, long revision) {
    return count(root, low, high, revision);
  }

  /** No version of these keys is newer than this. */
  long newestRevision(Bytes low, Bytes high) {
    return newestRevision(root, low, high);
  }

  private void split(Node full, int level, int inserted) {
    // Keys that arrive in ascending order leave full nodes behind, not half-full ones.
    Node right = full.split(inserted == SLOTS_MAX - 1 ? SLOTS_MAX - 1 : SLOTS_MAX / 2);
    Bytes lowest =
        right instanceof Leaf rightLeaf ? rightLeaf.items[0].key : ((Branch) right).lowest[0];
    if (level == 0) {
      Branch top = new Branch();
      top.insert(0, Bytes.EMPTY, full);
      top.insert(1, lowest, right);
      top.sum();
      root = top;
      return;
    }
    Branch parent = path[level - 1];
    int at = taken[level - 1] + 1;
    parent.insert(at, lowest, right);
    if (parent.size == SLOTS_MAX) {
      split(parent, level - 1, at);
    }
  }

  private static boolean merge(Branch parent, int at) {
    int left = Math.max(0, at - 1);
    int right = left + 1;
    if (right >= parent.size
        || parent.children[left].size + parent.children[right].size > SLOTS_MAX / 2) {
      return false;
    }
    parent.children[left].append(parent.children[right], parent.lowest[right]);
    parent.remove(right);
    return true;
  }

  private static boolean visit(Node node, Bytes low, Bytes high, Visitor visitor) {
    if (node instanceof Leaf leaf) {
      int end = high == null ? leaf.size : leaf.from(high);
      for (int i = low == null ? 0 : leaf.from(low); i < end; i++) {
        if (!visitor.visit(leaf.items[i])) {
          return false;
        }
      }
      return true;
    }
    Branch branch = (Branch) node;
    int first = low == null ? 0 : branch.childFor(low);
    int last = high == null ? branch.size - 1 : branch.childFor(high);
    for (int i = first; i <= last; i++) {
      if (!visit(branch.children[i], i == first ? low : null, i == last ? high : null, visitor)) {
        return false;
      }
    }
    return true;
  }

  private static long count(Node node, Bytes low, Bytes high, long revision) {
    if (low == null && high == null && node.newestRevision <= revision) {
      return node.live;
    }
    long count = 0;
    if (node instanceof Leaf leaf) {
      int end = high == null ? leaf.size : leaf.from(high);
      for (int i = low == null ? 0 : leaf.from(low); i < end; i++) {
        count += leaf.items[i].at(revision) == null ? 0 : 1;
      }
      return count;
    }
    Branch branch = (Branch) node;
    int first = low == null ? 0 : branch.childFor(low);
    int last = high == null ? branch.size - 1 : branch.childFor(high);
    for (int i = first; i <= last; i++) {
      count +=
          count(branch.children[i], i == first ? low : null, i == last ? high : null, revision);
    }
    return count;
  }

  private static long newestRevision(Node node, Bytes low, Bytes high) {
    if (low == null && high == null) {
      return node.newestRevision;
    }
    long newest = 0;
    if (node instanceof Leaf leaf) {
      int end = high == null ? leaf.size : leaf.from(high);
      for (int i = low == null ? 0 : leaf.from(low); i < end; i++) {
        newest = Math.max(newest, leaf.items[i].modRevision);
      }
      return newest;
    }
    Branch branch = (Branch) node;
    int first = low == null ? 0 : branch.childFor(low);
    int last = high == null ? branch.size - 1 : branch.childFor(high);
    for (int i = first; i <= last; i++) {
      newest =
          Math.max(
              newest,
              newestRevision(branch.children[i], i == first ? low : null, i == last ? high : null));
    }
    return newest;
  }
}
