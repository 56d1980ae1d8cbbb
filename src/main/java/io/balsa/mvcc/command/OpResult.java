package io.balsa.mvcc.command;

import java.util.List;

/** What an {@link Op} answers. */
public sealed interface OpResult {
  /**
   * Of a range.
   *
   * @param count all keys of the range at the revision, whatever the limit and filters
   * @param more whether the limit cut the list
   */
  record Ranged(List<KeyValue> items, long count, boolean more) implements OpResult {
    public Ranged {
      items = List.copyOf(items);
    }
  }

  /**
   * Of a put.
   *
   * @param revision the key's new mod revision
   * @param version the key's new version
   * @param previous the item before, if asked and there was one, else null
   */
  record Put(long revision, long version, KeyValue previous) implements OpResult {}

  /**
   * Of a deletion.
   *
   * @param previous the items deleted, if asked
   */
  record Deleted(long deleted, List<KeyValue> previous) implements OpResult {
    public Deleted {
      previous = List.copyOf(previous);
    }
  }

  /** Of a transaction: which branch, and one result for each of its operations in order. */
  record Txn(boolean succeeded, List<OpResult> results) implements OpResult {
    public Txn {
      results = List.copyOf(results);
    }
  }
}
