package io.balsa.raft;

import io.balsa.raft.message.Entry;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import java.util.List;

/**
 * What is to be stored, sent and applied: see the package for the order.
 *
 * @param softState null if unchanged
 * @param hardState {@link HardState#EMPTY} if unchanged
 * @param entries to be stored; they replace any at their indexes and all after
 * @param snapshot {@link Snapshot#EMPTY} for none; it replaces the log
 * @param mustSync whether storing needs a sync before the messages go: there are entries, or term
 *     or vote changed
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
    entries = List.copyOf(entries);
    committedEntries = List.copyOf(committedEntries);
    messages = List.copyOf(messages);
  }

  /** Whether there is nothing to do. */
  public boolean isEmpty() {
    return softState == null
        && hardState.isEmpty()
        && readStates.isEmpty()
        && entries.isEmpty()
        && snapshot.isEmpty()
        && committedEntries.isEmpty()
        && messages.isEmpty();
  }
}
