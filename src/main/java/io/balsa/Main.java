package io.balsa;

import io.balsa.cli.BalsaCommand;
import java.io.PrintWriter;

/** The entry of the jar: hands the arguments to the commands and exits with their code. */
public final class Main {
  // Not where Log4j looks by itself: it would be found there by applications that embed a member.
  private static final String LOGGING = "classpath:io/balsa/cli/log4j2.xml";
  private static final String LOGGING_PROPERTY = "log4j2.configurationFile";

  private Main() {}

  /** Runs one command, which for a server ends when the server does. */
  public static void main(String[] arguments) {
    if (System.getProperty(LOGGING_PROPERTY) == null) {
      System.setProperty(LOGGING_PROPERTY, LOGGING);
    }
    System.exit(
        BalsaCommand.run(
            arguments,
            System.getenv(),
            new PrintWriter(System.out, true),
            new PrintWriter(System.err, true)));
  }
}
