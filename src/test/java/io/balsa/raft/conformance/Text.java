package io.balsa.raft.conformance;

import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import io.balsa.raft.Ready;
import io.balsa.raft.RoleName;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfChange.Operation;
import io.balsa.raft.message.ConfChange.OperationType;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import io.balsa.raft.tracker.Progress;
import io.balsa.raft.tracker.ProgressState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Values of the core in the notation of the conformance files. */
final class Text {
  private Text() {}

  static List<Operation> operations(String input) {
    List<Operation> operations = new ArrayList<>();
    for (String word : input.split("\\s+")) {
      if (!word.isEmpty()) {
        OperationType type =
            switch (word.charAt(0)) {
              case 'v' -> OperationType.ADD_VOTER;
              case 'l' -> OperationType.ADD_LEARNER;
              case 'r' -> OperationType.REMOVE;
              case 'u' -> OperationType.UPDATE;
              default -> throw new IllegalArgumentException("unknown operation: " + word);
            };
        operations.add(new Operation(type, Long.parseLong(word.substring(1))));
      }
    }
    return operations;
  }

  static String role(RoleName role) {
    return switch (role) {
      case FOLLOWER -> "StateFollower";
      case PRE_CANDIDATE -> "StatePreCandidate";
      case CANDIDATE -> "StateCandidate";
      case LEADER -> "StateLeader";
    };
  }

  static String ready(Ready ready) {
    if (ready.isEmpty()) {
      return "<empty Ready>";
    }
    StringBuilder text = new StringBuilder("Ready MustSync=" + ready.mustSync() + ":\n");
    if (ready.softState() != null) {
      text.append("Lead:")
          .append(ready.softState().leader())
          .append(" State:")
          .append(role(ready.softState().role()))
          .append('\n');
    }
    HardState hard = ready.hardState();
    if (!hard.isEmpty()) {
      text.append("HardState Term:").append(hard.term());
      if (hard.vote() != 0) {
        text.append(" Vote:").append(hard.vote());
      }
      text.append(" Commit:").append(hard.commit()).append('\n');
    }
    if (!ready.readStates().isEmpty()) {
      text.append("ReadStates ").append(ready.readStates()).append('\n');
    }
    if (!ready.entries().isEmpty()) {
      text.append("Entries:\n");
      ready.entries().forEach(entry -> text.append(entry(entry)).append('\n'));
    }
    if (!ready.snapshot().isEmpty()) {
      text.append("Snapshot ").append(snapshot(ready.snapshot())).append('\n');
    }
    if (!ready.committedEntries().isEmpty()) {
      text.append("CommittedEntries:\n");
      ready.committedEntries().forEach(entry -> text.append(entry(entry)).append('\n'));
    }
    if (!ready.messages().isEmpty()) {
      text.append("Messages:\n");
      ready.messages().forEach(message -> text.append(message(message)).append('\n'));
    }
    return text.toString();
  }

  static String entry(Entry entry) {
    String type =
        switch (entry.type()) {
          case NORMAL -> "EntryNormal";
          case CONF_CHANGE -> "EntryConfChange";
          case CONF_CHANGE_V2 -> "EntryConfChangeV2";
        };
    String payload =
        entry.type() == EntryType.NORMAL ? quoted(entry.data()) : changes(entry.data());
    return entry.term()
        + "/"
        + entry.index()
        + " "
        + type
        + (payload.isEmpty() ? "" : " " + payload);
  }

