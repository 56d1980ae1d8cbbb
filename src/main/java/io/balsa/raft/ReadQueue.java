package io.balsa.raft;

import io.balsa.raft.message.Message;
import io.balsa.raft.quorum.JointConfig;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads that wait for a quorum to answer a heartbeat that was sent after they came. */
final class ReadQueue {
  private final ArrayDeque<Read> waiting = new ArrayDeque<>();
  private final Map<Long, Long> acknowledged = new TreeMap<>(Long::compareUnsigned);
  private long lastPosition;

  /** A read with the commit index at its arrival. */
  record Read(long position, Message.ReadIndexRequest request, long index) {}

  long add(Message.ReadIndexRequest request, long commit) {
    lastPosition++;
    waiting.add(new Read(lastPosition, request, commit));
    return lastPosition;
  }

  /** The position that the next heartbeat confirms, 0 if nobody waits. */
  long lastPosition() {
    return waiting.isEmpty() ? 0 : lastPosition;
  }

  /** A member answered the heartbeat of {@code position}: gives the reads this confirms. */
  List<Read> acknowledge(long member, long position, JointConfig voters) {
    acknowledged.merge(member, position, Math::max);
    long confirmed = voters.committedIndex(voter -> acknowledged.getOrDefault(voter, 0L));
    List<Read> ready = new ArrayList<>();
    while (!waiting.isEmpty() && waiting.peek().position() <= confirmed) {
      ready.add(waiting.poll());
    }
    return ready;
  }
}
