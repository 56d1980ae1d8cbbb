package io.balsa.cluster;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A client that behaves while others do not: it puts a key and gets it back, one request after the
 * other, most over a connection that it keeps and some over a new one.
 */
final class GoodClient implements AutoCloseable {
  private static final int NEW_CONNECTION_EVERY = 10;

  private final ClientPort endpoint;
  private final String key;
  private final Thread thread = new Thread(this::run, "good client");
  private final List<String> failures = new ArrayList<>();
  private volatile boolean stopped;
  private volatile long requests;
  private long worstNanos;

  private GoodClient(ClientPort endpoint, String key) {
    this.endpoint = endpoint;
    this.key = key;
  }

  static GoodClient start(ClientPort endpoint, String key) {
    GoodClient client = new GoodClient(endpoint, key);
    client.thread.start();
    return client;
  }

  /** Stops it; each line is a request that was not served as it should. */
  List<String> stop() {
    stopped = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    return failures;
  }

  /** How many requests it has made. */
  long requests() {
    return requests;
  }

  /** How long the slowest took; once stopped. */
  long worstMillis() {
    return TimeUnit.NANOSECONDS.toMillis(worstNanos);
  }

  private void run() {
    for (long i = 0; !stopped; i++) {
      String value = "value " + i;
      expect(timed(() -> endpoint.put(key, value)), "");
      expect(timed(() -> endpoint.get(ClientPort.kv(key))), value);
      if (i % NEW_CONNECTION_EVERY == 0) {
        expect(timed(() -> RawHttp.send(endpoint, "GET", ClientPort.kv(key), null)), value);
      }
    }
  }

  private interface Sending {
    Answer send() throws IOException;
  }

  private Answer timed(Sending sending) {
    long start = System.nanoTime();
    Answer answer;
    try {
      answer = sending.send();
    } catch (IOException e) {
      answer = Answer.none(Outcome.UNKNOWN, e);
    }
    worstNanos = Math.max(worstNanos, System.nanoTime() - start);
    requests++;
    return answer;
  }

  private void expect(Answer answer, String value) {
    if (answer.status() != 200 || !value.isEmpty() && !answer.text().equals(value)) {
      failures.add(answer.toString());
    }
  }

  @Override
  public void close() {
    stop();
  }
}
