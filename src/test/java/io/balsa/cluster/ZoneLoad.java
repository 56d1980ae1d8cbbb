package io.balsa.cluster;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Concurrent clients that put all files again and again, each client its own share, until they are
 * told that it is enough; every file is put at least once.
 */
final class ZoneLoad implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final long PAUSE_NANOS = 20_000_000;

  private final SortedMap<String, byte[]> files;
  private final ExecutorService threads;
  private final List<Future<?>> clients = new ArrayList<>();
  private final Map<String, Counts> counts = new ConcurrentHashMap<>();
  private final Map<Long, String> keyByRevision = new ConcurrentHashMap<>();
  private final AtomicLong acknowledged = new AtomicLong();
  private final AtomicLong unknown = new AtomicLong();
  private volatile boolean enough;

  /** How many puts of a key have happened: more than are acknowledged if some are unknown. */
  record Counts(long atLeast, long atMost) {}

  ZoneLoad(SortedMap<String, byte[]> files, int clientCount) {
    this.files = files;
    this.threads = Executors.newFixedThreadPool(clientCount);
  }

  void start(TestCluster cluster, int clientCount) {
    List<String> keys = List.copyOf(files.keySet());
    for (int client = 0; client < clientCount; client++) {
      List<String> share = new ArrayList<>();
      for (int i = client; i < keys.size(); i += clientCount) {
        share.add(keys.get(i));
      }
      FailoverClient http = cluster.client(client);
      clients.add(threads.submit(() -> putAgainAndAgain(http, share)));
    }
  }

  private void putAgainAndAgain(FailoverClient http, List<String> share) {
    for (String key : share) {
      put(http, key);
    }
    while (true) {
      for (String key : share) {
        if (enough) {
          return;
        }
        put(http, key);
        // All keys are there: from now on members that start have the processors.
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  /**
   * Puts until one put is acknowledged, or found by reading after its outcome was unknown. Values
   * of a key are always the same: a put that was thought lost does no harm when it comes late.
   */
  private void put(FailoverClient http, String key) {
    Counts before = counts.getOrDefault(key, new Counts(0, 0));
    long atMost = before.atMost();
    while (true) {
      Answer answer = http.write("PUT", ClientPort.kv(key), files.get(key));
      atMost++;
      if (answer.isApplied()) {
        counts.put(key, new Counts(answer.json().getLong("version"), atMost));
        if (keyByRevision.put(answer.revision(), key) != null) {
          throw new AssertionError("two puts with revision " + answer.revision());
        }
        acknowledged.incrementAndGet();
        return;
      }
      if (answer.outcome() == Outcome.REFUSED) {
        throw new AssertionError("put refused: " + answer);
      }
      unknown.incrementAndGet();
      long version = http.read(ClientPort.kv(key)).version();
      if (version > before.atLeast()) {
        counts.put(key, new Counts(version, atMost));
        return;
      }
    }
  }

  long acknowledged() {
    return acknowledged.get();
  }

  /** How many puts were answered neither way. */
  long unknown() {
    return unknown.get();
  }

  /** Waits until as many puts are acknowledged in all. */
  void awaitAcknowledged(long count) {
    Await.until(
        count + " puts are acknowledged",
        LIMIT,
        () -> {
          clients.stream().filter(Future::isDone).forEach(ZoneLoad::join);
          return acknowledged() >= count;
        });
  }

  /** Lets every client end once it has put all that is its own. */
  void finish() {
    enough = true;
    clients.forEach(ZoneLoad::join);
  }

  private static void join(Future<?> client) {
    try {
      client.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError("a client of the load failed", e);
    }
  }

  SortedMap<String, Counts> counts() {
    return new TreeMap<>(counts);
  }

  Counts counts(String key) {
    return counts.get(key);
  }

  /** Which key each acknowledged put wrote. */
  Map<Long, String> keyByRevision() {
    return Map.copyOf(keyByRevision);
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
