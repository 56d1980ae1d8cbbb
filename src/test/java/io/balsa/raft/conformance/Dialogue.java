package io.balsa.raft.conformance;

import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import io.balsa.raft.ElectionTimeouts;
import io.balsa.raft.ProposalDroppedException;
import io.balsa.raft.RaftConfig;
import io.balsa.raft.RawNode;
import io.balsa.raft.ReadOnlyOption;
import io.balsa.raft.Ready;
import io.balsa.raft.RoleName;
import io.balsa.raft.Status;
import io.balsa.raft.StepException;
import io.balsa.raft.log.CompactedException;
import io.balsa.raft.log.MemoryStorage;
import io.balsa.raft.log.RaftLog;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfChange.Operation;
import io.balsa.raft.message.ConfChange.Transition;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;

/** The cluster that the files under interaction/ talk to. */
final class Dialogue {
  private static final List<String> LEVELS =
      List.of("DEBUG", "INFO", "WARN", "ERROR", "FATAL", "NONE");

  private final SplittableRandom random;
  private final List<Node> nodes = new ArrayList<>();
  private List<Message> inFlight = new ArrayList<>();
  private StringBuilder out = new StringBuilder();
  private int level;

  Dialogue(long seed) {
    this.random = new SplittableRandom(seed);
  }

  /** A command ends with an error whose text is printed. */
  private static final class CommandException extends Exception {
    private static final long serialVersionUID = 1L;

    CommandException(String message) {
      super(message);
    }
  }

  private static final class Node {
    final RawNode raw;
    final HistoryStorage storage;
    final boolean async;
    final Deque<Message.StorageAppend> appendWork = new ArrayDeque<>();
    final Deque<Message.StorageApply> applyWork = new ArrayDeque<>();

    Node(RawNode raw, HistoryStorage storage, boolean async) {
      this.raw = raw;
      this.storage = storage;
      this.async = async;
    }
  }

  /** Storage that sends the application's newest state when it is asked for a snapshot. */
  private static final class HistoryStorage extends MemoryStorage {
    final List<Snapshot> history = new ArrayList<>();

    @Override
    public Optional<Snapshot> snapshot() {
      return Optional.of(history.get(history.size() - 1));
    }
  }

  String run(Script.Case command) {
    out = new StringBuilder();
    String error = null;
    try {
      execute(command);
    } catch (CommandException | ProposalDroppedException e) {
      error = e.getMessage();
    }
    if (quiet()) {
      return error == null ? "ok" : error;
    }
    if (error != null) {
      out.append(error);
    }
    return out.isEmpty() ? "ok" : out.toString();
  }

  private boolean quiet() {
    return LEVELS.get(level).equals("NONE");
  }

  private Node node(long id) {
    return nodes.get((int) id - 1);
  }

  private long first(Script.Case command) {
    return Long.parseLong(command.arguments().get(0).key());
  }

  private void execute(Script.Case command) throws CommandException, ProposalDroppedException {
    switch (command.command()) {
      case "_breakpoint" -> {}
      case "add-nodes" -> addNodes(command);
      case "campaign" -> node(first(command)).raw.campaign();
      case "tick-heartbeat" -> node(first(command)).raw.tick();
      case "tick-election" -> {
        for (int i = 0; i < 3; i++) {
          node(first(command)).raw.tick();
        }
      }
      case "set-randomized-election-timeout" ->
          ElectionTimeouts.set(
              node(first(command)).raw, Integer.parseInt(command.value("timeout", "3")));
      case "propose" ->
          node(first(command)).raw.propose(Bytes.utf8(command.arguments().get(1).key()));
      case "propose-conf-change" -> proposeConfChange(command);
      case "transfer-leadership" ->
          node(Long.parseLong(command.value("from", "0")))
              .raw
              .transferLeader(Long.parseLong(command.value("to", "0")));
      case "forget-leader" -> node(first(command)).raw.forgetLeader();
      case "report-unreachable" ->
          node(first(command)).raw.reportUnreachable(command.numbers().get(1));
      case "log-level" -> setLevel(command.arguments().get(0).key());
      case "process-ready" -> forEach(command.numbers(), "handling Ready", this::processReady);
      case "process-append-thread" ->
          forEach(command.numbers(), "processing append thread", this::processAppend);
      case "process-apply-thread" ->
          forEach(command.numbers(), "processing apply thread", this::processApply);
      case "deliver-msgs" -> deliver(command);
      case "stabilize" -> stabilize(command);
      case "raft-log" -> raftLog(node(first(command)));
      case "raft-state" -> raftState();
      case "status" -> out.append(Text.progress(node(first(command)).raw.status().progress()));
      case "compact" -> {
        Node node = node(first(command));
        try {
          node.storage.compact(command.numbers().get(1));
        } catch (CompactedException e) {
          throw new CommandException("requested index is unavailable due to compaction");
        }
        raftLog(node);
      }
      case "send-snapshot" -> sendSnapshot(command.numbers().get(0), command.numbers().get(1));
      default -> throw new CommandException("unknown command");
    }
  }

