package io.balsa.history;

import io.balsa.data.Bytes;
import io.balsa.history.Action.Put;
import io.balsa.history.Action.PutIf;
import io.balsa.history.Violation.Kind;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Whether the store's revisions tell one order of the writes of all keys that agrees with real time
 * (strict serializability, seen through the revision counter). It needs no search: the revisions
 * are the order.
 */
public final class RevisionOrder {
  private RevisionOrder() {}

  /**
   * Checks that a revision stands for one write only, the same in every answer; and that a write
   * has a higher revision than all that was written or read before it began, and a deletion that
   * found nothing none that is lower.
   */
  public static Optional<Violation> check(List<Operation> history) {
    return twice(history).or(() -> back(history));
  }

  private static Optional<Violation> twice(List<Operation> history) {
    Map<Long, Operation> writes = new HashMap<>();
    for (Operation operation : history) {
      if (operation.hasWritten()) {
        Operation other = writes.putIfAbsent(operation.revision(), operation);
        if (other != null) {
          return violation(Kind.REVISION_TWICE, "two writes", other, operation);
        }
      }
    }
    Map<Long, Operation> seen = new HashMap<>(writes);
    for (Operation operation : history) {
      if (operation.result() instanceof Result.Value && operation.revision() > 0) {
        Operation other = seen.putIfAbsent(operation.revision(), operation);
        if (other != null && !tellTheSame(other, operation)) {
          return violation(Kind.REVISION_TWICE, "one revision for two things", other, operation);
        }
      }
    }
    return Optional.empty();
  }

  private static boolean tellTheSame(Operation one, Operation other) {
    return one.key().equals(other.key()) && Objects.equals(content(one), content(other));
  }

  /** What the key holds at the operation's revision. */
  private static Bytes content(Operation operation) {
    if (operation.result() instanceof Result.Value value) {
      return value.value();
    }
    if (operation.action() instanceof Put put) {
      return put.value();
    }
    return operation.action() instanceof PutIf putIf ? putIf.value() : null;
  }

  private static Optional<Violation> back(List<Operation> history) {
    List<Operation> byInvoked = sorted(history, Comparator.comparingLong(Operation::invoked));
    List<Operation> byReturned = sorted(history, Comparator.comparingLong(Operation::returned));
    int returned = 0;
    Operation highest = null;
    for (Operation operation : byInvoked) {
      for (; byReturned.get(returned).isBefore(operation); returned++) {
        Operation earlier = byReturned.get(returned);
        if (highest == null || earlier.revision() > highest.revision()) {
          highest = earlier;
        }
      }
      if (highest != null && isBack(operation, highest.revision())) {
        return violation(Kind.REVISION_BACK, "the later has no higher one", highest, operation);
      }
    }
    return Optional.empty();
  }

  private static List<Operation> sorted(List<Operation> history, Comparator<Operation> order) {
    return history.stream().filter(Operation::isAnswered).sorted(order).toList();
  }

  private static boolean isBack(Operation operation, long revisionBefore) {
    if (operation.hasWritten()) {
      return operation.revision() <= revisionBefore;
    }
    return operation.result() instanceof Result.Deleted && operation.revision() < revisionBefore;
  }

  private static Optional<Violation> violation(
      Kind kind, String what, Operation one, Operation other) {
    return Optional.of(
        Violation.of(
            kind,
            "revisions %d and %d: %s:".formatted(one.revision(), other.revision(), what),
            List.of(one, other)));
  }
}
