package io.balsa.sim;

import java.util.PriorityQueue;

/**
 * Simulated time: what happens, and when. One thread; events of the same moment happen in the order
 * in which they were planned. The digest sums up everything that has happened.
 */
final class Timeline {
  static final long MICROS = 1_000;
  static final long MILLIS = 1_000_000;
  static final long SECONDS = 1_000_000_000;

  private record Event(long time, long number, Runnable action) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(time, other.time);
      return byTime != 0 ? byTime : Long.compare(number, other.number);
    }
  }

  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private long now;
  private long planned;
  private long happened;
  private long digest = 0x9e3779b97f4a7c15L;

  /** Nanoseconds since the beginning. */
  long now() {
    return now;
  }

  /** How many events have happened. */
  long happened() {
    return happened;
  }

  long digest() {
    return digest;
  }

  /** Mixes what happens now into the digest. */
  void note(long what) {
    digest = Long.rotateLeft(digest ^ what, 23) * 0xbf58476d1ce4e5b9L;
  }

  void after(long nanos, Runnable action) {
    at(now + Math.max(0, nanos), action);
  }

  void at(long time, Runnable action) {
    events.add(new Event(Math.max(now, time), planned++, action));
  }

  /** Lets everything happen up to a time. */
  void runUntil(long time) {
    for (Event next = events.peek(); next != null && next.time <= time; next = events.peek()) {
      events.remove();
      now = next.time;
      happened++;
      note(next.time ^ (next.number << 20));
      next.action.run();
    }
    now = Math.max(now, time);
  }
}
