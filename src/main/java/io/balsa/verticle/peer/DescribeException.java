package io.balsa.verticle.peer;

/** No member described its cluster at the URL that was asked. */
public final class DescribeException extends Exception {
  private static final long serialVersionUID = 1L;

  private final Kind kind;

  /** What an operator, or a member about to start, can make of it. */
  public enum Kind {
    /** Nobody listens there, or nobody answered in time. May pass. */
    NO_ANSWER,
    /** A member is there but has not read its own log yet. Will pass. */
    NOT_STARTED,
    /** Something else listens there, or TLS does not fit, or the URL is none. Will not pass. */
    NOT_A_PEER
  }

  DescribeException(Kind kind, String text) {
    super(text);
    this.kind = kind;
  }

  /** Whether to ask again. */
  public Kind kind() {
    return kind;
  }
}
