package io.balsa.raft.conformance;

import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import io.balsa.raft.ReadState;
import io.balsa.raft.Ready;
import io.balsa.raft.Role;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import io.balsa.raft.tracker.Progress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Collectors;

/** The texts of section 5. */
final class Texts {
  private Texts() {}

  // ---- Ready

  static String ready(Ready ready) {
    StringBuilder text = new StringBuilder();
    if (ready.softState() != null) {
      text.append("Lead:").append(Long.toUnsignedString(ready.softState().leader()));
      text.append(" State:").append(role(ready.softState().role())).append('\n');
    }
    if (!ready.hardState().isEmpty()) {
      text.append("HardState ").append(hardState(ready.hardState())).append('\n');
    }
    if (!ready.readStates().isEmpty()) {
      text.append("ReadStates").append(readStates(ready.readStates())).append('\n');
    }
    if (!ready.entries().isEmpty()) {
      text.append("Entries:\n").append(lines(ready.entries()));
    }
    if (!ready.snapshot().isEmpty()) {
      text.append("Snapshot ").append(snapshot(ready.snapshot())).append('\n');
    }
    if (!ready.committedEntries().isEmpty()) {
      text.append("CommittedEntries:\n").append(lines(ready.committedEntries()));
    }
    if (!ready.messages().isEmpty()) {
      text.append("Messages:\n");
      ready.messages().forEach(m -> text.append(message(m)).append('\n'));
    }
    return text.isEmpty() ? "<empty Ready>" : "Ready MustSync=" + ready.mustSync() + ":\n" + text;
  }

  /** The format leaves it open. */
  private static String readStates(List<ReadState> states) {
    return states.stream()
        .map(s -> " context=" + s.context() + " index=" + s.index())
        .collect(Collectors.joining(","));
  }

  static String role(Role role) {
    return switch (role) {
      case FOLLOWER -> "StateFollower";
      case PRE_CANDIDATE -> "StatePreCandidate";
      case CANDIDATE -> "StateCandidate";
      case LEADER -> "StateLeader";
    };
  }

  private static String hardState(HardState state) {
    String vote = state.vote() == 0 ? "" : " Vote:" + Long.toUnsignedString(state.vote());
    return "Term:" + state.term() + vote + " Commit:" + state.commit();
  }

  // ---- Entries and snapshots

  static String lines(List<Entry> entries) {
    return entries.stream().map(e -> entry(e) + "\n").collect(Collectors.joining());
  }

  static String entry(Entry entry) {
    String name =
        switch (entry.type()) {
          case NORMAL -> "EntryNormal";
          case CONF_CHANGE -> "EntryConfChange";
          case CONF_CHANGE_V2 -> "EntryConfChangeV2";
        };
    String payload =
        entry.type() == EntryType.NORMAL ? quoted(entry.data()) : operations(entry.data());
    return entry.term()
        + "/"
        + entry.index()
        + " "
        + name
        + (payload.isEmpty() ? "" : " " + payload);
  }

