package io.balsa.mvcc.watch;

import io.balsa.mvcc.command.KeyRange;

/** One watch: what it wants and how far it has got. */
final class Watch {
  enum State {
    /** Hears of each revision when that is dispatched. */
    LIVE,
    /** Is behind what is dispatched, and reads on. */
    LAGGING,
    /** Has found a change and lacks the credit to deliver it. */
    STALLED
  }

  final Object owner;
  final long id;
  final KeyRange keys;
  final boolean previous;
  long credit;
  // The lowest revision not yet delivered or passed over. Of a live watch a lower bound: it has
  // passed over all that is dispatched.
  long next;
  State state;
  WatchGroup group;
  int slot; // In its group.

  Watch(Object owner, long id, KeyRange keys, boolean previous, long credit, long next) {
    this.owner = owner;
    this.id = id;
    this.keys = keys;
    this.previous = previous;
    this.credit = credit;
    this.next = next;
  }
}
