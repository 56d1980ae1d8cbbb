package io.balsa.client;

/**
 * The request may have been done, or may yet be: no answer came, or one that does not tell. Reading
 * what it would have changed tells; a client with a session ({@link BalsaClient#exactlyOnce}) finds
 * out by itself.
 */
public final class OutcomeUnknownException extends BalsaException {
  private static final long serialVersionUID = 1L;

  /** With the status and kind of HTTP; the detail is for people. */
  public OutcomeUnknownException(int status, String kind, String detail) {
    super(status, kind, detail);
  }
}
