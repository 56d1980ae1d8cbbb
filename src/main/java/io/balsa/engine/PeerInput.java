package io.balsa.engine;

import io.balsa.raft.message.Message;
import java.util.List;
import java.util.Map;
import java.util.Set;

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

  /**
   * All members as the log has them, this one included. Those not in it are gone; who asks to join
   * as one of {@code removed} is told so.
   */
  record Members(List<MemberInfo> members, Set<Long> removed) implements PeerInput {
    public Members {
      members = List.copyOf(members);
      removed = Set.copyOf(removed);
    }
  }

  /**
   * Where members may be found that are not where the log says, by name. What is not in it is as
   * before.
   */
  record Hints(Map<String, List<String>> peerUrls) implements PeerInput {
    public Hints {
      peerUrls = Map.copyOf(peerUrls);
    }
  }
}
