package io.balsa.raft.conformance;

import io.balsa.data.Bytes;
import io.balsa.raft.ProposalDroppedException;
import io.balsa.raft.RaftConfig;
import io.balsa.raft.RawNode;
import io.balsa.raft.RawNodeAccess;
import io.balsa.raft.ReadOnlyOption;
import io.balsa.raft.Ready;
import io.balsa.raft.Status;
import io.balsa.raft.StepException;
import io.balsa.raft.conformance.DataFile.Argument;
import io.balsa.raft.conformance.DataFile.Case;
import io.balsa.raft.log.MemoryStorage;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Consumer;

/** The commands of {@code interaction/} (sections 3 and 4). */
final class InteractionDriver implements ConformanceTest.Driver {
  private static final List<String> LEVELS =
      List.of("DEBUG", "INFO", "WARN", "ERROR", "FATAL", "NONE");
  private static final int ELECTION_TICKS = 3;

  private final Random random;
  private final Output output = new Output();
  private final List<Node> nodes = new ArrayList<>();
  private final List<Message> messages = new ArrayList<>();

  InteractionDriver(long seed) {
    this.random = new Random(seed);
  }

  /** A command that ends with an error; its text is output. */
  private static final class CommandException extends Exception {
    private static final long serialVersionUID = 1L;

    CommandException(String message) {
      super(message);
    }
  }

  @Override
  public String run(Case test) {
    String error = null;
    try {
      perform(test);
    } catch (CommandException | ProposalDroppedException e) {
      error = e.getMessage();
    }
    return output.take(error);
  }

  private void perform(Case test) throws CommandException, ProposalDroppedException {
    switch (test.command()) {
      case "_breakpoint" -> {}
      case "add-nodes" -> addNodes(test);
      case "campaign" -> raw(test).campaign();
      case "compact" -> compact(test);
      case "deliver-msgs" -> deliverMessages(test);
      case "forget-leader" -> raw(test).forgetLeader();
      case "log-level" -> setLevel(test.arguments().get(0).key());
      case "process-append-thread" ->
          forNodes(test, "processing append thread", this::processAppendThread);
      case "process-apply-thread" ->
          forNodes(test, "processing apply thread", this::processApplyThread);
      case "process-ready" -> forNodes(test, "handling Ready", this::processReady);
      case "propose" -> raw(test).propose(Bytes.utf8(test.arguments().get(1).key()));
      case "propose-conf-change" -> proposeConfChange(test);
      case "raft-log" -> printLog(test.number(0));
      case "raft-state" -> printStates();
      case "report-unreachable" -> raw(test).reportUnreachable(test.number(1));
      case "send-snapshot" -> sendSnapshot(test.number(0), test.number(1));
      case "set-randomized-election-timeout" ->
          RawNodeAccess.setRandomizedElectionTimeout(
              raw(test), Integer.parseInt(test.argument("timeout").value()));
      case "stabilize" -> stabilize(test);
      case "status" -> output.print(Texts.progress(raw(test).status().progress()));
      case "tick-election" -> tick(test, ELECTION_TICKS);
      case "tick-heartbeat" -> tick(test, 1);
      case "transfer-leadership" ->
          node(test.argument("from").numbers().get(0))
              .raw
              .transferLeader(test.argument("to").numbers().get(0));
      default -> throw new CommandException("unknown command");
    }
  }

  private Node node(long id) {
    return nodes.get((int) id - 1);
  }

  private RawNode raw(Case test) {
    return node(test.number(0)).raw;
  }

  private void tick(Case test, int ticks) {
    for (int i = 0; i < ticks; i++) {
      raw(test).tick();
    }
  }

  private boolean setLevel(String level) throws CommandException {
    if (!LEVELS.contains(level.toUpperCase(Locale.ROOT))) {
      throw new CommandException("log levels must be either of [" + String.join(" ", LEVELS) + "]");
    }
    boolean before = output.isQuiet();
    output.setQuiet(level.equalsIgnoreCase("NONE"));
    return before;
  }

  // ---- Nodes

