package io.balsa.history;

import io.balsa.data.Bytes;
import io.balsa.history.KeySearch.Verdict;
import io.balsa.history.Result.Value;
import io.balsa.history.Violation.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Whether each key behaved like one register with compare-and-set, whose mod revisions grow: there
 * is one order of its operations that agrees with real time and explains every answer. An operation
 * that was not answered may be anywhere after its beginning in that order, or not at all.
 */
public final class Linearizability {
  /** Far above what a correct history takes, which is about one step for each operation. */
  private static final long STEPS_MAX = 3_000_000;

  /** How much work goes into a short account of a violation, in steps. */
  private static final long SHORTENING_STEPS_MAX = 20_000_000;

  private Linearizability() {}

  /**
   * Searches for an order for each key; the history may be in any order itself.
   *
   * @return the first key for which there is none, or for which none was found in a bounded search
   */
  public static Optional<Violation> check(List<Operation> history) {
    return check(history, STEPS_MAX);
  }

  static Optional<Violation> check(List<Operation> history, long stepsMax) {
    Map<Bytes, List<Operation>> byKey =
        history.stream()
            .collect(Collectors.groupingBy(Operation::key, TreeMap::new, Collectors.toList()));
    for (Map.Entry<Bytes, List<Operation>> key : byKey.entrySet()) {
      Verdict verdict = new KeySearch(key.getValue()).run(new Budget(stepsMax));
      if (verdict == Verdict.UNDECIDED) {
        return Optional.of(undecided(key.getKey(), key.getValue(), stepsMax));
      }
      if (verdict == Verdict.NOT_LINEARIZABLE) {
        return Optional.of(violation(key.getKey(), key.getValue(), stepsMax));
      }
    }
    return Optional.empty();
  }

  private static Violation undecided(Bytes key, List<Operation> operations, long stepsMax) {
    return Violation.of(
        Kind.UNDECIDED,
        "key %s: no order of its %d operations found, but not all tried after %d steps"
            .formatted(key, operations.size(), stepsMax),
        List.of());
  }

  private static Violation violation(Bytes key, List<Operation> operations, long stepsMax) {
    Budget budget = new Budget(SHORTENING_STEPS_MAX);
    Predicate<List<Operation>> contradictory =
        some -> new KeySearch(some).run(budget) == Verdict.NOT_LINEARIZABLE;
    List<Operation> prefix = shortestPrefix(operations, contradictory);
    List<Operation> core = withoutUnneeded(prefix, contradictory);
    return Violation.of(
        Kind.NOT_LINEARIZABLE,
        "key %s: there is no order of the operations up to time %d (%d of %d); these suffice:"
            .formatted(key, lastReturn(core), prefix.size(), operations.size()),
        withAnswers(core, operations));
  }

  private static long lastReturn(List<Operation> operations) {
    return operations.stream()
        .filter(Operation::isAnswered)
        .mapToLong(Operation::returned)
        .max()
        .orElseThrow();
  }

  /** What was known when the first contradiction was there: a later answer was not. */
  private static List<Operation> shortestPrefix(
      List<Operation> operations, Predicate<List<Operation>> contradictory) {
    long[] times =
        operations.stream()
            .filter(Operation::isAnswered)
            .mapToLong(Operation::returned)
            .sorted()
            .toArray();
    int tooShort = -1;
    int longEnough = times.length - 1;
    while (longEnough - tooShort > 1) {
      int middle = (tooShort + longEnough) >>> 1;
      if (contradictory.test(until(operations, times[middle]))) {
        longEnough = middle;
      } else {
        tooShort = middle;
      }
    }
    return until(operations, times[longEnough]);
  }

  private static List<Operation> until(List<Operation> operations, long time) {
    return operations.stream()
        .filter(operation -> operation.invoked() <= time)
        .map(operation -> operation.returned() > time ? operation.forgotten() : operation)
        .sorted(Comparator.comparingLong(Operation::invoked))
        .toList();
  }

  /** Forgets the answers that are not needed for the contradiction, larger parts first. */
  private static List<Operation> withoutUnneeded(
      List<Operation> operations, Predicate<List<Operation>> contradictory) {
    List<Operation> kept = new ArrayList<>(operations);
    for (int size = Math.max(1, kept.size() / 2); size > 0; size /= 2) {
      for (int from = 0; from < kept.size(); from += size) {
        List<Operation> less = new ArrayList<>(kept);
        less.subList(from, Math.min(from + size, less.size())).replaceAll(Operation::forgotten);
        if (contradictory.test(less)) {
          kept = less;
        }
      }
    }
    Set<Bytes> read = new HashSet<>();
    for (Operation operation : kept) {
      if (operation.result() instanceof Value value) {
        read.add(value.value());
      }
    }
    return kept.stream()
        .filter(operation -> operation.isAnswered() || read.contains(written(operation.action())))
        .toList();
  }

  /** Those among {@code operations} that {@code core} is made of: a reader wants all answers. */
  private static List<Operation> withAnswers(List<Operation> core, List<Operation> operations) {
    Set<Operation> forgotten = new HashSet<>();
    core.forEach(operation -> forgotten.add(operation.forgotten()));
    return operations.stream()
        .filter(operation -> forgotten.contains(operation.forgotten()))
        .sorted(Comparator.comparingLong(Operation::invoked))
        .toList();
  }

  /** Null if it writes no value. */
  private static Bytes written(Action action) {
    if (action instanceof Action.Put put) {
      return put.value();
    }
    return action instanceof Action.PutIf putIf ? putIf.value() : null;
  }
}
