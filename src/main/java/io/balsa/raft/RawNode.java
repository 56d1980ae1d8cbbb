package io.balsa.raft;

import io.balsa.data.Bytes;
import io.balsa.data.Checks;
import io.balsa.data.InvariantException;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.HardState;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import io.balsa.raft.tracker.Progress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;

/**
 * One member of a Raft group. One thread only; nothing here waits. What the caller must do with a
 * {@link Ready} is told by the package.
 */
public final class RawNode {
  private final Raft raft;
  private final boolean async;
  private SoftState lastSoftState;
  private HardState lastHardState;
  // What advance acknowledges; plain contract only.
  private List<Message> stepsOnAdvance = List.of();

  /**
   * Starts as a follower from what the storage holds.
   *
   * @throws InvariantException if the storage lacks entries that were committed
   */
  public RawNode(RaftConfig config) {
    this.raft = new Raft(config);
    this.async = config.asyncStorageWrites();
    this.lastSoftState = softState();
    this.lastHardState = raft.hardState();
  }

  /**
   * Begins a new cluster: every founder is given the same list and writes one committed entry for
   * each founder, which adds it as voter. These come again as committed entries.
   *
   * @throws IllegalArgumentException without founders
   * @throws IllegalStateException if the storage holds anything
   */
  public void bootstrap(List<Peer> founders) {
    Checks.argument(!founders.isEmpty(), "raft: bootstrap needs at least one founder");
    if (raft.log.lastIndex() != 0) {
      throw new IllegalStateException(
          "raft: cannot bootstrap a storage that is not empty: last index " + raft.log.lastIndex());
    }
    List<Entry> entries = new ArrayList<>();
    List<ConfChange> changes = new ArrayList<>();
    for (Peer founder : founders) {
      ConfChange change =
          new ConfChange(
              ConfChange.Transition.AUTO,
              List.of(
                  new ConfChange.Operation(ConfChange.OperationType.ADD_VOTER, founder.member())),
              founder.context());
      changes.add(change);
      entries.add(new Entry(1, entries.size() + 1L, EntryType.CONF_CHANGE, change.encode()));
    }
    // All of it is to be stored, though the caller may think that an empty state is known.
    lastHardState = HardState.EMPTY;
    raft.bootstrap(entries, changes);
  }

  // ---- Inputs

  /** One tick of the clock has passed. */
  public void tick() {
    raft.tick();
  }

  /** Campaigns now; nothing happens if this member leads already or may not lead. */
  public void campaign() {
    raft.campaign();
  }

  /**
   * Proposes one entry of data.
   *
   * @throws ProposalDroppedException if it was not taken. Otherwise it may still be lost.
   */
  public void propose(Bytes data) throws ProposalDroppedException {
    propose(List.of(Entry.proposal(EntryType.NORMAL, data)));
  }

  /**
   * Proposes entries that shall stand in a row in the log; all or none is taken. A configuration
   * change that is refused becomes an empty entry: {@link RaftObserver#confChangeReplaced}.
   *
   * @param entries at least one, of any type, term and index 0
   * @throws ProposalDroppedException if none was taken. Otherwise they may still be lost.
   */
  public void propose(List<Entry> entries) throws ProposalDroppedException {
    Checks.argument(!entries.isEmpty(), "raft: proposal without entries");
    raft.step(new Message.Propose(raft.id, raft.id, 0, entries));
  }

  /**
   * Proposes a change of the configuration.
   *
   * @throws ProposalDroppedException if it was not taken. Otherwise it may still be lost, or
   *     replaced by an empty entry: {@link RaftObserver#confChangeReplaced}.
   */
  public void proposeConfChange(ConfChange change) throws ProposalDroppedException {
    propose(List.of(Entry.proposal(EntryType.CONF_CHANGE_V2, change.encode())));
  }

  /**
   * Proposes a change in etcd's first form.
   *
   * @throws IllegalArgumentException unless it has just one operation and transition auto
   * @throws ProposalDroppedException as {@link #proposeConfChange}
   */
  public void proposeConfChangeV1(ConfChange change) throws ProposalDroppedException {
    Checks.argument(
        change.operations().size() == 1 && change.transition() == ConfChange.Transition.AUTO,
        "v1 conf change can only have one operation and no transition");
    propose(List.of(Entry.proposal(EntryType.CONF_CHANGE, change.encode())));
  }

  /**
   * The caller applies this committed change; it takes effect now. To be called for every entry of
   * a configuration change, in the order of the log and before the entry is acknowledged as
   * applied; an operation that the application rejects has its member set to 0.
   *
   * @param index of the change's entry. A leader's snapshot brings its configuration as soon as it
   *     is stepped, perhaps while older entries are still being applied: a change from before it
   *     must not change that configuration once more.
   * @return the configuration as of {@code index}, for the application's snapshots
   * @throws io.balsa.raft.confchange.ConfChangeException if the change does not fit the
   *     configuration, which then stays as it is, on every member alike
   */
  public ConfState applyConfChange(long index, ConfChange change) {
    return raft.applyConfChange(index, change);
  }

