package io.balsa.history;

import io.balsa.data.Bytes;
import io.balsa.history.Action.Put;
import io.balsa.history.Action.PutIf;
import io.balsa.history.Result.NotMet;
import io.balsa.history.Result.Value;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.ToLongFunction;

/**
 * Looks for an order of the operations on one key that explains every answer: Wing and Gong's
 * search ("Testing and Verifying Concurrent Objects", 1993), which tries what may come next and
 * steps back, with Lowe's memory of what was tried ("Testing for linearizability", 2017).
 *
 * <p>Answered operations must all be placed. Writes whose answer was lost are optional: they are
 * tried last, and not kept apart where nobody can tell them apart.
 */
final class KeySearch {
  /** What came of a search. */
  enum Verdict {
    LINEARIZABLE,
    NOT_LINEARIZABLE,
    UNDECIDED
  }

  /** Of one point, so that a look at them stays quick; forgetting costs steps, never truth. */
  private static final int REMEMBERED_MAX = 50;

  private final Operation[] answered;
  private final Links byInvoked;
  private final Links byReturned;
  private final Links byRevisionMax;
  private final List<Unanswered> unanswered;

  private final BitSet placed = new BitSet();
  private final int[] spent;
  private final Map<Tried, List<int[]>> tried = new HashMap<>();

  /** Lost writes of the same action: which of them happened makes no difference. */
  private record Unanswered(Action action, long[] invoked) {}

  /**
   * One way to go on.
   *
   * @param item an index in {@code answered}, or ~index in {@code unanswered}
   */
  private record Step(int item, KeyState before, KeyState after) {
    boolean isOptional() {
      return item < 0;
    }
  }

  /**
   * A point of the search.
   *
   * @param first all answered operations before this one are placed
   * @param beyond those placed from there on
   */
  private record Tried(int first, BitSet beyond, KeyState state) {}

  /** The ways to go on from one point, and the one that is being tried. */
  private static final class Choices {
    final Iterator<Step> left;
    Step taken;

    Choices(List<Step> steps) {
      left = steps.iterator();
    }
  }

  KeySearch(List<Operation> operations) {
    answered =
        operations.stream()
            .filter(Operation::isAnswered)
            .sorted(Comparator.comparingLong(Operation::invoked))
            .toArray(Operation[]::new);
    byInvoked = links(Operation::invoked);
    byReturned = links(Operation::returned);
    byRevisionMax = links(KeySearch::revisionMax);
    unanswered = unanswered(operations);
    spent = new int[unanswered.size()];
  }

  private Links links(ToLongFunction<Operation> order) {
    return new Links(
        answered.length, Comparator.comparingLong(item -> order.applyAsLong(answered[item])));
  }

  /** The highest {@link KeyState#revision} with which it may still be placed. */
  private static long revisionMax(Operation operation) {
    if (operation.result() instanceof NotMet || operation.result().equals(Value.ABSENT)) {
      return Long.MAX_VALUE;
    }
    return operation.hasWritten() ? operation.revision() - 1 : operation.revision();
  }

  private static List<Unanswered> unanswered(List<Operation> operations) {
    Set<Bytes> read = new HashSet<>();
    operations.forEach(
        operation -> {
          if (operation.result() instanceof Value value) {
            read.add(value.value());
          }
        });
    Map<Action, List<Long>> invoked = new LinkedHashMap<>();
    Bytes unread = null;
    for (Operation operation : operations) {
      if (operation.isAnswered() || !operation.action().isWrite()) {
        continue;
      }
      Action action = operation.action();
      // A value that nobody read is as good as any other such value.
      if (action instanceof Put put && !read.contains(put.value())) {
        unread = unread == null ? put.value() : unread;
        action = new Put(unread);
      } else if (action instanceof PutIf putIf && !read.contains(putIf.value())) {
        unread = unread == null ? putIf.value() : unread;
        action = new PutIf(putIf.expectedModRevision(), unread);
      }
      invoked.computeIfAbsent(action, none -> new ArrayList<>()).add(operation.invoked());
    }
    List<Unanswered> classes = new ArrayList<>();
    invoked.forEach(
        (action, times) ->
            classes.add(
                new Unanswered(
                    action, times.stream().mapToLong(Long::longValue).sorted().toArray())));
    return classes;
  }

