package io.balsa.client.link;

import java.util.ArrayDeque;
import java.util.Deque;

/** How many requests are in flight at a time; others wait their turn. Any thread. */
final class Flight {
  private final int flyingMax;
  private final int waitingMax;
  private final Deque<Runnable> waiting = new ArrayDeque<>();
  private int flying;

  Flight(int flyingMax, int waitingMax) {
    this.flyingMax = flyingMax;
    this.waitingMax = waitingMax;
  }

  /**
   * Runs {@code start} as soon as there is room; who started must {@link #leave} once.
   *
   * @return false if so many wait already that it will not run
   */
  boolean enter(Runnable start) {
    synchronized (this) {
      if (flying >= flyingMax) {
        if (waiting.size() >= waitingMax) {
          return false;
        }
        waiting.addLast(start);
        return true;
      }
      flying++;
    }
    start.run();
    return true;
  }

  /** Makes room for the next, which starts before this returns. */
  void leave() {
    Runnable next;
    synchronized (this) {
      next = waiting.pollFirst();
      if (next == null) {
        flying--;
      }
    }
    if (next != null) {
      next.run();
    }
  }
}
