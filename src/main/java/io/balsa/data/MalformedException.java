package io.balsa.data;

/**
 * Bytes from outside (a file, a peer) are not what their format says. Checked, because every reader
 * must decide what it means there.
 */
public final class MalformedException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Says what was read, what was found and what was expected. */
  public MalformedException(String message) {
    super(message);
  }
}
