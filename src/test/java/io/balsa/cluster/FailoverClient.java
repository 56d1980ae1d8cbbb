package io.balsa.cluster;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * A client that goes on to the next member when one does not answer. It never repeats a write whose
 * outcome is unknown: that is the caller's to find out. One thread.
 */
final class FailoverClient {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final long PAUSE_NANOS = 10_000_000;

  private final Supplier<List<ClientPort>> endpoints;
  private int next;

  /**
   * @param endpoints asked anew for each request, since members come and go
   * @param first index of the member to begin with
   */
  FailoverClient(Supplier<List<ClientPort>> endpoints, int first) {
    this.endpoints = endpoints;
    this.next = first;
  }

  /** Applied, unknown, or refused by a rule that no other member would judge differently. */
  Answer write(String method, String path, byte[] body, String... headers) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (true) {
      Answer answer = endpoint().send(method, path, body, headers);
      if (!answer.isWorthAnotherTry()) {
        if (answer.outcome() == Outcome.UNKNOWN) {
          next++;
        }
        return answer;
      }
      tryNext(answer, deadline);
    }
  }

  /** Reads until some member answers. */
  Answer read(String path) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (true) {
      Answer answer = endpoint().get(path);
      if (answer.outcome() != Outcome.UNKNOWN && !answer.isWorthAnotherTry()) {
        return answer;
      }
      tryNext(answer, deadline);
    }
  }

  private ClientPort endpoint() {
    List<ClientPort> now = endpoints.get();
    return now.get(Math.floorMod(next, now.size()));
  }

  private void tryNext(Answer answer, long deadline) {
    if (System.nanoTime() - deadline > 0) {
      throw new AssertionError("no member answers: " + answer);
    }
    next++;
    LockSupport.parkNanos(PAUSE_NANOS);
  }
}
