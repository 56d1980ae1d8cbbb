package io.balsa.raft;

import io.balsa.raft.message.Message;

/**
 * What a member does with time and messages in one role. Holds the state that belongs to the role
 * alone, so that it ends with the role. Messages that come here belong to the member's term, or to
 * none.
 */
abstract sealed class ActiveRole implements Message.Handler permits Follower, Candidate, Leader {
  final Raft raft;

  ActiveRole(Raft raft) {
    this.raft = raft;
  }

  /** The role's name. */
  abstract Role role();

  /** One tick of the clock has passed. */
  abstract void tick();

  /** The member is about to take another role. */
  void leave() {}

  /** The configuration is another one. */
  void configurationChanged() {}

  /**
   * Entries were applied.
   *
   * @param dataBytes the size of their data
   */
  void entriesApplied(long dataBytes) {}

  /** The application has applied everything up to {@code index}. */
  void appliedTo(long index) {}

  final void ignore(Message message) {
    raft.ignore(message, "it means nothing in this role");
  }

  // ---- The same in every role

  @Override
  public final void onVoteRequest(Message.VoteRequest message) {
    raft.answer(message);
  }

  @Override
  public final void onStorageAppendResponse(Message.StorageAppendResponse message) {
    raft.stored(message);
  }

  @Override
  public final void onStorageApplyResponse(Message.StorageApplyResponse message) {
    raft.applied(message.entries());
  }

  // ---- Not for the core

  @Override
  public final void onStorageAppend(Message.StorageAppend message) {
    raft.ignore(message, "it is for a storage thread");
  }

  @Override
  public final void onStorageApply(Message.StorageApply message) {
    raft.ignore(message, "it is for a storage thread");
  }

  @Override
  public final void onProposeRefused(Message.ProposeRefused message) {
    raft.ignore(message, "it is for the engine");
  }
}
