package io.balsa.history;

import io.balsa.data.Bytes;
import io.balsa.history.Action.Delete;
import io.balsa.history.Action.Get;
import io.balsa.history.Action.PutIf;
import io.balsa.history.Result.Applied;
import io.balsa.history.Result.Deleted;
import io.balsa.history.Result.NotMet;
import io.balsa.history.Result.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What linearizable means, written down as plainly as possible: all orders, with each choice of
 * lost writes and each revision that they could have had. For small histories of one key.
 */
final class BruteForce {
  private final long revisionMax;

  private BruteForce(long revisionMax) {
    this.revisionMax = revisionMax;
  }

  /**
   * One key of a store.
   *
   * @param value null if absent
   * @param counter the store's revision
   */
  private record Store(Bytes value, long modRevision, long counter) {}

  static boolean isLinearizable(List<Operation> history) {
    long highest = history.stream().mapToLong(BruteForce::highest).max().orElse(0);
    return new BruteForce(highest + history.size() + 1).canFinish(history, new Store(null, 0, 0));
  }

  private static long highest(Operation operation) {
    return Math.max(
        operation.revision(),
        operation.action() instanceof PutIf putIf ? putIf.expectedModRevision() : 0);
  }

  private boolean canFinish(List<Operation> left, Store store) {
    if (left.stream().noneMatch(Operation::isAnswered)) {
      return true;
    }
    for (Operation next : left) {
      if (left.stream().anyMatch(other -> other.isBefore(next))) {
        continue;
      }
      List<Operation> rest = new ArrayList<>(left);
      rest.remove(next);
      for (Store after : outcomes(next, store)) {
        if (canFinish(rest, after)) {
          return true;
        }
      }
    }
    return false;
  }

  /** The stores that there may be after the operation, with its result, at this store. */
  private List<Store> outcomes(Operation operation, Store store) {
    Action action = operation.action();
    Result result = operation.result();
    List<Store> stores = new ArrayList<>();
    if (action instanceof Get) {
      if (!operation.isAnswered() || result.equals(new Value(store.value(), store.modRevision()))) {
        stores.add(store);
      }
    } else if (action instanceof Delete && store.value() == null
        || action instanceof PutIf putIf && putIf.expectedModRevision() != store.modRevision()) {
      // Nothing is done; the counter may have grown by writes of other keys.
      for (long counter = store.counter(); counter <= revisionMax; counter++) {
        if (!operation.isAnswered()
            || result instanceof NotMet
            || result.equals(new Deleted(false, counter))) {
          stores.add(new Store(store.value(), store.modRevision(), counter));
        }
      }
    } else {
      for (long revision = store.counter() + 1; revision <= revisionMax; revision++) {
        if (!operation.isAnswered()
            || result.equals(new Applied(revision))
            || result.equals(new Deleted(true, revision))) {
          stores.add(written(action, revision));
        }
      }
    }
    return stores;
  }

  private static Store written(Action action, long revision) {
    if (action instanceof Delete) {
      return new Store(null, 0, revision);
    }
    Bytes value = action instanceof PutIf putIf ? putIf.value() : ((Action.Put) action).value();
    return new Store(Objects.requireNonNull(value), revision, revision);
  }
}
