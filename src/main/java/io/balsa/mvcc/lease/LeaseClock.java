package io.balsa.mvcc.lease;

import io.balsa.data.Checks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * When leases end, by the clock of one member. One thread only. All times are of one monotonic
 * clock in nanoseconds, of any origin, such as {@link System#nanoTime}.
 *
 * <p>The work of each call grows with the logarithm of the number of leases, but for {@link
 * #promoted}, which touches each lease once.
 */
public final class LeaseClock {
  private static final long NANOS_PER_SECOND = 1_000_000_000;
  // Nine billion seconds, etcd's largest TTL, in nanoseconds just fit into a long.
  private static final long TTL_SECONDS_MAX = 9_000_000_000L;

  /**
   * A lease whose time is over, or whose time should be recorded.
   *
   * @param renewals what the command must name, see {@link Lease#renewals}
   * @param remainingSeconds 0 if its time is over; else what is to be recorded, rounded up
   */
  public record Due(long id, long renewals, long remainingSeconds) {}

  private static final class Timer {
    final long id;
    long givenNanos; // By a new leader.
    long renewals;
    long deadlineNanos;
    long wakeNanos; // When it is reported next.
    int position;

    Timer(long id) {
      this.id = id;
    }

    boolean isBefore(Timer other) {
      long difference = wakeNanos - other.wakeNanos; // A difference survives the clock's overflow.
      return difference != 0 ? difference < 0 : id < other.id;
    }
  }

  private final long retryNanos;
  private final long checkpointNanos;
  private final Map<Long, Timer> timers = new HashMap<>();
  // A binary heap, the earliest first; each timer knows its position.
  private Timer[] heap = new Timer[16];

  /**
   * A clock without leases.
   *
   * @param retryNanos how long a lease that was reported as over is not reported again
   * @param checkpointNanos how often the time of a lease that has more is to be recorded
   */
  public LeaseClock(long retryNanos, long checkpointNanos) {
    Checks.argument(retryNanos > 0, "retryNanos must be positive: %d", retryNanos);
    Checks.argument(checkpointNanos > 0, "checkpointNanos must be positive: %d", checkpointNanos);
    this.retryNanos = retryNanos;
    this.checkpointNanos = checkpointNanos;
  }

  /** A lease was granted, or is found at start: it has its whole time, or what is recorded. */
  public void granted(Lease lease, long nowNanos) {
    start(lease, nowNanos);
  }

  /** A lease was renewed: it has its whole time again. */
  public void renewed(Lease lease, long nowNanos) {
    start(lease, nowNanos);
  }

  /** How long a lease still has was recorded: a new leader will give it so much. */
  public void recorded(Lease lease) {
    Timer timer = timers.get(lease.id());
    if (timer != null) {
      timer.givenNanos = given(lease);
    }
  }

  /** A lease was revoked or has expired. */
  public void ended(long id) {
    Timer timer = timers.remove(id);
    if (timer != null) {
      Timer last = heap[timers.size()];
      heap[timers.size()] = null;
      if (last != timer) {
        put(timer.position, last);
        settle(last);
      }
    }
  }

  /**
   * This member became the leader: every lease has its whole time again, or what is recorded, as
   * nobody knows when its holder last spoke to the leader before. The record is older than the
   * change of leaders, so no lease ends early by it.
   */
  public void promoted(long nowNanos) {
    for (int i = 0; i < timers.size(); i++) {
      begin(heap[i], nowNanos);
    }
    for (int i = timers.size() / 2 - 1; i >= 0; i--) {
      sink(heap[i]);
    }
  }

  /** How many leases there are. */
  public int size() {
    return timers.size();
  }

  /** The whole seconds that the lease still has, 0 if it is due, -1 if there is none. */
  public long remainingSeconds(long id, long nowNanos) {
    Timer timer = timers.get(id);
    if (timer == null) {
      return -1;
    }
    return Math.max(0, timer.deadlineNanos - nowNanos) / NANOS_PER_SECOND;
  }

  /**
   * The leases whose time is over, or is to be recorded, by the time when that was so, at most
   * {@code max}. One whose time is over is reported again only when the retry time has passed and
   * it has neither ended nor been renewed.
   */
  public List<Due> due(long nowNanos, int max) {
    List<Due> due = new ArrayList<>();
    while (due.size() < max && !timers.isEmpty() && heap[0].wakeNanos - nowNanos <= 0) {
      Timer timer = heap[0];
      long left = timer.deadlineNanos - nowNanos;
      if (left <= 0) {
        due.add(new Due(timer.id, timer.renewals, 0));
        timer.wakeNanos = nowNanos + retryNanos;
      } else {
        // Rounded up: what is recorded must not be less than there is.
        due.add(new Due(timer.id, timer.renewals, (left - 1) / NANOS_PER_SECOND + 1));
        wakeNext(timer, nowNanos);
      }
      sink(timer);
    }
    return due;
  }

  private void start(Lease lease, long nowNanos) {
    Timer timer = timers.get(lease.id());
    if (timer == null) {
      timer = new Timer(lease.id());
      int position = timers.size();
      timers.put(lease.id(), timer);
      if (position == heap.length) {
        heap = Arrays.copyOf(heap, position * 2);
      }
      put(position, timer);
    }
    timer.givenNanos = given(lease);
    timer.renewals = lease.renewals();
    begin(timer, nowNanos);
    settle(timer);
  }

  private static long given(Lease lease) {
    return Math.min(lease.remainingSeconds(), TTL_SECONDS_MAX) * NANOS_PER_SECOND;
  }

  private void begin(Timer timer, long nowNanos) {
    timer.deadlineNanos = nowNanos + timer.givenNanos;
    wakeNext(timer, nowNanos);
  }

  private void wakeNext(Timer timer, long nowNanos) {
    boolean isLong = timer.deadlineNanos - nowNanos > checkpointNanos;
    timer.wakeNanos = isLong ? nowNanos + checkpointNanos : timer.deadlineNanos;
  }

  private void settle(Timer timer) {
    rise(timer);
    sink(timer);
  }

  private void rise(Timer timer) {
    int at = timer.position;
    while (at > 0 && timer.isBefore(heap[(at - 1) / 2])) {
      put(at, heap[(at - 1) / 2]);
      at = (at - 1) / 2;
    }
    put(at, timer);
  }

  private void sink(Timer timer) {
    int at = timer.position;
    while (true) {
      int child = 2 * at + 1;
      if (child + 1 < timers.size() && heap[child + 1].isBefore(heap[child])) {
        child++;
      }
      if (child >= timers.size() || !heap[child].isBefore(timer)) {
        break;
      }
      put(at, heap[child]);
      at = child;
    }
    put(at, timer);
  }

  private void put(int position, Timer timer) {
    heap[position] = timer;
    timer.position = position;
  }
}
