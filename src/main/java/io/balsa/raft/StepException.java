package io.balsa.raft;

/** A message was refused before the core looked at it. Nothing has changed. */
public final class StepException extends Exception {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  /** Why a message was refused. */
  public enum Reason {
    /** A message of the local storage threads that does not come from them. */
    LOCAL_MESSAGE("raft: cannot step raft local message"),
    /** A response from a member that is not in the configuration. */
    PEER_NOT_FOUND("raft: cannot step as peer not found");

    private final String text;

    Reason(String text) {
      this.text = text;
    }
  }

  StepException(Reason reason) {
    // Without a stack trace: a removed member goes on answering for a while.
    super(reason.text, null, false, false);
    this.reason = reason;
  }

  /** Why it was refused. */
  public Reason reason() {
    return reason;
  }
}
