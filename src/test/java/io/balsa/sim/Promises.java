package io.balsa.sim;

import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Message.StorageAppend;
import io.balsa.storage.Recovered;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Judges disks: what was said to be stored is there after each start. */
final class Promises {
  private static final class Stored {
    HardState hardState = HardState.EMPTY;
    EntryId last = EntryId.ZERO;
    final TreeMap<Long, Long> terms = new TreeMap<>(); // Of the entries, by index.
  }

  private final Map<Long, Stored> stored = new HashMap<>();

  /** A disk has promised to keep these. */
  void stored(SimMember member, List<StorageAppend> batches) {
    Stored of = stored.computeIfAbsent(member.id, none -> new Stored());
    for (StorageAppend batch : batches) {
      if (!batch.mustSync() && batch.snapshot().isEmpty()) {
        continue; // A commit index alone may be forgotten.
      }
      if (!batch.hardState().isEmpty()) {
        of.hardState = batch.hardState();
      }
      if (!batch.snapshot().isEmpty()) {
        of.last = batch.snapshot().last();
        of.terms.clear();
      }
      List<Entry> entries = batch.entries();
      if (!entries.isEmpty()) {
        of.last = entries.get(entries.size() - 1).id();
        of.terms.tailMap(entries.get(0).index(), true).clear();
        entries.forEach(entry -> of.terms.put(entry.index(), entry.term()));
      }
    }
  }

  /** A member starts from this. */
  void recovered(SimMember member, Recovered found) {
    Stored of = stored.get(member.id);
    if (of == null) {
      return;
    }
    HardState promised = of.hardState;
    HardState now = found.hardState();
    boolean keepsVote =
        now.term() > promised.term()
            || (now.term() == promised.term()
                && (promised.vote() == 0 || now.vote() == promised.vote()));
    Violation.unless(
        keepsVote, "member %x has forgotten %s: it finds %s", member.id, promised, now);
    Violation.unless(
        holds(found, of),
        "member %x has forgotten entry %s: its log ends at %s",
        member.id,
        of.last,
        last(found));
  }

  private static EntryId last(Recovered found) {
    List<Entry> entries = found.entries();
    return entries.isEmpty() ? found.snapshot().last() : entries.get(entries.size() - 1).id();
  }

  /**
   * Whether the log has the last entry, or one that was never promised in its place or before it:
   * then a leader of a later term has put its own log in the place of this one, whose entries may
   * be older. It may not have come to the end of its own.
   */
  private static boolean holds(Recovered found, Stored of) {
    EntryId entry = of.last;
    EntryId last = last(found);
    if (entry.index() <= found.snapshot().last().index() || last.term() > entry.term()) {
      return true;
    }
    long at = Math.min(last.index(), entry.index());
    List<Entry> entries = found.entries();
    long term =
        entries.isEmpty() ? last.term() : entries.get((int) (at - entries.get(0).index())).term();
    Long promised = of.terms.get(at);
    boolean isAnother = promised != null && promised != term;
    return isAnother ? found.hardState().term() > entry.term() : last.index() >= entry.index();
  }
}
