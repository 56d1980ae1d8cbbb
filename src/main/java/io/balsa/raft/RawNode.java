package io.balsa.raft;

import io.balsa.data.Bytes;
import io.balsa.data.Checks;
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
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The consensus core of one member. Confined to one thread; see the package for what the caller
 * must do with each {@link Ready}, and in which order.
 */
public final class RawNode {
  private final Raft raft;
  private final boolean async;
  private SoftState previousSoftState;
  private HardState previousHardState;
  // Plain contract only: what the last Ready's storing and applying have to tell the core.
  private List<Message> stepsOnAdvance = List.of();

  /** Starts, or starts again, from what the storage holds. */
  public RawNode(RaftConfig config) {
    this.raft = new Raft(config);
    this.async = config.asyncStorageWrites();
    this.previousSoftState = raft.softState();
    this.previousHardState = raft.hardState();
  }

  /** One unit of time has passed. */
  public void tick() {
    raft.role.tick();
  }

  /** Campaigns now, with a pre-election first if so configured. */
  public void campaign() {
    raft.campaignUnlessLeader();
  }

  /** Proposes one entry of the application. */
  public void propose(Bytes data) throws ProposalDroppedException {
    propose(List.of(Entry.proposal(EntryType.NORMAL, data)));
  }

  /** Proposes entries, all or none, in this order. */
  public void propose(List<Entry> entries) throws ProposalDroppedException {
    raft.step(new Message.Propose(raft.id, raft.id, 0, entries));
  }

  /**
   * Proposes a change of the configuration. One that breaks a rule becomes an empty entry, which
   * {@link RaftObserver#confChangeReplaced} tells.
   */
  public void proposeConfChange(ConfChange change) throws ProposalDroppedException {
    propose(List.of(Entry.proposal(EntryType.CONF_CHANGE_V2, change.encode())));
  }

  /**
   * Makes a committed change take effect; to be called when its entry is applied, before the
   * applying is acknowledged. Without effect where a snapshot that this member received meanwhile
   * holds the change already.
   *
   * @param index the entry's
   * @return the configuration of the core from now on
   */
  public ConfState applyConfChange(long index, ConfChange change) {
    return raft.applyConfChange(index, change);
  }

