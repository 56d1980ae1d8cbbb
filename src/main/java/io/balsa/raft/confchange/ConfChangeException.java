package io.balsa.raft.confchange;

/**
 * A change does not fit the configuration it was made for. The configuration stays as it was; every
 * member that applies the same log refuses the same change.
 */
public final class ConfChangeException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** Says which rule refuses. */
  public ConfChangeException(String message) {
    super(message);
  }
}
