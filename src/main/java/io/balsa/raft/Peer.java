package io.balsa.raft;

import io.balsa.data.Bytes;
import io.balsa.raft.message.Message;

/**
 * A founder of a cluster: see {@link RawNode#bootstrap}.
 *
 * @param context bytes of the application that its configuration change carries
 */
public record Peer(long member, Bytes context) {
  @Override
  public String toString() {
    return Message.name(member) + ", context of " + context.length() + " bytes";
  }
}
