package io.balsa.engine;

import io.balsa.data.InvariantException;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * What is to be durable, in order. The disk has one hand-over at a time, and the next ones are
 * gathered meanwhile.
 *
 * <p>A commit index alone needs no sync, and whoever waits behind it waits for nothing. It goes to
 * the disk with the next batch that must, or by itself when a tick has passed: a log that is
 * written one entry after the other has one write for each, not two. Only a configuration change is
 * remembered at once to be committed: a voter that forgot it would ask members that are gone.
 */
final class StorageQueue {
  /**
   * A batch, and the messages beside its own responses that wait for it.
   *
   * @param withheld to other members
   */
  record Batch(Message.StorageAppend append, List<Message> withheld) {
    private boolean needsDisk() {
      return append.mustSync() || !append.entries().isEmpty() || !append.snapshot().isEmpty();
    }

    private Batch with(HardState hardState) {
      return new Batch(
          new Message.StorageAppend(
              append.from(),
              append.to(),
              hardState,
              append.entries(),
              append.snapshot(),
              append.mustSync(),
              append.responses()),
          withheld);
    }
  }

  private final long member;
  // Invariant: the first storing batches are with the disk writer, the others wait for their turn.
  private final Deque<Batch> batches = new ArrayDeque<>();
  private int storing;
  private long storingSince;
  private HardState commit = HardState.EMPTY; // Not with the disk yet.
  private long commitSince;
  private boolean commitForced;

  StorageQueue(long member) {
    this.member = member;
  }

  /** How many batches there are. */
  int size() {
    return batches.size();
  }

  void add(Batch batch) {
    batches.add(batch);
  }

  /** The commit index must be durable soon. */
  void forceCommit() {
    commitForced = true;
  }

  /** The first batch, taken out, if it need not wait for the disk; else null. */
  Batch takeFree(long tick) {
    Batch first = storing == 0 ? batches.peek() : null;
    if (first == null || first.needsDisk()) {
      return null;
    }
    if (!first.append().hardState().isEmpty()) {
      commitSince = commit.isEmpty() ? tick : commitSince;
      commit = first.append().hardState();
    }
    return batches.remove();
  }

  /** What the disk is to be handed now; often nothing. */
  List<Message.StorageAppend> handOver(long tick) {
    if (storing > 0) {
      return List.of();
    }
    if (!commit.isEmpty() && !batches.isEmpty()) {
      Batch first = batches.remove();
      batches.addFirst(first.append().hardState().isEmpty() ? first.with(commit) : first);
    } else if (!commit.isEmpty() && (commitForced || tick > commitSince)) {
      batches.add(ofCommit());
    }
    commitForced = false;
    if (batches.isEmpty()) {
      return List.of();
    }
    commit = HardState.EMPTY;
    storingSince = tick;
    storing = batches.size();
    List<Message.StorageAppend> appends = new ArrayList<>(storing);
    for (Batch batch : batches) {
      appends.add(batch.append());
    }
    return appends;
  }

  private Batch ofCommit() {
    return new Batch(
        new Message.StorageAppend(
            member,
            Message.APPEND_THREAD,
            commit,
            List.of(),
            Snapshot.EMPTY,
            commitForced,
            List.of()),
        List.of());
  }

  /** The first batch, taken out, which is durable now. */
  Batch stored(Message.StorageAppend append) {
    Batch batch = batches.remove();
    storing--;
    if (append != batch.append()) {
      throw new InvariantException("raft loop: batches were stored out of order");
    }
    return batch;
  }

  /** For how many ticks the disk has had what it has; 0 while it has nothing. */
  long stalledTicks(long tick) {
    return storing == 0 ? 0 : tick - storingSince;
  }
}
