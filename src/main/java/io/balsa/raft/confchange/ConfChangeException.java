package io.balsa.raft.confchange;

/** A configuration change breaks a rule; nothing was changed. */
public final class ConfChangeException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Names the rule. */
  public ConfChangeException(String rule) {
    super(rule);
  }
}
