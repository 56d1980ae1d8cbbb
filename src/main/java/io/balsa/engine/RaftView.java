package io.balsa.engine;

import io.balsa.engine.request.Reply;
import java.util.List;

/**
 * The state of consensus as the raft loop last saw it.
 *
 * @param leader 0 for none known
 * @param progress on the leader only
 * @param logBytesSinceSnapshot how much log a restart would replay
 */
public record RaftView(
    long term,
    long leader,
    boolean isLeader,
    long commitIndex,
    boolean isVoter,
    boolean transferring,
    List<Reply.Progress> progress,
    Reply.Wal wal,
    long logBytesSinceSnapshot) {
  public RaftView {
    progress = List.copyOf(progress);
  }
}
