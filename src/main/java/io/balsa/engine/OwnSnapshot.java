package io.balsa.engine;

import io.balsa.data.Bytes;
import io.balsa.raft.message.Snapshot;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes snapshots of this member's own state, a part at a time, while entries go on being applied.
 * One part is at the disk at once, so that its memory is bounded.
 */
final class OwnSnapshot {
  private static final Logger LOG = LoggerFactory.getLogger(OwnSnapshot.class);
  private static final int PART_BYTES = 256 * 1024;
  private static final int RETRY_TICKS = 50;

  private final long self;
  private final Outbox out;
  private long ticket;
  private Snapshot snapshot; // Null while none is taken.
  private StateMachine.Content content;
  private int waitTicks;

  OwnSnapshot(long self, Outbox out) {
    this.self = self;
    this.out = out;
  }

  /** Whether a snapshot may be begun now. */
  boolean isIdle() {
    return snapshot == null && waitTicks == 0;
  }

  void tick() {
    if (waitTicks > 0) {
      waitTicks--;
    }
  }

  void begin(StateMachine state) {
    snapshot = state.snapshotName();
    content = state.content();
    write(0);
  }

  private void write(long offset) {
    Bytes part = content.nextPart(PART_BYTES);
    ticket++;
    out.toDisk(
        new DiskInput.WriteSnapshot(
            DiskInput.REPLICA, ticket, self, snapshot, offset, part, content.isAtEnd()));
  }

  /**
   * The disk took a part.
   *
   * @return the snapshot if it is now durable, else null
   */
  Snapshot written(SnapshotIo.Written written) {
    if (snapshot == null || written.ticket() != ticket) {
      return null;
    }
    if (!written.durable()) {
      write(written.nextOffset());
      return null;
    }
    Snapshot durable = snapshot;
    LOG.info(
        "snapshot taken member={} index={} bytes={}",
        Long.toHexString(self),
        durable.last().index(),
        written.nextOffset());
    end();
    return durable;
  }

  /** The disk did not take a part. */
  void failed(SnapshotIo.Failed failed) {
    if (snapshot != null && failed.ticket() == ticket) {
      LOG.warn("snapshot not taken index={} reason={}", snapshot.last().index(), failed.reason());
      waitTicks = RETRY_TICKS;
      end();
    }
  }

  /** Gives up the one under way. */
  void abandon() {
    if (snapshot != null) {
      end();
    }
  }

  private void end() {
    content.close();
    content = null;
    snapshot = null;
  }
}
