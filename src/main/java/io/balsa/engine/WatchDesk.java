package io.balsa.engine;

import io.balsa.engine.request.Request;
import io.balsa.engine.request.WatchEvent;
import io.balsa.mvcc.Store;
import io.balsa.mvcc.command.Change;
import io.balsa.mvcc.watch.Delivery;
import io.balsa.mvcc.watch.Watches;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The watches of one member's clients: opens them, passes on what they have to tell, says how far
 * they are, and cuts off those whose clients take nothing.
 */
final class WatchDesk {
  private static final long POLL_BYTES = 1 << 20;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Watches watches;
  private final AnswerBatches answers;
  private final int watchesMax;
  private final long progressNanos;
  private final long stallNanos;
  // When each was last told how far it is, in the order of that.
  private final Map<Caller, Long> told = new LinkedHashMap<>();
  private final Map<Caller, Long> stalledSince = new HashMap<>();
  private long cutOff;

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
    boolean isNew =
        watches.open(
            address,
            open.watch(),
            open.keys(),
            open.startRevision(),
            open.previous(),
            open.creditBytes());
    if (!isNew) {
      String reason = "watch " + open.watch() + " is open already";
      answers.event(address, new WatchEvent.Ended(open.watch(), reason));
      return;
    }
    Caller watch = new Caller(address, open.watch());
    told.put(watch, nowNanos);
    progress(watch, revision);
  }

  void credit(String address, Request.WatchCredit credit) {
    watches.credit(address, credit.watch(), credit.bytes());
  }

  void close(String address, long watch) {
    watches.close(address, watch);
    forget(new Caller(address, watch));
  }

  void closeAll(String address) {
    watches.closeAll(address);
    told.keySet().removeIf(watch -> watch.address().equals(address));
    stalledSince.keySet().removeIf(watch -> watch.address().equals(address));
  }

  /** Ends all watches. */
  void endAll(String reason) {
    for (Caller watch : List.copyOf(told.keySet())) {
      watches.close(watch.address(), watch.number());
      answers.event(watch.address(), new WatchEvent.Ended(watch.number(), reason));
    }
    told.clear();
    stalledSince.clear();
  }

  /** Goes on over a state that took the place of the one before. */
  void moveTo(Store store) {
    watches.moveTo(store);
  }

  boolean hasWork() {
    return watches.hasWork();
  }

  /** Passes on a bounded piece of what the watches have to tell. */
  void poll() {
    List<Change> last = null;
    List<WatchEvent.Change> lastMapped = null;
    for (Delivery delivery : watches.poll(POLL_BYTES)) {
      String address = (String) delivery.owner();
      if (delivery instanceof Delivery.Changed changed) {
        if (changed.changes() != last) { // Watches of the same keys share one list.
          last = changed.changes();
          lastMapped = map(last);
        }
        answers.event(
            address,
            new WatchEvent.Changed(
                changed.watch(), changed.revision(), lastMapped, changed.bytes()));
      } else {
        Delivery.Compacted compacted = (Delivery.Compacted) delivery;
        answers.event(
            address, new WatchEvent.Compacted(compacted.watch(), compacted.compactRevision()));
        forget(new Caller(address, compacted.watch()));
      }
    }
  }

  private static List<WatchEvent.Change> map(List<Change> changes) {
    List<WatchEvent.Change> mapped = new ArrayList<>(changes.size());
    for (Change change : changes) {
      mapped.add(new WatchEvent.Change(change.deletion(), change.item(), change.previous()));
    }
    return List.copyOf(mapped);
  }

  void tick(long nowNanos, long revision) {
    cutOffStalled(nowNanos);
    List<Caller> due = new ArrayList<>();
    for (Map.Entry<Caller, Long> watch : told.entrySet()) {
      if (nowNanos - watch.getValue() < progressNanos) {
        break;
      }
      due.add(watch.getKey());
    }
    for (Caller watch : due) {
      told.remove(watch);
      told.put(watch, nowNanos);
      progress(watch, revision);
    }
  }

  private void progress(Caller watch, long revision) {
    boolean complete = watches.isSynced(watch.address(), watch.number());
    answers.event(watch.address(), new WatchEvent.Progress(watch.number(), revision, complete));
  }

  private void cutOffStalled(long nowNanos) {
    Map<Caller, Long> still = new HashMap<>();
    for (Watches.Stalled stalled : watches.stalled()) {
      Caller watch = new Caller((String) stalled.owner(), stalled.watch());
      long since = stalledSince.getOrDefault(watch, nowNanos);
      if (nowNanos - since >= stallNanos) {
        watches.close(watch.address(), watch.number());
        told.remove(watch);
        cutOff++;
        answers.event(watch.address(), new WatchEvent.Slow(watch.number(), stalled.since()));
      } else {
        still.put(watch, since);
      }
    }
    stalledSince.clear();
    stalledSince.putAll(still);
  }

  private void forget(Caller watch) {
    told.remove(watch);
    stalledSince.remove(watch);
  }
}
