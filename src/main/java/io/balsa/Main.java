package io.balsa;

import io.balsa.cli.BalsaCommand;
import java.io.PrintWriter;

/** The entry of the jar: hands the arguments to the commands and exits with their code. */
public final class Main {
  // Not where Log4j looks by itself: it would be found there by applications that embed a member.
  private static final String LOGGING = "classpath:io/balsa/cli/log4j2.xml";
  private static final String LOGGING_PROPERTY = "log4j2.configurationFile";

  // Events of Netty that nobody records; its classes for them take memory and time at each start.
  private static final String RECORDING_PROPERTY = "io.netty.jfr.enabled";

  private Main() {}

  /** Runs one command, which for a server ends when the server does. */
  public static void main(String[] arguments) {
    setUnlessSet(LOGGING_PROPERTY, LOGGING);
    setUnlessSet(RECORDING_PROPERTY, "false");
    System.exit(
        BalsaCommand.run(
            arguments,
            System.getenv(),
            new PrintWriter(System.out, true),
            new PrintWriter(System.err, true)));
  }

  private static void setUnlessSet(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