  private void addNodes(Case test) throws CommandException {
    List<Long> voters = List.of();
    List<Long> learners = List.of();
    long index = 0;
    boolean hasSnapshot = false;
    boolean async = false;
    List<Consumer<RaftConfig.Builder>> options = new ArrayList<>();
    for (Argument argument : test.arguments().subList(1, test.arguments().size())) {
      switch (argument.key()) {
        case "voters" -> {
          voters = argument.numbers();
          hasSnapshot = true;
        }
        case "learners" -> {
          learners = argument.numbers();
          hasSnapshot = true;
        }
        case "index" -> {
          index = Long.parseLong(argument.value());
          hasSnapshot = true;
        }
        case "content" -> hasSnapshot = true;
        case "async-storage-writes" -> async = argument.isTrue();
        case "inflight" ->
            options.add(b -> b.maxInflightMessages(Integer.parseInt(argument.value())));
        case "max-committed-size-per-ready" ->
            options.add(b -> b.maxCommittedBytesPerReady(Long.parseLong(argument.value())));
        case "prevote" -> options.add(b -> b.preVote(argument.isTrue()));
        case "checkquorum" -> options.add(b -> b.checkQuorum(argument.isTrue()));
        case "step-down-on-removal" -> options.add(b -> b.stepDownOnRemoval(argument.isTrue()));
        case "disable-conf-change-validation" ->
            options.add(b -> b.disableConfChangeValidation(argument.isTrue()));
        case "read-only" ->
            options.add(
                b ->
                    b.readOnlyOption(
                        argument.value().equals("lease-based")
                            ? ReadOnlyOption.LEASE_BASED
                            : ReadOnlyOption.SAFE));
        default -> throw new CommandException("unknown option: " + argument.key());
      }
    }
    if (hasSnapshot && index <= 1) {
      throw new CommandException("index must be specified as > 1 due to bootstrap");
    }
    Snapshot initial =
        hasSnapshot
            ? new Snapshot(
                new EntryId(1, index), new ConfState(voters, List.of(), learners, List.of(), false))
            : Snapshot.EMPTY;
    for (long i = 0; i < test.number(0); i++) {
      MemoryStorage storage = new MemoryStorage();
      if (hasSnapshot) {
        storage.applySnapshot(initial);
      }
      Node node = new Node(async, storage, initial);
      RaftConfig.Builder builder =
          RaftConfig.builder(nodes.size() + 1L, node.coreStorage(), new Random(random.nextLong()))
              .electionTicks(ELECTION_TICKS)
              .heartbeatTicks(1)
              .applied(index)
              .asyncStorageWrites(async)
              .maxMessageBytes(RaftConfig.UNLIMITED)
              .maxCommittedBytesPerReady(RaftConfig.UNLIMITED)
              .maxUncommittedBytes(RaftConfig.UNLIMITED)
              .maxInflightMessages(Integer.MAX_VALUE)
              .maxInflightBytes(RaftConfig.UNLIMITED)
              .checkQuorum(false)
              .preVote(false)
              .stepDownOnRemoval(false);
      options.forEach(o -> o.accept(builder));
      node.raw = new RawNode(builder.build());
      nodes.add(node);
    }
  }

  // ---- Configuration changes

  private void proposeConfChange(Case test) throws CommandException, ProposalDroppedException {
    boolean v1 = test.argument("v1") != null && test.argument("v1").isTrue();
    ConfChange.Transition transition =
        switch (test.argument("transition") == null
            ? "auto"
            : test.argument("transition").value()) {
          case "auto" -> ConfChange.Transition.AUTO;
          case "implicit" -> ConfChange.Transition.JOINT_IMPLICIT;
          case "explicit" -> ConfChange.Transition.JOINT_EXPLICIT;
          default -> throw new CommandException("unknown transition");
        };
    ConfChange change =
        new ConfChange(transition, Texts.parseOperations(test.input()), Bytes.EMPTY);
    if (!v1) {
      raw(test).proposeConfChange(change);
    } else if (change.entersJoint()) {
      throw new CommandException("v1 conf change can only have one operation and no transition");
    } else {
      raw(test).proposeConfChangeV1(change);
    }
  }

  // ---- Work

  private void forNodes(Case test, String header, Consumer<Node> work) {
    List<Long> ids = test.plainNumbers();
    if (ids.size() == 1) {
      work.accept(node(ids.get(0)));
      return;
    }
    for (long id : ids) {
      output.line("> " + id + " " + header);
      output.indented(() -> work.accept(node(id)));
    }
  }

