package io.balsa.mvcc.auth;

import io.balsa.mvcc.command.KeyRange;

/** What a role may do with a range of keys. */
public record Permission(Type type, KeyRange keys) {
  /** In the order of etcd's numbers. */
  public enum Type {
    READ,
    WRITE,
    READWRITE;

    /** Whether who has this has {@code wanted}. */
    boolean includes(Type wanted) {
      return this == READWRITE || this == wanted;
    }
  }
}
