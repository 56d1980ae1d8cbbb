package io.balsa.engine;

import io.balsa.engine.request.Request;
import io.balsa.engine.request.WatchEvent;
import io.balsa.mvcc.Store;
import io.balsa.mvcc.watch.Delivery;
import io.balsa.mvcc.watch.Watches;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The watches of one member's clients: opens them, passes on what they have to tell, says how far
 * they are, and cuts off those whose clients take nothing.
 */
final class WatchDesk {
  private static final long POLL_BYTES = 1 << 20;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private record Told(long startRevision, long nanos) {}

  /** Since when a watch waits for credit to deliver this revision. */
  private record Stall(long revision, long nanos) {}

  private final Watches watches;
  private final AnswerBatches answers;
  private final int watchesMax;
  private final long progressNanos;
  private final long stallNanos;
  // All open watches, in the order in which they were last told how far they are.
  private final Map<Caller, Told> told = new LinkedHashMap<>();
  private final Map<Caller, Stall> stalls = new HashMap<>();
  private final Set<Caller> asked = new LinkedHashSet<>(); // How far they are, and not told yet.
  private long cutOff;
  private long tickNanos;
  private boolean isTellDue;

  WatchDesk(Store store, ReplicaOptions options, AnswerBatches answers) {
    this.watches = new Watches(store);
    this.answers = answers;
    this.watchesMax = options.watchesMax();
    this.progressNanos = options.progressMillis() * NANOS_PER_MILLI;
    this.stallNanos = options.watchStallMillis() * NANOS_PER_MILLI;
  }

  int size() {
    return watches.size();
  }

  /** How many were cut off since start. */
  long cutOff() {
    return cutOff;
  }

  void open(String address, Request.WatchOpen open, long nowNanos, long revision) {
    if (watches.size() >= watchesMax) {
      String reason = "too many watches: the member has " + watchesMax + " open";
      answers.event(address, new WatchEvent.Ended(open.watch(), reason));
      return;
    }
    if (open.startRevision() < 0) {
      String reason = "start revision must be 0 or more: " + open.startRevision();
      answers.event(address, new WatchEvent.Ended(open.watch(), reason));
      return;
    }
    boolean isNew =
        watches.open(
            address,
            open.watch(),
            open.keys(),
            open.startRevision(),
            open.previous(),
            open.creditBytes());
    if (!isNew) {
      // The end that is told is the end of both: their events could not be told apart.
      close(address, open.watch());
      String reason = "watch " + open.watch() + " is open already";
      answers.event(address, new WatchEvent.Ended(open.watch(), reason));
      return;
    }
    tell(new Caller(address, open.watch()), open.startRevision(), nowNanos, revision);
  }

  void credit(String address, Request.WatchCredit credit) {
    watches.credit(address, credit.watch(), credit.bytes());
  }

  void progress(String address, Request.WatchProgress progress) {
    Caller watch = new Caller(address, progress.watch());
    if (told.containsKey(watch)) {
      asked.add(watch);
    }
  }

  void close(String address, long watch) {
    watches.close(address, watch);
    forget(new Caller(address, watch));
  }

  void closeAll(String address) {
    watches.closeAll(address);
    told.keySet().removeIf(watch -> watch.address().equals(address));
    stalls.keySet().removeIf(watch -> watch.address().equals(address));
    asked.removeIf(watch -> watch.address().equals(address));
  }

  /** Ends all watches. */
  void endAll(String reason) {
    for (Caller watch : List.copyOf(told.keySet())) {
      watches.close(watch.address(), watch.number());
      answers.event(watch.address(), new WatchEvent.Ended(watch.number(), reason));
    }
    told.clear();
    stalls.clear();
    asked.clear();
  }

  /** Goes on over a state that took the place of the one before. */
  void moveTo(Store store) {
    watches.moveTo(store);
  }

  boolean hasWork() {
    return watches.hasWork();
  }

  /**
   * Passes on a bounded piece of what the watches have to tell.
   *
   * @param revision the store's
   */
  void poll(long revision) {
    for (Delivery delivery : watches.poll(POLL_BYTES)) {
      String address = (String) delivery.owner();
      if (delivery instanceof Delivery.Changed changed) {
        answers.event(
            address,
            new WatchEvent.Changed(
                changed.watch(), changed.revision(), changed.changes(), changed.bytes()));
      } else {
        Delivery.Compacted compacted = (Delivery.Compacted) delivery;
        answers.event(
            address, new WatchEvent.Compacted(compacted.watch(), compacted.compactRevision()));
        forget(new Caller(address, compacted.watch()));
      }
    }
    if (!asked.isEmpty()) {
      tellAsked(revision);
    }
    if (isTellDue) { // Behind the changes: only who has them all hears that it is up to date.
      isTellDue = false;
      tellDue(revision);
    }
  }

  /** Time has passed: cuts off the stalled, and lets the next {@link #poll} tell of progress. */
  void tick(long nowNanos) {
    cutOffStalled(nowNanos);
    tickNanos = nowNanos;
    isTellDue = true;
  }

  private void tellAsked(long revision) {
    for (Caller watch : List.copyOf(asked)) {
      if (watches.isSynced(watch.address(), watch.number())) {
        asked.remove(watch);
        tell(watch, told.remove(watch).startRevision(), tickNanos, revision);
      }
    }
  }

  private void tellDue(long revision) {
    List<Map.Entry<Caller, Told>> due = new ArrayList<>();
    for (Map.Entry<Caller, Told> watch : told.entrySet()) {
      if (tickNanos - watch.getValue().nanos() < progressNanos) {
        break;
      }
      due.add(Map.entry(watch.getKey(), watch.getValue()));
    }
    for (Map.Entry<Caller, Told> watch : due) {
      told.remove(watch.getKey());
      tell(watch.getKey(), watch.getValue().startRevision(), tickNanos, revision);
    }
  }

  private void tell(Caller watch, long startRevision, long nowNanos, long revision) {
    told.put(watch, new Told(startRevision, nowNanos));
    // Who resumes behind a revision that is told as complete must not see what it never asked for.
    boolean isComplete =
        startRevision - 1 <= revision && watches.isSynced(watch.address(), watch.number());
    answers.event(watch.address(), new WatchEvent.Progress(watch.number(), revision, isComplete));
  }

  private void cutOffStalled(long nowNanos) {
    Map<Caller, Stall> still = new HashMap<>();
    for (Watches.Stalled stalled : watches.stalled()) {
      Caller watch = new Caller((String) stalled.owner(), stalled.watch());
      Stall stall = stalls.get(watch);
      if (stall == null || stall.revision() != stalled.since()) { // It took something meanwhile.
        still.put(watch, new Stall(stalled.since(), nowNanos));
      } else if (nowNanos - stall.nanos() < stallNanos) {
        still.put(watch, stall);
      } else {
        watches.close(watch.address(), watch.number());
        told.remove(watch);
        asked.remove(watch);
        cutOff++;
        answers.event(watch.address(), new WatchEvent.Slow(watch.number(), stalled.since()));
      }
    }
    stalls.clear();
    stalls.putAll(still);
  }

  private void forget(Caller watch) {
    told.remove(watch);
    stalls.remove(watch);
    asked.remove(watch);
  }
}
