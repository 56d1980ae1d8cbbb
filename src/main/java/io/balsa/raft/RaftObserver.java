package io.balsa.raft;

import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;

/**
 * Told what the core decides, for logs, metrics and answers to clients. Called on the core's thread
 * in the middle of an input: it must not call back.
 */
public interface RaftObserver {
  /** Does not care. */
  RaftObserver NONE = new RaftObserver() {};

  /**
   * Term, role or known leader changed.
   *
   * @param leader 0 if none is known
   */
  default void stateChanged(long term, Role role, long leader) {}

  /** Everything up to {@code index} is committed. */
  default void commitAdvanced(long index) {}

  /** A configuration change was applied. */
  default void configurationApplied(ConfState configuration) {}

  /**
   * This leader put an empty entry in the place of a proposed configuration change. Told when the
   * empty entry is in the log.
   *
   * @param proposal the change's entry as it was proposed
   * @param place the empty entry's place
   * @param detail the values found, for people
   */
  default void confChangeReplaced(
      Entry proposal, EntryId place, ConfChangeRefusal reason, String detail) {}

  /** A leader's snapshot replaced log and configuration; it is still to be stored. */
  default void snapshotRestored(Snapshot snapshot) {}

  /**
   * A message had no effect.
   *
   * @param reason for people
   */
  default void messageIgnored(Message message, String reason) {}
}
