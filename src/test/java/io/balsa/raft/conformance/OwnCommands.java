package io.balsa.raft.conformance;

import io.balsa.data.Bytes;
import io.balsa.raft.Peer;
import io.balsa.raft.RawNode;
import io.balsa.raft.Status;
import io.balsa.raft.conformance.DataFile.Argument;
import io.balsa.raft.conformance.DataFile.Case;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Message;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What our own scripts say and the format does not know: told by the package. */
final class OwnCommands {
  private static final List<String> MESSAGE_TYPES =
      List.of(
          "MsgProp",
          "MsgApp",
          "MsgAppResp",
          "MsgVote",
          "MsgVoteResp",
          "MsgPreVote",
          "MsgPreVoteResp",
          "MsgSnap",
          "MsgHeartbeat",
          "MsgHeartbeatResp",
          "MsgTimeoutNow",
          "MsgTransferLeader",
          "MsgReadIndex",
          "MsgReadIndexResp",
          "MsgStorageAppend",
          "MsgStorageAppendResp",
          "MsgStorageApply",
          "MsgStorageApplyResp");

  private final Cluster cluster;
  private final Output output;
  private final Map<Long, List<Message>> copies = new TreeMap<>();

  OwnCommands(Cluster cluster) {
    this.cluster = cluster;
    this.output = cluster.output;
  }

  /** Returns false for a command that is none of these. */
  boolean perform(Case test) throws CommandException {
    switch (test.command()) {
      case "bootstrap" -> bootstrap(test);
      case "copy-msgs" -> copy(test);
      case "inspect" -> inspect(node(test));
      case "observed" -> node(test).observations.take().forEach(output::line);
      case "read-index" -> node(test).raw.readIndex(test.number(1));
      case "replay-msgs" -> replay(test);
      case "report-snapshot" ->
          node(test).raw.reportSnapshot(test.number(1), test.required("delivered").isTrue());
      case "restart" -> restart(test);
      case "send-append" -> sendAppend(test);
      default -> {
        return false;
      }
    }
    return true;
  }

  /** The option {@code type=} of a command, null for all types. */
  static String messageType(Case test) {
    Argument type = test.argument("type");
    if (type == null) {
      return null;
    }
    if (!MESSAGE_TYPES.contains(type.value())) {
      throw new IllegalArgumentException("unknown type, known are " + MESSAGE_TYPES);
    }
    return type.value();
  }

  /** The option {@code count=}: at most so many messages for each recipient. */
  static long countMax(Case test) {
    Argument count = test.argument("count");
    return count == null ? Long.MAX_VALUE : count.number();
  }

  private Node node(Case test) {
    return cluster.node(test.number(0));
  }

  private void bootstrap(Case test) throws CommandException {
    List<Peer> founders =
        test.required("peers").numbers().stream().map(id -> new Peer(id, Bytes.EMPTY)).toList();
    try {
      node(test).raw.bootstrap(founders);
    } catch (IllegalStateException e) {
      throw new CommandException(e.getMessage());
    }
  }

  private void copy(Case test) {
    List<Message> copied = cluster.queued(test.number(0), messageType(test));
    copied.forEach(m -> output.line("copied: " + Texts.message(m)));
    copies.put(test.number(0), copied);
  }

  private void replay(Case test) {
    copies.getOrDefault(test.number(0), List.of()).forEach(cluster::send);
  }

  private void restart(Case test) {
    Node node = node(test);
    Argument commit = test.argument("commit");
    Argument applied = test.argument("applied");
    if (commit != null) {
      HardState stored = node.storage.initialState().hardState();
      node.storage.setHardState(new HardState(stored.term(), stored.vote(), commit.number()));
    }
    node.restart(applied == null ? node.state().last().index() : applied.number());
  }

  private void sendAppend(Case test) {
    Node from = node(test);
    String[] place = test.required("log").value().split("/");
    EntryId previous = new EntryId(Long.parseLong(place[0]), Long.parseLong(place[1]));
    Argument last = test.argument("last");
    List<Entry> entries =
        last == null
            ? List.of()
            : from.storage.entries(previous.index() + 1, last.number() + 1, Long.MAX_VALUE);
    Message message =
        new Message.AppendRequest(
            from.id,
            test.number(1),
            from.raw.term(),
            previous,
            entries,
            test.required("commit").number());
    cluster.send(message);
    output.line(Texts.message(message));
  }

  private void inspect(Node node) {
    RawNode raw = node.raw;
    Status status = raw.status();
    output.line(
        "Term:"
            + raw.term()
            + " Vote:"
            + Long.toUnsignedString(status.vote())
            + " Last:"
            + raw.lastIndex()
            + " Stored:"
            + node.storage.lastIndex()
            + " Commit:"
            + raw.commit()
            + " Applied:"
            + raw.applied()
            + (status.transferee() == 0 ? "" : " Transferee:" + status.transferee()));
    output.line(Texts.configuration(status.configuration()));
  }
}
