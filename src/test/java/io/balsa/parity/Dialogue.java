package io.balsa.parity;

import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;

/** The last calls and their answers, for the report of a difference. */
final class Dialogue {
  private static final int SHOWN = 10;
  private static final int LINE_MAX = 3_000;

  private final long seed;
  private final String test;
  private final Deque<Noted> steps = new ArrayDeque<>();
  private int calls;

  private static final class Noted {
    final int number;
    final Object asked;
    Object answer = "";

    Noted(int number, Object asked) {
      this.number = number;
      this.asked = asked;
    }

    @Override
    public String toString() {
      return "#" + number + " " + cut(asked) + "\n    " + cut(answer);
    }
  }

  Dialogue(String test, long seed) {
    this.test = test;
    this.seed = seed;
  }

  /** Tells that something else than a call is done. */
  void note(Object step) {
    steps.add(new Noted(++calls, step));
    if (steps.size() > SHOWN) {
      steps.remove();
    }
  }

  /** Runs a part of the test; what fails in it fails with the last calls. */
  void run(Runnable part) {
    try {
      part.run();
    } catch (AssertionError e) {
      throw e.getMessage().contains("repeat: ") ? e : failure(e.getMessage());
    }
  }

  /**
   * Waits for both answers to a call; returns them.
   *
   * @throws AssertionError if they differ, or one does not come
   */
  <T> T add(Object call, Future<T> etcd, Future<T> balsa) {
    note(call);
    T expected = await("etcd", etcd);
    steps.getLast().answer = expected;
    T found = await("Balsa", balsa);
    if (!expected.equals(found)) {
      throw failure("the answers differ, Balsa's is\n    " + cut(found));
    }
    return expected;
  }

  private <T> T await(String who, Future<T> answer) {
    try {
      return Twins.await(answer);
    } catch (CompletionException e) {
      AssertionError failure = failure(who + " gives no answer");
      failure.initCause(e.getCause());
      throw failure;
    }
  }

  /** The error that something is not as it must be. */
  AssertionError failure(String what) {
    return new AssertionError(
        "%s%nlast calls, and what etcd answered:%n%s%nseed %d, call %d; repeat: mvn test -Dtest=%s -Dseed=%d"
            .formatted(
                cut(what),
                steps.stream().map(Object::toString).collect(Collectors.joining("\n")),
                seed,
                calls,
                test,
                seed));
  }

  private static String cut(Object object) {
    String text = String.valueOf(object);
    return text.length() <= LINE_MAX ? text : text.substring(0, LINE_MAX) + "...";
  }
}
