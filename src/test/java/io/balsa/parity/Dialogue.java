package io.balsa.parity;

import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletionException;

/** The last calls and their answers, for the report of a difference. */
final class Dialogue {
  private static final int SHOWN = 10;
  private static final int LINE_MAX = 3_000;

  private final long seed;
  private final String test;
  private final Deque<String> lines = new ArrayDeque<>();
  private int calls;

  Dialogue(String test, long seed) {
    this.test = test;
    this.seed = seed;
  }

  /**
   * Waits for both answers to a call; returns them.
   *
   * @throws AssertionError if they differ, or one does not come
   */
  <T> T add(Object call, Future<T> etcd, Future<T> balsa) {
    calls++;
    lines.add("#" + calls + " " + cut(call));
    T expected = await("etcd", etcd);
    lines.add("    " + cut(expected));
    T found = await("Balsa", balsa);
    if (!expected.equals(found)) {
      throw failure("the answers differ, Balsa's is\n    " + cut(found));
    }
    while (lines.size() > 2 * SHOWN) {
      lines.remove();
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

  private AssertionError failure(String what) {
    return new AssertionError(
        "%s%nlast calls, and what etcd answered:%n%s%nseed %d, call %d; repeat: mvn test -Dtest=%s -Dseed=%d"
            .formatted(what, String.join("\n", lines), seed, calls, test, seed));
  }

  private static String cut(Object object) {
    String text = String.valueOf(object);
    return text.length() <= LINE_MAX ? text : text.substring(0, LINE_MAX) + "...";
  }
}
