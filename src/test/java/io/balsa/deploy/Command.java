package io.balsa.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A program that ran to its end. */
public record Command(int exitCode, String output) {
  private static final int SECONDS_MAX = 60;

  /** Whether this machine has a program. */
  public static boolean exists(String program) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  /** Runs a program that must end well; says so where this machine does not have it. */
  static void checkIfInstalled(String... command) {
    if (!exists(command[0])) {
      System.out.println("not installed, so not asked: " + command[0]);
      return;
    }
    Command checked = run(command);
    assertThat(checked.exitCode()).as(checked.output()).isZero();
  }

  /**
   * Runs a program to its end.
   *
   * @throws AssertionError if it cannot be started, or after a minute
   */
  public static Command run(String... command) {
    try {
      Path output = Files.createTempFile("command", ".out");
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("still runs after a minute: " + List.of(command));
      }
      String text = Files.readString(output, StandardCharsets.UTF_8);
      Files.delete(output);
      return new Command(process.exitValue(), text);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError("running " + List.of(command), e);
    }
  }
}
