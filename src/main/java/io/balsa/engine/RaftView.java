package io.balsa.engine;

import io.balsa.engine.request.Reply;
import java.util.List;

/**
 * The state of consensus as the raft loop last saw it.
 *
 * @param leader 0 for none known
 * @param progress on the leader only
 * @param lastSnapshot the index of the newest durable snapshot
 * @param logBytesSinceSnapshot how much log a restart would replay
 * @param snapshotNeeded a member lags that the newest snapshot does not know: take a newer one
 * @param diskFull whether new proposals must be refused
 * @param trouble why this member should be restarted, empty while all is well
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
    long lastSnapshot,
    long logBytesSinceSnapshot,
    boolean snapshotNeeded,
    boolean diskFull,
    List<String> trouble) {
  public RaftView {
    trouble = List.copyOf(trouble);
    progress = List.copyOf(progress);
  }
}
