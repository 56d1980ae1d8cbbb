package io.balsa.mvcc;

import io.balsa.data.Bytes;
import io.balsa.mvcc.command.Change;
import io.balsa.mvcc.command.KeyValue;

/**
 * One write of one key. The versions of a key form a chain from the newest to the oldest that is
 * kept; a deletion is a version without a value.
 *
 * <p>The one object that the store keeps for each write, beside the bytes themselves.
 */
final class Version {
  // Estimates for a heap below 32 GB: object headers of 12 bytes, references of 4.
  private static final long VERSION_BYTES = 56;
  private static final long BYTES_OBJECTS_BYTES = 24 + 16;

  final Bytes key;
  final Bytes value; // Null: a deletion.
  final long createRevision;
  final long modRevision;
  final long version;
  final long lease;
  Version older; // Null: there is none, or it is compacted.

  /** A put. */
  Version(Bytes key, Bytes value, long createRevision, long modRevision, long version, long lease) {
    this.key = key;
    this.value = value;
    this.createRevision = createRevision;
    this.modRevision = modRevision;
    this.version = version;
    this.lease = lease;
  }

  /** A deletion. */
  Version(Bytes key, long modRevision) {
    this(key, null, 0, modRevision, 0, 0);
  }

  boolean isDeletion() {
    return value == null;
  }

  /** The put that was current at {@code revision}, or null. */
  Version at(long revision) {
    Version found = this;
    while (found != null && found.modRevision > revision) {
      found = found.older;
    }
    return found == null || found.isDeletion() ? null : found;
  }

  /** The put that this write made worthless, null for none. */
  Version replaced() {
    return older == null || older.isDeletion() ? null : older;
  }

  /**
   * What was there before the revision of this write, null for nothing. Only this is told to
   * watchers, as in etcd, where a transaction writes the key more than once; of the first put of a
   * life nothing is told.
   */
  private Version previous() {
    if (createRevision == modRevision) {
      return null;
    }
    Version before = older;
    while (before != null && before.modRevision == modRevision) {
      before = before.older;
    }
    return before == null || before.isDeletion() ? null : before;
  }

  KeyValue item() {
    return new KeyValue(key, value, createRevision, modRevision, version, lease);
  }

  KeyValue itemWithoutValue() {
    return new KeyValue(key, Bytes.EMPTY, createRevision, modRevision, version, lease);
  }

  /** This write as watchers see it. */
  Change change(boolean previous) {
    KeyValue item = isDeletion() ? new KeyValue(key, Bytes.EMPTY, 0, modRevision, 0, 0) : item();
    Version before = previous ? previous() : null;
    return new Change(isDeletion(), item, before == null ? null : before.item());
  }

  /** The heap that this version takes, without its key. */
  long bytes() {
    return VERSION_BYTES + (isDeletion() ? 0 : heapBytes(value));
  }

  /** The heap that the key takes while any of its versions is kept. */
  long keyBytes() {
    return heapBytes(key);
  }

  static long heapBytes(Bytes bytes) {
    return BYTES_OBJECTS_BYTES + ((bytes.length() + 7L) & ~7L);
  }
}