  private static String changes(Bytes data) {
    try {
      return ConfChange.decode(data).operations().stream()
          .map(
              operation ->
                  switch (operation.type()) {
                        case ADD_VOTER -> "v";
                        case ADD_LEARNER -> "l";
                        case REMOVE -> "r";
                        case UPDATE -> "u";
                      }
                      + operation.member())
          .collect(Collectors.joining(" "));
    } catch (MalformedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String quoted(Bytes data) {
    StringBuilder text = new StringBuilder("\"");
    if (data.asUtf8().isEmpty()) {
      for (int i = 0; i < data.length(); i++) {
        int b = data.at(i);
        if (b >= 0x80) {
          text.append(String.format("\\x%02x", b));
        } else {
          escape(text, b);
        }
      }
    } else {
      data.asUtf8().get().codePoints().forEach(point -> escape(text, point));
    }
    return text.append('"').toString();
  }

  private static void escape(StringBuilder text, int point) {
    switch (point) {
      case '"' -> text.append("\\\"");
      case '\\' -> text.append("\\\\");
      case '\n' -> text.append("\\n");
      case '\t' -> text.append("\\t");
      case '\r' -> text.append("\\r");
      case 7 -> text.append("\\a");
      case '\b' -> text.append("\\b");
      case '\f' -> text.append("\\f");
      case 11 -> text.append("\\v");
      default -> {
        if (point < 0x20 || point == 0x7f) {
          text.append(String.format("\\x%02x", point));
        } else {
          text.appendCodePoint(point);
        }
      }
    }
  }

  static String id(long id) {
    if (id == Message.NOBODY) {
      return "None";
    }
    if (id == Message.APPEND_THREAD) {
      return "AppendThread";
    }
    return id == Message.APPLY_THREAD ? "ApplyThread" : Long.toHexString(id);
  }

  static String type(Message message) {
    if (message instanceof Message.VoteRequest request) {
      return request.preVote() ? "MsgPreVote" : "MsgVote";
    }
    if (message instanceof Message.VoteResponse response) {
      return response.preVote() ? "MsgPreVoteResp" : "MsgVoteResp";
    }
    return switch (message.getClass().getSimpleName()) {
      case "Propose" -> "MsgProp";
      case "AppendRequest" -> "MsgApp";
      case "AppendResponse" -> "MsgAppResp";
      case "InstallSnapshot" -> "MsgSnap";
      case "Heartbeat" -> "MsgHeartbeat";
      case "HeartbeatResponse" -> "MsgHeartbeatResp";
      case "TimeoutNow" -> "MsgTimeoutNow";
      case "TransferLeader" -> "MsgTransferLeader";
      case "ReadIndexRequest" -> "MsgReadIndex";
      case "ReadIndexResponse" -> "MsgReadIndexResp";
      case "StorageAppend" -> "MsgStorageAppend";
      case "StorageAppendResponse" -> "MsgStorageAppendResp";
      case "StorageApply" -> "MsgStorageApply";
      case "StorageApplyResponse" -> "MsgStorageApplyResp";
      default -> throw new IllegalArgumentException("no text for " + message);
    };
  }

  /** The fields of a message that are printed. */
  private static final class Fields {
    EntryId log = EntryId.ZERO;
    boolean rejected;
    long hint;
    long commit;
    long vote;
    List<Entry> entries = List.of();
    Snapshot snapshot = Snapshot.EMPTY;
    List<Message> responses = List.of();
  }

  private static Fields fields(Message message) {
    Fields fields = new Fields();
    if (message instanceof Message.Propose m) {
      fields.entries = m.entries();
    } else if (message instanceof Message.AppendRequest m) {
      fields.log = m.previous();
      fields.commit = m.commit();
      fields.entries = m.entries();
    } else if (message instanceof Message.AppendResponse m) {
      fields.log = new EntryId(m.hint().term(), m.index());
      fields.rejected = m.rejected();
      fields.hint = m.hint().index();
    } else if (message instanceof Message.VoteRequest m) {
      fields.log = m.last();
    } else if (message instanceof Message.VoteResponse m) {
      fields.rejected = m.rejected();
    } else if (message instanceof Message.InstallSnapshot m) {
      fields.snapshot = m.snapshot();
    } else if (message instanceof Message.Heartbeat m) {
      fields.commit = m.commit();
    } else if (message instanceof Message.ReadIndexResponse m) {
      fields.log = new EntryId(0, m.index());
    } else if (message instanceof Message.StorageAppend m) {
      fields.commit = m.hardState().commit();
      fields.vote = m.hardState().vote();
      fields.entries = m.entries();
      fields.snapshot = m.snapshot();
      fields.responses = m.responses();
    } else if (message instanceof Message.StorageAppendResponse m) {
      fields.log = m.last();
      fields.snapshot = m.snapshot();
    } else if (message instanceof Message.StorageApply m) {
      fields.entries = m.entries();
      fields.responses = m.responses();
    } else if (message instanceof Message.StorageApplyResponse m) {
      fields.entries = m.entries();
    }
    return fields;
  }

  static String message(Message message) {
    return message(message, true);
  }

  static String message(Message message, boolean withResponses) {
    Fields fields = fields(message);
    StringBuilder text = new StringBuilder();
    text.append(id(message.from())).append("->").append(id(message.to())).append(' ');
    text.append(type(message)).append(" Term:").append(message.term());
    text.append(" Log:").append(fields.log.term()).append('/').append(fields.log.index());
    if (fields.rejected) {
      text.append(" Rejected (Hint: ").append(fields.hint).append(')');
    }
    if (fields.commit != 0) {
      text.append(" Commit:").append(fields.commit);
    }
    if (fields.vote != 0) {
      text.append(" Vote:").append(fields.vote);
    }
    if (fields.entries.size() == 1) {
      text.append(" Entries:[").append(entry(fields.entries.get(0))).append(']');
    } else if (!fields.entries.isEmpty()) {
      text.append(" Entries:[\n");
      fields.entries.forEach(entry -> text.append("  ").append(entry(entry)).append('\n'));
      text.append(']');
    }
    if (!fields.snapshot.isEmpty()) {
      text.append("\n  Snapshot: ").append(snapshot(fields.snapshot));
    }
    if (withResponses && !fields.responses.isEmpty()) {
      text.append(" Responses:[\n");
      fields.responses.forEach(response -> text.append(indented(message(response))).append('\n'));
      text.append(']');
    }
    return text.toString();
  }

  static String indented(String text) {
    return text.lines().map(line -> "  " + line).collect(Collectors.joining("\n"));
  }

  static String snapshot(Snapshot snapshot) {
    ConfState state = snapshot.confState();
    return "Index:%d Term:%d ConfState:Voters:%s VotersOutgoing:%s Learners:%s LearnersNext:%s AutoLeave:%s"
        .formatted(
            snapshot.last().index(),
            snapshot.last().term(),
            list(state.voters()),
            list(state.votersOutgoing()),
            list(state.learners()),
            list(state.learnersNext()),
            state.autoLeave());
  }

  private static String list(List<Long> ids) {
    return ids.stream().map(String::valueOf).collect(Collectors.joining(" ", "[", "]"));
  }

  static String progress(Map<Long, Progress> progress) {
    StringBuilder text = new StringBuilder();
    progress.forEach(
        (member, known) -> {
          String state =
              switch (known.state()) {
                case PROBE -> "StateProbe";
                case REPLICATE -> "StateReplicate";
                case SNAPSHOT -> "StateSnapshot";
              };
          text.append(member).append(": ").append(state);
          text.append(" match=").append(known.match()).append(" next=").append(known.next());
          text.append(known.learner() ? " learner" : "");
          text.append(known.paused() || known.state() == ProgressState.SNAPSHOT ? " paused" : "");
          text.append(known.pendingSnapshot() > 0 ? " pendingSnap=" + known.pendingSnapshot() : "");
          text.append(known.recentActive() ? "" : " inactive");
          if (known.inflights().count() > 0) {
            text.append(" inflight=").append(known.inflights().count());
            text.append(known.inflights().full() ? "[full]" : "");
          }
          text.append('\n');
        });
    return text.toString();
  }
}
