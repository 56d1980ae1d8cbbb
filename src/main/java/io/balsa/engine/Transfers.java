package io.balsa.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** The requests to move leadership that are not fulfilled yet. */
final class Transfers {
  private static final int WAITING_MAX = 64;

  /** A request to move leadership, and who waits for it. */
  static final class Transfer {
    private final Caller caller;
    private final long target; // 0 for any but the leader before.
    private final long before;
    private final long deadlineNanos;
    private long askedTerm; // 0 while no leader was asked.

    private Transfer(Caller caller, long target, long before, long deadlineNanos) {
      this.caller = caller;
      this.target = target;
      this.before = before;
      this.deadlineNanos = deadlineNanos;
    }

    Caller caller() {
      return caller;
    }

    /** Whether a leader was asked, so that it may yet happen. */
    boolean isAsked() {
      return askedTerm != 0;
    }

    private boolean isFulfilled(long leader) {
      return target == 0 ? leader != 0 && leader != before : leader == target;
    }
  }

  private final List<Transfer> waiting = new ArrayList<>();

  boolean isFull() {
    return waiting.size() >= WAITING_MAX;
  }

  /**
   * Adds a request.
   *
   * @param target 0 for any member but the leader of now
   * @param before the leader of now
   */
  void add(Caller caller, long target, long before, long deadlineNanos) {
    waiting.add(new Transfer(caller, target, before, deadlineNanos));
  }

  /** Takes out what is fulfilled now that this is the leader. */
  List<Transfer> takeFulfilled(long leader) {
    return takeIf(transfer -> transfer.isFulfilled(leader));
  }

  /** Takes out what has waited too long. */
  List<Transfer> expired(long nowNanos) {
    return takeIf(transfer -> transfer.deadlineNanos - nowNanos <= 0);
  }

  /** Takes out all. */
  List<Transfer> drain() {
    return takeIf(transfer -> true);
  }

  private List<Transfer> takeIf(Predicate<Transfer> condition) {
    List<Transfer> taken = new ArrayList<>();
    waiting.removeIf(transfer -> condition.test(transfer) && taken.add(transfer));
    return taken;
  }

  /** The targets that the leader of this term has not been asked for. */
  List<Long> toAsk(long term) {
    List<Long> targets = new ArrayList<>();
    for (Transfer transfer : waiting) {
      if (transfer.askedTerm != term) {
        transfer.askedTerm = term;
        targets.add(transfer.target);
      }
    }
    return targets;
  }
}