  private void setLevel(String name) throws CommandException {
    int found = LEVELS.indexOf(name.toUpperCase(Locale.ROOT));
    if (found < 0) {
      throw new CommandException("log levels must be either of [" + String.join(" ", LEVELS) + "]");
    }
    level = found;
  }

  private void addNodes(Script.Case command) throws CommandException {
    boolean bootstrapped =
        command.values("voters") != null
            || command.values("learners") != null
            || command.values("index") != null
            || command.values("content") != null;
    long index = Long.parseLong(command.value("index", "0"));
    Snapshot initial = Snapshot.EMPTY;
    if (bootstrapped) {
      if (index <= 1) {
        throw new CommandException("index must be specified as > 1 due to bootstrap");
      }
      initial =
          new Snapshot(
              new EntryId(1, index),
              new ConfState(
                  command.ids("voters"), List.of(), command.ids("learners"), List.of(), false));
    }
    boolean async = command.flag("async-storage-writes");
    for (long count = command.numbers().get(0); count > 0; count--) {
      HistoryStorage storage = new HistoryStorage();
      if (bootstrapped) {
        storage.applySnapshot(initial);
      }
      storage.history.add(initial);
      RaftConfig config =
          RaftConfig.builder(nodes.size() + 1L, storage, random)
              .ticks(3, 1)
              .applied(index)
              .asyncStorageWrites(async)
              .maxCommittedBytes(
                  Long.parseLong(
                      command.value(
                          "max-committed-size-per-ready", String.valueOf(RaftLog.NO_LIMIT))))
              .maxInflight(Integer.parseInt(command.value("inflight", "2147483647")), 0)
              .preVote(command.flag("prevote"))
              .checkQuorum(command.flag("checkquorum"))
              .readOnlyOption(
                  command.value("read-only", "safe").equals("lease-based")
                      ? ReadOnlyOption.LEASE_BASED
                      : ReadOnlyOption.SAFE)
              .stepDownOnRemoval(command.flag("step-down-on-removal"))
              .disableConfChangeValidation(command.flag("disable-conf-change-validation"))
              .build();
      nodes.add(new Node(new RawNode(config), storage, async));
    }
  }

  private void proposeConfChange(Script.Case command)
      throws CommandException, ProposalDroppedException {
    List<Operation> operations = Text.operations(command.input());
    Transition transition =
        switch (command.value("transition", "auto")) {
          case "auto" -> Transition.AUTO;
          case "implicit" -> Transition.JOINT_IMPLICIT;
          case "explicit" -> Transition.JOINT_EXPLICIT;
          default -> throw new CommandException("unknown transition");
        };
    boolean v1 = command.flag("v1");
    if (v1 && (operations.size() > 1 || transition != Transition.AUTO)) {
      throw new CommandException("v1 conf change can only have one operation and no transition");
    }
    ConfChange change = new ConfChange(transition, operations, Bytes.EMPTY);
    EntryType type = v1 ? EntryType.CONF_CHANGE : EntryType.CONF_CHANGE_V2;
    node(first(command)).raw.propose(List.of(Entry.proposal(type, change.encode())));
  }

  private interface NodeAction {
    void on(long id);
  }

  private void forEach(List<Long> ids, String title, NodeAction action) {
    for (long id : ids) {
      if (ids.size() > 1) {
        out.append("> ").append(id).append(' ').append(title).append('\n');
        indented(() -> action.on(id));
      } else {
        action.on(id);
      }
    }
  }

  private void indented(Runnable action) {
    StringBuilder outer = out;
    out = new StringBuilder();
    action.run();
    if (!out.isEmpty()) {
      outer.append(Text.indented(out.toString())).append('\n');
    }
    out = outer;
  }

  private void processReady(long id) {
    Node node = node(id);
    Ready ready = node.raw.ready();
    out.append(Text.ready(ready));
    if (!node.async) {
      store(node, ready.hardState(), ready.snapshot(), ready.entries());
      apply(node, ready.committedEntries());
    }
    for (Message message : ready.messages()) {
      if (message instanceof Message.StorageAppend append) {
        node.appendWork.add(append);
      } else if (message instanceof Message.StorageApply apply) {
        node.applyWork.add(apply);
      } else {
        inFlight.add(message);
      }
    }
    if (!node.async) {
      node.raw.advance();
    }
  }

  private void store(Node node, HardState hardState, Snapshot snapshot, List<Entry> entries) {
    if (!hardState.isEmpty()) {
      node.storage.setHardState(hardState);
    }
    if (!snapshot.isEmpty()) {
      node.storage.applySnapshot(snapshot);
    } else {
      node.storage.append(entries);
    }
  }

  private void apply(Node node, List<Entry> entries) {
    for (Entry entry : entries) {
      List<Snapshot> history = node.storage.history;
      ConfState state = history.get(history.size() - 1).confState();
      if (entry.type() != EntryType.NORMAL) {
        try {
          state = node.raw.applyConfChange(entry.index(), ConfChange.decode(entry.data()));
        } catch (MalformedException e) {
          throw new IllegalStateException(e);
        }
      }
      history.add(new Snapshot(entry.id(), state));
    }
  }

