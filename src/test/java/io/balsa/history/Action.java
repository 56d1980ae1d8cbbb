package io.balsa.history;

import io.balsa.data.Bytes;

/** What a client asked for, on one key. */
public sealed interface Action {
  /** Whether it may change the key. */
  default boolean isWrite() {
    return true;
  }

  /** A linearizable read. */
  record Get() implements Action {
    @Override
    public boolean isWrite() {
      return false;
    }
  }

  /** A write without condition. */
  record Put(Bytes value) implements Action {}

  /** A removal; of an absent key it does nothing. */
  record Delete() implements Action {}

  /**
   * A write that happens only if the key's mod revision is the expected one.
   *
   * @param expectedModRevision 0: the key must be absent
   */
  record PutIf(long expectedModRevision, Bytes value) implements Action {}
}
