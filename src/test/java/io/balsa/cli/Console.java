package io.balsa.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;

/** What a command printed and how it ended. */
record Console(int exitCode, String out, String err) {
  /** Runs a command without any environment. */
  static Console run(String... arguments) {
    return run(Map.of(), arguments);
  }

  /** Runs a command. */
  static Console run(Map<String, String> environment, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        BalsaCommand.run(arguments, environment, new PrintWriter(out), new PrintWriter(err));
    return new Console(exitCode, out.toString(), err.toString());
  }
}