  /**
   * Feeds in a message from another member, or a response of a storage thread.
   *
   * @throws StepException if it must not be fed in
   * @throws ProposalDroppedException if it is a proposal of another member that was not taken
   */
  public void step(Message message) throws StepException, ProposalDroppedException {
    boolean fromThread =
        message.from() == Message.APPEND_THREAD || message.from() == Message.APPLY_THREAD;
    if (!fromThread) {
      if (isLocal(message)) {
        throw new StepException(StepException.Reason.LOCAL_MESSAGE);
      }
      if (isResponse(message) && raft.tracker().progress(message.from()) == null) {
        throw new StepException(StepException.Reason.PEER_NOT_FOUND);
      }
    }
    raft.step(message);
  }

  /**
   * Asks for an index that makes a read linearizable; it comes as a {@link ReadState} with the same
   * context. Without a leader, or when leadership changes, it is lost: the caller must ask again.
   */
  public void readIndex(long context) {
    stepOwn(new Message.ReadIndexRequest(Message.NOBODY, raft.id, 0, context));
  }

  /** Hands leadership to {@code member}, which must be a voter; lost without a leader. */
  public void transferLeader(long member) {
    stepOwn(new Message.TransferLeader(member, raft.id, raft.term()));
  }

  /**
   * A follower stops following its leader, but does not campaign, so that it may vote for another.
   * Nothing happens on a leader, nor with lease-based reads, which rely on the followers.
   */
  public void forgetLeader() {
    if (raft.role() instanceof Follower follower) {
      follower.forgetLeader();
    }
  }

  /** Messages to {@code member} are being lost. */
  public void reportUnreachable(long member) {
    if (raft.role() instanceof Leader leader) {
      leader.unreachable(member);
    }
  }

  /**
   * The snapshot to {@code member} is delivered or lost. Must be reported for every one: nothing
   * else is sent to that member before.
   */
  public void reportSnapshot(long member, boolean delivered) {
    if (raft.role() instanceof Leader leader) {
      leader.snapshotSent(member, delivered);
    }
  }

  // ---- Ready

  /** Whether {@link #ready} has anything. */
  public boolean hasReady() {
    return softStateChanged()
        || hardStateChanged()
        || raft.log.hasNextUnstableEntries()
        || !raft.log.nextUnstableSnapshot().isEmpty()
        || raft.log.hasNextCommittedEntries()
        || !raft.messages().isEmpty()
        || !raft.messagesAfterAppend().isEmpty()
        || !raft.readStates().isEmpty();
  }

  /**
   * Everything that the inputs so far led to. It counts as taken.
   *
   * @throws IllegalStateException under the plain contract, before the last one was acknowledged by
   *     {@link #advance}
   */
  public Ready ready() {
    if (!stepsOnAdvance.isEmpty()) {
      throw new IllegalStateException("raft: the last ready was not advanced");
    }
    SoftState soft = softStateChanged() ? softState() : null;
    HardState hard = hardStateChanged() ? raft.hardState() : HardState.EMPTY;
    List<Entry> entries = raft.log.nextUnstableEntries();
    Snapshot snapshot = raft.log.nextUnstableSnapshot();
    List<Entry> committed = raft.log.nextCommittedEntries();
    boolean mustSync =
        !entries.isEmpty()
            || raft.term() != lastHardState.term()
            || raft.vote() != lastHardState.vote();
    // The core's own lists take the rest up; the records that go out copy them.
    List<Message> messages = raft.messages();
    if (async) {
      addStorageMessages(messages, hard, entries, snapshot, committed, mustSync);
    } else {
      stepsOnAdvance = splitOffOwnMessages(messages, snapshot, committed);
    }
    Ready ready =
        new Ready(soft, hard, raft.readStates(), entries, snapshot, committed, messages, mustSync);
    accept(ready);
    return ready;
  }

  private void accept(Ready ready) {
    if (ready.softState() != null) {
      lastSoftState = ready.softState();
    }
    if (!ready.hardState().isEmpty()) {
      lastHardState = ready.hardState();
    }
    raft.clearEffects();
    raft.log.acceptUnstable();
    if (!ready.committedEntries().isEmpty()) {
      raft.log.acceptApplying(ready.committedEntries());
    }
  }

