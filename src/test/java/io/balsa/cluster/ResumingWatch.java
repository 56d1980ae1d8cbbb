package io.balsa.cluster;

import io.balsa.cluster.ServerSentEvents.Event;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;

/**
 * Watches all keys on a thread of its own. It breaks the connection off by itself a number of
 * times, and whenever it breaks goes on at another member from the last id it saw.
 */
final class ResumingWatch implements AutoCloseable {
  private final List<ClientPort> endpoints;
  private final Random random;
  private final int breaksWanted;
  private final int eventsBetweenBreaksMax;
  private final Thread thread = new Thread(this::run, "resuming-watch");

  // Guarded by this.
  private final List<Change> changes = new ArrayList<>();
  private final TreeSet<Integer> membersUsed = new TreeSet<>();
  private int breaks;
  private long lastRevision;
  private AssertionError failure;

  private volatile boolean closed;

  /**
   * @param revision what is watched is everything after it
   */
  ResumingWatch(
      List<ClientPort> endpoints,
      long revision,
      Random random,
      int breaksWanted,
      int eventsBetweenBreaksMax) {
    this.endpoints = List.copyOf(endpoints);
    this.lastRevision = revision;
    this.random = random;
    this.breaksWanted = breaksWanted;
    this.eventsBetweenBreaksMax = eventsBetweenBreaksMax;
    thread.setDaemon(true);
  }

  /** A change of one key as the watch told it. */
  record Change(long revision, String key, byte[] value, long version) {}

  void start() {
    thread.start();
  }

  /** Waits until it has seen {@code revision}. */
  void awaitRevision(long revision, Duration limit) {
    Await.until(
        "the watch reaches revision " + revision,
        limit,
        () -> {
          synchronized (this) {
            if (failure != null) {
              throw failure;
            }
            return lastRevision >= revision;
          }
        });
  }

  /** All changes so far, in the order in which they came. */
  synchronized List<Change> changes() {
    return List.copyOf(changes);
  }

  /** How often it broke the connection off on purpose. */
  synchronized int breaks() {
    return breaks;
  }

  /** How many members it was connected to. */
  synchronized int membersUsed() {
    return membersUsed.size();
  }

  private void run() {
    int member = random.nextInt(endpoints.size());
    String lastId = Long.toString(lastRevision);
    while (!closed) {
      int eventsLeft =
          breaks() < breaksWanted ? 1 + random.nextInt(eventsBetweenBreaksMax) : Integer.MAX_VALUE;
      try (WatchStream stream = WatchStream.open(endpoints.get(member), "", lastId)) {
        Event event;
        while (eventsLeft > 0 && !closed && (event = stream.next()) != null) {
          if (event.id() != null) {
            lastId = event.id();
          }
          if (event.type().equals("change")) {
            take(event, member);
            eventsLeft--;
          } else if (!event.type().equals("progress")) {
            fail(new AssertionError("the watch was ended: " + event));
            return;
          }
        }
        if (eventsLeft == 0) {
          countBreak();
        }
      } catch (IOException memberGone) {
        LockSupport.parkNanos(10_000_000);
      } catch (RuntimeException e) {
        fail(new AssertionError("the watch gave something unreadable", e));
        return;
      }
      member = (member + 1 + random.nextInt(endpoints.size() - 1)) % endpoints.size();
    }
  }

  private synchronized void take(Event event, int member) {
    JsonObject data = event.json();
    long revision = data.getLong("revision");
    if (!Long.toString(revision).equals(event.id()) || revision != lastRevision + 1) {
      failure =
          new AssertionError(
              "after revision " + lastRevision + " came " + revision + " with id " + event.id());
    }
    lastRevision = revision;
    membersUsed.add(member);
    for (Object element : data.getJsonArray("changes")) {
      JsonObject change = (JsonObject) element;
      changes.add(
          new Change(
              revision, change.getString("key"), bytes(change), change.getLong("version", 0L)));
    }
  }

  /** The value of an item in JSON: text, or base64 where it is not. */
  private static byte[] bytes(JsonObject item) {
    String text = item.getString("value");
    return text == null
        ? Base64.getDecoder().decode(item.getString("valueBase64", ""))
        : text.getBytes(StandardCharsets.UTF_8);
  }

  private synchronized void countBreak() {
    breaks++;
  }

  private synchronized void fail(AssertionError error) {
    failure = error;
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
