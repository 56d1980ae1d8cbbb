package io.balsa.parity;

import io.balsa.api.etcd.proto.etcdserverpb.WatchResponse;
import io.balsa.api.etcd.proto.mvccpb.Event;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * What has come on a call of Watch, and is not looked at: the events of each watch, what it was
 * ended by, and all other responses in their order. How events are put together into responses is
 * left to the member, and when it finds that a watch is too late.
 */
final class WatchInbox {
  private static final long SECONDS_MAX = 30;
  private static final long ALL_WATCHES = -1; // Is answered to who asks how far they are.

  private final Deque<WatchResponse> answers = new ArrayDeque<>();
  private final Map<Long, WatchResponse> compacted = new TreeMap<>();
  private final Map<Long, List<Event>> events = new TreeMap<>();
  private String failure;

  /** Takes a response of the member. */
  synchronized void add(WatchResponse response) {
    if (response.getCompactRevision() != 0 && !response.getCreated()) {
      compacted.put(response.getWatchId(), (WatchResponse) Answer.masked(response));
    } else if (isNotice(response)) {
      return;
    } else if (response.getEventsCount() == 0) {
      answers.add((WatchResponse) Answer.masked(response));
    } else {
      long last = response.getEvents(response.getEventsCount() - 1).getKv().getModRevision();
      boolean plain =
          !response.getCreated()
              && !response.getCanceled()
              && response.getCompactRevision() == 0
              && response.getHeader().getRevision() >= last;
      if (!plain) {
        fail("no response with events is like " + Answer.line(response));
      }
      events
          .computeIfAbsent(response.getWatchId(), id -> new ArrayList<>())
          .addAll(response.getEventsList());
    }
    notifyAll();
  }

  /**
   * Whether this says that a watch was quiet, which is told by time: by Balsa also where nobody
   * asked for it, to keep an HTTP/1.1 connection.
   */
  private static boolean isNotice(WatchResponse response) {
    return response.getEventsCount() == 0
        && !response.getCreated()
        && !response.getCanceled()
        && response.getWatchId() != ALL_WATCHES;
  }

  /** The call is broken, or has ended by the member. */
  synchronized void fail(String text) {
    failure = failure == null ? text : failure;
    notifyAll();
  }

  /** Waits until a watch is told that what it wants is compacted. */
  synchronized WatchResponse compacted(long watch) {
    await("the end of watch " + watch, () -> compacted.containsKey(watch));
    return compacted.remove(watch);
  }

  /** Waits for the next response of another kind without events. */
  synchronized WatchResponse answer() {
    await("an answer", () -> !answers.isEmpty());
    return answers.remove();
  }

  /** Waits until there are so many events of a watch; takes them all. */
  synchronized List<Event> events(long watch, int count) {
    if (count > 0) {
      await(
          count + " events of watch " + watch,
          () -> events.getOrDefault(watch, List.of()).size() >= count);
    }
    List<Event> taken = events.remove(watch);
    return taken == null ? List.of() : taken;
  }

  /** What nobody has asked for, in words; empty for nothing. */
  synchronized String rest() {
    return answers.isEmpty() && compacted.isEmpty() && events.isEmpty() && failure == null
        ? ""
        : "failure %s, answers %s, ends %s, events %s"
            .formatted(failure, answers, compacted, events);
  }

  private void await(String what, BooleanSupplier there) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_MAX);
    while (!there.getAsBoolean()) {
      long leftMillis = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (failure != null || leftMillis <= 0) {
        throw new AssertionError("waited for " + what + ", there is: " + rest());
      }
      try {
        wait(leftMillis);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
