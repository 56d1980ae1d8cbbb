package io.balsa.cluster;

import io.balsa.data.Bytes;
import io.balsa.history.Action;
import io.balsa.history.Action.Delete;
import io.balsa.history.Action.Get;
import io.balsa.history.Action.Put;
import io.balsa.history.Action.PutIf;
import io.balsa.history.Operation;
import io.balsa.history.Result;
import io.balsa.history.Result.Applied;
import io.balsa.history.Result.Deleted;
import io.balsa.history.Result.NotMet;
import io.balsa.history.Result.Value;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients that read, write, write conditionally and delete a few keys, each on a thread of its own,
 * and write down what came of it with the times of {@link System#nanoTime}. Each knows all members
 * in an order of its own and stays with one until that refuses or does not answer; a request is
 * never sent twice. All values are different.
 *
 * <p>Beside them each member has a reader that never asks another one and does not wait for long:
 * whatever has become of the member, it is asked for the present all the time.
 */
final class RecordingClients implements AutoCloseable {
  private static final String PREFIX = "chaos/";

  /** What a member waits for a leader or a quorum; what a client waits for an answer is more. */
  private static final Duration SERVER_LIMIT = Duration.ofMillis(2_000);

  private static final Duration LIMIT = Duration.ofMillis(3_000);
  private static final Duration READER_LIMIT = Duration.ofMillis(500);
  private static final Duration END_LIMIT = Duration.ofSeconds(30);

  private final TestCluster cluster;
  private final int keys;
  private final long pauseNanos;
  private final List<Thread> threads = new ArrayList<>();
  private final Queue<Operation> history = new ConcurrentLinkedQueue<>();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong lastWrite = new AtomicLong(System.nanoTime());
  private final AtomicLong longestWait = new AtomicLong();
  private volatile AssertionError failure;
  private volatile boolean enough;

  /**
   * @param pause of a client between two requests
   */
  RecordingClients(TestCluster cluster, int clients, int keys, Duration pause, Random random) {
    this.cluster = cluster;
    this.keys = keys;
    this.pauseNanos = pause.toNanos();
    for (int client = 0; client < clients; client++) {
      int number = client;
      Random own = new Random(random.nextLong());
      add(number, () -> roam(number, own));
    }
    for (ClientPort member : cluster.endpoints()) {
      int number = threads.size();
      Random own = new Random(random.nextLong());
      add(number, () -> readFrom(member, number, own));
    }
  }

  private void add(int client, Runnable work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (AssertionError | RuntimeException e) {
                failure = new AssertionError("client " + client, e);
              }
            },
            "client-" + client);
    thread.setDaemon(true);
    threads.add(thread);
  }

  void start() {
    threads.forEach(Thread::start);
  }

  /** Ends the clients; returns all that was answered, or may have been done. */
  List<Operation> finish() {
    enough = true;
    for (Thread thread : threads) {
      Await.until(thread.getName() + " ends", END_LIMIT, () -> !thread.isAlive());
    }
    check();
    return List.copyOf(history);
  }

  /** Fails if a client was given an answer that the contract does not allow. */
  void check() {
    if (failure != null) {
      throw failure;
    }
  }

  long refused() {
    return refused.get();
  }

  /** When the last write so far was acknowledged, in {@link System#nanoTime}. */
  long lastWriteNanos() {
    return lastWrite.get();
  }

  /** The longest time without an acknowledged write since this was asked last. */
  double takeLongestWaitSeconds() {
    long now = System.nanoTime();
    long open = now - lastWrite.get();
    return Math.max(longestWait.getAndSet(0), open) / 1e9;
  }

  private void readFrom(ClientPort member, int client, Random random) {
    while (!enough) {
      send(member, READER_LIMIT, client, PREFIX + random.nextInt(keys), new Get());
      LockSupport.parkNanos(random.nextLong(2 * pauseNanos));
    }
  }

  private void roam(int client, Random random) {
    List<ClientPort> endpoints = new ArrayList<>(cluster.endpoints());
    Collections.shuffle(endpoints, random);
    long[] seen = new long[keys];
    for (int request = 0; !enough; request++) {
      int key = random.nextInt(keys);
      Action action = action(random, client + "-" + request, seen[key]);
      Answer answer = send(endpoints.get(0), client, PREFIX + key, action);
      if (answer.outcome() == Outcome.UNKNOWN || answer.isWorthAnotherTry()) {
        Collections.rotate(endpoints, -1);
      } else {
        seen[key] = Math.max(seen[key], revisionTold(action, answer));
      }
      LockSupport.parkNanos(random.nextLong(2 * pauseNanos));
    }
  }

  private static Action action(Random random, String unique, long seen) {
    Bytes value = Bytes.utf8(unique);
    return switch (random.nextInt(10)) {
      case 0, 1, 2, 3 -> new Get();
      case 4, 5, 6 -> new Put(value);
      case 7, 8 -> new PutIf(random.nextInt(4) == 0 ? 0 : seen, value);
      default -> new Delete();
    };
  }

  private static long revisionTold(Action action, Answer answer) {
    if (answer.status() != 200) {
      return 0;
    }
    return action instanceof Get ? answer.modRevision() : answer.revision();
  }

  /** Sends one request once, and writes down what came of it. */
  Answer send(ClientPort member, int client, String key, Action action) {
    return send(member, LIMIT, client, key, action);
  }

  private Answer send(ClientPort member, Duration limit, int client, String key, Action action) {
    String path = ClientPort.kv(key) + "?timeoutMs=" + SERVER_LIMIT.toMillis();
    long invoked = System.nanoTime();
    Answer answer = send(member, limit, path, action);
    long returned = System.nanoTime();
    if (answer.outcome() == Outcome.UNKNOWN) {
      if (action.isWrite()) {
        history.add(Operation.unknown(client, Bytes.utf8(key), action, invoked));
      }
    } else if (answer.isWorthAnotherTry()) {
      refused.incrementAndGet();
    } else {
      Result result = result(action, answer);
      history.add(new Operation(client, Bytes.utf8(key), action, result, invoked, returned));
      if (action.isWrite()) {
        wrote(returned);
      }
    }
    return answer;
  }

  private static Answer send(ClientPort member, Duration limit, String path, Action action) {
    if (action instanceof Get) {
      return member.send(limit, "GET", path, null);
    }
    if (action instanceof Delete) {
      return member.send(limit, "DELETE", path, null);
    }
    if (action instanceof Put put) {
      return member.send(limit, "PUT", path, put.value().toArray());
    }
    PutIf putIf = (PutIf) action;
    return putIf.expectedModRevision() == 0
        ? member.send(limit, "PUT", path, putIf.value().toArray(), "If-None-Match", "*")
        : member.send(
            limit,
            "PUT",
            path,
            putIf.value().toArray(),
            "If-Match",
            "\"" + putIf.expectedModRevision() + "\"");
  }

  private static Result result(Action action, Answer answer) {
    if (action instanceof Get && answer.status() == 404) {
      return Value.ABSENT;
    }
    if (action instanceof PutIf && answer.status() == 412) {
      return new NotMet();
    }
    if (answer.status() != 200) {
      throw new AssertionError("not allowed as an answer: " + answer);
    }
    if (action instanceof Get) {
      return new Value(Bytes.copyOf(answer.body()), answer.modRevision());
    }
    if (action instanceof Delete) {
      return new Deleted(answer.json().getLong("deleted") == 1, answer.revision());
    }
    return new Applied(answer.revision());
  }

  private void wrote(long returned) {
    long before = lastWrite.getAndAccumulate(returned, Math::max);
    longestWait.accumulateAndGet(returned - before, Math::max);
  }

  @Override
  public void close() {
    enough = true;
    threads.forEach(Thread::interrupt);
  }
}
