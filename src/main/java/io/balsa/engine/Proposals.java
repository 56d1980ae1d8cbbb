package io.balsa.engine;

import io.balsa.data.Bytes;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The proposals of one member that are not applied yet. Each either waits for a leader, and is
 * certainly in no log, or was sent, and may be in one.
 *
 * <p>A proposal is sent under a number, to the leader of one term. The numbers grow with each
 * sending, and the state machine skips what arrives behind a larger one. So a proposal that was
 * sent is known to be dead, and may be sent again under a new number, as soon as a larger number of
 * this member is applied, or an entry of a later term than that of its leader.
 */
final class Proposals {
  /** A proposal and who waits for it. */
  static final class Pending {
    private final Caller caller;
    private final Bytes payload;
    private final ConfChange change;
    private final long deadlineNanos;
    private long number; // 0 while it waits.
    private long term; // Of the leader it was sent to.

    /**
     * A proposal.
     *
     * @param caller null for one of this member's own
     * @param payload as {@link Envelope#encode} gives it
     * @param change null for a normal entry
     */
    Pending(Caller caller, Bytes payload, ConfChange change, long deadlineNanos) {
      this.caller = caller;
      this.payload = payload;
      this.change = change;
      this.deadlineNanos = deadlineNanos;
    }

    /** Null for one of this member's own. */
    Caller caller() {
      return caller;
    }

    /** Whether it may be in a log. */
    boolean isSent() {
      return number != 0;
    }

    private Entry entry(long self) {
      Bytes sealed = Envelope.seal(self, number, payload);
      return change == null
          ? Entry.proposal(EntryType.NORMAL, sealed)
          : Entry.proposal(
              EntryType.CONF_CHANGE_V2,
              new ConfChange(change.transition(), change.operations(), sealed).encode());
    }
  }

  private final long self;
  private final Deque<Pending> waiting = new ArrayDeque<>();
  private final Map<Long, Pending> sent = new LinkedHashMap<>(); // Ascending by number.
  private long nextNumber;

  Proposals(long self, long firstNumber) {
    this.self = self;
    this.nextNumber = firstNumber;
  }

  int size() {
    return waiting.size() + sent.size();
  }

  boolean hasWaiting() {
    return !waiting.isEmpty();
  }

  void add(Pending pending) {
    waiting.add(pending);
  }

  /** Numbers all that wait, for the leader of {@code term}. */
  List<Proposal> send(long term) {
    List<Proposal> batch = new ArrayList<>(waiting.size());
    for (Pending pending = waiting.poll(); pending != null; pending = waiting.poll()) {
      pending.number = nextNumber++;
      pending.term = term;
      sent.put(pending.number, pending);
      batch.add(new Proposal(pending.number, pending.entry(self)));
    }
    return batch;
  }

  /**
   * The entry of this number was applied, or skipped because it came too late.
   *
   * @return null if nobody waits for it any more
   */
  Pending applied(long number) {
    Pending found = sent.remove(number);
    while (!sent.isEmpty()) {
      Pending oldest = sent.values().iterator().next();
      if (oldest.number > number) {
        break;
      }
      sent.remove(oldest.number);
      waitAgain(oldest);
    }
    return found;
  }

  /** An entry of this term was applied: what was sent to leaders of earlier ones is dead. */
  void termApplied(long term) {
    if (sent.isEmpty() || sent.values().iterator().next().term >= term) {
      return;
    }
    for (Iterator<Pending> all = sent.values().iterator(); all.hasNext(); ) {
      Pending pending = all.next();
      if (pending.term < term) {
        all.remove();
        waitAgain(pending);
      }
    }
  }

  /** Not in any log, nor will it be: gives it back to wait. */
  void refusedForNow(long number) {
    Pending found = sent.remove(number);
    if (found != null) {
      waitAgain(found);
    }
  }

  /**
   * Not in any log, nor will it be.
   *
   * @return null if nobody waits for it any more
   */
  Pending refused(long number) {
    return sent.remove(number);
  }

  private void waitAgain(Pending pending) {
    pending.number = 0;
    waiting.add(pending);
  }

  /** Takes out what has waited too long. */
  List<Pending> expired(long nowNanos) {
    List<Pending> late = new ArrayList<>();
    takeLate(sent.values().iterator(), nowNanos, late);
    takeLate(waiting.iterator(), nowNanos, late);
    return late;
  }

  private static void takeLate(Iterator<Pending> all, long nowNanos, List<Pending> late) {
    while (all.hasNext()) {
      Pending pending = all.next();
      if (pending.deadlineNanos - nowNanos <= 0) {
        all.remove();
        late.add(pending);
      }
    }
  }

  /** Takes out what may have been applied by a state that took this one's place. */
  List<Pending> overtaken(long lastNumber) {
    List<Pending> maybeApplied = new ArrayList<>();
    for (Iterator<Pending> all = sent.values().iterator(); all.hasNext(); ) {
      Pending pending = all.next();
      if (pending.number <= lastNumber) {
        all.remove();
        maybeApplied.add(pending);
      }
    }
    return maybeApplied;
  }

  /** Takes out all. */
  List<Pending> drain() {
    List<Pending> all = new ArrayList<>(sent.values());
    all.addAll(waiting);
    sent.clear();
    waiting.clear();
    return all;
  }
}
