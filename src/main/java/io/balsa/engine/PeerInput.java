package io.balsa.engine;

import io.balsa.raft.message.Message;
import java.util.List;
import java.util.Map;

/** Everything that reaches the peer transport from its own member. */
public sealed interface PeerInput {
  /**
   * Send these, each to its receiver, in order. An {@link Message.InstallSnapshot} goes on the
   * snapshot stream with the content of the snapshot it names.
   */
  record Send(List<Message> messages) implements PeerInput {
    public Send {
      messages = List.copyOf(messages);
    }
  }

  /** The other members and their peer URLs, whole: those not in it are gone. */
  record Members(Map<Long, List<String>> peerUrls) implements PeerInput {
    public Members {
      peerUrls = Map.copyOf(peerUrls);
    }
  }
}
