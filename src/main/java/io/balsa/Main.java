package io.balsa;

import io.balsa.cli.BalsaCommand;
import java.io.PrintWriter;

/** The entry of the jar: hands the arguments to the commands and exits with their code. */
public final class Main {
  private Main() {}

  /** Runs one command, which for a server ends when the server does. */
  public static void main(String[] arguments) {
    System.exit(
        BalsaCommand.run(
            arguments,
            System.getenv(),
            new PrintWriter(System.out, true),
            new PrintWriter(System.err, true)));
  }
}