  /**
   * Feeds a message in: from another member, or a response of a storage thread.
   *
   * @throws StepException if it is refused unread: a response from nobody we know, or a message
   *     that only this member's own parts may send
   */
  public void step(Message message) throws ProposalDroppedException, StepException {
    boolean fromStorage =
        message.from() == Message.APPEND_THREAD || message.from() == Message.APPLY_THREAD;
    if (isLocal(message) && !fromStorage) {
      throw new StepException("raft: cannot step raft local message");
    }
    if (isResponse(message) && !fromStorage && !raft.progress.containsKey(message.from())) {
      throw new StepException("raft: cannot step as peer not found");
    }
    raft.step(message);
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

  /** Asks for a read index; the answer is a {@link ReadState}, or nothing if there is no leader. */
  public void readIndex(long context) {
    raft.role.readIndex(new Message.ReadIndexRequest(raft.id, raft.id, raft.term, context));
  }

  /** Hands leadership to a member; a follower asks its leader to. */
  public void transferLeader(long member) {
    raft.role.transferLeader(new Message.TransferLeader(member, raft.id, raft.term));
  }

  /** Drops the leader without campaigning, so that the member may vote for another. */
  public void forgetLeader() {
    raft.role.forgetLeader();
  }

  /** Messages to the member are being lost. */
  public void reportUnreachable(long member) {
    raft.role.reportUnreachable(member);
  }

  /** The sending of a snapshot to the member has ended. */
  public void reportSnapshot(long member, boolean delivered) {
    raft.role.reportSnapshot(member, delivered);
  }

  /** Whether {@link #ready} has something to do. */
  public boolean hasReady() {
    return !raft.softState().equals(previousSoftState)
        || (!raft.hardState().isEmpty() && !raft.hardState().equals(previousHardState))
        || !raft.log.nextUnstableSnapshot().isEmpty()
        || !raft.messages.isEmpty()
        || !raft.messagesAfterStorage.isEmpty()
        || raft.log.hasNextUnstableEntries()
        || raft.log.hasNextCommittedEntries()
        || !raft.readStates.isEmpty();
  }

  /** Takes what is to be done; in the plain contract {@link #advance} must follow. */
  public Ready ready() {
    Checks.invariant(stepsOnAdvance.isEmpty(), "ready taken before advance, term %d", raft.term);
    SoftState soft = raft.softState();
    HardState hard = raft.hardState();
    boolean hardChanged = !hard.isEmpty() && !hard.equals(previousHardState);
    List<Entry> entries = raft.log.nextUnstableEntries();
    Snapshot snapshot = raft.log.nextUnstableSnapshot();
    List<Entry> committed = raft.log.nextCommittedEntries();
    boolean mustSync =
        !entries.isEmpty()
            || hard.term() != previousHardState.term()
            || hard.vote() != previousHardState.vote();
    HardState stored = hardChanged ? hard : HardState.EMPTY;
    List<Message> out = new ArrayList<>(raft.messages);
    if (async) {
      addStorageMessages(out, stored, entries, snapshot, committed, mustSync);
    } else {
      List<Message> own = new ArrayList<>();
      for (Message message : raft.messagesAfterStorage) {
        (message.to() == raft.id ? own : out).add(message);
      }
      stored(snapshot, own);
      if (!committed.isEmpty()) {
        own.add(new Message.StorageApplyResponse(Message.APPLY_THREAD, raft.id, committed));
      }
      stepsOnAdvance = own;
    }
    Ready ready =
        new Ready(
            soft.equals(previousSoftState) ? null : soft,
            stored,
            raft.readStates,
            entries,
            snapshot,
            committed,
            out,
            mustSync);
    accept(soft, hard, committed);
    return ready;
  }

  private void accept(SoftState soft, HardState hard, List<Entry> committed) {
    previousSoftState = soft;
    if (!hard.isEmpty()) {
      previousHardState = hard;
    }
    raft.readStates = new ArrayList<>();
    raft.messages = new ArrayList<>();
    raft.messagesAfterStorage = new ArrayList<>();
    raft.log.acceptUnstable();
    if (!committed.isEmpty()) {
      raft.log.acceptApplying(committed);
    }
  }

  private void addStorageMessages(
      List<Message> out,
      HardState hard,
      List<Entry> entries,
      Snapshot snapshot,
      List<Entry> committed,
      boolean mustSync) {
    if (!hard.isEmpty()
        || !entries.isEmpty()
        || !snapshot.isEmpty()
        || !raft.messagesAfterStorage.isEmpty()) {
      List<Message> responses = new ArrayList<>(raft.messagesAfterStorage);
      stored(snapshot, responses);
      out.add(
          new Message.StorageAppend(
              raft.id, Message.APPEND_THREAD, hard, entries, snapshot, mustSync, responses));
    }
    if (!committed.isEmpty()) {
      out.add(
          new Message.StorageApply(
              raft.id,
              Message.APPLY_THREAD,
              committed,
              List.of(new Message.StorageApplyResponse(Message.APPLY_THREAD, raft.id, committed))));
    }
  }

  /**
   * Names the log's last entry whenever anything is unstable, also when this Ready has no entries:
   * so it makes up for acknowledgements that were ignored for their old term.
   */
  private void stored(Snapshot snapshot, List<Message> responses) {
    boolean unstable = raft.log.hasUnstableEntries();
    if (unstable || !snapshot.isEmpty()) {
      EntryId last = unstable ? raft.log.last() : EntryId.ZERO;
      responses.add(
          new Message.StorageAppendResponse(
              Message.APPEND_THREAD, raft.id, raft.term, last, snapshot));
    }
  }

  /** Plain contract: the last Ready is stored, sent and applied. */
  public void advance() {
    Checks.invariant(!async, "advance with asynchronous storage writes, term %d", raft.term);
    List<Message> steps = stepsOnAdvance;
    stepsOnAdvance = List.of();
    for (Message message : steps) {
      try {
        raft.step(message);
      } catch (ProposalDroppedException e) {
        throw new IllegalStateException("an acknowledgement proposed something", e);
      }
    }
  }

  /** The state at this moment. */
  public Status status() {
    SortedMap<Long, Progress> progress = new TreeMap<>(Long::compareUnsigned);
    long transferee = Message.NOBODY;
    if (raft.role instanceof Leader leading) {
      raft.progress.forEach((member, known) -> progress.put(member, known.copy()));
      transferee = leading.transferee();
    }
    return new Status(
        raft.id,
        raft.hardState(),
        raft.softState(),
        raft.log.applied(),
        transferee,
        raft.configuration.toConfState(),
        progress);
  }

  /** The current term. */
  public long term() {
    return raft.term;
  }

  /** The leader as far as known, 0 for none. */
  public long leader() {
    return raft.leader;
  }

  /** Whether this member leads. */
  public boolean isLeader() {
    return raft.role.name() == RoleName.LEADER;
  }

  /** The commit index. */
  public long commit() {
    return raft.log.committed();
  }

  /** The index of the last entry. */
  public long lastIndex() {
    return raft.log.lastIndex();
  }

  /** For tests: overrides the timeout drawn until it is drawn again. */
  void randomizedElectionTimeout(int ticks) {
    raft.randomizedElectionTimeout(ticks);
  }
}