  private static String operations(Bytes data) {
    try {
      return ConfChange.decode(data).operations().stream()
          .map(o -> letter(o.type()) + Long.toUnsignedString(o.member()))
          .collect(Collectors.joining(" "));
    } catch (MalformedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String letter(ConfChange.OperationType type) {
    return switch (type) {
      case ADD_VOTER -> "v";
      case ADD_LEARNER -> "l";
      case REMOVE -> "r";
      case UPDATE -> "u";
    };
  }

  /** Reads {@code v1 l2 r3 u4}; nothing is an empty list. */
  static List<ConfChange.Operation> parseOperations(String text) {
    List<ConfChange.Operation> operations = new ArrayList<>();
    for (String word : text.isBlank() ? new String[0] : text.strip().split("\\s+")) {
      ConfChange.OperationType type =
          switch (word.charAt(0)) {
            case 'v' -> ConfChange.OperationType.ADD_VOTER;
            case 'l' -> ConfChange.OperationType.ADD_LEARNER;
            case 'r' -> ConfChange.OperationType.REMOVE;
            case 'u' -> ConfChange.OperationType.UPDATE;
            default -> throw new IllegalArgumentException("unknown operation: " + word);
          };
      try {
        long member = Long.parseUnsignedLong(word.substring(1));
        operations.add(new ConfChange.Operation(type, member));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("id expected: " + word, e);
      }
    }
    return operations;
  }

  private static String quoted(Bytes data) {
    StringBuilder text = new StringBuilder("\"");
    byte[] bytes = data.toArray();
    int at = 0;
    while (at < bytes.length) {
      int length = printableLength(bytes, at);
      if (length > 0) {
        String character = new String(bytes, at, length, StandardCharsets.UTF_8);
        text.append(character.equals("\"") || character.equals("\\") ? "\\" : "");
        text.append(character);
        at += length;
      } else {
        text.append(escaped(bytes[at++]));
      }
    }
    return text.append('"').toString();
  }

  private static int printableLength(byte[] bytes, int at) {
    for (int length = 1; length <= 4 && at + length <= bytes.length; length++) {
      String text = new String(bytes, at, length, StandardCharsets.UTF_8);
      if (text.codePointCount(0, text.length()) == 1 && text.codePointAt(0) != 0xfffd) {
        return Character.isISOControl(text.codePointAt(0)) ? 0 : length;
      }
    }
    return 0;
  }

  private static String escaped(byte value) {
    return switch (value) {
      case '\n' -> "\\n";
      case '\t' -> "\\t";
      case '\r' -> "\\r";
      case 7 -> "\\a";
      case '\b' -> "\\b";
      case '\f' -> "\\f";
      case 11 -> "\\v";
      default -> String.format("\\x%02x", value & 0xff);
    };
  }

  private static String snapshot(Snapshot snapshot) {
    ConfState state = snapshot.confState();
    return "Index:"
        + snapshot.last().index()
        + " Term:"
        + snapshot.last().term()
        + " ConfState:Voters:"
        + blankSeparated(state.voters())
        + " VotersOutgoing:"
        + blankSeparated(state.votersOutgoing())
        + " Learners:"
        + blankSeparated(state.learners())
        + " LearnersNext:"
        + blankSeparated(state.learnersNext())
        + " AutoLeave:"
        + state.autoLeave();
  }

  private static String blankSeparated(List<Long> ids) {
    return ids.stream().map(Long::toUnsignedString).collect(Collectors.joining(" ", "[", "]"));
  }

  // ---- Progress

  static String progress(SortedMap<Long, Progress> progress) {
    StringBuilder text = new StringBuilder();
    progress.forEach((id, p) -> text.append(progress(id, p)).append('\n'));
    return text.toString();
  }

  private static String progress(long id, Progress progress) {
    String state =
        switch (progress.state()) {
          case PROBE -> "StateProbe";
          case REPLICATE -> "StateReplicate";
          case SNAPSHOT -> "StateSnapshot";
        };
    int inflight = progress.inflights().count();
    return Long.toUnsignedString(id)
        + ": "
        + state
        + " match="
        + progress.match()
        + " next="
        + progress.next()
        + (progress.learner() ? " learner" : "")
        + (progress.paused() ? " paused" : "")
        + (progress.pendingSnapshot() > 0 ? " pendingSnap=" + progress.pendingSnapshot() : "")
        + (progress.recentActive() ? "" : " inactive")
        + (inflight > 0 ? " inflight=" + inflight : "")
        + (inflight > 0 && progress.inflights().isFull() ? "[full]" : "");
  }

  // ---- Messages

  /** A message without a newline at its end. */
  static String message(Message message) {
    MessageText text = new MessageText();
    message.deliverTo(text);
    String responses =
        text.responses.isEmpty()
            ? ""
            : " Responses:[\n"
                + text.responses.stream()
                    .map(r -> message(r).indent(2))
                    .collect(Collectors.joining())
                + "]";
    return header(message, text.type, text.log) + text.rest + responses;
  }

  /** A message without the responses that it carries. */
  static String withoutResponses(Message message) {
    MessageText text = new MessageText();
    message.deliverTo(text);
    return header(message, text.type, text.log) + text.rest;
  }

  private static String header(Message message, String type, EntryId log) {
    return node(message.from())
        + "->"
        + node(message.to())
        + " "
        + type
        + " Term:"
        + message.term()
        + " Log:"
        + log.term()
        + "/"
        + log.index();
  }

  static String type(Message message) {
    MessageText text = new MessageText();
    message.deliverTo(text);
    return text.type;
  }

  private static String node(long id) {
    if (id == Message.NOBODY) {
      return "None";
    }
    if (id == Message.APPEND_THREAD) {
      return "AppendThread";
    }
    return id == Message.APPLY_THREAD ? "ApplyThread" : Long.toHexString(id);
  }

  private static String ids(List<Long> ids) {
    return ids.stream().map(Long::toHexString).collect(Collectors.joining(" ", "(", ")"));
  }

  /** A configuration as the confchange files show it (section 8). */
  static String configuration(ConfState state) {
    return "voters="
        + ids(state.voters())
        + (state.isJoint() ? "&&" + ids(state.votersOutgoing()) : "")
        + (state.learners().isEmpty() ? "" : " learners=" + ids(state.learners()))
        + (state.learnersNext().isEmpty() ? "" : " learners_next=" + ids(state.learnersNext()))
        + (state.autoLeave() ? " autoleave" : "");
  }

  /** What each type of message shows (section 5.4). */
  private static final class MessageText implements Message.Handler {
    private String type;
    private EntryId log = EntryId.ZERO;
    private String rest = "";
    private List<Message> responses = List.of();

    @Override
    public void onPropose(Message.Propose message) {
      type = "MsgProp";
      rest = entries(message.entries());
    }

    @Override
    public void onAppendRequest(Message.AppendRequest message) {
      type = "MsgApp";
      log = message.previous();
      rest = commit(message.commit()) + entries(message.entries());
    }

    @Override
    public void onAppendResponse(Message.AppendResponse message) {
      type = "MsgAppResp";
      log = new EntryId(message.hint().term(), message.index());
      rest = rejected(message.rejected(), message.hint().index());
    }

    @Override
    public void onVoteRequest(Message.VoteRequest message) {
      type = message.preVote() ? "MsgPreVote" : "MsgVote";
      log = message.last();
    }

    @Override
    public void onVoteResponse(Message.VoteResponse message) {
      type = message.preVote() ? "MsgPreVoteResp" : "MsgVoteResp";
      rest = rejected(message.rejected(), 0);
    }

    @Override
    public void onInstallSnapshot(Message.InstallSnapshot message) {
      type = "MsgSnap";
      rest = snapshotPart(message.snapshot());
    }

    @Override
    public void onHeartbeat(Message.Heartbeat message) {
      type = "MsgHeartbeat";
      rest = commit(message.commit());
    }

    @Override
    public void onHeartbeatResponse(Message.HeartbeatResponse message) {
      type = "MsgHeartbeatResp";
    }

    @Override
    public void onTimeoutNow(Message.TimeoutNow message) {
      type = "MsgTimeoutNow";
    }

    @Override
    public void onTransferLeader(Message.TransferLeader message) {
      type = "MsgTransferLeader";
    }

    @Override
    public void onReadIndexRequest(Message.ReadIndexRequest message) {
      type = "MsgReadIndex";
    }

    @Override
    public void onReadIndexResponse(Message.ReadIndexResponse message) {
      type = "MsgReadIndexResp";
      log = new EntryId(0, message.index());
    }

    @Override
    public void onProposeRefused(Message.ProposeRefused message) {
      throw new IllegalStateException("the core sends no " + message);
    }

    @Override
    public void onStorageAppend(Message.StorageAppend message) {
      type = "MsgStorageAppend";
      HardState state = message.hardState();
      rest =
          commit(state.commit())
              + (state.vote() == 0 ? "" : " Vote:" + Long.toUnsignedString(state.vote()))
              + entries(message.entries())
              + snapshotPart(message.snapshot());
      responses = message.responses();
    }

    @Override
    public void onStorageAppendResponse(Message.StorageAppendResponse message) {
      type = "MsgStorageAppendResp";
      log = message.last();
      rest = snapshotPart(message.snapshot());
    }

    @Override
    public void onStorageApply(Message.StorageApply message) {
      type = "MsgStorageApply";
      rest = entries(message.entries());
      responses = message.responses();
    }

    @Override
    public void onStorageApplyResponse(Message.StorageApplyResponse message) {
      type = "MsgStorageApplyResp";
      rest = entries(message.entries());
    }

    private static String commit(long commit) {
      return commit == 0 ? "" : " Commit:" + commit;
    }

    private static String rejected(boolean rejected, long hint) {
      return rejected ? " Rejected (Hint: " + hint + ")" : "";
    }

    private static String entries(List<Entry> entries) {
      return switch (entries.size()) {
        case 0 -> "";
        case 1 -> " Entries:[" + entry(entries.get(0)) + "]";
        default -> " Entries:[\n" + lines(entries).indent(2) + "]";
      };
    }

    private static String snapshotPart(Snapshot snapshot) {
      return snapshot.isEmpty() ? "" : "\n  Snapshot: " + snapshot(snapshot);
    }
  }
}
