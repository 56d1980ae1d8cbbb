package io.balsa.engine;

import io.balsa.engine.request.Answers;
import io.balsa.engine.request.Leadership;

/**
 * Takes what the engine's objects decide to its receiver. Nothing is delivered before the call of
 * the object that hands it over has returned; what one object sends to one receiver arrives in
 * order.
 */
public interface Outbox {
  /** To this member's raft loop. */
  void toRaft(RaftInput input);

  /** To this member's disk writer. */
  void toDisk(DiskInput input);

  /** To this member's peer transport. */
  void toPeers(PeerInput input);

  /** To this member's replica. */
  void toReplica(ReplicaInput input);

  /** To who asked the disk writer about a snapshot. */
  void toSnapshotUser(String address, SnapshotIo answer);

  /** To a client of the replica. */
  void toClient(String address, Answers answers);

  /** To whoever wants to know who leads; comes when the leader or the term is another one. */
  void leadership(Leadership leadership);

  /** The log has removed this member: it takes no further part and should end, in order. */
  void removed();
}
