package io.balsa.cluster;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Puts itself between a server and its disk, with the Debian package {@code strace}. */
final class Strace implements AutoCloseable {
  private static final String SYNCS = "fsync,fdatasync";

  private final Process process;

  private Strace(Process process) {
    this.process = process;
  }

  /** Whether there is one at all. */
  static boolean isInstalled() {
    try {
      Command.run(List.of("strace", "--version"));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** From now on no sync of this server begins, until {@link #close}; it runs on otherwise. */
  static Strace holdSyncs(ServerProcess server) {
    return attach(server, "delay_enter=600s");
  }

  /** From now on every sync of this server takes that much longer, until {@link #close}. */
  static Strace slowSyncs(ServerProcess server, Duration delay) {
    return attach(server, "delay_enter=" + delay.toMillis() + "ms");
  }

  /** From now on every sync of this server fails with EIO, without being tried. */
  static Strace failSyncs(ServerProcess server) {
    return attach(server, "error=EIO");
  }

  private static Strace attach(ServerProcess server, String fault) {
    try {
      Path log = server.log().resolveSibling("strace.log");
      Process process =
          new ProcessBuilder(
                  "strace",
                  "--follow-forks",
                  "--trace=" + SYNCS,
                  "--inject=" + SYNCS + ":" + fault,
                  "--attach=" + server.pid())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      Strace strace = new Strace(process);
      Await.until(
          "strace is attached",
          Duration.ofSeconds(10),
          () -> !process.isAlive() || text(log).contains(" attached"));
      assumeTrue(process.isAlive(), () -> "strace cannot attach: " + text(log));
      return strace;
    } catch (IOException notInstalled) {
      assumeTrue(false, "no strace: " + notInstalled.getMessage());
      throw new AssertionError(notInstalled);
    }
  }

  private static String text(Path log) {
    try {
      return Files.readString(log, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AssertionError("reading " + log, e);
    }
  }

  /** Lets go of the server, and of the syncs that were held. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
