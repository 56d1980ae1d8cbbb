package io.balsa.jetcd;

import static io.balsa.jetcd.Answers.LIMIT;
import static io.balsa.jetcd.Answers.answer;
import static io.balsa.jetcd.Answers.bytes;
import static io.balsa.jetcd.Answers.describe;
import static io.balsa.jetcd.Answers.failure;

import io.balsa.cluster.Await;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.kv.PutResponse;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Puts a new key after the other. */
final class Writer {
  private final KV kv;
  private final ByteSequence prefix;
  private final Thread thread = new Thread(this::run, "jetcd-writer");
  private final List<Long> acknowledged = new CopyOnWriteArrayList<>();
  private final AtomicInteger unknown = new AtomicInteger();
  private volatile boolean closed;
  private volatile Throwable problem;

  Writer(KV kv, ByteSequence prefix) {
    this.kv = kv;
    this.prefix = prefix;
  }

  void start() {
    thread.setDaemon(true);
    thread.start();
  }

  /** Revisions of the puts that were acknowledged, in this order. */
  List<Long> acknowledged() {
    return List.copyOf(acknowledged);
  }

  /** How many puts may have happened or not. */
  int unknown() {
    return unknown.get();
  }

  private void run() {
    try {
      for (int n = 0; !closed; n++) {
        put("%06d".formatted(n));
      }
    } catch (RuntimeException | AssertionError e) {
      problem = e;
    }
  }

  private void put(String name) {
    CompletableFuture<PutResponse> put = kv.put(prefix.concat(bytes(name)), bytes(name));
    Optional<Throwable> refused = failure(put);
    if (refused.isEmpty()) {
      acknowledged.add(answer(put).getHeader().getRevision());
    } else if (describe(refused.get()).startsWith("UNAVAILABLE ")) {
      unknown.incrementAndGet();
    } else {
      throw new AssertionError("put refused", refused.get());
    }
  }

  /** Waits until {@code count} puts more are acknowledged than at the call. */
  void awaitProgress(int count) {
    int goal = acknowledged.size() + count;
    Await.until(
        "writes go on",
        LIMIT,
        () -> {
          assertWell();
          return acknowledged.size() >= goal;
        });
  }

  /** Ends it. */
  void finish() {
    closed = true;
    Await.until("the writer ends", LIMIT, () -> !thread.isAlive());
    assertWell();
  }

  private void assertWell() {
    if (problem != null) {
      throw new AssertionError("the writer failed", problem);
    }
  }
}
