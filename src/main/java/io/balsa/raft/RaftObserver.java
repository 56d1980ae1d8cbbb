package io.balsa.raft;

import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Snapshot;

/** Told of what happens inside the core, on its thread; must not call back into it. */
public interface RaftObserver {
  /** Looks away. */
  RaftObserver NONE = new RaftObserver() {};

  /** The member took a role; again in each new term. */
  default void becameRole(RoleName role, long term, long leader) {}

  /** A change of the configuration took effect here. */
  default void configurationChanged(ConfState confState) {}

  /** This leader put an empty entry in the place of a proposed change. */
  default void confChangeReplaced(ConfChange change, String reason) {}

  /** The log was replaced by a snapshot. */
  default void snapshotRestored(Snapshot snapshot) {}
}
