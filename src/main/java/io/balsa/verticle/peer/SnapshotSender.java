package io.balsa.verticle.peer;

import io.balsa.engine.SnapshotIo;
import io.balsa.raft.message.Message;
import io.balsa.wire.Frame;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends one snapshot to one member: its head, then its content part by part as the disk gives it
 * and the connection takes it, from the offset on that the receiver names. Gives up when neither
 * end makes progress for the stall time, however long the whole takes.
 */
final class SnapshotSender implements OutboundStream.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotSender.class);

  private final Vertx vertx;
  private final PeerOptions options;
  private final Dialer dialer;
  private final Frame.Hello hello;
  private final List<String> urls;
  private final SnapshotDisk disk;
  private final Message.InstallSnapshot message;
  private final Consumer<Boolean> done;
  private final long timer;
  private int urlsTried;
  private OutboundStream stream;
  private boolean progressed = true; // Since the timer fired last.
  private boolean accepted; // The receiver has named the offset to begin at.
  private boolean reading;
  private boolean lastRead;
  private long offset;
  private boolean over;

  /**
   * Begins at once.
   *
   * @param urls where the member may be, the best first; at least one
   * @param done told once whether the receiver has the snapshot, unless cancelled
   */
  SnapshotSender(
      Vertx vertx,
      PeerOptions options,
      Dialer dialer,
      Frame.Hello hello,
      List<String> urls,
      SnapshotDisk disk,
      Message.InstallSnapshot message,
      Consumer<Boolean> done) {
    this.vertx = vertx;
    this.options = options;
    this.dialer = dialer;
    this.hello = hello;
    this.urls = urls;
    this.disk = disk;
    this.message = message;
    this.done = done;
    this.timer = vertx.setPeriodic(options.stallMillis(), id -> checkProgress());
    dial();
  }

  /** Stops without a word to the owner. */
  void cancel() {
    if (!over) {
      over = true;
      vertx.cancelTimer(timer);
      stream.close();
    }
  }

  @Override
  public void opened() {
    LOG.info(
        "sending snapshot to peer={} index={} term={}",
        Long.toHexString(hello.to()),
        message.snapshot().last().index(),
        message.snapshot().last().term());
    progressed = true;
    stream.write(Frames.encode(new Frame.Install(message)));
  }

  @Override
  public void received(Frame frame) {
    if (over || !(frame instanceof Frame.Progress progress)) {
      return;
    }
    progressed = true;
    if (progress.durable()) {
      finish(true, "delivered bytes=" + progress.nextOffset());
    } else if (!accepted) {
      accepted = true;
      offset = progress.nextOffset();
      readNext();
    }
  }

  @Override
  public void drained() {
    readNext();
  }

  @Override
  public void ended(OutboundStream.Cause cause, String reason) {
    if (over) {
      return;
    }
    if (!accepted && cause.isSilence() && ++urlsTried < urls.size()) {
      dial();
    } else {
      finish(false, reason);
    }
  }

  private void dial() {
    stream =
        new OutboundStream(
            vertx,
            dialer,
            Frames.SNAPSHOTS,
            urls.get(urlsTried),
            hello,
            options.stallMillis(),
            this);
  }

  private void readNext() {
    if (over || !accepted || reading || lastRead || stream.isFull()) {
      return;
    }
    reading = true;
    disk.read(message.snapshot().last(), offset, options.chunkBytes(), this::read);
  }

  private void read(SnapshotIo answer) {
    reading = false;
    if (over) {
      return;
    }
    if (!(answer instanceof SnapshotIo.Part part)) {
      finish(false, "not readable: " + answer);
    } else if (part.offset() != offset || part.data().isEmpty() && !part.end()) {
      finish(false, "wrong part: expected offset " + offset + ", found " + part.offset());
    } else {
      offset += part.data().length();
      lastRead = part.end();
      readNext(); // The disk reads the next part while this one is packed.
      stream.write(Frames.encode(new Frame.Part(part.offset(), part.data(), part.end())));
    }
  }

  private void checkProgress() {
    if (!progressed) {
      finish(false, "no progress for " + options.stallMillis() + " ms");
    }
    progressed = false;
  }

  private void finish(boolean delivered, String outcome) {
    if (over) {
      return;
    }
    cancel();
    if (delivered) {
      LOG.info("snapshot to peer={} {}", Long.toHexString(hello.to()), outcome);
    } else {
      LOG.warn(
          "snapshot to peer={} failed at offset={}: {}",
          Long.toHexString(hello.to()),
          offset,
          outcome);
    }
    done.accept(delivered);
  }
}
