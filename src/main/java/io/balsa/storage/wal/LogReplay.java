package io.balsa.storage.wal;

import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.HardState;
import java.util.ArrayList;
import java.util.List;

/** What the records of a log add up to, and the rules that they must keep. */
final class LogReplay {
  private final EntryId prunable;
  private final boolean keepsData;
  private boolean started;
  private HardState hardState = HardState.EMPTY;
  private EntryId last = EntryId.ZERO;
  private EntryId installed = EntryId.ZERO;
  private final List<EntryId> marks = new ArrayList<>();
  // Invariant: entries.get(i).index() == firstIndex + i, and firstIndex + entries.size() - 1 is
  // last.index().
  private final List<Entry> entries = new ArrayList<>();
  private long firstIndex = 1;

  /**
   * @param prunable a snapshot known to be good: entries up to it may be forgotten once its mark is
   *     met
   * @param keepsData false where the entries' data is of no interest: they are kept without
   */
  LogReplay(EntryId prunable, boolean keepsData) {
    this.prunable = prunable;
    this.keepsData = keepsData;
  }

  HardState hardState() {
    return hardState;
  }

  EntryId last() {
    return last;
  }

  /** The newest snapshot that replaced the log, {@link EntryId#ZERO} for none. */
  EntryId installed() {
    return installed;
  }

  /** The newest snapshots, ascending. */
  List<EntryId> marks() {
    return List.copyOf(marks);
  }

  /** All entries from {@link #firstIndex} on. */
  List<Entry> entries() {
    return entries;
  }

  /** The first index from which on the log is without a hole; last + 1 when it is empty. */
  long firstIndex() {
    return firstIndex;
  }

  void apply(Record record) throws MalformedException {
    if (record instanceof Record.Head head) {
      apply(head);
    } else if (record instanceof Record.Batch batch) {
      apply(batch);
    } else if (record instanceof Record.Mark mark) {
      mark(mark.snapshot());
    }
  }

  private void apply(Record.Head head) throws MalformedException {
    if (!started) {
      started = true;
      hardState = head.hardState();
      last = head.last();
      firstIndex = last.index() + 1;
      head.marks().forEach(this::mark);
    } else if (!head.hardState().equals(hardState) || !head.last().equals(last)) {
      throw new MalformedException(
          "segment begins after %s and %s, but the one before it ended after %s and %s"
              .formatted(head.last(), head.hardState(), last, hardState));
    }
  }

  private void apply(Record.Batch batch) throws MalformedException {
    if (batch.installed().index() > 0) {
      installed = batch.installed();
      last = installed;
      entries.clear();
      firstIndex = last.index() + 1;
      mark(installed);
    }
    for (Entry entry : batch.entries()) {
      append(entry);
    }
    if (!batch.hardState().isEmpty()) {
      hardState = batch.hardState();
    }
    if (hardState.commit() > last.index()) {
      throw new MalformedException(
          "commit index %d beyond the last entry %d".formatted(hardState.commit(), last.index()));
    }
  }

  private void append(Entry entry) throws MalformedException {
    long index = entry.index();
    if (index < 1 || index > last.index() + 1) {
      throw new MalformedException(
          "entry %d does not follow entry %d".formatted(index, last.index()));
    }
    if (index < firstIndex) {
      entries.clear();
      firstIndex = index;
    } else if (index <= last.index()) {
      entries.subList((int) (index - firstIndex), entries.size()).clear();
    }
    entries.add(keepsData ? entry : new Entry(entry.term(), index, entry.type(), Bytes.EMPTY));
    last = entry.id();
  }

  private void mark(EntryId snapshot) {
    remember(marks, snapshot);
    if (snapshot.equals(prunable)) {
      dropThrough(snapshot.index());
    }
  }

  private void dropThrough(long index) {
    if (index >= firstIndex) {
      int count = (int) Math.min(entries.size(), index - firstIndex + 1);
      entries.subList(0, count).clear();
      firstIndex += count;
    }
  }

  /** Adds a mark to the newest ones. */
  static void remember(List<EntryId> marks, EntryId snapshot) {
    if (marks.isEmpty() || marks.get(marks.size() - 1).index() < snapshot.index()) {
      marks.add(snapshot);
      if (marks.size() > Record.MARKS_MAX) {
        marks.remove(0);
      }
    }
  }
}
