package io.balsa.engine;

import io.balsa.engine.request.Call;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import java.util.List;

/** Everything that reaches the replica, in one total order. */
public sealed interface ReplicaInput {
  /** Time has passed: deadlines, leases and retries are looked at. */
  record Tick() implements ReplicaInput {}

  /**
   * Requests of one client of the replica.
   *
   * @param answerTo the address that answers and watch events go to
   */
  record Calls(String answerTo, List<Call> calls) implements ReplicaInput {
    public Calls {
      calls = List.copyOf(calls);
    }
  }

  /** The client behind this address is gone; its watches end. */
  record ClientGone(String answerTo) implements ReplicaInput {}

  /** Committed entries to apply, in order. */
  record Committed(Message.StorageApply batch) implements ReplicaInput {}

  /** Reads of these contexts may be served once the index is applied. */
  record ReadReady(long context, long index) implements ReplicaInput {}

  /** The raft loop did not take these proposals: they are not in any log, nor will they be. */
  record Refused(List<Long> proposals, String code, String detail) implements ReplicaInput {
    public Refused {
      proposals = List.copyOf(proposals);
    }
  }

  /** The state of consensus changed, or a second has passed. */
  record RaftChanged(RaftView view) implements ReplicaInput {}

  /** A snapshot of the leader's is durable here and stands in the log: restore it. */
  record Install(Snapshot snapshot) implements ReplicaInput {}

  /** The newest snapshot is damaged: take one, even if nothing has happened since. */
  record SnapshotLost() implements ReplicaInput {}

  /** A part of a snapshot was read or written. */
  record Io(SnapshotIo answer) implements ReplicaInput {}

  /** The member is stopping: refuse what is pending. */
  record Stop() implements ReplicaInput {}
}
