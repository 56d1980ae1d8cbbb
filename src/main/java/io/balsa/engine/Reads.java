package io.balsa.engine;

import io.balsa.engine.request.Request;
import io.balsa.mvcc.auth.Credentials;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The linearizable reads that wait. One round asks the leader for a read index; reads that arrive
 * meanwhile share the next round (Raft thesis §6.4). A read is ready when its round's index is
 * applied.
 */
final class Reads {
  /**
   * A read and who waits for it.
   *
   * @param by who asks: a token if it is yet to be looked up
   */
  record Waiting(Caller caller, Request request, Credentials by, long deadlineNanos) {}

  private record Confirmed(long index, List<Waiting> reads) {}

  private static final int RETRY_TICKS_MIN = 3;
  private static final int RETRY_TICKS_MAX = 24;

  private List<Waiting> next = new ArrayList<>();
  private List<Waiting> asked = new ArrayList<>();
  // Ascending by index.
  private final Deque<Confirmed> confirmed = new ArrayDeque<>();
  private int size;
  private long context;
  private long askedInTerm;
  private int ticksSinceAsked;
  // Doubled with each retry: a leader that is slow must not be asked anew before it can answer.
  private int retryTicks = RETRY_TICKS_MIN;

  /**
   * No reads yet.
   *
   * @param firstContext drawn at random: an answer that is still on its way from an earlier run
   *     must not serve a read of this one
   */
  Reads(long firstContext) {
    context = firstContext;
  }

  int size() {
    return size;
  }

  void add(Waiting read) {
    next.add(read);
    size++;
  }

  /**
   * Whether a round should be begun now, in this term: no other is under way, or its answer is lost
   * with the leader that was asked.
   */
  boolean mustAsk(long term) {
    if (asked.isEmpty()) {
      return !next.isEmpty();
    }
    return askedInTerm != term || ticksSinceAsked >= retryTicks;
  }

  /** Begins a round with all reads that have none, or one that was lost. Returns its context. */
  long ask(long term) {
    boolean isRetry = !asked.isEmpty() && askedInTerm == term;
    retryTicks = isRetry ? Math.min(2 * retryTicks, RETRY_TICKS_MAX) : RETRY_TICKS_MIN;
    asked.addAll(next);
    next.clear();
    askedInTerm = term;
    ticksSinceAsked = 0;
    return ++context;
  }

  void tick() {
    ticksSinceAsked++;
  }

  /** The answer of a round; that of an earlier one is ignored. */
  void confirmed(long ofContext, long index) {
    if (ofContext == context && !asked.isEmpty()) {
      confirmed.add(new Confirmed(index, asked));
      asked = new ArrayList<>();
    }
  }

  /** Takes the reads that may be served when everything up to {@code applied} is applied. */
  List<Waiting> takeReady(long applied) {
    if (confirmed.isEmpty() || confirmed.peek().index() > applied) {
      return List.of();
    }
    List<Waiting> ready = new ArrayList<>();
    while (!confirmed.isEmpty() && confirmed.peek().index() <= applied) {
      ready.addAll(confirmed.remove().reads());
    }
    size -= ready.size();
    return ready;
  }

  /** Takes out a watch that is not wanted any more before it could be opened. */
  void drop(String address, long watch) {
    if (size > 0) {
      List<Waiting> dropped = new ArrayList<>();
      takeWatch(next, address, watch, dropped);
      takeWatch(asked, address, watch, dropped);
      for (Confirmed round : confirmed) {
        takeWatch(round.reads(), address, watch, dropped);
      }
      size -= dropped.size();
    }
  }

  private static void takeWatch(
      List<Waiting> reads, String address, long watch, List<Waiting> dropped) {
    reads.removeIf(
        read ->
            read.request() instanceof Request.WatchOpen open
                && open.watch() == watch
                && read.caller().address().equals(address)
                && dropped.add(read));
  }

  /** Takes out what has waited too long. */
  List<Waiting> expired(long nowNanos) {
    List<Waiting> late = new ArrayList<>();
    takeLate(next, nowNanos, late);
    takeLate(asked, nowNanos, late);
    for (Confirmed round : confirmed) {
      takeLate(round.reads(), nowNanos, late);
    }
    size -= late.size();
    return late;
  }

  private static void takeLate(List<Waiting> reads, long nowNanos, List<Waiting> late) {
    reads.removeIf(read -> read.deadlineNanos() - nowNanos <= 0 && late.add(read));
  }

  /** Takes out all. */
  List<Waiting> drain() {
    List<Waiting> all = new ArrayList<>(next);
    all.addAll(asked);
    confirmed.forEach(round -> all.addAll(round.reads()));
    next.clear();
    asked.clear();
    confirmed.clear();
    size = 0;
    return all;
  }
}
