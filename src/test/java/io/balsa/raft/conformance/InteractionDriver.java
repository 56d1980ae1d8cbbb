package io.balsa.raft.conformance;

import io.balsa.data.Bytes;
import io.balsa.raft.ProposalDroppedException;
import io.balsa.raft.RawNode;
import io.balsa.raft.RawNodeAccess;
import io.balsa.raft.Status;
import io.balsa.raft.conformance.DataFile.Argument;
import io.balsa.raft.conformance.DataFile.Case;
import io.balsa.raft.log.MemoryStorage;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.Message;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** The commands of {@code interaction/} (section 4); any other is asked of {@link OwnCommands}. */
final class InteractionDriver implements Driver {
  private static final List<String> LEVELS =
      List.of("DEBUG", "INFO", "WARN", "ERROR", "FATAL", "NONE");

  private final Cluster cluster;
  private final Output output;
  private final OwnCommands ownCommands;

  InteractionDriver(long seed) {
    this.cluster = new Cluster(seed);
    this.output = cluster.output;
    this.ownCommands = new OwnCommands(cluster);
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
      case "log-level" -> output.setQuiet(isQuiet(test.at(0).text()));
      case "process-append-thread" ->
          forNodes(test, "processing append thread", cluster::processAppendThread);
      case "process-apply-thread" ->
          forNodes(test, "processing apply thread", cluster::processApplyThread);
      case "process-ready" -> forNodes(test, "handling Ready", cluster::processReady);
      case "propose" -> raw(test).propose(Bytes.utf8(test.at(1).text()));
      case "propose-conf-change" -> proposeConfChange(test);
      case "raft-log" -> printLog(node(test));
      case "raft-state" -> printStates();
      case "report-unreachable" -> raw(test).reportUnreachable(test.number(1));
      case "send-snapshot" -> sendSnapshot(node(test), test.number(1));
      case "set-randomized-election-timeout" ->
          RawNodeAccess.setRandomizedElectionTimeout(
              raw(test), Math.toIntExact(test.required("timeout").number()));
      case "stabilize" -> stabilize(test);
      case "status" -> output.print(Texts.progress(raw(test).status().progress()));
      case "tick-election" -> tick(test, NodeOptions.ELECTION_TICKS);
      case "tick-heartbeat" -> tick(test, NodeOptions.HEARTBEAT_TICKS);
      case "transfer-leadership" ->
          cluster
              .node(test.required("from").number())
              .raw
              .transferLeader(test.required("to").number());
      default -> {
        if (!ownCommands.perform(test)) {
          throw new CommandException("unknown command");
        }
      }
    }
  }

  private Node node(Case test) {
    return cluster.node(test.number(0));
  }

  private RawNode raw(Case test) {
    return node(test).raw;
  }

  private void tick(Case test, int ticks) {
    for (int i = 0; i < ticks; i++) {
      raw(test).tick();
    }
  }

  /** Whether {@code level} is quiet. */
  private static boolean isQuiet(String level) throws CommandException {
    if (!LEVELS.contains(level.toUpperCase(Locale.ROOT))) {
      throw new CommandException("log levels must be either of [" + String.join(" ", LEVELS) + "]");
    }
    return level.equalsIgnoreCase("NONE");
  }

  private void addNodes(Case test) throws CommandException {
    long count = test.number(0);
    NodeOptions options = NodeOptions.of(test);
    for (long i = 0; i < count; i++) {
      try {
        cluster.add(options);
      } catch (IllegalArgumentException e) {
        throw new CommandException(e.getMessage());
      }
    }
  }

  private void proposeConfChange(Case test) throws CommandException, ProposalDroppedException {
    Argument named = test.argument("transition");
    ConfChange.Transition transition =
        switch (named == null ? "auto" : named.value()) {
          case "auto" -> ConfChange.Transition.AUTO;
          case "implicit" -> ConfChange.Transition.JOINT_IMPLICIT;
          case "explicit" -> ConfChange.Transition.JOINT_EXPLICIT;
          default -> throw new IllegalArgumentException("unknown transition: " + named.text());
        };
    ConfChange change =
        new ConfChange(transition, Texts.parseOperations(test.input()), Bytes.EMPTY);
    if (!test.isTrue("v1")) {
      raw(test).proposeConfChange(change);
    } else if (change.entersJoint() || change.operations().isEmpty()) {
      throw new CommandException("v1 conf change can only have one operation and no transition");
    } else {
      raw(test).proposeConfChangeV1(change);
    }
  }

  // ---- Work

  private void forNodes(Case test, String header, Consumer<Node> work) {
    List<Node> nodes = test.plainNumbers().stream().map(cluster::node).toList();
    if (nodes.size() == 1) {
      work.accept(nodes.get(0));
      return;
    }
    for (Node node : nodes) {
      output.line("> " + node.id + " " + header);
      output.indented(() -> work.accept(node));
    }
  }

  private void deliverMessages(Case test) {
    String type = OwnCommands.messageType(test);
    long countMax = OwnCommands.countMax(test);
    boolean any = false;
    for (Argument argument : test.arguments()) {
      if (argument.isPlain()) {
        any |= cluster.deliver(Long.parseUnsignedLong(argument.key()), type, false, countMax);
      } else if (argument.key().equals("drop")) {
        for (long id : argument.numbers()) {
          any |= cluster.deliver(id, type, true, countMax);
        }
      }
    }
    if (!any) {
      output.print("no messages");
    }
  }

  private void stabilize(Case test) throws CommandException {
    List<Long> ids = test.plainNumbers();
    List<Node> working = ids.isEmpty() ? cluster.nodes() : ids.stream().map(cluster::node).toList();
    Argument level = test.argument("log-level");
    boolean quietBefore = output.isQuiet();
    output.setQuiet(level == null ? quietBefore : isQuiet(level.value()));
    try {
      cluster.stabilize(working);
    } finally {
      // In quiet mode the whole command answers ok, so nothing was printed to be kept.
      output.setQuiet(quietBefore);
    }
  }

  // ---- Looking at nodes

  private void printLog(Node node) {
    MemoryStorage storage = node.storage;
    long first = storage.firstIndex();
    long last = storage.lastIndex();
    output.print(
        last < first
            ? "log is empty: first index=" + first + ", last index=" + last
            : Texts.lines(storage.entries(first, last + 1, Long.MAX_VALUE)));
  }

  private void printStates() {
    for (Node node : cluster.nodes()) {
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
    if (!node(test).storage.compact(test.number(1))) {
      throw new CommandException("requested index is unavailable due to compaction");
    }
    printLog(node(test));
  }

  private void sendSnapshot(Node from, long to) {
    Message message = new Message.InstallSnapshot(from.id, to, from.raw.term(), from.state());
    cluster.send(message);
    output.line(Texts.message(message));
  }
}
