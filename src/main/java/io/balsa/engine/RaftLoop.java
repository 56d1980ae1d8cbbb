package io.balsa.engine;

import io.balsa.data.InvariantException;
import io.balsa.data.MalformedException;
import io.balsa.engine.request.Refusal;
import io.balsa.engine.request.Reply;
import io.balsa.raft.ConfChangeRefusal;
import io.balsa.raft.ProposalDroppedException;
import io.balsa.raft.RaftConfig;
import io.balsa.raft.RaftObserver;
import io.balsa.raft.RawNode;
import io.balsa.raft.ReadState;
import io.balsa.raft.Ready;
import io.balsa.raft.Role;
import io.balsa.raft.Status;
import io.balsa.raft.StepException;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfState;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryId;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import io.balsa.raft.tracker.Progress;
import io.balsa.storage.Recovered;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The consensus of one member: feeds the core, and hands on what it decides. Append messages leave
 * at once, while this member's own disk writes the same entries (Raft thesis §10.2.1); what needs
 * durability leaves when its batch is stored.
 *
 * <p>One thread only. {@link #flush} must follow each call of {@link #handle}, or several of them.
 */
public final class RaftLoop {
  private static final Logger LOG = LoggerFactory.getLogger(RaftLoop.class);
  private static final long INFLIGHT_BYTES_MAX = 64L << 20;
  private static final int INFLIGHT_MESSAGES_MAX = 512;
  private static final long UNCOMMITTED_BYTES_MAX = 128L << 20;
  private static final long FORWARDED_BYTES_MAX = 128L << 10;
  private static final long COMMITTED_BYTES_MAX = 16L << 20;
  private static final int JUDGED_MAX = 4096;
  private static final int BATCHES_MAX = 10_000;
  private static final long OFFER_PAUSE_TIMEOUTS = 10;

  /** Forwarded proposals that were taken or refused, by the last of them. */
  private record Judged(long from, long number, int hash) {}

  private final RaftLoopOptions options;
  private final Outbox out;
  private final Logger logger;
  private final MemberLog log;
  private final RawNode node;
  private final Succession succession;

  private final StorageQueue storage;
  // Who was offered leadership since this member's disk is no good for a leader.
  private final Set<Long> offered = new TreeSet<>();
  private long offeredAt;

  private final List<Message> outgoing = new ArrayList<>();
  private final List<ReplicaInput> forReplica = new ArrayList<>();
  private final Map<Long, Long> heardAt = new HashMap<>();
  private final List<Replaced> replaced = new ArrayList<>();
  // The last ones of the present term.
  private final Set<Judged> judged = new LinkedHashSet<>();
  private long judgedInTerm;
  private long ticks;
  private long removedAt = -1;
  private boolean diskFull;
  private Reply.Wal wal = Reply.Wal.NONE;
  private boolean viewChanged = true;
  private boolean leading;

  /** A configuration change that the core would not append. */
  private record Replaced(Entry proposal, ConfChangeRefusal reason, String detail) {}

  /**
   * Starts as a follower.
   *
   * @param recovered what the disk holds
   * @param random draws the election timeouts
   */
  public RaftLoop(
      RaftLoopOptions options, Recovered recovered, RandomGenerator random, Outbox out) {
    this(options, recovered, random, out, LOG);
  }

  /**
   * As above, for a member that operators should not hear of.
   *
   * @param logger is told what would otherwise be logged under the name of this class
   */
  public RaftLoop(
      RaftLoopOptions options,
      Recovered recovered,
      RandomGenerator random,
      Outbox out,
      Logger logger) {
    this.options = options;
    this.out = out;
    this.logger = logger;
    this.log = new MemberLog(recovered);
    this.storage = new StorageQueue(options.memberId());
    this.succession = new Succession(options.memberId(), options.electionTicks());
    long messageBytes = options.messageBytesMax();
    this.node =
        new RawNode(
            RaftConfig.builder(options.memberId(), log, random)
                .electionTicks(options.electionTicks())
                .applied(recovered.snapshot().last().index())
                .asyncStorageWrites(true)
                .preVote(options.preVote())
                .maxMessageBytes(messageBytes)
                .maxInflightMessages(INFLIGHT_MESSAGES_MAX)
                .maxInflightBytes(Math.max(INFLIGHT_BYTES_MAX, messageBytes))
                .maxUncommittedBytes(UNCOMMITTED_BYTES_MAX)
                .maxCommittedBytesPerReady(COMMITTED_BYTES_MAX)
                .observer(new Observer())
                .build());
  }

  /** Takes one input. */
  public void handle(RaftInput input) {
    if (input instanceof RaftInput.FromPeer fromPeer) {
      fromPeer.messages().forEach(this::fromPeer);
    } else if (input instanceof RaftInput.Propose propose) {
      propose(propose);
    } else if (input instanceof RaftInput.Stored stored) {
      stored(stored);
    } else if (input instanceof RaftInput.Applied applied) {
      applied(applied);
    } else if (input instanceof RaftInput.Tick) {
      tick();
    } else if (input instanceof RaftInput.ReadIndex read) {
      node.readIndex(read.context());
    } else if (input instanceof RaftInput.Unreachable unreachable) {
      node.reportUnreachable(unreachable.member());
    } else if (input instanceof RaftInput.Gone gone) {
      gone(gone.member());
    } else if (input instanceof RaftInput.SnapshotSent sent) {
      node.reportSnapshot(sent.member(), sent.delivered());
    } else if (input instanceof RaftInput.SnapshotTaken taken) {
      snapshotTaken(taken.snapshot());
    } else if (input instanceof RaftInput.SnapshotDamaged damaged) {
      if (log.damaged(damaged.last())) {
        out.toReplica(new ReplicaInput.SnapshotLost());
      }
    } else if (input instanceof RaftInput.TransferLeader transfer) {
      transfer(transfer.member());
    } else if (input instanceof RaftInput.DiskSpace space) {
      diskSpace(space.full());
    } else if (input instanceof RaftInput.DiskReport report) {
      wal = report.wal();
    } else if (input instanceof RaftInput.Removed && removedAt < 0) {
      // What is on its way may still tell of it in the log, with the answers that wait for that.
      removedAt = ticks;
    }
  }

  // ---- Time

  private void tick() {
    ticks++;
    node.tick();
    if (ticks == 1) {
      maybeLeadAlone();
    }
    if (ticks % options.ticksPerSecond() == 0) {
      out.toDisk(new DiskInput.Report());
    }
    maybeMoveLeadership();
    maybeSucceed();
    if (removedAt >= 0 && ticks - removedAt == options.electionTicks()) {
      out.removed();
    }
    viewChanged = true;
  }

  private long stalledTicks() {
    return storage.stalledTicks(ticks);
  }

  private boolean isStalled() {
    return stalledTicks() >= options.electionTicks();
  }

  /** Whether a leader with this disk would be of no use for writes. */
  private boolean isDiskUseless() {
    return diskFull || isStalled();
  }

  /**
   * Offers leadership to the other voters in turn, each for an election timeout, while this
   * member's disk is useless. Whose disk is no better does not take it: where that is so of all,
   * leadership stays, and after a pause they are asked again.
   */
  private void maybeMoveLeadership() {
    if (!node.isLeader() || !isDiskUseless()) {
      offered.clear();
      return;
    }
    if (isHandingOver()) {
      return;
    }
    long target = furthestVoter(offered);
    if (target != Message.NOBODY) {
      offered.add(target);
      offeredAt = ticks;
      logger.warn(
          "disk {}, leadership moves ticks={} to={}",
          diskFull ? "full" : "stalled",
          stalledTicks(),
          hex(target));
      node.transferLeader(target);
    } else if (ticks - offeredAt >= OFFER_PAUSE_TIMEOUTS * options.electionTicks()) {
      offered.clear();
    }
  }

  private void gone(long member) {
    if (!node.isLeader() && member == node.leader()) {
      logger.info("the leader's process has ended leader={}", hex(member));
      node.forgetLeader();
      succession.begin(member, node.term(), ticks);
    }
  }

  private void maybeSucceed() {
    if (succession.goesOn(node.term(), node.leader() != Message.NOBODY, ticks)
        && succession.isTurn(node.status().configuration().voters(), ticks)
        && !isDiskUseless()) {
      node.campaign();
    }
  }

  /** The only voter need not wait for a leader to be silent: there is none. */
  private void maybeLeadAlone() {
    ConfState configuration = node.status().configuration();
    if (configuration.voters().equals(List.of(options.memberId()))
        && configuration.votersOutgoing().isEmpty()
        && !isDiskUseless()) {
      node.campaign();
    }
  }

  private boolean isActive(long member) {
    Long at = heardAt.get(member);
    return member == options.memberId() || (at != null && ticks - at <= options.electionTicks());
  }

  // ---- From peers

  private void fromPeer(Message message) {
    heardAt.put(message.from(), ticks);
    if (message instanceof Message.Propose forwarded) {
      takeForwarded(forwarded);
    } else if (message instanceof Message.ProposeRefused refused) {
      out.toReplica(
          new ReplicaInput.Refused(refused.proposals(), refused.code(), refused.detail()));
    } else if (!mustDrop(message)) {
      step(message);
    }
  }

  /** Whether it must be treated as lost on the way, which consensus makes up for. */
  private boolean mustDrop(Message message) {
    if (message instanceof Message.TimeoutNow && isDiskUseless()) {
      logger.info(
          "leadership not taken from={} because the disk is no better", hex(message.from()));
      return true;
    }
    // Each answer that waits for the disk takes memory, and it may wait for as long as it likes.
    return storage.size() >= BATCHES_MAX && !(message instanceof Message.Heartbeat);
  }

  private void step(Message message) {
    try {
      node.step(message);
    } catch (StepException e) {
      logger.debug("message ignored from={} reason={}", hex(message.from()), e.reason());
    } catch (ProposalDroppedException e) {
      throw new InvariantException("raft loop: proposals do not reach the core by step");
    }
  }

  // ---- Proposals

  private void propose(RaftInput.Propose propose) {
    List<Entry> entries = new ArrayList<>(propose.proposals().size());
    for (Proposal proposal : propose.proposals()) {
      entries.add(proposal.entry());
    }
    if (node.leader() == Message.NOBODY || node.term() != propose.term()) {
      refuse(options.memberId(), entries, Refusal.NO_LEADER, "the leader has changed");
    } else if (node.isLeader()) {
      take(options.memberId(), entries);
    } else {
      forward(propose.term(), entries);
    }
  }

  /** Sends proposals to the leader, in order, in messages that the transport can carry. */
  private void forward(long term, List<Entry> entries) {
    int from = 0;
    long bytes = 0;
    for (int i = 0; i < entries.size(); i++) {
      long more = entries.get(i).encodedBytes();
      if (i > from && bytes + more > FORWARDED_BYTES_MAX) {
        forwardPart(term, entries.subList(from, i));
        from = i;
        bytes = 0;
      }
      bytes += more;
    }
    forwardPart(term, entries.subList(from, entries.size()));
  }

  private void forwardPart(long term, List<Entry> entries) {
    outgoing.add(new Message.Propose(options.memberId(), node.leader(), term, entries));
  }

  /**
   * Who does not lead the term any more says nothing: it may have taken the same message before,
   * even in an earlier run. What has become of it the sender learns from what is applied.
   */
  private void takeForwarded(Message.Propose message) {
    if (node.isLeader() && node.term() == message.term() && !wasJudged(message)) {
      take(message.from(), message.entries());
    }
  }

  /**
   * Whether these were taken or refused already: a message may come twice, and what is refused once
   * and taken once would take effect after its client was told that it never will.
   */
  private boolean wasJudged(Message.Propose message) {
    if (judgedInTerm != node.term()) {
      judgedInTerm = node.term();
      judged.clear();
    }
    List<Entry> entries = message.entries();
    if (entries.isEmpty()) {
      return true;
    }
    Entry last = entries.get(entries.size() - 1);
    try {
      // A member that was started with its clock set back may use a number again.
      Judged now = new Judged(message.from(), Envelope.numberOf(last), last.data().hashCode());
      if (!judged.add(now)) {
        return true;
      }
    } catch (MalformedException e) {
      return false; // It will be found out.
    }
    if (judged.size() > JUDGED_MAX) {
      judged.remove(judged.iterator().next());
    }
    return false;
  }

  /** Takes what {@code origin} proposes, or tells it what was not taken. */
  private void take(long origin, List<Entry> entries) {
    if (diskFull) {
      refuse(origin, entries, Refusal.DISK_FULL, "the leader's disk is full");
      return;
    }
    List<Entry> taken = entries;
    for (Entry entry : entries) {
      if (entry.type() != EntryType.NORMAL) {
        taken = passingChanges(origin, entries);
        break;
      }
    }
    if (taken.isEmpty()) {
      return;
    }
    try {
      node.propose(taken);
    } catch (ProposalDroppedException e) {
      switch (e.reason()) {
        case UNCOMMITTED_LIMIT ->
            refuse(
                origin,
                taken,
                Refusal.TOO_MANY_REQUESTS,
                "the leader's uncommitted log has reached " + UNCOMMITTED_BYTES_MAX + " bytes");
        case NO_LEADER, TRANSFERRING, NOT_A_MEMBER, FORWARDING_DISABLED ->
            refuse(origin, taken, Refusal.NO_LEADER, "the leader is handing over");
      }
    }
    for (Replaced change : replaced) {
      // One that is under way will be over soon: this one waits for it.
      Refusal refusal =
          change.reason() == ConfChangeRefusal.PENDING ? Refusal.NO_LEADER : Refusal.CONFLICT;
      refuse(origin, List.of(change.proposal()), refusal, change.detail());
    }
    replaced.clear();
  }

  /** The entries without the configuration changes that this leader must refuse. */
  private List<Entry> passingChanges(long origin, List<Entry> entries) {
    List<Entry> passing = new ArrayList<>(entries.size());
    for (Entry entry : entries) {
      Membership.Fault fault = entry.type() == EntryType.NORMAL ? null : judge(entry);
      if (fault == null) {
        passing.add(entry);
      } else {
        refuse(origin, List.of(entry), fault.refusal(), fault.detail());
      }
    }
    return passing;
  }

  private Membership.Fault judge(Entry entry) {
    ConfChange change;
    Envelope.Change asked;
    try {
      change = ConfChange.decode(entry.data());
      if (change.context().isEmpty()) {
        return null;
      }
      asked = (Envelope.Change) Envelope.decode(change.context()).payload();
    } catch (MalformedException e) {
      throw new InvariantException("raft loop: proposed change cannot be read: " + e.getMessage());
    }
    Status status = node.status();
    Membership.Fault fault =
        ChangeGuard.judge(status, this::isActive, change, asked.member().name(), asked.force());
    boolean removesThis =
        change.operations().stream()
            .anyMatch(
                operation ->
                    operation.type() == ConfChange.OperationType.REMOVE
                        && operation.member() == options.memberId());
    long successor = removesThis ? furthestVoter(Set.of()) : Message.NOBODY;
    if (fault == null && successor != Message.NOBODY) {
      node.transferLeader(successor);
      return new Membership.Fault(Refusal.NO_LEADER, "the leader hands over before it is removed");
    }
    return fault;
  }

  private void refuse(long origin, List<Entry> entries, Refusal refusal, String detail) {
    List<Long> numbers = new ArrayList<>(entries.size());
    for (Entry entry : entries) {
      try {
        numbers.add(Envelope.numberOf(entry));
      } catch (MalformedException e) {
        logger.warn("proposal cannot be read from={} reason={}", hex(origin), e.getMessage());
      }
    }
    if (origin == options.memberId()) {
      out.toReplica(new ReplicaInput.Refused(numbers, refusal.name(), detail));
    } else {
      outgoing.add(
          new Message.ProposeRefused(
              options.memberId(), origin, node.term(), numbers, refusal.name(), detail));
    }
  }

  // ---- Leadership

  private void transfer(long member) {
    long target = member == Message.NOBODY ? furthestVoter(Set.of()) : member;
    if (target != Message.NOBODY) {
      node.transferLeader(target);
    }
  }

  /** The voter that could take over soonest; nobody unless this member leads others. */
  private long furthestVoter(Set<Long> except) {
    Status status = node.status();
    long furthest = Message.NOBODY;
    long match = -1;
    for (Map.Entry<Long, Progress> peer : status.progress().entrySet()) {
      long id = peer.getKey();
      if (id != options.memberId()
          && !except.contains(id)
          && status.configuration().voters().contains(id)
          && isActive(id)
          && peer.getValue().match() > match) {
        furthest = id;
        match = peer.getValue().match();
      }
    }
    return furthest;
  }

  // ---- From the disk writer and the replica

  private void stored(RaftInput.Stored stored) {
    for (Message.StorageAppend append : stored.batches()) {
      StorageQueue.Batch batch = storage.stored(append);
      log.stored(append);
      release(batch);
      if (!append.snapshot().isEmpty()) {
        out.toReplica(new ReplicaInput.Install(append.snapshot()));
        out.toDisk(new DiskInput.Release(Snapshot.EMPTY, log.firstIndex()));
      }
    }
  }

  /** Lets go what waited for a batch. */
  private void release(StorageQueue.Batch batch) {
    outgoing.addAll(batch.withheld());
    for (Message response : batch.append().responses()) {
      if (response.to() == options.memberId()) {
        step(response);
      } else {
        outgoing.add(response);
      }
    }
  }

  private void applied(RaftInput.Applied applied) {
    int change = 0;
    for (Entry entry : applied.batch().entries()) {
      if (entry.type() != EntryType.NORMAL) {
        node.applyConfChange(entry.index(), applied.confChanges().get(change++));
      }
    }
    applied.batch().responses().forEach(this::step);
  }

  private void snapshotTaken(Snapshot snapshot) {
    if (log.compact(snapshot, options.catchUpEntries(), options.catchUpBytes())) {
      out.toDisk(new DiskInput.Release(snapshot, log.firstIndex()));
    }
  }

  private void diskSpace(boolean full) {
    if (full != diskFull) {
      diskFull = full;
      viewChanged = true;
      if (full) {
        logger.warn("disk full: writes are refused until there is space");
      } else {
        logger.info("disk has space again: writes are taken");
        if (!offered.isEmpty() && isHandingOver()) {
          node.transferLeader(options.memberId()); // Which takes the offer back.
        }
      }
      maybeMoveLeadership();
    }
  }

  // ---- What came of it

  /** Hands on everything that the inputs so far led to. */
  public void flush() {
    do {
      while (node.hasReady()) {
        hand(node.ready());
      }
      releaseFree();
    } while (node.hasReady());
    List<Message.StorageAppend> appends = storage.handOver(ticks);
    if (!appends.isEmpty()) {
      out.toDisk(new DiskInput.Append(appends));
    }
    if (!outgoing.isEmpty()) {
      out.toPeers(new PeerInput.Send(outgoing));
      outgoing.clear();
    }
    // After the messages: applying the removal of a member ends the stream to it, on which it is to
    // hear that the removal is committed.
    forReplica.forEach(out::toReplica);
    forReplica.clear();
    if (viewChanged) {
      viewChanged = false;
      out.toReplica(new ReplicaInput.RaftChanged(view()));
    }
  }

  private void releaseFree() {
    StorageQueue.Batch free = storage.takeFree(ticks);
    while (free != null) {
      release(free);
      free = storage.takeFree(ticks);
    }
  }

  private void hand(Ready ready) {
    if (ready.softState() != null) {
      viewChanged = true;
    }
    List<Message> withheld = List.of();
    Message.StorageAppend append = null;
    for (Message message : ready.messages()) {
      if (message instanceof Message.StorageAppend storage) {
        append = storage;
      } else if (message instanceof Message.StorageApply apply) {
        forReplica.add(new ReplicaInput.Committed(apply));
        if (apply.entries().stream().anyMatch(entry -> entry.type() != EntryType.NORMAL)) {
          storage.forceCommit();
        }
      } else if (message instanceof Message.VoteRequest vote && !vote.preVote()) {
        // It speaks of a term and a log that a crash must not take back.
        withheld = withheld.isEmpty() ? new ArrayList<>() : withheld;
        withheld.add(vote);
      } else {
        outgoing.add(message);
      }
    }
    if (append != null) {
      storage.add(new StorageQueue.Batch(append, withheld));
    } else {
      outgoing.addAll(withheld);
    }
    for (ReadState read : ready.readStates()) {
      forReplica.add(new ReplicaInput.ReadReady(read.context(), read.index()));
    }
  }

  /** Whether this member leads, and is handing leadership over. */
  public boolean isHandingOver() {
    return node.status().transferee() != Message.NOBODY;
  }

  private RaftView view() {
    Status status = node.status();
    boolean isLeader = node.isLeader();
    List<Reply.Progress> progress = new ArrayList<>();
    status
        .progress()
        .forEach(
            (id, peer) ->
                progress.add(
                    new Reply.Progress(
                        id,
                        peer.state().name().toLowerCase(java.util.Locale.ROOT),
                        peer.match(),
                        peer.next(),
                        isActive(id),
                        peer.learner())));
    List<String> trouble =
        isStalled()
            ? List.of("the disk has made no progress for " + stalledTicks() + " heartbeats")
            : List.of();
    return new RaftView(
        status.term(),
        status.leader(),
        isLeader,
        status.commit(),
        status.isVoter(options.memberId()),
        status.transferee() != Message.NOBODY,
        progress,
        wal,
        log.newestSnapshot().last().index(),
        log.bytesSinceSnapshot(),
        log.snapshotNeeded(),
        diskFull,
        trouble);
  }

  private static String hex(long id) {
    return Long.toHexString(id);
  }

  private final class Observer implements RaftObserver {
    @Override
    public void stateChanged(long term, Role role, long leader) {
      viewChanged = true;
      boolean leads = role == Role.LEADER;
      if (leads != leading) {
        leading = leads;
        if (leads) {
          logger.info("became leader member={} term={}", hex(options.memberId()), term);
        } else {
          logger.info("no longer leader member={} term={}", hex(options.memberId()), term);
        }
      } else if (leader != Message.NOBODY && !leads) {
        logger.info(
            "follows member={} term={} leader={}", hex(options.memberId()), term, hex(leader));
      }
    }

    @Override
    public void configurationApplied(ConfState configuration) {
      log.configuration(configuration);
      logger.info("configuration member={} {}", hex(options.memberId()), configuration);
    }

    @Override
    public void confChangeReplaced(
        Entry proposal, EntryId place, ConfChangeRefusal reason, String detail) {
      replaced.add(new Replaced(proposal, reason, detail));
    }

    @Override
    public void snapshotRestored(Snapshot snapshot) {
      log.configuration(snapshot.confState());
      logger.info(
          "snapshot from the leader member={} index={}",
          hex(options.memberId()),
          snapshot.last().index());
    }

    @Override
    public void messageIgnored(Message message, String reason) {
      logger.debug("message ignored from={} reason={}", hex(message.from()), reason);
    }
  }
}
