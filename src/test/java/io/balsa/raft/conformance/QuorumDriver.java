package io.balsa.raft.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.conformance.DataFile.Argument;
import io.balsa.raft.conformance.DataFile.Case;
import io.balsa.raft.quorum.JointConfig;
import io.balsa.raft.quorum.MajorityConfig;
import io.balsa.raft.quorum.VoteResult;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.LongUnaryOperator;
import java.util.stream.Collectors;

/** The commands of {@code quorum/} (section 7). */
final class QuorumDriver implements Driver {
  @Override
  public String run(Case test) {
    List<Long> first = ids(test.argument("cfg"));
    Argument other = test.argument("cfgj");
    boolean zero = other != null && List.of("zero").equals(other.values());
    List<Long> second = zero ? List.of() : ids(other);
    JointConfig joint = new JointConfig(MajorityConfig.of(first), MajorityConfig.of(second));
    List<Long> order = new ArrayList<>(first);
    second.stream().filter(id -> !order.contains(id)).forEach(order::add);
    boolean isJoint = other != null;
    return switch (test.command()) {
          case "vote" -> withValues(test, "votes", order, given -> vote(joint, isJoint, given));
          case "committed" ->
              withValues(test, "idx", order, given -> committed(joint, isJoint, given));
          default -> "unknown command";
        }
        + "\n";
  }

  private static List<Long> ids(Argument argument) {
    return argument == null ? List.of() : argument.numbers();
  }

  /** Hands on the values by voter, without the unknown ones. */
  private static String withValues(
      Case test, String key, List<Long> voters, Function<Map<Long, String>, String> command) {
    Argument argument = test.argument(key);
    List<String> given = argument == null ? List.of() : argument.values();
    if (given.size() != voters.size()) {
      return "error: mismatched input (explicit or _) for voters map["
          + voters.stream().sorted().map(id -> id + ":{}").collect(Collectors.joining(" "))
          + "]: ["
          + given.stream().map(QuorumDriver::asNumber).collect(Collectors.joining(" "))
          + "]";
    }
    Map<Long, String> values = new TreeMap<>();
    for (int i = 0; i < given.size(); i++) {
      if (!given.get(i).equals("_")) {
        values.put(voters.get(i), given.get(i));
      }
    }
    return command.apply(values);
  }

  private static String asNumber(String value) {
    return switch (value) {
      case "_" -> "0";
      case "n" -> "1";
      case "y" -> "2";
      default -> value;
    };
  }

  // ---- Votes

  private static String vote(JointConfig joint, boolean isJoint, Map<Long, String> given) {
    Map<Long, Boolean> votes = new TreeMap<>();
    given.forEach((id, value) -> votes.put(id, isYes(value)));
    VoteResult result = isJoint ? joint.voteResult(votes) : joint.incoming().voteResult(votes);
    assertThat(swapped(joint).voteResult(votes)).isEqualTo(joint.voteResult(votes));
    assertThat(withItself(joint.incoming()).voteResult(votes))
        .isEqualTo(joint.incoming().voteResult(votes));
    assertThat(new JointConfig(joint.incoming(), MajorityConfig.EMPTY).voteResult(votes))
        .isEqualTo(joint.incoming().voteResult(votes));
    return switch (result) {
      case LOST -> "VoteLost";
      case PENDING -> "VotePending";
      case WON -> "VoteWon";
    };
  }

  private static boolean isYes(String vote) {
    return switch (vote) {
      case "y" -> true;
      case "n" -> false;
      default -> throw new IllegalArgumentException("vote expected, y, n or _: " + vote);
    };
  }

  // ---- Committed

  private static String committed(JointConfig joint, boolean isJoint, Map<Long, String> given) {
    Map<Long, Long> indexes = new TreeMap<>();
    given.forEach((id, value) -> indexes.put(id, Long.parseLong(value)));
    LongUnaryOperator acked = id -> indexes.getOrDefault(id, 0L);
    long result = isJoint ? joint.committedIndex(acked) : joint.incoming().committedIndex(acked);
    checkCommitted(joint, indexes);
    TreeSet<Long> voters = new TreeSet<>(joint.members());
    return picture(voters, indexes)
        + (result == MajorityConfig.INFINITE ? "∞" : Long.toUnsignedString(result));
  }

  private static void checkCommitted(JointConfig joint, Map<Long, Long> indexes) {
    LongUnaryOperator acked = id -> indexes.getOrDefault(id, 0L);
    long committed = joint.committedIndex(acked);
    MajorityConfig half = joint.incoming();
    long halfCommitted = half.committedIndex(acked);
    assertThat(swapped(joint).committedIndex(acked)).isEqualTo(committed);
    assertThat(withItself(half).committedIndex(acked)).isEqualTo(halfCommitted);
    assertThat(new JointConfig(half, MajorityConfig.EMPTY).committedIndex(acked))
        .isEqualTo(halfCommitted);
    assertThat(byCounting(half, acked)).isEqualTo(halfCommitted);
    // Voters below the commit do not count, so they may as well be further below.
    for (long id : joint.members()) {
      long own = acked.applyAsLong(id);
      if (own > 0 && own < committed) {
        for (long lower : List.of(own - 1, 0L)) {
          assertThat(joint.committedIndex(i -> i == id ? lower : acked.applyAsLong(i)))
              .isEqualTo(committed);
        }
      }
    }
  }

  private static long byCounting(MajorityConfig config, LongUnaryOperator acked) {
    if (config.isEmpty()) {
      return MajorityConfig.INFINITE;
    }
    long best = 0;
    for (long candidate : config.members()) {
      long index = acked.applyAsLong(candidate);
      long reached = config.members().stream().filter(id -> acked.applyAsLong(id) >= index).count();
      if (reached > config.members().size() / 2) {
        best = Math.max(best, index);
      }
    }
    return best;
  }

  private static JointConfig swapped(JointConfig joint) {
    return new JointConfig(joint.outgoing(), joint.incoming());
  }

  private static JointConfig withItself(MajorityConfig config) {
    return new JointConfig(config, config);
  }

  private static String picture(TreeSet<Long> voters, Map<Long, Long> indexes) {
    if (voters.isEmpty()) {
      return "<empty majority quorum>";
    }
    int count = voters.size();
    Comparator<Long> byIndex = Comparator.comparing(id -> indexes.getOrDefault(id, 0L));
    List<Long> sorted =
        voters.stream().sorted(byIndex.thenComparing(Comparator.naturalOrder())).toList();
    Map<Long, Integer> bars = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      boolean sameAsBefore =
          i > 0
              && indexes
                  .getOrDefault(sorted.get(i), 0L)
                  .equals(indexes.getOrDefault(sorted.get(i - 1), 0L));
      bars.put(sorted.get(i), sameAsBefore ? bars.get(sorted.get(i - 1)) : Integer.valueOf(i));
    }
    StringBuilder text = new StringBuilder(" ".repeat(count) + "    idx\n");
    for (long id : voters) {
      int bar = bars.get(id);
      text.append(
          indexes.containsKey(id)
              ? "x".repeat(bar) + ">" + " ".repeat(count - bar)
              : "?" + " ".repeat(count));
      text.append(String.format(" %5d    (id=%x)\n", indexes.getOrDefault(id, 0L), id));
    }
    return text.toString();
  }
}
