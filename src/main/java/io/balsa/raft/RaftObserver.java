package io.balsa.raft;

import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import io.balsa.raft.tracker.Progress;

/**
 * Told every change of the core's state and what the core decides not to do, for logs, metrics and
 * answers to clients. Called on the core's thread in the middle of an input: it must not call back.
 *
 * <p>Together with what a member starts from, these calls tell its {@link Status} at any time, but
 * for the positions of its peers.
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

  /** This member gave its vote of {@code term}, perhaps to itself; still to be stored. */
  default void voted(long term, long member) {}

  /** This leader was heard by no quorum for an election timeout, and is about to step down. */
  default void quorumLost(long term) {}

  /** Everything up to {@code index} is committed. */
  default void commitAdvanced(long index) {}

  /** Everything up to {@code index} is applied, by entries or by a snapshot. */
  default void appliedAdvanced(long index) {}

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

  /**
   * None of the proposed entries was taken.
   *
   * @param count of the entries
   */
  default void proposalDropped(ProposalDroppedException.Reason reason, int count) {}

  /** A leader's snapshot replaced log and configuration; it is still to be stored. */
  default void snapshotRestored(Snapshot snapshot) {}

  /** A leader's snapshot is durable. */
  default void snapshotStored(Snapshot snapshot) {}

  /**
   * This leader sends to {@code member} in another way; for a snapshot that it sends, {@link
   * Progress#pendingSnapshot} says which. A term begins with every member but itself in probe
   * state.
   *
   * @param progress to be read during this call only
   */
  default void progressChanged(long member, Progress progress) {}

  /**
   * This leader hands over.
   *
   * @param transferee the member that shall lead, 0 when the transfer is over: it took too long,
   *     was called off, or this member leads no more
   */
  default void transferChanged(long transferee) {}

  /**
   * Heartbeats of this leader ask whether it still leads, for a read.
   *
   * @param position counts the reads of this leader's term
   * @param index what the read will get
   */
  default void readRoundStarted(long position, long index) {}

  /** A quorum confirmed that this leader led: {@code reads} reads up to a position are answered. */
  default void readRoundConfirmed(int reads) {}

  /** This member leads no more: {@code reads} reads will not be answered. */
  default void readsLost(int reads) {}

  /**
   * A message had no effect.
   *
   * @param reason for people
   */
  default void messageIgnored(Message message, String reason) {}
}
