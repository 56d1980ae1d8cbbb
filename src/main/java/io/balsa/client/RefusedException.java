package io.balsa.client;

/** The request was refused: nothing has happened and nothing will. */
public final class RefusedException extends BalsaException {
  private static final long serialVersionUID = 1L;

  /** A refusal with the status and kind of HTTP; the detail is for people. */
  public RefusedException(int status, String kind, String detail) {
    super(status, kind, detail);
  }
}
