package io.balsa.raft.conformance;

import io.balsa.raft.confchange.Changer;
import io.balsa.raft.confchange.ConfChangeException;
import io.balsa.raft.message.ConfChange.Operation;
import io.balsa.raft.quorum.JointConfig;
import io.balsa.raft.quorum.MajorityConfig;
import io.balsa.raft.quorum.VoteResult;
import io.balsa.raft.tracker.Configuration;
import io.balsa.raft.tracker.Inflights;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** What the files under quorum/ and confchange/ talk to. */
final class Pure {
  private Changer.Change state =
      new Changer.Change(Configuration.empty(), new TreeMap<>(Long::compareUnsigned));
  private long lastIndex;

  String confChange(Script.Case command) {
    try {
      Changer changer =
          new Changer(
              state.configuration(),
              state.progress(),
              lastIndex,
              () -> new Inflights(Integer.MAX_VALUE, 0));
      List<Operation> operations = Text.operations(command.input());
      state =
          switch (command.command()) {
            case "simple" -> changer.simple(operations);
            case "enter-joint" -> changer.enterJoint(command.flag("autoleave"), operations);
            case "leave-joint" -> {
              if (!operations.isEmpty()) {
                throw new ConfChangeException("this command takes no input");
              }
              yield changer.leaveJoint();
            }
            default -> throw new ConfChangeException("unknown command");
          };
      return state.configuration() + "\n" + Text.progress(state.progress());
    } catch (ConfChangeException e) {
      return e.getMessage();
    } finally {
      lastIndex++;
    }
  }

  static String quorum(Script.Case command) {
    List<Long> first = command.ids("cfg");
    boolean joint = command.values("cfgj") != null;
    List<Long> second =
        joint && !command.value("cfgj", "zero").equals("zero") ? command.ids("cfgj") : List.of();
    List<Long> inOrder = new ArrayList<>(first);
    second.stream().filter(id -> !inOrder.contains(id)).forEach(inOrder::add);
    boolean votes = command.command().equals("vote");
    List<String> given = command.values(votes ? "votes" : "idx");
    List<String> values = given == null ? List.of() : given;
    if (values.size() != inOrder.size()) {
      return "error: mismatched input (explicit or _) for voters %s: %s".formatted(inOrder, values);
    }
    JointConfig config = new JointConfig(new MajorityConfig(first), new MajorityConfig(second));
    JointConfig swapped = new JointConfig(config.outgoing(), config.incoming());
    if (votes) {
      Map<Long, Boolean> cast = new HashMap<>();
      for (int i = 0; i < values.size(); i++) {
        if (!values.get(i).equals("_")) {
          cast.put(inOrder.get(i), values.get(i).equals("y"));
        }
      }
      VoteResult result = config.voteResult(cast);
      if (swapped.voteResult(cast) != result) {
        throw new AssertionError("halves swapped give another result");
      }
      return switch (result) {
        case WON -> "VoteWon";
        case LOST -> "VoteLost";
        case PENDING -> "VotePending";
      };
    }
    Map<Long, Long> indexes = new HashMap<>();
    for (int i = 0; i < values.size(); i++) {
      if (!values.get(i).equals("_")) {
        indexes.put(inOrder.get(i), Long.parseLong(values.get(i)));
      }
    }
    long committed = config.committedIndex(id -> indexes.getOrDefault(id, 0L));
    if (swapped.committedIndex(id -> indexes.getOrDefault(id, 0L)) != committed) {
      throw new AssertionError("halves swapped give another index");
    }
    return picture(inOrder, indexes)
        + (committed == MajorityConfig.EVERYTHING ? "∞" : String.valueOf(committed));
  }

  private static String picture(List<Long> voters, Map<Long, Long> indexes) {
    if (voters.isEmpty()) {
      return "<empty majority quorum>";
    }
    int n = voters.size();
    List<Long> sorted = new ArrayList<>(voters);
    sorted.sort(
        Comparator.<Long>comparingLong(id -> indexes.getOrDefault(id, 0L))
            .thenComparing(Comparator.naturalOrder()));
    Map<Long, Integer> bars = new HashMap<>();
    for (int i = 0; i < n; i++) {
      boolean same =
          i > 0
              && indexes
                  .getOrDefault(sorted.get(i), 0L)
                  .equals(indexes.getOrDefault(sorted.get(i - 1), 0L));
      bars.put(sorted.get(i), i == 0 ? 0 : same ? bars.get(sorted.get(i - 1)) : i);
    }
    StringBuilder text = new StringBuilder(" ".repeat(n)).append("    idx\n");
    for (long id : new TreeSet<>(voters)) {
      if (indexes.containsKey(id)) {
        int bar = bars.get(id);
        text.append("x".repeat(bar)).append('>').append(" ".repeat(n - bar));
      } else {
        text.append('?').append(" ".repeat(n));
      }
      text.append(
          " %5d    (id=%s)\n".formatted(indexes.getOrDefault(id, 0L), Long.toHexString(id)));
    }
    return text.toString();
  }
}
