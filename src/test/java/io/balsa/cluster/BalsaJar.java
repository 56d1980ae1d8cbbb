package io.balsa.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Runs the packaged jar. Whatever it started ends with this JVM at the latest. */
final class BalsaJar {
  /** Starts fast and leaves the two cores to the other members. */
  private static final List<String> JVM_OPTIONS =
      List.of(
          "-Xmx256m",
          "-XX:MetaspaceSize=64m", // Or it collects to find room for classes.
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1");

  private static final Set<Process> STARTED = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> STARTED.forEach(Process::destroyForcibly)));
  }

  private BalsaJar() {}

  private static Path jar() {
    String jar = System.getProperty("balsa.jar", "target/balsa.jar");
    Path path = Path.of(jar).toAbsolutePath();
    if (!Files.isRegularFile(path)) {
      throw new AssertionError("no " + path + ": run mvn package first");
    }
    return path;
  }

  /**
   * Starts a process.
   *
   * @param directory its working directory, made if missing
   * @param log takes both outputs, after what is in it
   * @param jvmOptions after the usual ones, so that they win
   */
  static Process start(Path directory, Path log, List<String> jvmOptions, List<String> arguments) {
    return start(Place.HERE, directory, log, jvmOptions, arguments);
  }

  /** As the other, for a process somewhere else. */
  static Process start(
      Place place, Path directory, Path log, List<String> jvmOptions, List<String> arguments) {
    try {
      Files.createDirectories(directory);
      List<String> command = new ArrayList<>(place.entrance());
      command.addAll(command(directory, jvmOptions, arguments));
      Process process =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
      STARTED.add(process);
      process.onExit().thenAccept(STARTED::remove);
      return process;
    } catch (IOException e) {
      throw new AssertionError("starting " + arguments, e);
    }
  }

  /**
   * Runs a command to its end.
   *
   * @throws AssertionError after 30 s
   */
  static Run run(Path directory, List<String> arguments) {
    try {
      Files.createDirectories(directory);
      Path out = Files.createTempFile(directory, "run", ".out");
      Path err = Files.createTempFile(directory, "run", ".err");
      Process process =
          new ProcessBuilder(command(directory, List.of(), arguments))
              .directory(directory.toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      STARTED.add(process);
      process.onExit().thenAccept(STARTED::remove);
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("still runs after 30 s: " + arguments);
      }
      Run run = new Run(process.exitValue(), text(out), text(err));
      Files.delete(out);
      Files.delete(err);
      return run;
    } catch (IOException | InterruptedException e) {
      throw new AssertionError("running " + arguments, e);
    }
  }

  private static String text(Path file) throws IOException {
    // Not strictly: what a command makes of hostile bytes must not stop the test.
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
  }

  private static List<String> command(
      Path directory, List<String> jvmOptions, List<String> arguments) {
    List<String> command = java(directory);
    command.add("-XX:SharedArchiveFile=" + ClassArchive.of(jar(), command));
    command.addAll(jvmOptions);
    command.addAll(List.of("-jar", jar().toString()));
    command.addAll(arguments);
    return command;
  }

  private static List<String> java(Path directory) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM_OPTIONS);
    command.add("-Djava.io.tmpdir=" + directory.toAbsolutePath());
    return command;
  }

  /** What a command that ended left behind. */
  record Run(int exitCode, String out, String err) {}
}
