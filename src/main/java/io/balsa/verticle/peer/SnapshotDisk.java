package io.balsa.verticle.peer;

import io.balsa.bus.Addresses;
import io.balsa.data.Bytes;
import io.balsa.engine.DiskInput;
import io.balsa.engine.SnapshotIo;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Snapshot;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import java.util.HashMap;
import java.util.Map;

/** Asks the disk writer for parts of snapshots and brings each answer to the one who asked. */
final class SnapshotDisk {
  private final Vertx vertx;
  private final Addresses addresses;
  private final Map<Long, Handler<SnapshotIo>> waiting = new HashMap<>();
  private long tickets;

  SnapshotDisk(Vertx vertx, Addresses addresses) {
    this.vertx = vertx;
    this.addresses = addresses;
  }

  /** Reads a part; the answer is a {@link SnapshotIo.Part} or {@link SnapshotIo.Failed}. */
  void read(EntryId last, long offset, int bytesMax, Handler<SnapshotIo> answer) {
    long ticket = ticket(answer);
    ask(new DiskInput.ReadSnapshot(addresses.peerSnapshots(), ticket, last, offset, bytesMax));
  }

  /** Writes a part; the answer is a {@link SnapshotIo.Written} or {@link SnapshotIo.Failed}. */
  void write(
      long origin,
      Snapshot snapshot,
      long offset,
      Bytes data,
      boolean end,
      Handler<SnapshotIo> answer) {
    long ticket = ticket(answer);
    ask(
        new DiskInput.WriteSnapshot(
            addresses.peerSnapshots(), ticket, origin, snapshot, offset, data, end));
  }

  /** Takes what came to {@link Addresses#peerSnapshots}. */
  void answered(SnapshotIo answer) {
    Handler<SnapshotIo> asker = waiting.remove(answer.ticket());
    if (asker != null) {
      asker.handle(answer);
    }
  }

  private long ticket(Handler<SnapshotIo> answer) {
    long ticket = ++tickets;
    waiting.put(ticket, answer);
    return ticket;
  }

  private void ask(DiskInput input) {
    Addresses.send(vertx, addresses.disk(), input);
  }
}
