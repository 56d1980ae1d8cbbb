package io.balsa.raft.paper;

import io.balsa.raft.Core;
import io.balsa.raft.Ready;
import io.balsa.raft.message.Message;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/**
 * A core under the contract of asynchronous storage writes, whose disk writes when the test says
 * so. What is committed is applied at once.
 */
final class SlowDisk {
  final Core core;

  /** What was sent since the last {@link #take}. */
  private final List<Message> sent = new ArrayList<>();

  private final Queue<Message.StorageAppend> writes = new ArrayDeque<>();

  SlowDisk(Core.Builder builder) {
    this.core = builder.options(o -> o.asyncStorageWrites(true)).build();
  }

  /** Feeds in a message and sends what leaves without the disk. */
  void step(Message message) {
    core.step(message);
    run();
  }

  /** Sends what leaves without the disk. */
  void run() {
    while (core.node.hasReady()) {
      Ready ready = core.node.ready();
      for (Message message : ready.messages()) {
        if (message instanceof Message.StorageAppend write) {
          writes.add(write);
        } else if (message instanceof Message.StorageApply apply) {
          core.applied.addAll(apply.entries());
          apply.responses().forEach(core::step);
        } else {
          sent.add(message);
        }
      }
    }
  }

  /** The writes that the disk has yet to do, oldest first. */
  List<Message.StorageAppend> writes() {
    return List.copyOf(writes);
  }

  /** The disk does all its writes, and what waited for them is sent. */
  void write() {
    while (!writes.isEmpty()) {
      Message.StorageAppend write = writes.remove();
      if (!write.hardState().isEmpty()) {
        core.storage.setHardState(write.hardState());
      }
      core.storage.append(write.entries());
      for (Message response : write.responses()) {
        if (response.to() == core.id) {
          core.step(response);
        } else {
          sent.add(response);
        }
      }
      run();
    }
  }

  /** What was sent since the last time. */
  List<Message> take() {
    List<Message> taken = List.copyOf(sent);
    sent.clear();
    return taken;
  }
}
