package io.balsa.raft.conformance;

import io.balsa.data.MalformedException;
import io.balsa.raft.ConfChangeRefusal;
import io.balsa.raft.ForwardedStorage;
import io.balsa.raft.RaftConfig;
import io.balsa.raft.RaftObserver;
import io.balsa.raft.RawNode;
import io.balsa.raft.log.LogStorage;
import io.balsa.raft.log.MemoryStorage;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** A member of the environment: the core with its storage and its application (section 3). */
final class Node {
  final long id;
  final boolean async;
  final MemoryStorage storage = new MemoryStorage();
  final ArrayDeque<Message.StorageAppend> appendWork = new ArrayDeque<>();
  final ArrayDeque<Message.StorageApply> applyWork = new ArrayDeque<>();
  final Observations observations = new Observations();
  RawNode raw;

  private final NodeOptions options;
  private final Random random;
  // The states of the application. Their bytes, which nothing shows, are left out.
  private final List<Snapshot> history = new ArrayList<>();

  Node(long id, NodeOptions options, Random random) {
    this.id = id;
    this.async = options.async();
    this.options = options;
    this.random = random;
    if (!options.initial().isEmpty()) {
      storage.applySnapshot(options.initial());
    }
    history.add(options.initial());
    start();
  }

  private void start() {
    RaftConfig.Builder builder =
        RaftConfig.builder(id, coreStorage(), random).applied(state().last().index());
    raw = new RawNode(options.configure(builder).observer(observations).build());
  }

  /** Loses all that is not stored, and the states of the application beyond {@code applied}. */
  void restart(long applied) {
    appendWork.clear();
    applyWork.clear();
    history.removeIf(s -> s.last().index() > applied);
    storage
        .snapshot()
        .filter(s -> history.isEmpty() || s.last().index() > state().last().index())
        .ifPresent(history::add);
    if (history.isEmpty()) {
      throw new IllegalArgumentException("nothing is stored of the state at " + applied);
    }
    start();
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

  /**
   * The storage as the core sees it: snapshots to send, and the configuration to start from, are
   * those of the application's newest state.
   */
  private LogStorage coreStorage() {
    return new ForwardedStorage(storage) {
      @Override
      public InitialState initialState() {
        return new InitialState(super.initialState().hardState(), state().confState());
      }

      @Override
      public Optional<Snapshot> snapshot() {
        return Optional.of(state());
      }
    };
  }

  /** What the core told its observer and the messages do not show. */
  static final class Observations implements RaftObserver {
    private final List<String> lines = new ArrayList<>();

    List<String> take() {
      List<String> taken = List.copyOf(lines);
      lines.clear();
      return taken;
    }

    @Override
    public void confChangeReplaced(
        Entry proposal, EntryId place, ConfChangeRefusal reason, String detail) {
      lines.add("replaced " + Texts.entry(proposal) + ": " + reason + ": " + detail);
    }

    @Override
    public void messageIgnored(Message message, String reason) {
      lines.add("ignored " + Texts.withoutResponses(message) + ": " + reason);
    }
  }
}
