package io.balsa.parity;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** One run of {@code etcdctl}: what it prints is read while it runs. Any thread. */
final class EtcdctlProcess {
  /** What takes longer does not come. */
  static final Duration LIMIT = Duration.ofSeconds(100);

  private final List<String> words;
  private final Process process;
  private final StringBuilder out = new StringBuilder();
  private final StringBuilder err = new StringBuilder();
  private final CompletableFuture<Void> printed;
  private int expectedUpTo;

  /** Starts it. */
  EtcdctlProcess(List<String> words) {
    this.words = words;
    ProcessBuilder builder = new ProcessBuilder(words);
    builder.environment().put("ETCDCTL_API", "3");
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new AssertionError("starting " + words, e);
    }
    printed =
        CompletableFuture.allOf(
            reading(process.getInputStream(), out), reading(process.getErrorStream(), err));
  }

  private CompletableFuture<Void> reading(InputStream stream, StringBuilder text) {
    return CompletableFuture.runAsync(
        () -> read(stream, text), task -> new Thread(task, "etcdctl-output").start());
  }

  private void read(InputStream stream, StringBuilder text) {
    byte[] bytes = new byte[8192];
    try (stream) {
      for (int count = stream.read(bytes); count >= 0; count = stream.read(bytes)) {
        synchronized (this) {
          text.append(new String(bytes, 0, count, StandardCharsets.ISO_8859_1));
          notifyAll();
        }
      }
    } catch (IOException e) {
      throw new AssertionError("reading what " + words + " prints", e);
    }
  }

  /** Gives it a text to read; it may not want it. */
  void tell(String text) {
    try {
      process.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
    } catch (IOException ended) {
      // It reads no more.
    }
  }

  /** There is no more to read for it. */
  void tellNoMore() {
    try {
      process.getOutputStream().close();
    } catch (IOException ended) {
      // It reads no more.
    }
  }

  /**
   * Waits until it has printed a text, after that which was expected before.
   *
   * @throws AssertionError if it does not come
   */
  synchronized void expect(String text) {
    String bytes = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (true) {
      int found = out.indexOf(bytes, expectedUpTo);
      if (found >= 0) {
        expectedUpTo = found + bytes.length();
        return;
      }
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (left <= 0) {
        throw new AssertionError(
            "%s did not print \"%s\", but%n%s%s".formatted(words, text, out, err));
      }
      try {
        wait(left);
      } catch (InterruptedException e) {
        throw new AssertionError("interrupted", e);
      }
    }
  }

  synchronized long printedLines() {
    return out.chars().filter(printed -> printed == '\n').count();
  }

  /** Asks it to end. Not by its {@link Process}: that would close what is still to be read. */
  void end() {
    process.toHandle().destroy();
  }

  /**
   * Its exit code and all that it printed, when it has ended; it is killed when that takes long.
   */
  CompletableFuture<Output> output() {
    return process
        .onExit()
        .orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS)
        .whenComplete((ended, late) -> kill(late))
        .thenCombine(printed, (ended, none) -> ended.exitValue())
        .thenApply(exitCode -> new Output(exitCode, out.toString(), err.toString()));
  }

  /** Not after it has ended: that would close what is still to be read. */
  private void kill(Throwable late) {
    if (late != null) {
      process.destroyForcibly();
    }
  }
}
