package io.balsa.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A command of the operating system that ends at once. */
final class Command {
  private Command() {}

  /**
   * Runs it to its end.
   *
   * @throws IOException with its output, if it is not there or ends with another code than 0
   */
  static void run(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    try {
      int code = process.waitFor();
      if (code != 0) {
        throw new IOException(String.join(" ", command) + ": " + code + " " + output);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted: " + String.join(" ", command), e);
    }
  }
}
