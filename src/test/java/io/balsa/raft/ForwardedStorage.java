package io.balsa.raft;

import io.balsa.raft.log.LogStorage;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.Snapshot;
import java.util.List;
import java.util.Optional;

/** A storage like another one, but for what a test overrides. */
public class ForwardedStorage implements LogStorage {
  private final LogStorage storage;

  public ForwardedStorage(LogStorage storage) {
    this.storage = storage;
  }

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
    return storage.snapshot();
  }
}