  private void processAppend(long id) {
    Node node = node(id);
    Message.StorageAppend work = node.appendWork.poll();
    if (work == null) {
      out.append("no append work to perform");
      return;
    }
    out.append("Processing:\n").append(Text.message(work, false)).append('\n');
    store(node, work.hardState(), work.snapshot(), work.entries());
    respond(work.responses());
  }

  private void processApply(long id) {
    Node node = node(id);
    Message.StorageApply work = node.applyWork.poll();
    if (work == null) {
      out.append("no apply work to perform");
      return;
    }
    out.append("Processing:\n").append(Text.message(work, false)).append('\n');
    apply(node, work.entries());
    respond(work.responses());
  }

  private void respond(List<Message> responses) {
    out.append("Responses:\n");
    for (Message response : responses) {
      out.append(Text.message(response)).append('\n');
      inFlight.add(response);
    }
  }

  private void deliver(Script.Case command) {
    String type = command.value("type", null);
    boolean any = false;
    for (Script.Argument argument : command.arguments()) {
      if (argument.isFlag()) {
        any |= deliver(Long.parseLong(argument.key()), type, false);
      } else if (argument.key().equals("drop")) {
        for (String id : argument.values()) {
          any |= deliver(Long.parseLong(id), type, true);
        }
      }
    }
    if (!any) {
      out.append("no messages");
    }
  }

  private boolean deliver(long to, String type, boolean drop) {
    List<Message> taken = new ArrayList<>();
    Iterator<Message> all = inFlight.iterator();
    while (all.hasNext()) {
      Message message = all.next();
      if (message.to() == to
          && (type == null || Text.type(message).equals(type))
          && !(drop && isLocal(message))) {
        taken.add(message);
        all.remove();
      }
    }
    for (Message message : taken) {
      out.append(drop ? "dropped: " : "").append(Text.message(message)).append('\n');
      if (!drop) {
        try {
          node(to).raw.step(message);
        } catch (StepException | ProposalDroppedException e) {
          out.append(e.getMessage()).append('\n');
        }
      }
    }
    return !taken.isEmpty();
  }

  private static boolean isLocal(Message message) {
    return message.from() == message.to()
        || message.from() == Message.APPEND_THREAD
        || message.from() == Message.APPLY_THREAD;
  }

  private void stabilize(Script.Case command) throws CommandException {
    int before = level;
    if (command.value("log-level", null) != null) {
      setLevel(command.value("log-level", null));
    }
    List<Long> ids = command.numbers();
    if (ids.isEmpty()) {
      ids = new ArrayList<>();
      for (long id = 1; id <= nodes.size(); id++) {
        ids.add(id);
      }
    }
    boolean done = false;
    while (!done) {
      done = true;
      for (long id : ids) {
        if (node(id).raw.hasReady()) {
          done = false;
          titled(id, "handling Ready", () -> processReady(id));
        }
      }
      for (long id : ids) {
        if (inFlight.stream().anyMatch(message -> message.to() == id)) {
          done = false;
          titled(id, "receiving messages", () -> deliver(id, null, false));
        }
      }
      for (long id : ids) {
        if (!node(id).appendWork.isEmpty()) {
          done = false;
          titled(
              id,
              "processing append thread",
              () -> {
                while (!node(id).appendWork.isEmpty()) {
                  processAppend(id);
                }
              });
        }
      }
      for (long id : ids) {
        if (!node(id).applyWork.isEmpty()) {
          done = false;
          titled(
              id,
              "processing apply thread",
              () -> {
                while (!node(id).applyWork.isEmpty()) {
                  processApply(id);
                }
              });
        }
      }
    }
    if (quiet()) {
      out = new StringBuilder();
    }
    level = before;
  }

  private void titled(long id, String title, Runnable action) {
    out.append("> ").append(id).append(' ').append(title).append('\n');
    indented(action);
  }

  private void raftLog(Node node) {
    long first = node.storage.firstIndex();
    long last = node.storage.lastIndex();
    if (first > last) {
      out.append("log is empty: first index=" + first + ", last index=" + last);
      return;
    }
    try {
      for (Entry entry : node.storage.entries(first, last + 1, RaftLog.NO_LIMIT)) {
        out.append(Text.entry(entry)).append('\n');
      }
    } catch (CompactedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void raftState() {
    for (Node node : nodes) {
      Status status = node.raw.status();
      boolean voter =
          status.confState().voters().contains(status.id())
              || status.confState().votersOutgoing().contains(status.id());
      RoleName role = status.softState().role();
      out.append(
          "%d: %s (%s) Term:%d Lead:%d\n"
              .formatted(
                  status.id(),
                  Text.role(role),
                  voter ? "Voter" : "Non-Voter",
                  status.hardState().term(),
                  status.softState().leader()));
    }
  }

  private void sendSnapshot(long from, long to) {
    Node node = node(from);
    Message message =
        new Message.InstallSnapshot(
            from, to, node.raw.term(), node.storage.snapshot().orElseThrow());
    out.append(Text.message(message));
    inFlight.add(message);
  }
}
