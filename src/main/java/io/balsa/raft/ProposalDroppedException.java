package io.balsa.raft;

/** A proposal was not taken: it is in no log and will not be. */
public final class ProposalDroppedException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Reason {
    NO_LEADER,
    TRANSFERRING,
    NOT_A_MEMBER,
    UNCOMMITTED_LIMIT,
    FORWARDING_DISABLED
  }

  private final Reason reason;

  ProposalDroppedException(Reason reason) {
    super("raft proposal dropped");
    this.reason = reason;
  }

  /** Why. */
  public Reason reason() {
    return reason;
  }
}
