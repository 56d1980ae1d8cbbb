package io.balsa.raft;

/**
 * A proposal was not taken: nothing of it is in any log, nor will be by this call. May be tried
 * again, unless the reason says otherwise.
 */
public final class ProposalDroppedException extends Exception {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  /** Why a proposal was not taken. */
  public enum Reason {
    /** No leader is known. */
    NO_LEADER,
    /** This leader is handing over. */
    TRANSFERRING,
    /** This leader is no member any more. */
    NOT_A_MEMBER,
    /** The leader's uncommitted entries have reached their limit. */
    UNCOMMITTED_LIMIT,
    /** This member does not lead and must not hand proposals on. */
    FORWARDING_DISABLED
  }

  ProposalDroppedException(Reason reason) {
    // Without a stack trace: under overload this is thrown for every batch.
    super("raft proposal dropped", null, false, false);
    this.reason = reason;
  }

  /** Why it was not taken. */
  public Reason reason() {
    return reason;
  }
}
