package io.balsa.history;

import java.util.List;

/**
 * Why a history was not accepted.
 *
 * @param operations those that contradict each other, in order of invocation
 * @param text all of it for a reader: what is wrong, where, and the operations
 */
public record Violation(Kind kind, List<Operation> operations, String text) {
  /** What was found. */
  public enum Kind {
    /** No order of the operations explains the answers. */
    NOT_LINEARIZABLE,
    /** The search was given up: neither an order nor its absence was found. */
    UNDECIDED,
    /** Two writes have one revision, or a revision stands for two values. */
    REVISION_TWICE,
    /** What came later in real time has a lower revision. */
    REVISION_BACK
  }

  /** Copies the list. */
  public Violation {
    operations = List.copyOf(operations);
  }

  static Violation of(Kind kind, String what, List<Operation> operations) {
    StringBuilder text = new StringBuilder(kind + ": " + what);
    operations.forEach(operation -> text.append("\n  ").append(operation));
    return new Violation(kind, operations, text.toString());
  }

  @Override
  public String toString() {
    return text;
  }
}
