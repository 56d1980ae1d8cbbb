package io.balsa.cli;

/** A command failed; the message is the one line that tells why. */
final class CommandException extends Exception {
  private static final long serialVersionUID = 1L;

  CommandException(String line) {
    super(line);
  }
}
