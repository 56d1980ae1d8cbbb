package io.balsa.cluster;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** One client that puts a new key after the other, whatever is done to the cluster meanwhile. */
final class BackgroundWriter implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  // Members that start need the processors too.
  private static final long PAUSE_NANOS = 5_000_000;

  private static final AtomicInteger COUNT = new AtomicInteger();

  private final TestCluster cluster;
  private final String prefix = "writer" + COUNT.incrementAndGet() + "/";
  private final Thread thread = new Thread(this::run, "background-writer");
  private final AtomicInteger acknowledged = new AtomicInteger();
  private final AtomicInteger unknown = new AtomicInteger();
  private volatile boolean closed;
  private volatile Throwable failure;

  BackgroundWriter(TestCluster cluster) {
    this.cluster = cluster;
  }

  void start() {
    thread.start();
  }

  private void run() {
    FailoverClient http = cluster.client(0);
    try {
      for (int n = 0; !closed; n++) {
        byte[] value = ("value " + n).getBytes(StandardCharsets.US_ASCII);
        Answer answer = http.write("PUT", ClientPort.kv(prefix + n), value);
        if (answer.isApplied()) {
          acknowledged.incrementAndGet();
        } else if (answer.outcome() == Outcome.UNKNOWN) {
          unknown.incrementAndGet();
        } else {
          throw new AssertionError("put refused: " + answer);
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    } catch (RuntimeException | AssertionError e) {
      failure = e;
    }
  }

  /** Waits until {@code count} puts more are acknowledged than were at the call. */
  void awaitProgress(int count) {
    int goal = acknowledged.get() + count;
    Await.until(
        "writes go on",
        LIMIT,
        () -> {
          if (failure != null) {
            throw new AssertionError("the writer failed", failure);
          }
          return acknowledged.get() >= goal;
        });
  }

  /** Ends it, and checks by a range that no acknowledged key is missing. */
  void finish() {
    close();
    long count = cluster.client(0).read("/v1/kv?limit=1&prefix=" + prefix).json().getLong("count");
    if (failure != null
        || count < acknowledged.get()
        || count > acknowledged.get() + unknown.get()) {
      throw new AssertionError(
          "%d keys for %d acknowledged and %d unknown puts"
              .formatted(count, acknowledged.get(), unknown.get()),
          failure);
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join(LIMIT.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
