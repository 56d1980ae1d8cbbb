package io.balsa.raft;

/** A message was refused before it reached the core. */
public final class StepException extends Exception {
  private static final long serialVersionUID = 1L;

  StepException(String message) {
    super(message);
  }
}
