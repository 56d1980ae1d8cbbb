package io.balsa.raft.explore;

import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import io.balsa.raft.ProposalDroppedException;
import io.balsa.raft.RaftConfig;
import io.balsa.raft.RawNode;
import io.balsa.raft.ReadState;
import io.balsa.raft.Ready;
import io.balsa.raft.StepException;
import io.balsa.raft.confchange.ConfChangeException;
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
import java.util.random.RandomGenerator;

/**
 * One running member: the real core under the asynchronous contract, with what its disk has made
 * durable, what the disk has still to do, and what is still to be applied.
 */
final class Member {
  /** What is left after a crash. */
  record Durable(HardState hardState, Snapshot snapshot, EntryId before, List<Entry> entries) {
    /** What members start with: see {@link Scenario}. */
    static Durable first(Scenario scenario, long id) {
      ConfState first = scenario.first();
      return first.voters().contains(id) || first.learners().contains(id)
          ? new Durable(
              new HardState(1, 0, 1),
              new Snapshot(new EntryId(1, 1), first),
              new EntryId(1, 1),
              List.of())
          : new Durable(HardState.EMPTY, Snapshot.EMPTY, EntryId.ZERO, List.of());
    }
  }

  private static final Bytes DATA = Bytes.utf8("x");
  private static final int ELECTION_TICKS = 3;

  final long id;
  final RawNode node;
  final MemoryStorage storage = new MemoryStorage();
  final ArrayDeque<Message.StorageAppend> appends = new ArrayDeque<>();
  final ArrayDeque<Message.StorageApply> applies = new ArrayDeque<>();
  private final Scenario scenario;
  private ConfState confState;
  private long applied;
  private List<Message> sent = new ArrayList<>();
  private List<ReadState> reads = new ArrayList<>();

  Member(Scenario scenario, long id, Durable durable) {
    this.scenario = scenario;
    this.id = id;
    if (!durable.snapshot().isEmpty()) {
      storage.applySnapshot(durable.snapshot());
    }
    storage.append(durable.entries());
    storage.setHardState(durable.hardState());
    this.confState = durable.snapshot().confState();
    this.applied = durable.snapshot().last().index();
    // No jitter: a member campaigns when the scenario says so, or after just so many ticks.
    RandomGenerator random = () -> 0;
    this.node =
        new RawNode(
            RaftConfig.builder(id, storage, random)
                .electionTicks(ELECTION_TICKS)
                .heartbeatTicks(1)
                .asyncStorageWrites(true)
                .maxMessageBytes(scenario.maxMessageBytes())
                .maxInflightBytes(RaftConfig.UNLIMITED)
                .preVote(scenario.preVote())
                .checkQuorum(scenario.checkQuorum())
                .readOnlyOption(scenario.reads())
                .build());
    settle();
  }

  Durable durable() {
    long first = storage.firstIndex();
    long last = storage.lastIndex();
    return new Durable(
        storage.initialState().hardState(),
        storage.snapshot().orElse(Snapshot.EMPTY),
        new EntryId(storage.term(first - 1), first - 1),
        first > last ? List.of() : storage.entries(first, last + 1, Long.MAX_VALUE));
  }

  ConfState confState() {
    return confState;
  }

  boolean canCompact() {
    return applied > storage.snapshot().map(s -> s.last().index()).orElse(0L);
  }

  /** What was sent to others since the last call. */
  List<Message> takeSent() {
    List<Message> taken = sent;
    sent = new ArrayList<>();
    return taken;
  }

  /** The reads that were answered since the last call. */
  List<ReadState> takeReads() {
    List<ReadState> taken = reads;
    reads = new ArrayList<>();
    return taken;
  }

  /** The event happens, and all that follows at once. A crash is not for the member itself. */
  void run(Event event) {
    switch (event.kind()) {
      case DELIVER -> step((Message) event.argument());
      case CAMPAIGN -> scenario.flaw().campaign(this);
      case TICK, HEARTBEAT -> node.tick();
      case PROPOSE -> propose(Entry.proposal(EntryType.NORMAL, DATA));
      case CHANGE ->
          propose(
              Entry.proposal(EntryType.CONF_CHANGE_V2, ((ConfChange) event.argument()).encode()));
      case READ -> node.readIndex((Long) event.argument());
      case COMPACT -> {
        storage.createSnapshot(applied, confState);
        storage.compact(applied);
      }
      case STORE -> store(appends.remove());
      case APPLY -> apply(applies.remove());
      case CRASH -> throw new AssertionError("a member that crashes is another one");
    }
    scenario.flaw().after(this, event);
    settle();
  }

  private void propose(Entry entry) {
    try {
      scenario.flaw().beforeProposal(this);
      node.propose(List.of(entry));
    } catch (ProposalDroppedException e) {
      // As if it had not been proposed.
    }
  }

