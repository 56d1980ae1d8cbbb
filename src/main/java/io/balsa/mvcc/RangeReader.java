package io.balsa.mvcc;

import io.balsa.data.Bytes;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.KeyValue;
import io.balsa.mvcc.command.Op.Range;
import io.balsa.mvcc.command.Op.SortOrder;
import io.balsa.mvcc.command.Op.SortTarget;
import io.balsa.mvcc.command.OpResult;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Reads ranges of keys as they were at a revision. */
final class RangeReader {
  private final KeyTree tree;

  RangeReader(KeyTree tree) {
    this.tree = tree;
  }

  /** What {@code range} asks for; its revision must be neither compacted nor in the future. */
  OpResult.Ranged read(Range range) {
    // Now includes what the transaction that is under way has written.
    long revision = range.revision() <= 0 ? Long.MAX_VALUE : range.revision();
    if (range.countOnly()) {
      return new OpResult.Ranged(List.of(), count(range.keys(), revision), false);
    }
    boolean all = range.limit() <= 0;
    boolean filtered = isFiltered(range);
    boolean sorted = !isInKeyOrder(range);
    // One more tells whether there are more. Without an order etcd cuts first and sorts then.
    boolean whole = all || filtered || (sorted && range.order() != SortOrder.NONE);
    long wanted = whole ? Long.MAX_VALUE : Math.min(range.limit(), Long.MAX_VALUE - 1) + 1;
    List<Version> found = find(range.keys(), revision, wanted);
    long count = found.size() < wanted ? found.size() : count(range.keys(), revision);
    if (filtered) {
      found.removeIf(version -> !passes(range, version));
    }
    if (sorted) {
      found.sort(comparator(range));
    }
    int size = all ? found.size() : (int) Math.min(range.limit(), found.size());
    boolean more = found.size() > size;
    List<KeyValue> items = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      Version version = found.get(i);
      items.add(range.keysOnly() ? version.itemWithoutValue() : version.item());
    }
    return new OpResult.Ranged(items, count, more);
  }

  /** The first {@code max} keys that were live at {@code revision}, in order. */
  List<Version> find(KeyRange keys, long revision, long max) {
    List<Version> found = new ArrayList<>();
    if (keys.isSingle()) {
      Version newest = tree.locate(keys.key());
      Version version = newest == null ? null : newest.at(revision);
      if (version != null) {
        found.add(version);
      }
      return found;
    }
    tree.visit(
        keys.key(),
        highest(keys),
        newest -> {
          Version version = newest.at(revision);
          if (version != null) {
            found.add(version);
          }
          return found.size() < max;
        });
    return found;
  }

  /** The exclusive upper end in the terms of {@link KeyTree}. */
  static Bytes highest(KeyRange keys) {
    return keys.isUnbounded() ? null : keys.end();
  }

  private long count(KeyRange keys, long revision) {
    return keys.isSingle()
        ? find(keys, revision, 1).size()
        : tree.count(keys.key(), highest(keys), revision);
  }

  private static boolean isInKeyOrder(Range range) {
    return range.target() == SortTarget.KEY && range.order() != SortOrder.DESCEND;
  }

  private static boolean isFiltered(Range range) {
    return (range.minModRevision()
            | range.maxModRevision()
            | range.minCreateRevision()
            | range.maxCreateRevision())
        != 0;
  }

  private static boolean passes(Range range, Version version) {
    return isWithin(range.minModRevision(), version.modRevision, range.maxModRevision())
        && isWithin(range.minCreateRevision(), version.createRevision, range.maxCreateRevision());
  }

  private static boolean isWithin(long min, long value, long max) {
    return (min == 0 || value >= min) && (max == 0 || value <= max);
  }

  /** Keys that are equal in the target stay in ascending order, whatever the direction. */
  private static Comparator<Version> comparator(Range range) {
    Comparator<Version> ascending =
        switch (range.target()) {
          case KEY -> Comparator.comparing((Version version) -> version.key);
          case VERSION -> Comparator.comparingLong((Version version) -> version.version);
          case CREATE_REVISION ->
              Comparator.comparingLong((Version version) -> version.createRevision);
          case MOD_REVISION -> Comparator.comparingLong((Version version) -> version.modRevision);
          case VALUE -> Comparator.comparing((Version version) -> version.value);
        };
    return range.order() == SortOrder.DESCEND ? ascending.reversed() : ascending;
  }
}