  private void processReady(Node node) {
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

  private void processAppendThread(Node node) {
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

  private void processApplyThread(Node node) {
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

  private void deliverMessages(Case test) {
    boolean any = false;
    String type = test.argument("type") == null ? null : test.argument("type").value();
    for (Argument argument : test.arguments()) {
      if (argument.values().isEmpty()) {
        any |= deliver(Long.parseLong(argument.key()), type, false);
      } else if (argument.key().equals("drop")) {
        for (long id : argument.numbers()) {
          any |= deliver(id, type, true);
        }
      }
    }
    if (!any) {
      output.print("no messages");
    }
  }

  private boolean deliver(long id, String type, boolean drop) {
    List<Message> taken = new ArrayList<>();
    for (Iterator<Message> i = messages.iterator(); i.hasNext(); ) {
      Message message = i.next();
      if (message.to() == id
          && (type == null || Texts.type(message).equals(type))
          && !(drop && isLocal(message))) {
        taken.add(message);
        i.remove();
      }
    }
    for (Message message : taken) {
      output.line((drop ? "dropped: " : "") + Texts.message(message));
      if (!drop) {
        try {
          node(id).raw.step(message);
        } catch (StepException | ProposalDroppedException e) {
          output.line(e.getMessage());
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

  private void stabilize(Case test) throws CommandException {
    boolean quietBefore = output.isQuiet();
    if (test.argument("log-level") != null) {
      setLevel(test.argument("log-level").value());
    }
    List<Long> ids = new ArrayList<>(test.plainNumbers());
    for (long id = 1; test.plainNumbers().isEmpty() && id <= nodes.size(); id++) {
      ids.add(id);
    }
    boolean again = true;
    while (again) {
      again = stabilizeRound(ids);
    }
    // In quiet mode the whole command answers ok, so nothing was printed to be kept.
    output.setQuiet(quietBefore);
  }

  private boolean stabilizeRound(List<Long> ids) {
    boolean any = false;
    for (long id : ids) {
      if (node(id).raw.hasReady()) {
        any = true;
        output.line("> " + id + " handling Ready");
        output.indented(() -> processReady(node(id)));
      }
    }
    for (long id : ids) {
      if (messages.stream().anyMatch(m -> m.to() == id)) {
        any = true;
        output.line("> " + id + " receiving messages");
        output.indented(() -> deliver(id, null, false));
      }
    }
    for (long id : ids) {
      if (!node(id).appendWork.isEmpty()) {
        any = true;
        output.line("> " + id + " processing append thread");
        while (!node(id).appendWork.isEmpty()) {
          output.indented(() -> processAppendThread(node(id)));
        }
      }
    }
    for (long id : ids) {
      if (!node(id).applyWork.isEmpty()) {
        any = true;
        output.line("> " + id + " processing apply thread");
        while (!node(id).applyWork.isEmpty()) {
          output.indented(() -> processApplyThread(node(id)));
        }
      }
    }
    return any;
  }

  // ---- Looking at nodes

  private void printLog(long id) {
    MemoryStorage storage = node(id).storage;
    long first = storage.firstIndex();
    long last = storage.lastIndex();
    output.print(
        last < first
            ? "log is empty: first index=" + first + ", last index=" + last
            : Texts.lines(storage.entries(first, last + 1, Long.MAX_VALUE)));
  }

  private void printStates() {
    for (Node node : nodes) {
      Status status = node.raw.status();
      output.line(
          Long.toUnsignedString(status.id())
              + ": "
              + Texts.role(status.role())
              + (status.isVoter(status.id()) ? " (Voter)" : " (Non-Voter)")
              + " Term:"
              + status.term()
              + " Lead:"
              + Long.toUnsignedString(status.leader()));
    }
  }

  private void compact(Case test) throws CommandException {
    if (!node(test.number(0)).storage.compact(test.number(1))) {
      throw new CommandException("requested index is unavailable due to compaction");
    }
    printLog(test.number(0));
  }

  private void sendSnapshot(long from, long to) {
    Message message =
        new Message.InstallSnapshot(from, to, node(from).raw.term(), node(from).state());
    messages.add(message);
    output.line(Texts.message(message));
  }
}
