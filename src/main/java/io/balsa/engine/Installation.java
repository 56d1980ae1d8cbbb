package io.balsa.engine;

import io.balsa.data.InvariantException;
import io.balsa.data.MalformedException;
import io.balsa.raft.message.Snapshot;

/** Restores a state from a durable snapshot, a part at a time. */
final class Installation {
  private static final int PART_BYTES = 1 << 20;

  private final Snapshot snapshot;
  private final StateMachine.Loader loader;
  private final long ticket;
  private final Outbox out;

  Installation(Snapshot snapshot, long ticket, Outbox out) {
    this.snapshot = snapshot;
    this.loader = new StateMachine.Loader(snapshot);
    this.ticket = ticket;
    this.out = out;
    read(0);
  }

  private void read(long offset) {
    out.toDisk(
        new DiskInput.ReadSnapshot(DiskInput.REPLICA, ticket, snapshot.last(), offset, PART_BYTES));
  }

  /** Whether the answer belongs here. */
  boolean awaits(SnapshotIo answer) {
    return answer.ticket() == ticket;
  }

  /**
   * Takes the next part.
   *
   * @return the state if it is whole, else null
   * @throws InvariantException if it cannot be read: the log that it replaced is gone
   */
  StateMachine accept(SnapshotIo.Part part) {
    try {
      loader.accept(part.data());
      if (part.end()) {
        return loader.finish();
      }
      read(part.offset() + part.data().length());
      return null;
    } catch (MalformedException e) {
      throw failed(e.getMessage());
    }
  }

  /** The snapshot could not be read. */
  InvariantException failed(String reason) {
    return new InvariantException(
        "snapshot at index %d cannot be restored: %s".formatted(snapshot.last().index(), reason));
  }
}