  /** Searches once, and gives up as soon as {@code budget} is used up. */
  Verdict run(Budget budget) {
    if (byInvoked.isEmpty()) {
      return Verdict.LINEARIZABLE;
    }
    Deque<Choices> path = new ArrayDeque<>();
    path.push(new Choices(steps(KeyState.INITIAL, null)));
    while (!path.isEmpty()) {
      Choices choices = path.peek();
      if (choices.taken != null) {
        undo(choices.taken);
        choices.taken = null;
      }
      if (!choices.left.hasNext()) {
        path.pop();
        continue;
      }
      if (!budget.spend()) {
        return Verdict.UNDECIDED;
      }
      Step step = choices.left.next();
      choices.taken = step;
      place(step);
      if (byInvoked.isEmpty()) {
        return Verdict.LINEARIZABLE;
      }
      path.push(new Choices(steps(step.after(), step.isOptional() ? step.before() : null)));
    }
    return Verdict.NOT_LINEARIZABLE;
  }

  private void place(Step step) {
    if (step.isOptional()) {
      spent[~step.item()]++;
      return;
    }
    placed.set(step.item());
    byInvoked.take(step.item());
    byReturned.take(step.item());
    byRevisionMax.take(step.item());
  }

  private void undo(Step step) {
    if (step.isOptional()) {
      spent[~step.item()]--;
      return;
    }
    placed.clear(step.item());
    byInvoked.putBack(step.item());
    byReturned.putBack(step.item());
    byRevisionMax.putBack(step.item());
  }

  /**
   * What may come next; none also if nothing can come of it.
   *
   * @param beforeOptional the state before the last step if that was an optional one, else null
   */
  private List<Step> steps(KeyState state, KeyState beforeOptional) {
    if (state.revision() > revisionMax(answered[byRevisionMax.first()])) {
      return List.of();
    }
    List<Step> steps = new ArrayList<>();
    long firstReturn = answered[byReturned.first()].returned();
    for (int item = byInvoked.first();
        item != byInvoked.end() && answered[item].invoked() <= firstReturn;
        item = byInvoked.next(item)) {
      KeyState after = state.after(answered[item].action(), answered[item].result());
      if (after == state) {
        // Whatever order there is, there is one with this in front: it is in nobody's way.
        return List.of(new Step(item, state, after));
      }
      if (after != null) {
        steps.add(new Step(item, state, after));
      }
    }
    if (isTriedBefore(state)) {
      return List.of();
    }
    for (int item = 0; item < spent.length; item++) {
      Unanswered writes = unanswered.get(item);
      if (spent[item] == writes.invoked().length || writes.invoked()[spent[item]] > firstReturn) {
        continue;
      }
      KeyState after = state.after(writes.action(), Result.UNKNOWN);
      if (after != null
          && (beforeOptional == null
              || isSecondOfUse(writes.action(), after, state, beforeOptional))) {
        steps.add(new Step(~item, state, after));
      }
    }
    return steps;
  }

  /**
   * Whether two optional writes with nothing between are not as well explained by the second alone,
   * by the first alone, or by none.
   */
  private static boolean isSecondOfUse(
      Action second, KeyState after, KeyState between, KeyState before) {
    return before.after(second, Result.UNKNOWN) == null
        && !Objects.equals(after.value(), between.value())
        && (after.value() != null || before.value() != null);
  }

  /**
   * Whether the search was here with the same operations placed and the same or fewer of the
   * optional ones: then it could do all that it can do now.
   */
  private boolean isTriedBefore(KeyState state) {
    int first = byInvoked.first();
    BitSet beyond = placed.get(first, Math.max(first, placed.length()));
    List<int[]> spentThen =
        tried.computeIfAbsent(new Tried(first, beyond, state), none -> new ArrayList<>(1));
    if (spentThen.stream().anyMatch(this::isWithinSpent)) {
      return true;
    }
    if (spentThen.size() < REMEMBERED_MAX) {
      spentThen.add(Arrays.copyOf(spent, spent.length));
    }
    return false;
  }

  private boolean isWithinSpent(int[] then) {
    for (int i = 0; i < spent.length; i++) {
      if (then[i] > spent[i]) {
        return false;
      }
    }
    return true;
  }
}
