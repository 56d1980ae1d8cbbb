package io.balsa.storage;

import io.balsa.data.Bytes;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Message.StorageAppend;
import io.balsa.raft.message.Snapshot;
import java.util.ArrayList;
import java.util.List;

/** Batches as raft would hand them out. */
public final class Batches {
  private Batches() {}

  public static Entry entry(long term, long index, String data) {
    return new Entry(term, index, EntryType.NORMAL, Bytes.utf8(data));
  }

  /** Entries of one term with data that names them. */
  public static List<Entry> entries(long term, long firstIndex, long lastIndex) {
    List<Entry> entries = new ArrayList<>();
    for (long index = firstIndex; index <= lastIndex; index++) {
      entries.add(entry(term, index, "value " + term + "/" + index));
    }
    return entries;
  }

  public static StorageAppend append(HardState hardState, List<Entry> entries) {
    return batch(hardState, entries, Snapshot.EMPTY, true);
  }

  public static StorageAppend append(List<Entry> entries) {
    return append(HardState.EMPTY, entries);
  }

  /** A new commit index alone, which needs no sync. */
  public static StorageAppend commit(HardState hardState) {
    return batch(hardState, List.of(), Snapshot.EMPTY, false);
  }

  public static StorageAppend install(HardState hardState, Snapshot snapshot) {
    return batch(hardState, List.of(), snapshot, true);
  }

  public static StorageAppend batch(
      HardState hardState, List<Entry> entries, Snapshot snapshot, boolean mustSync) {
    return new StorageAppend(
        1, Message.APPEND_THREAD, hardState, entries, snapshot, mustSync, List.of());
  }

  public static Snapshot snapshot(long term, long index) {
    return new Snapshot(
        new EntryId(term, index),
        new ConfState(List.of(1L, 2L), List.of(1L), List.of(-1L), List.of(), true));
  }
}
