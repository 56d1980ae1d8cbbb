package io.balsa.cluster;

import java.util.regex.Pattern;

/** Log lines of a server that show a defect. */
final class Alarms {
  // A server logs a stack trace on one line, its frames separated by bars.
  private static final String FRAME = "(^|\\|)\\s*at [\\w.$/@]+\\(";

  /** For {@code doesNotContainPattern}: a frame of a stack trace, wherever it comes from. */
  static final Pattern STACK_TRACE = Pattern.compile("(?m)" + FRAME);

  private static final Pattern ALARM =
      Pattern.compile(
          "\\b(ERROR|FATAL|SEVERE)\\b" // before stopping, and never otherwise
              + "|has been blocked for" // Vert.x's blocked-thread checker
              + "|"
              + FRAME
              + "|^Exception in thread"
              + "|^Caused by: "
              + "|LEAK: "); // Netty's buffer-leak detector

  private Alarms() {}

  static boolean isAlarm(String line) {
    return ALARM.matcher(line).find();
  }
}
