package io.balsa.history;

import io.balsa.data.Bytes;

/** What a client was told. */
public sealed interface Result {
  /** The outcome of an action that may have been done, may be done later, or never. */
  Unknown UNKNOWN = new Unknown();

  /**
   * What a {@link Action.Get} found.
   *
   * @param value null if the key was absent
   * @param modRevision 0 if the key was absent
   */
  record Value(Bytes value, long modRevision) implements Result {
    /** An absent key. */
    public static final Value ABSENT = new Value(null, 0);

    /** Refuses a value without a revision, and a revision without a value. */
    public Value {
      if ((value == null) != (modRevision == 0)) {
        throw new IllegalArgumentException("value " + value + " at revision " + modRevision);
      }
    }
  }

  /** A {@link Action.Put} or {@link Action.PutIf} was done, and this is its mod revision. */
  record Applied(long modRevision) implements Result {}

  /**
   * A {@link Action.Delete} was done.
   *
   * @param existed whether there was something to delete
   * @param revision of the deletion; if nothing existed, the store's revision at that time
   */
  record Deleted(boolean existed, long revision) implements Result {}

  /** The condition of a {@link Action.PutIf} did not hold, so nothing was done. */
  record NotMet() implements Result {}

  /** See {@link #UNKNOWN}. */
  record Unknown() implements Result {}
}
