package io.balsa.data;

/** An invariant of our own code does not hold. Final: the member that sees it must stop. */
public final class InvariantException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /** Says which invariant, with the values found. */
  public InvariantException(String message) {
    super(message);
  }
}
