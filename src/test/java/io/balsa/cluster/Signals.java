package io.balsa.cluster;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** What the operating system can do to a process, and its end. */
final class Signals {
  private Signals() {}

  /** Sends a signal, named without SIG. */
  static void send(Process process, String signal) {
    try {
      int code =
          new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
      if (code != 0) {
        throw new AssertionError("kill -" + signal + " failed with " + code);
      }
    } catch (IOException | InterruptedException e) {
      throw new AssertionError("kill -" + signal, e);
    }
  }

  /**
   * Waits for the end; returns the exit code.
   *
   * @throws AssertionError after {@code limit}
   */
  static int awaitExit(Process process, Duration limit) {
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("still runs after " + limit.toSeconds() + " s");
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted while a process ends", e);
    }
  }
}
