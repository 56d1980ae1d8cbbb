package io.balsa.sim;

import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Message.StorageAppend;
import io.balsa.storage.Recovered;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Judges disks: what was said to be stored is there after each start. */
final class Promises {
  private static final class Stored {
    HardState hardState = HardState.EMPTY;
    EntryId last = EntryId.ZERO;
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
      }
      List<Entry> entries = batch.entries();
      if (!entries.isEmpty()) {
        of.last = entries.get(entries.size() - 1).id();
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
        holds(found, of.last),
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
   * Whether the log has the entry, or ends in a later term: then a leader of that term has put its
   * own log in the place of this one, whose entries may be older.
   */
  private static boolean holds(Recovered found, EntryId entry) {
    EntryId last = last(found);
    if (entry.index() <= found.snapshot().last().index() || last.term() > entry.term()) {
      return true;
    }
    if (last.index() < entry.index()) {
      return false;
    }
    long first = found.entries().get(0).index();
    return found.entries().get((int) (entry.index() - first)).term() == entry.term();
  }
}
