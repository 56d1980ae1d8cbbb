package io.balsa.raft.conformance;

/** A command that ends with an error; its text is output like any other. */
final class CommandException extends Exception {
  private static final long serialVersionUID = 1L;

  CommandException(String message) {
    super(message);
  }
}