  private void addStorageMessages(
      List<Message> messages,
      HardState hard,
      List<Entry> entries,
      Snapshot snapshot,
      List<Entry> committed,
      boolean mustSync) {
    List<Message> responses = raft.messagesAfterAppend();
    boolean anything =
        !hard.isEmpty() || !entries.isEmpty() || !snapshot.isEmpty() || !responses.isEmpty();
    if (anything) {
      addStorageAppendResponse(responses, snapshot);
      messages.add(
          new Message.StorageAppend(
              raft.id,
              Message.APPEND_THREAD,
              hard,
              entries,
              snapshot,
              mustSync || !snapshot.isEmpty(),
              responses));
    }
    if (!committed.isEmpty()) {
      messages.add(
          new Message.StorageApply(
              raft.id, Message.APPLY_THREAD, committed, List.of(applyResponse(committed))));
    }
  }

  /** Adds the promises to others to the messages; returns what this member acknowledges itself. */
  private List<Message> splitOffOwnMessages(
      List<Message> messages, Snapshot snapshot, List<Entry> committed) {
    List<Message> own = new ArrayList<>();
    for (Message message : raft.messagesAfterAppend()) {
      (message.to() == raft.id ? own : messages).add(message);
    }
    addStorageAppendResponse(own, snapshot);
    if (!committed.isEmpty()) {
      own.add(applyResponse(committed));
    }
    return own;
  }

  // Names the last entry whenever any is unstable, also one that an earlier Ready handed out: so it
  // makes up for acknowledgements that were ignored because the term had changed meanwhile.
  private void addStorageAppendResponse(List<Message> responses, Snapshot snapshot) {
    boolean unstable = raft.log.hasUnstableEntries();
    if (unstable || !snapshot.isEmpty()) {
      EntryId last = unstable ? raft.log.last() : EntryId.ZERO;
      responses.add(
          new Message.StorageAppendResponse(
              Message.APPEND_THREAD, raft.id, raft.term(), last, snapshot));
    }
  }

  private Message applyResponse(List<Entry> committed) {
    return new Message.StorageApplyResponse(Message.APPLY_THREAD, raft.id, committed);
  }

  /**
   * The last Ready is stored, sent and applied. For the plain contract only.
   *
   * @throws IllegalStateException with asynchronous storage writes
   */
  public void advance() {
    if (async) {
      throw new IllegalStateException("raft: advance with asynchronous storage writes");
    }
    List<Message> steps = stepsOnAdvance;
    stepsOnAdvance = List.of();
    steps.forEach(this::stepOwn);
  }

  // ---- State

  /** The current term. */
  public long term() {
    return raft.term();
  }

  /** The highest index known to be committed. */
  public long commit() {
    return raft.log.committed();
  }

  /** The highest index that was acknowledged as applied. */
  public long applied() {
    return raft.log.applied();
  }

  /** The index of the last entry, durable or not. */
  public long lastIndex() {
    return raft.log.lastIndex();
  }

  /** The leader of this term, 0 if none is known. */
  public long leader() {
    return raft.leader();
  }

  /** Whether this member leads. */
  public boolean isLeader() {
    return raft.role() instanceof Leader;
  }

  /** What this member does. */
  public Role role() {
    return raft.role().role();
  }

  /** A picture of everything; costs more than the single questions. */
  public Status status() {
    SortedMap<Long, Progress> progress =
        isLeader() ? raft.tracker().copies() : Collections.emptySortedMap();
    long transferee = raft.role() instanceof Leader leader ? leader.transferee() : Message.NOBODY;
    return new Status(
        raft.id,
        raft.term(),
        raft.vote(),
        raft.log.committed(),
        raft.log.applied(),
        raft.leader(),
        role(),
        transferee,
        raft.tracker().configuration().toConfState(),
        progress);
  }

  @Override
  public String toString() {
    return status() + "; " + raft.log;
  }

  /** Overwrites the drawn election timeout until the next draw: for tests. */
  void setRandomizedElectionTimeout(int ticks) {
    raft.setRandomizedElectionTimeout(ticks);
  }

  private SoftState softState() {
    return new SoftState(raft.leader(), role());
  }

  private boolean softStateChanged() {
    return lastSoftState.leader() != raft.leader() || lastSoftState.role() != role();
  }

  private boolean hardStateChanged() {
    return raft.term() != lastHardState.term()
        || raft.vote() != lastHardState.vote()
        || raft.log.committed() != lastHardState.commit();
  }

  private static boolean isLocal(Message message) {
    return message instanceof Message.StorageAppend
        || message instanceof Message.StorageAppendResponse
        || message instanceof Message.StorageApply
        || message instanceof Message.StorageApplyResponse;
  }

  private static boolean isResponse(Message message) {
    return message instanceof Message.AppendResponse
        || message instanceof Message.VoteResponse
        || message instanceof Message.HeartbeatResponse
        || message instanceof Message.ReadIndexResponse;
  }

  private void stepOwn(Message message) {
    try {
      raft.step(message);
    } catch (ProposalDroppedException e) {
      throw new InvariantException("raft: dropped a message of its own: " + e.reason());
    }
  }
}
