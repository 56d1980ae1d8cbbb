package io.balsa.cluster;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * One run of the real etcdctl, with the API of version 3.
 *
 * @param text standard output
 * @param errors standard error
 */
record EtcdctlCommand(int exitCode, String text, String errors) {
  private static final Path PROGRAM = Path.of("/usr/bin/etcdctl");
  private static final long LIMIT_SECONDS = 60;

  /** Skips the test where etcdctl is not installed. */
  static void assumeInstalled() {
    boolean installed = Files.isExecutable(PROGRAM);
    if (!installed) {
      System.out.println("skipped: no " + PROGRAM + " (Debian package etcd-client)");
    }
    assumeTrue(installed, "no " + PROGRAM);
  }

  /** Runs it to its end. */
  static EtcdctlCommand run(List<ClientPort> endpoints, String... arguments) {
    List<String> command = new ArrayList<>(List.of(PROGRAM.toString(), "--endpoints"));
    command.add(String.join(",", endpoints.stream().map(each -> each.base().toString()).toList()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("ETCDCTL_API", "3");
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      CompletableFuture<String> errors =
          CompletableFuture.supplyAsync(() -> read(process.getErrorStream()));
      CompletableFuture<String> text =
          CompletableFuture.supplyAsync(() -> read(process.getInputStream()));
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("does not end: " + command);
      }
      return new EtcdctlCommand(process.exitValue(), text.join(), errors.join());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted: " + command, e);
    }
  }

  private static String read(InputStream stream) {
    try (stream) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Standard output of a run that went well. */
  String ok() {
    if (exitCode != 0) {
      throw new AssertionError("etcdctl ended with " + exitCode + ": " + text + errors);
    }
    return text;
  }

  /** The last line of standard error of a run that failed. */
  String refusal() {
    if (exitCode == 0) {
      throw new AssertionError("etcdctl was to fail: " + text);
    }
    return errors.lines().reduce("", (before, line) -> line);
  }
}
