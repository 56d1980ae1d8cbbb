package io.balsa.raft.bench;

import io.balsa.data.Bytes;
import io.balsa.raft.ProposalDroppedException;
import io.balsa.raft.RaftConfig;
import io.balsa.raft.RawNode;
import io.balsa.raft.Ready;
import io.balsa.raft.StepException;
import io.balsa.raft.log.MemoryStorage;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/**
 * One of the voters 1, 2 and 3. Its disk and its state machine are done at once and allocate
 * nothing but the log in memory, of which only the newest applied entries stay.
 */
final class Member {
  static final int DATA_BYTES = 256;

  // Far apart, so that compacting costs nothing on average.
  private static final int APPLIED_MAX = 8_192;
  private static final int APPLIED_KEPT = 4_096;

  final RawNode node;
  private final long id;
  private final MemoryStorage storage = new MemoryStorage();
  private final boolean async;
  private final Consumer<Message> network;

  /**
   * Starts as a follower in term 1.
   *
   * @param logEntries how many entries of term 1 are durable, none of them known to be committed
   * @param messageEntries how many entries fit into one append
   * @param network takes what is sent to others
   */
  Member(long id, boolean async, int logEntries, int messageEntries, Consumer<Message> network) {
    this.id = id;
    this.async = async;
    this.network = network;
    storage.applySnapshot(new Snapshot(EntryId.ZERO, ConfState.ofVoters(List.of(1L, 2L, 3L))));
    storage.append(entries(1, logEntries));
    storage.setHardState(new HardState(1, Message.NOBODY, 0));
    node =
        new RawNode(
            RaftConfig.builder(id, storage, new Random(id))
                .asyncStorageWrites(async)
                .maxMessageBytes(messageEntries * (long) (Entry.OVERHEAD_BYTES + DATA_BYTES))
                .build());
  }

  /** Entries of term 1 from {@code firstIndex} on, which share their data. */
  static List<Entry> entries(long firstIndex, int count) {
    Bytes data = Bytes.wrap(new byte[DATA_BYTES]);
    return LongStream.range(firstIndex, firstIndex + count)
        .mapToObj(index -> new Entry(1, index, EntryType.NORMAL, data))
        .toList();
  }

  /** Proposals, which share their data. */
  static List<Entry> proposals(int count) {
    Bytes data = Bytes.wrap(new byte[DATA_BYTES]);
    return LongStream.range(0, count)
        .mapToObj(i -> Entry.proposal(EntryType.NORMAL, data))
        .toList();
  }

  /**
   * A leader of term 2 whose log ends with its own empty entry, behind {@code logEntries} of term
   * 1. Nothing of it is committed; what it sends is lost.
   */
  static Member leader(int logEntries, int messageEntries) {
    Member leader = new Member(1, true, logEntries, messageEntries, message -> {});
    leader.node.campaign();
    leader.run();
    leader.step(new Message.VoteResponse(2, 1, 2, true, false));
    leader.run();
    leader.step(new Message.VoteResponse(2, 1, 2, false, false));
    leader.run();
    return leader;
  }

  /**
   * Tells this leader that a follower has only the first {@code logEntries} entries: from then on
   * each of its heartbeat responses brings one append.
   */
  void behind(long follower, long logEntries) {
    step(
        new Message.AppendResponse(
            follower, 1, 2, node.lastIndex() - 1, true, new EntryId(1, logEntries)));
    run();
  }

  void propose(List<Entry> proposals) {
    try {
      node.propose(proposals);
    } catch (ProposalDroppedException e) {
      throw new AssertionError("not taken: " + e.reason(), e);
    }
  }

  void step(Message message) {
    try {
      node.step(message);
    } catch (StepException | ProposalDroppedException e) {
      throw new AssertionError("not taken: " + message, e);
    }
  }

  /** Stores, sends and applies until there is nothing to do. */
  void run() {
    while (node.hasReady()) {
      Ready ready = node.ready();
      if (async) {
        doAll(ready.messages());
      } else {
        store(ready.hardState(), ready.entries());
        doAll(ready.messages());
        apply(ready.committedEntries());
        node.advance();
      }
    }
  }

  private void doAll(List<Message> messages) {
    for (int i = 0; i < messages.size(); i++) {
      Message message = messages.get(i);
      if (message instanceof Message.StorageAppend append) {
        store(append.hardState(), append.entries());
        doAll(append.responses());
      } else if (message instanceof Message.StorageApply apply) {
        apply(apply.entries());
        doAll(apply.responses());
      } else if (message.to() == id) {
        step(message);
      } else {
        network.accept(message);
      }
    }
  }

  void store(HardState hardState, List<Entry> entries) {
    if (!hardState.isEmpty()) {
      storage.setHardState(hardState);
    }
    storage.append(entries);
  }

  private void apply(List<Entry> entries) {
    if (!entries.isEmpty()) {
      long applied = entries.get(entries.size() - 1).index();
      if (applied - storage.firstIndex() >= APPLIED_MAX) {
        storage.compact(applied - APPLIED_KEPT);
      }
    }
  }
}
