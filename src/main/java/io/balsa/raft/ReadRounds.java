package io.balsa.raft;

import io.balsa.raft.message.Message;
import io.balsa.raft.quorum.JointConfig;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * The reads that a leader has to confirm by heartbeats. Each gets a position; heartbeats carry the
 * newest, and a quorum that answered a position has confirmed every read up to it. Positions are
 * the leader's own and never come twice, unlike contexts that readers choose: a late answer to a
 * retried context must not confirm the retry.
 */
final class ReadRounds {
  private final long self;
  private final ArrayDeque<Read> pending = new ArrayDeque<>();
  private final TreeMap<Long, Long> answered = new TreeMap<>(Long::compareUnsigned);
  private long lastPosition;

  ReadRounds(long self) {
    this.self = self;
  }

  /**
   * A read that waits for its confirmation.
   *
   * @param index the commit index when it came
   */
  record Read(long position, long index, Message.ReadIndexRequest request) {}

  void add(long index, Message.ReadIndexRequest request) {
    lastPosition++;
    pending.add(new Read(lastPosition, index, request));
  }

  /** How many wait. */
  int size() {
    return pending.size();
  }

  /** The position for heartbeats: the newest that waits, 0 for none. */
  long position() {
    return pending.isEmpty() ? 0 : lastPosition;
  }

  void answered(long member, long position) {
    if (position <= lastPosition) {
      answered.merge(member, position, Math::max);
    }
  }

  /** Takes out what a quorum has confirmed, in the order in which it came. */
  List<Read> takeConfirmed(JointConfig voters) {
    if (pending.isEmpty()) {
      return List.of();
    }
    long confirmed =
        voters.committedIndex(id -> id == self ? lastPosition : answered.getOrDefault(id, 0L));
    List<Read> taken = new ArrayList<>();
    while (!pending.isEmpty() && pending.peek().position() <= confirmed) {
      taken.add(pending.poll());
    }
    return taken;
  }
}
