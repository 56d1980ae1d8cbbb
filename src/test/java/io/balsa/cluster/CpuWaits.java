package io.balsa.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * How long the event loops of a server were ready to run and had no CPU, as Linux counts it. These
 * tests put several JVMs on few cores: Vert.x's blocked-thread checker goes by the clock and cannot
 * tell a loop that blocks from one that is kept waiting by the machine, or that stands still with
 * all others while the JVM collects garbage. This can.
 */
final class CpuWaits {
  /** Makes the JVM print the pauses that {@link #explain} looks for. */
  static final String PRINT_PAUSES = "-Xlog:gc:stdout:utctime";

  private static final String EVENT_LOOP = "vert.x-eventloo"; // As much of the name as Linux keeps.
  private static final long SAMPLE_MILLIS = 50;
  // Around what the checker says: it looks every 100 ms, and this every 50.
  private static final long MARGIN_MILLIS = 200;
  private static final Pattern BLOCKED =
      Pattern.compile("^(\\S+Z) .*has been blocked for (\\d+) ms");

  private static final Pattern PAUSE =
      Pattern.compile("(?m)^\\[(\\S+)\\+0000\\] GC\\(\\d+\\) Pause .* (\\d+)\\.\\d+ms$");

  private record Wait(String thread, long atMillis, long waitedMillis) {}

  private final ConcurrentLinkedQueue<Wait> waits = new ConcurrentLinkedQueue<>();

  /** Watches a process until it ends. */
  void watch(Process process) {
    Thread thread = new Thread(() -> sample(process), "cpu-waits-" + process.pid());
    thread.setDaemon(true);
    thread.start();
  }

  private void sample(Process process) {
    Path tasks = Path.of("/proc/" + process.pid() + "/task");
    Map<String, Long> before = new HashMap<>();
    while (process.isAlive()) {
      try {
        for (Path task : eventLoops(tasks)) {
          String id = process.pid() + "/" + task.getFileName();
          long nanos = Long.parseLong(text(task.resolve("schedstat")).split(" ")[1]);
          Long last = before.put(id, nanos);
          long waitedMillis = last == null ? 0 : (nanos - last) / 1_000_000;
          if (waitedMillis > 0) {
            waits.add(new Wait(id, System.currentTimeMillis(), waitedMillis));
          }
        }
      } catch (IOException e) {
        // It ends, or a thread of it has; or this is not Linux, and nothing is excused.
      }
      LockSupport.parkNanos(SAMPLE_MILLIS * 1_000_000);
    }
  }

  private static List<Path> eventLoops(Path tasks) throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> all = Files.list(tasks)) {
      for (Path task : all.toList()) {
        if (text(task.resolve("comm")).startsWith(EVENT_LOOP)) {
          found.add(task);
        }
      }
    }
    return found;
  }

  private static String text(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8);
  }

  /**
   * Whether the line tells of a blocked event loop, and one was waiting for a CPU, or for the
   * garbage collector, for at least half of that time.
   *
   * @param log all that the process printed
   */
  boolean explain(String line, String log) {
    Matcher blocked = BLOCKED.matcher(line);
    if (!blocked.find()) {
      return false;
    }
    long to = Instant.parse(blocked.group(1)).toEpochMilli() + MARGIN_MILLIS;
    long millis = Long.parseLong(blocked.group(2));
    long from = to - millis - 2 * MARGIN_MILLIS;
    Map<String, Long> waited = new HashMap<>();
    for (Wait wait : waits) {
      if (wait.atMillis() >= from && wait.atMillis() <= to) {
        waited.merge(wait.thread(), wait.waitedMillis(), Long::sum);
      }
    }
    long paused = 0;
    Matcher pauses = PAUSE.matcher(log);
    while (pauses.find()) {
      long at = Instant.parse(pauses.group(1) + "Z").toEpochMilli();
      paused += at >= from && at <= to ? Long.parseLong(pauses.group(2)) : 0;
    }
    long most = waited.values().stream().mapToLong(Long::longValue).max().orElse(0);
    return most + paused >= millis / 2;
  }
}
