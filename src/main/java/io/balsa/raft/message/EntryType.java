package io.balsa.raft.message;

/** What an entry's data means. The order is part of the formats on disk and wire. */
public enum EntryType {
  /** Data of the application, or empty: the no-op of a new leader. */
  NORMAL,
  /** One operation on the configuration, in etcd's first form. */
  CONF_CHANGE,
  /** A list of operations with a transition: {@link ConfChange}. */
  CONF_CHANGE_V2
}
