package io.balsa.raft;

import io.balsa.raft.message.Message;

/**
 * What need not be stored.
 *
 * @param leader 0 if none is known
 */
public record SoftState(long leader, Role role) {
  @Override
  public String toString() {
    return role + ", leader " + Message.name(leader);
  }
}
