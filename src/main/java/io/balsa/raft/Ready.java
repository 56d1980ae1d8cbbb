package io.balsa.raft;

import io.balsa.raft.message.Entries;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything that the inputs so far led to. What to do with it, and in which order, is told by the
 * package; with asynchronous storage writes the messages say everything that is to be done.
 *
 * @param softState null if unchanged
 * @param hardState to be stored, {@link HardState#EMPTY} if unchanged
 * @param readStates reads that may be served
 * @param entries to be stored; the first replaces any earlier at its index and all after it
 * @param snapshot to be stored in the place of the log, {@link Snapshot#EMPTY} for none
 * @param committedEntries to be applied
 * @param messages to be sent
 * @param mustSync whether storing must reach the disk: entries, or term or vote changed. A commit
 *     index alone need not; a snapshot is made durable on its own
 */
public record Ready(
    SoftState softState,
    HardState hardState,
    List<ReadState> readStates,
    List<Entry> entries,
    Snapshot snapshot,
    List<Entry> committedEntries,
    List<Message> messages,
    boolean mustSync) {
  public Ready {
    readStates = List.copyOf(readStates);
    entries = Entries.copyOf(entries);
    committedEntries = Entries.copyOf(committedEntries);
    messages = List.copyOf(messages);
  }

  /** Only what is there. */
  @Override
  public String toString() {
    List<String> parts = new ArrayList<>();
    if (softState != null) {
      parts.add(softState.toString());
    }
    if (!hardState.isEmpty()) {
      parts.add(hardState.toString());
    }
    if (!entries.isEmpty()) {
      parts.add("store " + Entry.describe(entries));
    }
    if (!snapshot.isEmpty()) {
      parts.add("store " + snapshot);
    }
    if (mustSync) {
      parts.add("sync");
    }
    if (!messages.isEmpty()) {
      parts.add("send " + messages);
    }
    if (!committedEntries.isEmpty()) {
      parts.add("apply " + Entry.describe(committedEntries));
    }
    if (!readStates.isEmpty()) {
      parts.add("serve " + readStates);
    }
    return "ready: " + (parts.isEmpty() ? "nothing" : String.join("; ", parts));
  }
}
