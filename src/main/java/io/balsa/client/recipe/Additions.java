package io.balsa.client.recipe;

import io.balsa.client.RefusedException;
import io.balsa.client.recipe.NumberKey.Seen;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongBinaryOperator;

/**
 * The additions of one client to one number: those that come while a write is under way are made
 * together by the next one, so that a client never competes with itself. Confined to the client's
 * home.
 */
final class Additions {
  /** How many may wait for the write that is under way. */
  static final int WAITING_MAX = 10_000;

  private record Addition(long delta, Promise<Long> promise) {}

  private final NumberKey number;
  private final LongBinaryOperator rule;
  private final Runnable idle;
  private List<Addition> waiting = new ArrayList<>();
  private boolean isWriting;

  /**
   * Without any.
   *
   * @param rule gives the number after an addition; throws what refuses it
   * @param idle called when there are none any more: these must not be used again
   */
  Additions(NumberKey number, LongBinaryOperator rule, Runnable idle) {
    this.number = number;
    this.rule = rule;
    this.idle = idle;
  }

  /** Adds, and gives the number after it. */
  Future<Long> add(long delta) {
    if (waiting.size() == WAITING_MAX) {
      return Future.failedFuture(
          Refusals.tooMany(number.key() + ": " + WAITING_MAX + " additions wait"));
    }
    Addition addition = new Addition(delta, Promise.promise());
    waiting.add(addition);
    if (!isWriting) {
      isWriting = true;
      new Batch().read();
    }
    return addition.promise().future();
  }

  /** What one write adds. */
  private final class Batch {
    private final Backoff backoff = Backoff.ofConflicts();
    private final List<Addition> additions = waiting;

    Batch() {
      waiting = new ArrayList<>();
    }

    void read() {
      number.read().onSuccess(seen -> write(seen, true)).onFailure(this::fail);
    }

    /**
     * Adds to what was seen.
     *
     * @param isFresh whether that was read after the additions were asked for
     */
    private void write(Seen seen, boolean isFresh) {
      long sum = seen.number();
      List<Runnable> answers = new ArrayList<>(additions.size());
      for (Addition addition : additions) {
        try {
          sum = rule.applyAsLong(sum, addition.delta());
          long after = sum;
          answers.add(() -> addition.promise().complete(after));
        } catch (RefusedException e) {
          answers.add(() -> addition.promise().fail(e));
        }
      }
      if (sum != seen.number()) {
        set(seen, sum, answers);
      } else if (isFresh) {
        done(seen, answers);
      } else {
        read(); // Nothing would be written that could tell whether it is still so.
      }
    }

    private void set(Seen seen, long sum, List<Runnable> answers) {
      number
          .set(seen, sum)
          .onSuccess(
              outcome -> {
                if (outcome.done()) {
                  done(outcome.seen(), answers);
                } else {
                  number
                      .client()
                      .home()
                      .pause(backoff)
                      .onSuccess(none -> write(outcome.seen(), true));
                }
              })
          .onFailure(this::fail);
    }

    private void done(Seen seen, List<Runnable> answers) {
      if (waiting.isEmpty()) {
        idle.run();
      } else {
        new Batch().write(seen, false);
      }
      answers.forEach(Runnable::run);
    }

    private void fail(Throwable failure) {
      if (waiting.isEmpty()) {
        idle.run();
      } else {
        new Batch().read();
      }
      additions.forEach(addition -> addition.promise().fail(failure));
    }
  }
}
