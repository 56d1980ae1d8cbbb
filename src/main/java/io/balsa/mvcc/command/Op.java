package io.balsa.mvcc.command;

import io.balsa.data.Bytes;
import java.util.List;

/** What a client asks of keys: alone, or as a part of a transaction. */
public sealed interface Op {
  /** By which field the items of a range are ordered. */
  enum SortTarget {
    KEY,
    VERSION,
    CREATE_REVISION,
    MOD_REVISION,
    VALUE
  }

  /**
   * In which direction. {@link #NONE} means ascending where the target is not the key; as in etcd,
   * a limit without filters then takes the first keys, and these are sorted with the next one.
   */
  enum SortOrder {
    NONE,
    ASCEND,
    DESCEND
  }

  /**
   * Reads keys.
   *
   * @param revision the store revision to read at, 0 or less for now; in a transaction only 0, as
   *     in etcd
   * @param limit the number of items at most, 0 for no limit; does not touch the count
   * @param minModRevision 0 for none, as the other three bounds; all inclusive; they filter before
   *     the limit and do not touch the count
   */
  record Range(
      KeyRange keys,
      long revision,
      long limit,
      SortOrder order,
      SortTarget target,
      boolean keysOnly,
      boolean countOnly,
      long minModRevision,
      long maxModRevision,
      long minCreateRevision,
      long maxCreateRevision)
      implements Op {
    /** Reads {@code keys} at {@code revision} by key, at most {@code limit} items. */
    public static Range of(KeyRange keys, long revision, long limit, boolean keysOnly) {
      return new Range(
          keys, revision, limit, SortOrder.NONE, SortTarget.KEY, keysOnly, false, 0, 0, 0, 0);
    }
  }

  /**
   * Writes one key.
   *
   * @param lease 0 detaches the key from any lease
   * @param previous whether the result holds the item before
   * @param ignoreValue keeps the value; the key must exist
   * @param ignoreLease keeps the lease; the key must exist
   */
  record Put(
      Bytes key,
      Bytes value,
      long lease,
      boolean previous,
      boolean ignoreValue,
      boolean ignoreLease)
      implements Op {
    /** A plain put. */
    public static Put of(Bytes key, Bytes value, long lease) {
      return new Put(key, value, lease, false, false, false);
    }
  }

  /**
   * Deletes keys.
   *
   * @param previous whether the result holds the items deleted
   */
  record DeleteRange(KeyRange keys, boolean previous) implements Op {}

  /**
   * If all conditions hold, does the first list, else the second. The conditions of nested
   * transactions are evaluated before any write; each write is seen by the reads after it; a key
   * may be put at most once on each path; an error anywhere leaves nothing applied.
   */
  record Txn(List<Compare> compares, List<Op> then, List<Op> otherwise) implements Op {
    public Txn {
      compares = List.copyOf(compares);
      then = List.copyOf(then);
      otherwise = List.copyOf(otherwise);
    }
  }
}
