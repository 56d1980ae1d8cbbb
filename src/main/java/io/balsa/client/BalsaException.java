package io.balsa.client;

/**
 * Why a request was not done, or is not known to be done. It is one of two: {@link
 * RefusedException}, nothing has happened and nothing will; or {@link OutcomeUnknownException}, it
 * may have happened or may yet.
 */
public abstract class BalsaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String kind;

  BalsaException(int status, String kind, String detail) {
    super(detail, null, false, false); // Where it was made says nothing.
    this.status = status;
    this.kind = kind;
  }

  /** The status that HTTP has for it, of 400 or more. */
  public final int status() {
    return status;
  }

  /** A stable name for programs, such as {@code compacted} or {@code no-leader}. */
  public final String kind() {
    return kind;
  }
}