  private void step(Message message) {
    try {
      node.step(scenario.flaw().delivered(this, message));
    } catch (StepException | ProposalDroppedException e) {
      // As if it had been lost.
    }
  }

  private void settle() {
    boolean more = true;
    while (more) {
      while (node.hasReady()) {
        take(node.ready());
      }
      more = false;
      if (scenario.storesAtOnce() && !appends.isEmpty()) {
        store(appends.remove());
        more = true;
      }
      if (scenario.appliesAtOnce() && !applies.isEmpty()) {
        apply(applies.remove());
        more = true;
      }
    }
  }

  private void take(Ready ready) {
    reads.addAll(ready.readStates());
    for (Message message : ready.messages()) {
      if (message instanceof Message.StorageAppend append) {
        enqueue(append);
      } else if (message instanceof Message.StorageApply apply) {
        applies.add(apply);
      } else {
        sent.add(scenario.flaw().sent(this, message));
      }
    }
  }

  private void enqueue(Message.StorageAppend append) {
    List<Message> early = new ArrayList<>(append.responses());
    List<Message> late = new ArrayList<>(append.responses());
    early.removeIf(response -> !scenario.flaw().releasesEarly(this, response));
    late.removeAll(early);
    appends.add(
        new Message.StorageAppend(
            append.from(),
            append.to(),
            append.hardState(),
            append.entries(),
            append.snapshot(),
            append.mustSync(),
            late));
    early.forEach(this::release);
  }

  private void store(Message.StorageAppend append) {
    if (!append.snapshot().isEmpty()) {
      storage.applySnapshot(append.snapshot());
      confState = append.snapshot().confState();
      applied = append.snapshot().last().index();
    }
    storage.append(append.entries());
    if (!append.hardState().isEmpty()) {
      storage.setHardState(
          scenario.flaw().stored(append.hardState(), storage.initialState().hardState()));
    }
    append.responses().forEach(this::release);
  }

  private void release(Message message) {
    if (message.to() == id) {
      step(message);
    } else {
      sent.add(message);
    }
  }

  private void apply(Message.StorageApply apply) {
    for (Entry entry : apply.entries()) {
      if (entry.type() != EntryType.NORMAL) {
        applyChange(entry);
      }
      applied = Math.max(applied, entry.index());
    }
    apply.responses().forEach(this::release);
  }

  private void applyChange(Entry entry) {
    try {
      ConfState changed = node.applyConfChange(entry.index(), ConfChange.decode(entry.data()));
      if (entry.index() > applied) {
        confState = changed;
      }
    } catch (ConfChangeException e) {
      // It does not fit, on all members alike.
    } catch (MalformedException e) {
      throw new AssertionError(e);
    }
  }

  /** A number for all of this: see {@link Fingerprint}. */
  long fingerprint(Fingerprint print) {
    long number = Fingerprint.mix(print.name(id), print.of(node));
    for (Message.StorageAppend append : appends) {
      number = Fingerprint.mix(number, print.of(append.hardState()));
      number = Fingerprint.mix(number, print.of(append.entries()));
      number = Fingerprint.mix(number, print.of(append.snapshot()));
      long toOthers = 0; // They leave together, so that their order does not matter.
      for (Message response : append.responses()) {
        long one = print.of(response);
        if (response.to() == id) {
          number = Fingerprint.mix(number, one);
        } else {
          toOthers += Fingerprint.mix(7, one);
        }
      }
      number = Fingerprint.mix(number, toOthers);
    }
    number = Fingerprint.mix(number, appends.size());
    for (Message.StorageApply apply : applies) {
      number = Fingerprint.mix(number, print.of(apply.entries()));
    }
    number = Fingerprint.mix(number, applies.size());
    return Fingerprint.mix(Fingerprint.mix(number, print.of(confState)), applied);
  }

  @Override
  public String toString() {
    return String.format(
        "%d: %s term %d vote %d commit %d applied %d log %s, to store %d, to apply %d, durable %s",
        id,
        node.role(),
        node.term(),
        node.status().vote(),
        node.commit(),
        applied,
        log(),
        appends.size(),
        applies.size(),
        durable());
  }

  /** The places in the log, as the core sees them now. */
  String log() {
    StringBuilder text = new StringBuilder();
    for (Entry entry : entries()) {
      text.append(entry.index()).append('@').append(entry.term());
      text.append(entry.type() == EntryType.NORMAL ? " " : "c ");
    }
    return text.toString();
  }

  /** The entries of the log, durable or not. */
  List<Entry> entries() {
    return Flaw.log(node).entriesFrom(Flaw.log(node).firstIndex(), Long.MAX_VALUE);
  }

  /** The place before the first entry of the log. */
  EntryId before() {
    long index = Flaw.log(node).firstIndex() - 1;
    return new EntryId(Flaw.log(node).term(index), index);
  }
}
