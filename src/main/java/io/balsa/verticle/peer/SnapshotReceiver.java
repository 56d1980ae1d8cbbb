package io.balsa.verticle.peer;

import io.balsa.data.MalformedException;
import io.balsa.engine.SnapshotIo;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import io.balsa.wire.Frame;
import java.util.function.Consumer;

/**
 * Takes the snapshots that one member sends, one at a time: a newer stream supersedes an older one,
 * and if it brings the same snapshot it goes on where that ended. The stream is held up while the
 * disk writes a part. Once all is durable the raft loop is given the message at the head.
 */
final class SnapshotReceiver {
  private final long origin;
  private final SnapshotDisk disk;
  private final Consumer<Message> raft;

  // What lies on disk, unfinished. Outlives a stream.
  private Snapshot snapshot;
  private long nextOffset;
  private boolean writing;

  private InboundStream stream;
  private Message.InstallSnapshot install; // Null until the head of the stream has come.

  /**
   * @param origin the member that sends
   * @param raft takes the message of a snapshot that is durable here
   */
  SnapshotReceiver(long origin, SnapshotDisk disk, Consumer<Message> raft) {
    this.origin = origin;
    this.disk = disk;
    this.raft = raft;
  }

  void opened(InboundStream opened) {
    InboundStream older = stream;
    stream = opened;
    install = null;
    if (older != null) {
      older.refuse("superseded by a newer snapshot stream");
    }
  }

  void received(InboundStream from, Frame frame) throws MalformedException {
    if (from != stream) {
      return;
    }
    if (frame instanceof Frame.Install head && install == null) {
      install = head.message();
      if (!writing) { // Otherwise the disk has yet to say how far the last stream came.
        begin();
      }
    } else if (frame instanceof Frame.Part part && install != null && !writing) {
      write(part);
    } else {
      throw new MalformedException(
          "snapshot stream: frame out of order: " + frame.getClass().getSimpleName());
    }
  }

  void ended(InboundStream from) {
    if (from == stream) {
      stream = null;
      install = null;
    }
  }

  /** The sender is no longer a member. */
  void removed() {
    if (stream != null) {
      stream.refuseRemoved(origin);
    }
  }

  /** Whether there is nothing to remember. */
  boolean isIdle() {
    return stream == null && snapshot == null;
  }

  private void begin() {
    if (!install.snapshot().equals(snapshot)) {
      snapshot = install.snapshot();
      nextOffset = 0;
    }
    stream.write(new Frame.Progress(nextOffset, false));
  }

  private void write(Frame.Part part) throws MalformedException {
    if (part.offset() != nextOffset) {
      throw new MalformedException(
          "snapshot stream: expected offset " + nextOffset + ", found " + part.offset());
    }
    writing = true;
    stream.pause();
    Message.InstallSnapshot head = install;
    disk.write(
        origin, snapshot, nextOffset, part.data(), part.end(), answer -> written(answer, head));
  }

  /**
   * @param head of the stream that the part came on, which may be over
   */
  private void written(SnapshotIo answer, Message.InstallSnapshot head) {
    writing = false;
    boolean failed = !(answer instanceof SnapshotIo.Written);
    boolean durable = false;
    if (answer instanceof SnapshotIo.Written written) {
      nextOffset = written.nextOffset();
      durable = written.durable();
    }
    if (durable) {
      raft.accept(head);
    }
    if (durable || failed) {
      snapshot = null;
    }
    if (install == head) {
      answer(stream, failed ? "snapshot not written: " + answer : null, durable);
    } else if (install != null) {
      begin();
    }
  }

  /** The stream is handed in because each of these calls may turn out to be its end. */
  private void answer(InboundStream to, String failure, boolean durable) {
    if (failure != null) {
      to.refuse(failure);
      return;
    }
    to.write(new Frame.Progress(nextOffset, durable));
    if (durable) {
      to.finish();
    } else {
      to.resume();
    }
  }
}
