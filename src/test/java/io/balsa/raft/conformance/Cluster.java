package io.balsa.raft.conformance;

import io.balsa.raft.ProposalDroppedException;
import io.balsa.raft.Ready;
import io.balsa.raft.StepException;
import io.balsa.raft.message.Message;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Random;

/** The nodes, the messages between them, and the work that moves both on (sections 3 and 4). */
final class Cluster {
  // A file that needs more would be no reading matter: its nodes keep each other busy for ever.
  private static final int ROUNDS_MAX = 10_000;

  final Output output = new Output();
  private final Random random;
  private final List<Node> nodes = new ArrayList<>();
  private final List<Message> messages = new ArrayList<>();

  Cluster(long seed) {
    this.random = new Random(seed);
  }

  void add(NodeOptions options) {
    nodes.add(new Node(nodes.size() + 1L, options, new Random(random.nextLong())));
  }

  List<Node> nodes() {
    return Collections.unmodifiableList(nodes);
  }

  Node node(long id) {
    if (id < 1 || id > nodes.size()) {
      throw new IllegalArgumentException("node " + id + " is not there, found " + nodes.size());
    }
    return nodes.get((int) id - 1);
  }

  // ---- Storage and application

  void processReady(Node node) {
    Ready ready = node.raw.ready();
    output.print(Texts.ready(ready));
    if (!node.async) {
      node.store(ready.hardState(), ready.entries(), ready.snapshot());
      node.apply(ready.committedEntries());
    }
    for (Message message : ready.messages()) {
      if (message instanceof Message.StorageAppend work) {
        node.appendWork.add(work);
      } else if (message instanceof Message.StorageApply work) {
        node.applyWork.add(work);
      } else {
        messages.add(message);
      }
    }
    if (!node.async) {
      node.raw.advance();
    }
  }

  void processAppendThread(Node node) {
    Message.StorageAppend work = node.appendWork.poll();
    if (work == null) {
      output.print("no append work to perform");
      return;
    }
    process(
        work,
        () -> node.store(work.hardState(), work.entries(), work.snapshot()),
        work.responses());
  }

  void processApplyThread(Node node) {
    Message.StorageApply work = node.applyWork.poll();
    if (work == null) {
      output.print("no apply work to perform");
      return;
    }
    process(work, () -> node.apply(work.entries()), work.responses());
  }

  private void process(Message work, Runnable effect, List<Message> responses) {
    output.line("Processing:");
    output.line(Texts.withoutResponses(work));
    effect.run();
    output.line("Responses:");
    responses.forEach(r -> output.line(Texts.message(r)));
    messages.addAll(responses);
  }

  // ---- Messages

  void send(Message message) {
    messages.add(message);
  }

  /** The queued messages for {@code id}; {@code type} is null for all types. */
  List<Message> queued(long id, String type) {
    return messages.stream().filter(m -> isFor(m, id, type)).toList();
  }

  /** Delivers or drops all messages that are there; returns whether there were any. */
  boolean deliver(long id, String type, boolean drop) {
    return deliver(id, type, drop, Long.MAX_VALUE);
  }

  boolean deliver(long id, String type, boolean drop, long countMax) {
    List<Message> taken = new ArrayList<>();
    for (Iterator<Message> i = messages.iterator(); i.hasNext() && taken.size() < countMax; ) {
      Message message = i.next();
      if (isFor(message, id, type) && !(drop && isLocal(message))) {
        taken.add(message);
        i.remove();
      }
    }
    for (Message message : taken) {
      output.line((drop ? "dropped: " : "") + Texts.message(message));
      if (!drop) {
        step(node(id), message);
      }
    }
    return !taken.isEmpty();
  }

  private void step(Node node, Message message) {
    try {
      node.raw.step(message);
    } catch (StepException | ProposalDroppedException e) {
      output.line(e.getMessage());
    }
  }

  /** Messages to a storage thread are never queued: they are work. */
  private static boolean isLocal(Message message) {
    return message.from() == message.to()
        || message.from() == Message.APPEND_THREAD
        || message.from() == Message.APPLY_THREAD;
  }

  private static boolean isFor(Message message, long id, String type) {
    return message.to() == id && (type == null || Texts.type(message).equals(type));
  }

  // ---- Until nothing moves

  void stabilize(Collection<Node> working) {
    for (int round = 0; stabilizeRound(working); round++) {
      if (round == ROUNDS_MAX) {
        throw new IllegalStateException("not stable after " + ROUNDS_MAX + " rounds");
      }
    }
  }

  private boolean stabilizeRound(Collection<Node> working) {
    boolean any = false;
    for (Node node : working) {
      if (node.raw.hasReady()) {
        any = true;
        output.line("> " + node.id + " handling Ready");
        output.indented(() -> processReady(node));
      }
    }
    for (Node node : working) {
      if (!queued(node.id, null).isEmpty()) {
        any = true;
        output.line("> " + node.id + " receiving messages");
        output.indented(() -> deliver(node.id, null, false));
      }
    }
    for (Node node : working) {
      if (!node.appendWork.isEmpty()) {
        any = true;
        output.line("> " + node.id + " processing append thread");
        while (!node.appendWork.isEmpty()) {
          output.indented(() -> processAppendThread(node));
        }
      }
    }
    for (Node node : working) {
      if (!node.applyWork.isEmpty()) {
        any = true;
        output.line("> " + node.id + " processing apply thread");
        while (!node.applyWork.isEmpty()) {
          output.indented(() -> processApplyThread(node));
        }
      }
    }
    return any;
  }
}
