package io.balsa.engine;

import io.balsa.data.Bytes;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/**
 * The proposals of one member that are not applied yet. Each either waits for a leader, and is
 * certainly in no log, or was sent, and may be in one.
 *
 * <p>A proposal is sent under a number, to the leader of one term. The numbers grow with each
 * sending, and the state machine skips what arrives behind a larger one. So a proposal that was
 * sent is known to be dead, and may be sent again under a new number, as soon as a larger number of
 * this member is applied, or an entry of a later term than that of its leader: an entry of an older
 * term can then no longer be committed.
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
    private Bytes sealed; // As it was sent.

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

    Caller caller() {
      return caller;
    }

    /** Whether it may be in a log. */
    boolean isSent() {
      return number != 0;
    }

    private Proposal send(long self, long asNumber, long toTerm) {
      number = asNumber;
      term = toTerm;
      Bytes envelope = Envelope.seal(self, number, payload);
      EntryType type = change == null ? EntryType.NORMAL : EntryType.CONF_CHANGE_V2;
      sealed =
          change == null
              ? envelope
              : new ConfChange(change.transition(), change.operations(), envelope).encode();
      return new Proposal(number, Entry.proposal(type, sealed));
    }

    private void backToWaiting() {
      number = 0;
      sealed = null;
    }
  }

  private static final long NUMBERS_SKIPPED_MAX = 1L << 40;

  private final long self;
  private final RandomGenerator random;
  private final ArrayDeque<Pending> waiting = new ArrayDeque<>();
  // Ascending by number, and so by term.
  private final ArrayDeque<Pending> sent = new ArrayDeque<>();
  // Refused by the leader of the present view, who would only refuse them again.
  private final ArrayDeque<Pending> held = new ArrayDeque<>();
  private final List<Bytes> own = new ArrayList<>();
  private int size;
  private long bytes;
  private long nextNumber;

  Proposals(long self, long firstNumber, RandomGenerator random) {
    this.self = self;
    this.random = random;
    this.nextNumber = firstNumber;
  }

  /**
   * A number from {@code least} on, by chance one of a trillion: where earlier runs of the member
   * may have given more numbers than are known, it is none of those.
   */
  static long somewhereFrom(long least, RandomGenerator random) {
    return least + random.nextLong(NUMBERS_SKIPPED_MAX);
  }

  /** How many wait for an answer. */
  int size() {
    return size;
  }

  /** What those that wait for an answer hold. */
  long bytes() {
    return bytes;
  }

  boolean hasWaiting() {
    return !waiting.isEmpty() || !own.isEmpty();
  }

  void add(Pending pending) {
    size++;
    bytes += pending.payload.length();
    waiting.add(pending);
  }

  /**
   * Adds one of this member's own that nobody waits for. It is sent once, and forgotten: what it is
   * about is judged anew after a change of leaders.
   */
  void addOwn(Bytes payload) {
    own.add(payload);
  }

  /** Numbers all that wait, for the leader of {@code term}. */
  List<Proposal> send(long term) {
    List<Proposal> batch = new ArrayList<>(waiting.size() + own.size());
    for (Pending pending = waiting.poll(); pending != null; pending = waiting.poll()) {
      batch.add(pending.send(self, nextNumber++, term));
      sent.add(pending);
    }
    for (Bytes payload : own) {
      long number = nextNumber++;
      Bytes sealed = Envelope.seal(self, number, payload);
      batch.add(new Proposal(number, Entry.proposal(EntryType.NORMAL, sealed)));
    }
    own.clear();
    return batch;
  }

  /** There is no leader that this member's own proposals are for. */
  void dropOwn() {
    own.clear();
  }

  /**
   * An entry of this number took effect. It may be one of an earlier run, if the clock that gave
   * the first number was set back since: then the present proposal of that number never will.
   *
   * @return null if nobody waits for it
   */
  Pending applied(long number, Bytes data) {
    keepAwayFrom(number);
    passed(number);
    Pending oldest = sent.peek();
    if (oldest == null || oldest.number != number) {
      return null;
    }
    if (!oldest.sealed.equals(data)) {
      passed(number + 1);
      return null;
    }
    return finished(sent.remove());
  }

  /** The entry of this number was skipped: it came behind a larger one. */
  void skipped(long number) {
    keepAwayFrom(number);
    passed(number + 1);
  }

  /**
   * A number that this run has not given is of an earlier one, which was ahead because the clock
   * was set back; more of them may come. This run goes on where by chance none of those is, or one
   * of the same content would pass for its own.
   */
  private void keepAwayFrom(long number) {
    if (number >= nextNumber) {
      nextNumber = somewhereFrom(number + 1, random);
    }
  }

  /** No smaller number will take effect any more. */
  private void passed(long number) {
    List<Pending> dead = List.of();
    while (!sent.isEmpty() && sent.peek().number < number) {
      dead = collect(dead, sent.remove());
    }
    waitAgain(dead);
  }

  /** An entry of this term was applied: what was sent to leaders of earlier ones is dead. */
  void termApplied(long term) {
    List<Pending> dead = List.of();
    while (!sent.isEmpty() && sent.peek().term < term) {
      dead = collect(dead, sent.remove());
    }
    waitAgain(dead);
  }

  private static List<Pending> collect(List<Pending> dead, Pending pending) {
    List<Pending> all = dead.isEmpty() ? new ArrayList<>() : dead;
    all.add(pending);
    return all;
  }

  private void waitAgain(List<Pending> dead) {
    for (int i = dead.size() - 1; i >= 0; i--) {
      dead.get(i).backToWaiting();
      waiting.addFirst(dead.get(i));
    }
  }

  /**
   * These are not in any log, nor will they be. They wait again; for {@link #release} if the leader
   * of the present {@code term} has refused them.
   */
  void refusedForNow(List<Long> numbers, long term) {
    for (Pending pending : takeSent(numbers)) {
      pending.backToWaiting();
      if (pending.term == term) {
        held.add(pending);
      } else {
        waiting.add(pending);
      }
    }
  }

  /** The leader has changed, or time has passed: what was refused may be sent again. */
  void release() {
    waiting.addAll(held);
    held.clear();
  }

  /** These are not in any log, nor will they be; returns those that somebody waits for. */
  List<Pending> refused(List<Long> numbers) {
    List<Pending> refused = takeSent(numbers);
    refused.forEach(this::finished);
    return refused;
  }

  private List<Pending> takeSent(List<Long> numbers) {
    TreeSet<Long> wanted = new TreeSet<>(numbers);
    List<Pending> taken = new ArrayList<>();
    sent.removeIf(pending -> wanted.contains(pending.number) && taken.add(pending));
    return taken;
  }

  /** Takes out what has waited too long. What was sent may yet be applied. */
  List<Pending> expired(long nowNanos) {
    List<Pending> late = new ArrayList<>();
    for (ArrayDeque<Pending> queue : List.of(sent, held, waiting)) {
      queue.removeIf(
          pending -> {
            boolean isLate = pending.deadlineNanos - nowNanos <= 0;
            return isLate && late.add(finished(pending));
          });
    }
    return late;
  }

  /** Takes out what may have been applied by a state that took this one's place. */
  List<Pending> overtaken(long lastNumber) {
    keepAwayFrom(lastNumber);
    List<Pending> maybeApplied = new ArrayList<>();
    while (!sent.isEmpty() && sent.peek().number <= lastNumber) {
      maybeApplied.add(finished(sent.remove()));
    }
    return maybeApplied;
  }

  /** Takes out all. */
  List<Pending> drain() {
    List<Pending> all = new ArrayList<>(size);
    for (ArrayDeque<Pending> queue : List.of(sent, held, waiting)) {
      queue.forEach(pending -> all.add(finished(pending)));
      queue.clear();
    }
    own.clear();
    return all;
  }

  private Pending finished(Pending pending) {
    size--;
    bytes -= pending.payload.length();
    return pending;
  }
}
