package io.balsa.raft.conformance;

import io.balsa.data.MalformedException;
import io.balsa.raft.RawNode;
import io.balsa.raft.log.LogStorage;
import io.balsa.raft.log.MemoryStorage;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A member of the environment: the core with its storage and its application (section 3). */
final class Node {
  final boolean async;
  final MemoryStorage storage;
  final ArrayDeque<Message.StorageAppend> appendWork = new ArrayDeque<>();
  final ArrayDeque<Message.StorageApply> applyWork = new ArrayDeque<>();
  // The states of the application, which no file looks into: only their places are kept.
  private final List<Snapshot> history = new ArrayList<>();
  RawNode raw;

  Node(boolean async, MemoryStorage storage, Snapshot initial) {
    this.async = async;
    this.storage = storage;
    history.add(initial);
  }

  Snapshot state() {
    return history.get(history.size() - 1);
  }

  void store(HardState hardState, List<Entry> entries, Snapshot snapshot) {
    if (!hardState.isEmpty()) {
      storage.setHardState(hardState);
    }
    if (!snapshot.isEmpty()) {
      storage.applySnapshot(snapshot);
    } else if (!entries.isEmpty()) {
      storage.append(entries);
    }
  }

  void apply(List<Entry> entries) {
    for (Entry entry : entries) {
      ConfState state = state().confState();
      if (entry.type() != EntryType.NORMAL) {
        try {
          state = raw.applyConfChange(entry.index(), ConfChange.decode(entry.data()));
        } catch (MalformedException e) {
          throw new IllegalStateException(e);
        }
      }
      history.add(new Snapshot(entry.id(), state));
    }
  }

  /** The storage as the core sees it: snapshots to send are the application's newest state. */
  LogStorage coreStorage() {
    return new LogStorage() {
      @Override
      public InitialState initialState() {
        return storage.initialState();
      }

      @Override
      public List<Entry> entries(long low, long high, long bytesMax) {
        return storage.entries(low, high, bytesMax);
      }

      @Override
      public long term(long index) {
        return storage.term(index);
      }

      @Override
      public long firstIndex() {
        return storage.firstIndex();
      }

      @Override
      public long lastIndex() {
        return storage.lastIndex();
      }

      @Override
      public Optional<Snapshot> snapshot() {
        return Optional.of(state());
      }
    };
  }
}
