package io.balsa.engine;

import io.balsa.data.Bytes;
import io.balsa.engine.request.Call;
import io.balsa.engine.request.Refusal;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.mvcc.Store;
import io.balsa.mvcc.command.Command;
import io.balsa.mvcc.command.Op;
import io.balsa.mvcc.command.Ops;
import io.balsa.mvcc.command.Result;
import io.balsa.mvcc.lease.Lease;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfChange.OperationType;
import io.balsa.raft.message.Entry;
import io.balsa.raft.message.EntryType;
import io.balsa.raft.message.Message;
import io.balsa.raft.message.Snapshot;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state machine of one member with all who wait for it: proposals, reads, watches. Applies what
 * is committed, answers when it is applied, and keeps the state in snapshots.
 *
 * <p>One thread only. {@link #flush} must follow each call of {@link #handle}, or several of them,
 * and be called again later while {@link #hasMoreWork}.
 */
public final class Replica {
  private static final Logger LOG = LoggerFactory.getLogger(Replica.class);
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long OWN_PROPOSAL_NANOS = 10_000 * NANOS_PER_MILLI;
  private static final int SWEEP_VERSIONS = 2_000;
  private static final long READY_LAG_ENTRIES_MAX = 5_000;
  private static final long LEASE_TTL_SECONDS_MAX = 9_000_000_000L;
  private static final int MEMBERS_MAX = 64;

  private final ReplicaOptions options;
  private final long self;
  private final RandomGenerator random;
  private final Outbox out;
  private final AnswerBatches answers = new AnswerBatches();
  private final Proposals proposals;
  private final Reads reads;
  private final WatchDesk watches;
  private final LeaderDuties duties;
  private final OwnSnapshot ownSnapshot;
  private final List<Transfer> transfers = new ArrayList<>();
  private final Counts counts = new Counts();

  private StateMachine state;
  private RaftView view =
      new RaftView(
          0,
          0,
          false,
          0,
          false,
          false,
          List.of(),
          new Reply.Wal(0, 0, 0, 0, 0, 0),
          0,
          0,
          false,
          false,
          List.of());
  // What the leader of the view refused must not come back to it in the same turn.
  private boolean mayPropose = true;
  private long publishAskedNanos;
  private boolean publishAsked;
  private boolean removed;
  private boolean stopped;
  private boolean sweeping;
  private long newestTaken; // The raft loop's view may not show it yet.
  private long now;

  private Installation installation; // Null while none is under way.
  private long tickets;
  private final List<Message.StorageApply> held = new ArrayList<>();

  private record Transfer(Caller caller, long target, long deadlineNanos) {}

  private static final class Counts {
    long leaderChanges;
    long applied;
    long failed;
    long reads;
    long leasesExpired;
    long snapshotsTaken;
    long snapshotsInstalled;
  }

  /**
   * Starts from a state.
   *
   * @param firstNumber larger than any number that this member used before, in any run
   * @param random picks ids
   * @param nowNanos as all times here, of one monotonic clock
   */
  public Replica(
      ReplicaOptions options,
      Recovery recovery,
      long firstNumber,
      RandomGenerator random,
      Outbox out,
      long nowNanos) {
    this.options = options;
    this.self = options.self().id();
    this.random = random;
    this.out = out;
    this.state = recovery.state();
    this.proposals = new Proposals(self, firstNumber);
    this.reads = new Reads(firstNumber);
    this.watches = new WatchDesk(state.store(), options, answers);
    this.duties = new LeaderDuties(options, state.store(), nowNanos);
    this.ownSnapshot = new OwnSnapshot(self, out);
    tellPeers();
  }

  /** Takes one input. */
  public void handle(ReplicaInput input, long nowNanos) {
    now = nowNanos;
    if (input instanceof ReplicaInput.Calls calls) {
      for (Call call : calls.calls()) {
        take(calls.answerTo(), call);
      }
    } else if (input instanceof ReplicaInput.Committed committed) {
      if (installation != null) {
        held.add(committed.batch());
      } else {
        apply(committed.batch());
      }
    } else if (input instanceof ReplicaInput.ReadReady ready) {
      reads.confirmed(ready.context(), ready.index());
    } else if (input instanceof ReplicaInput.Tick) {
      tick();
    } else if (input instanceof ReplicaInput.RaftChanged changed) {
      raftChanged(changed.view());
    } else if (input instanceof ReplicaInput.Refused refused) {
      refused(refused);
    } else if (input instanceof ReplicaInput.Io io) {
      io(io.answer());
    } else if (input instanceof ReplicaInput.Install install) {
      install(install.snapshot());
    } else if (input instanceof ReplicaInput.ClientGone gone) {
      watches.closeAll(gone.answerTo());
      answers.forget(gone.answerTo());
    } else {
      stop();
    }
  }

  /** Does what the inputs of a turn asked for, and sends what came of them. */
  public void flush() {
    sweeping = state.store().compactStep(SWEEP_VERSIONS);
    watches.poll();
    serveReads();
    if (view.leader() != Message.NOBODY && !stopped) {
      if (proposals.hasWaiting() && mayPropose && !view.transferring()) {
        out.toRaft(new RaftInput.Propose(view.term(), proposals.send(view.term())));
      }
      if (reads.mustAsk(view.term())) {
        out.toRaft(new RaftInput.ReadIndex(reads.ask(view.term())));
      }
    }
    answers.send(out);
    if (removed) {
      removed = false;
      out.removed();
    }
  }

  /** Whether {@link #flush} should be called again without a new input. */
  public boolean hasMoreWork() {
    return sweeping || watches.hasWork();
  }

  /** The index of the last entry applied. */
  public long appliedIndex() {
    return state.applied().index();
  }

  // ---- Requests

  private void take(String address, Call call) {
    Request request = call.request();
    if (request instanceof Request.WatchOpen open) {
      watches.open(address, open, now, state.store().revision());
      return;
    }
    if (request instanceof Request.WatchCredit credit) {
      watches.credit(address, credit);
      return;
    }
    if (request instanceof Request.WatchClose close) {
      watches.close(address, close.watch());
      return;
    }
    Caller caller = new Caller(address, call.number());
    long deadlineNanos = now + call.timeoutMillis() * NANOS_PER_MILLI;
    if (stopped) {
      answer(caller, Replies.refused(Refusal.STOPPING, "the member is stopping"));
    } else if (request instanceof Request.Write write) {
      write(caller, write.op(), deadlineNanos);
    } else if (request instanceof Request.Read read) {
      read(caller, read, deadlineNanos);
    } else if (request instanceof Request.Compact compact) {
      propose(caller, new Command.Compact(compact.revision()), deadlineNanos);
    } else if (request instanceof Request.LeaseGrant grant) {
      grant(caller, grant, deadlineNanos);
    } else if (request instanceof Request.LeaseRevoke revoke) {
      propose(caller, new Command.LeaseRevoke(revoke.id()), deadlineNanos);
    } else if (request instanceof Request.LeaseKeepAlive keepAlive) {
      propose(caller, new Command.LeaseKeepAlive(keepAlive.id()), deadlineNanos);
    } else if (request instanceof Request.MemberAdd add) {
      addMember(caller, add, deadlineNanos);
    } else if (request instanceof Request.MemberList) {
      answer(caller, members(0));
    } else if (request instanceof Request.Status) {
      answer(caller, new Reply.Status(status()));
    } else {
      // What speaks of a member or a lease must see it if it was there when the request came.
      waitForRead(caller, request, deadlineNanos);
    }
  }

  private void write(Caller caller, Op op, long deadlineNanos) {
    Optional<Ops.Violation> violation = Ops.check(op, options.txnOpsMax());
    if (violation.isPresent()) {
      answer(caller, Replies.violation(violation.get()));
    } else if (state.store().liveBytes() > options.quotaBytes() && mayPut(op)) {
      answer(
          caller,
          Replies.refused(
              Refusal.SPACE_EXCEEDED,
              "the store holds %d bytes, more than its quota of %d: delete keys first"
                  .formatted(state.store().liveBytes(), options.quotaBytes())));
    } else {
      propose(caller, new Command.Write(op), deadlineNanos);
    }
  }

  private static boolean mayPut(Op op) {
    if (op instanceof Op.Txn txn) {
      return txn.then().stream().anyMatch(Replica::mayPut)
          || txn.otherwise().stream().anyMatch(Replica::mayPut);
    }
    return op instanceof Op.Put;
  }

  private void grant(Caller caller, Request.LeaseGrant grant, long deadlineNanos) {
    if (grant.ttlSeconds() < 1 || grant.ttlSeconds() > LEASE_TTL_SECONDS_MAX) {
      answer(
          caller,
          Replies.refused(
              Refusal.INVALID,
              "lease TTL must be from 1 to %d seconds: %d"
                  .formatted(LEASE_TTL_SECONDS_MAX, grant.ttlSeconds())));
      return;
    }
    long id = grant.id();
    while (id == 0 || (grant.id() == 0 && state.store().lease(id).isPresent())) {
      id = random.nextLong() >>> 1;
    }
    long ttlSeconds = Math.max(grant.ttlSeconds(), options.leaseTtlSecondsMin());
    propose(caller, new Command.LeaseGrant(id, ttlSeconds), deadlineNanos);
  }

  private void propose(Caller caller, Command command, long deadlineNanos) {
    Bytes payload = Envelope.encode(new Envelope.KeyValueCommand(command));
    propose(new Proposals.Pending(caller, payload, null, deadlineNanos));
  }

  private void propose(Proposals.Pending pending) {
    if (pending.caller() != null && proposals.size() >= options.pendingMax()) {
      answer(
          pending.caller(),
          Replies.refused(
              Refusal.TOO_MANY_REQUESTS,
              "%d requests are waiting, no more are taken".formatted(options.pendingMax())));
    } else if (pending.caller() != null && view.diskFull()) {
      answer(pending.caller(), Replies.refused(Refusal.DISK_FULL, "this member's disk is full"));
    } else {
      proposals.add(pending);
    }
  }

  private void addMember(Caller caller, Request.MemberAdd add, long deadlineNanos) {
    if (add.name().isEmpty() || add.peerUrls().isEmpty()) {
      answer(caller, Replies.refused(Refusal.INVALID, "a member needs a name and a peer URL"));
      return;
    }
    if (state.membership().members().size() >= MEMBERS_MAX) {
      answer(
          caller,
          Replies.refused(
              Refusal.CONFLICT, "a cluster has at most %d members".formatted(MEMBERS_MAX)));
      return;
    }
    long id = random.nextLong();
    while (id >= Message.APPLY_THREAD && id <= Message.NOBODY) {
      id = random.nextLong();
    }
    OperationType type = add.learner() ? OperationType.ADD_LEARNER : OperationType.ADD_VOTER;
    MemberInfo about = new MemberInfo(id, add.name(), add.peerUrls(), List.of());
    proposeChange(caller, ConfChange.of(type, id), about, false, deadlineNanos);
  }

  private void proposeChange(
      Caller caller, ConfChange change, MemberInfo about, boolean force, long deadlineNanos) {
    Bytes payload = Envelope.encode(new Envelope.Change(about, force));
    propose(new Proposals.Pending(caller, payload, change, deadlineNanos));
  }

  // ---- Reads

  private void read(Caller caller, Request.Read read, long deadlineNanos) {
    Optional<Ops.Violation> violation = Ops.check(read.op(), options.txnOpsMax());
    if (violation.isPresent()) {
      answer(caller, Replies.violation(violation.get()));
    } else if (!Ops.isReadOnly(read.op())) {
      answer(caller, Replies.refused(Refusal.INVALID, "a read must not write"));
    } else if (read.serializable()) {
      serve(caller, read.op());
    } else {
      waitForRead(caller, read, deadlineNanos);
    }
  }

  private void waitForRead(Caller caller, Request request, long deadlineNanos) {
    if (reads.size() >= options.readsMax()) {
      answer(
          caller,
          Replies.refused(
              Refusal.TOO_MANY_REQUESTS,
              "%d reads are waiting, no more are taken".formatted(options.readsMax())));
    } else {
      reads.add(new Reads.Waiting(caller, request, deadlineNanos));
    }
  }

  private void serveReads() {
    for (Reads.Waiting read : reads.takeReady(state.applied().index())) {
      Caller caller = read.caller();
      Request request = read.request();
      if (request instanceof Request.Read ofKeys) {
        serve(caller, ofKeys.op());
      } else if (request instanceof Request.LeaseGet get) {
        serveLease(caller, get.id());
      } else if (request instanceof Request.LeaseList) {
        answer(
            caller,
            new Reply.Leases(state.store().leases().stream().map(this::leaseState).toList()));
      } else {
        changeMember(caller, request, read.deadlineNanos());
      }
    }
  }

  private void serve(Caller caller, Op op) {
    counts.reads++;
    Result result = state.store().read(op);
    answer(
        caller,
        result instanceof Result.Written found
            ? new Reply.Read(state.store().revision(), found.result())
            : Replies.failed((Result.Failed) result));
  }

  private void serveLease(Caller caller, long id) {
    counts.reads++;
    Optional<Lease> lease = state.store().lease(id);
    answer(
        caller,
        lease.isPresent()
            ? new Reply.Lease(leaseState(lease.get()), state.store().leaseKeys(id))
            : Replies.refused(Refusal.LEASE_NOT_FOUND, "no lease " + Long.toHexString(id)));
  }

  private Reply.LeaseState leaseState(Lease lease) {
    long remaining = duties.leases().remainingSeconds(lease.id(), now);
    return new Reply.LeaseState(lease.id(), lease.ttlSeconds(), remaining);
  }

  // ---- Members

  private void changeMember(Caller caller, Request request, long deadlineNanos) {
    String named;
    if (request instanceof Request.MemberPromote promote) {
      named = promote.member();
    } else if (request instanceof Request.MemberRemove remove) {
      named = remove.member();
    } else {
      named = ((Request.TransferLeader) request).member();
    }
    MemberInfo member = state.membership().find(named);
    if (member == null) {
      answer(
          caller,
          Replies.refused(Refusal.MEMBER_NOT_FOUND, "no member has the id or name " + named));
      return;
    }
    boolean isVoter = state.membership().isVoter(member.id());
    if (request instanceof Request.MemberPromote) {
      if (isVoter) {
        answer(caller, Replies.refused(Refusal.CONFLICT, named + " is a voter already"));
      } else {
        ConfChange change = ConfChange.of(OperationType.ADD_VOTER, member.id());
        proposeChange(caller, change, member, false, deadlineNanos);
      }
    } else if (request instanceof Request.MemberRemove remove) {
      ConfChange change = ConfChange.of(OperationType.REMOVE, member.id());
      proposeChange(caller, change, member, remove.force(), deadlineNanos);
    } else if (!isVoter) {
      answer(caller, Replies.refused(Refusal.CONFLICT, named + " is a learner: it cannot lead"));
    } else {
      transfers.add(new Transfer(caller, member.id(), deadlineNanos));
      out.toRaft(new RaftInput.TransferLeader(member.id()));
      answerTransfers();
    }
  }

  private void answerTransfers() {
    for (Iterator<Transfer> all = transfers.iterator(); all.hasNext(); ) {
      Transfer transfer = all.next();
      if (transfer.target() == view.leader()) {
        all.remove();
        answer(transfer.caller(), members(transfer.target()));
      }
    }
  }

  private Reply members(long changed) {
    return state.membership().toReply(options.clusterId(), view.leader(), changed);
  }

  private void tellPeers() {
    Membership membership = state.membership();
    out.toPeers(
        new PeerInput.Members(List.copyOf(membership.members().values()), membership.removed()));
  }

  // ---- Consensus

  private void raftChanged(RaftView newer) {
    if (newer.leader() != view.leader() && newer.leader() != Message.NOBODY) {
      counts.leaderChanges++;
    }
    if (newer.leader() != view.leader() || newer.term() != view.term()) {
      mayPropose = true;
    }
    view = newer;
    duties.leading(view.isLeader(), now);
    answerTransfers();
  }

  private void refused(ReplicaInput.Refused refused) {
    Refusal refusal = Refusal.valueOf(refused.code());
    if (refusal == Refusal.NO_LEADER) {
      mayPropose = false;
      refused.proposals().forEach(proposals::refusedForNow);
      return;
    }
    for (long number : refused.proposals()) {
      Proposals.Pending pending = proposals.refused(number);
      if (pending != null && pending.caller() != null) {
        answer(pending.caller(), Replies.refused(refusal, refused.detail()));
      }
    }
  }

  private void apply(Message.StorageApply batch) {
    List<ConfChange> changes = List.of();
    boolean membersChanged = false;
    for (Entry entry : batch.entries()) {
      StateMachine.Outcome outcome = null;
      if (entry.index() > state.applied().index()) { // Or an installed snapshot has it.
        outcome = state.apply(entry);
        proposals.termApplied(entry.term());
        counts.applied++;
        membersChanged |= took(outcome);
      }
      if (entry.type() != EntryType.NORMAL) {
        changes = changes.isEmpty() ? new ArrayList<>() : changes;
        changes.add(inForce(entry, outcome));
      }
    }
    if (membersChanged) {
      tellPeers();
    }
    out.toRaft(new RaftInput.Applied(batch, changes));
    maybeTakeSnapshot();
  }

  private static ConfChange inForce(Entry entry, StateMachine.Outcome outcome) {
    if (outcome instanceof StateMachine.Outcome.Reconfigured reconfigured) {
      return reconfigured.change();
    }
    if (outcome instanceof StateMachine.Outcome.ChangeRefused refused) {
      return refused.cancelled();
    }
    return StateMachine.cancelled(entry);
  }

  /** Answers who waits for it; whether members changed. */
  private boolean took(StateMachine.Outcome outcome) {
    if (outcome instanceof StateMachine.Outcome.Applied applied) {
      follow(applied.command(), applied.result());
      if (applied.origin() == self) {
        answerApplied(applied.number(), applied.command(), applied.result());
      }
      return false;
    }
    Proposals.Pending pending =
        outcome.origin() == self ? proposals.applied(outcome.number()) : null;
    Caller caller = pending == null ? null : pending.caller();
    if (outcome instanceof StateMachine.Outcome.Reconfigured reconfigured) {
      long changed = reconfigured.about() == null ? 0 : reconfigured.about().id();
      answer(caller, members(changed));
      removed |= !state.membership().members().containsKey(self);
      return true;
    }
    if (outcome instanceof StateMachine.Outcome.ChangeRefused refused && refused.fault() != null) {
      answer(caller, Replies.refused(refused.fault().refusal(), refused.fault().detail()));
    }
    return outcome instanceof StateMachine.Outcome.Published;
  }

  private void answerApplied(long number, Command command, Result result) {
    Proposals.Pending pending = proposals.applied(number);
    if (pending == null || pending.caller() == null) {
      return;
    }
    Store store = state.store();
    Reply reply;
    if (result instanceof Result.Written written) {
      reply = new Reply.Written(store.revision(), written.result());
    } else if (result instanceof Result.Compacted compacted) {
      reply = new Reply.Compacted(store.revision(), compacted.compactRevision());
    } else if (result instanceof Result.Lease lease) {
      reply = new Reply.Lease(leaseState(store.lease(lease.id()).orElseThrow()), List.of());
    } else if (result instanceof Result.LeaseEnded leaseEnded) {
      reply = new Reply.LeaseEnded(leaseEnded.id(), store.revision());
    } else {
      counts.failed++;
      reply = Replies.failed((Result.Failed) result);
    }
    answer(pending.caller(), reply);
  }

  /** Keeps the clocks of leases in step with the state. */
  private void follow(Command command, Result result) {
    if (command instanceof Command.Write) {
      return;
    }
    if (result instanceof Result.Lease lease) {
      if (!(command instanceof Command.LeaseExpire)) { // Then it came too late.
        duties.leases().renewed(state.store().lease(lease.id()).orElseThrow(), now);
      }
    } else if (result instanceof Result.LeaseEnded leaseEnded) {
      duties.leases().ended(leaseEnded.id());
      if (command instanceof Command.LeaseExpire) {
        counts.leasesExpired++;
      }
    }
  }

  // ---- Time

  private void tick() {
    mayPropose = true;
    reads.tick();
    ownSnapshot.tick();
    for (Proposals.Pending late : proposals.expired(now)) {
      counts.failed++;
      answer(late.caller(), late(late));
    }
    for (Reads.Waiting late : reads.expired(now)) {
      answer(late.caller(), Replies.refused(Refusal.NO_LEADER, noLeader()));
    }
    for (Iterator<Transfer> all = transfers.iterator(); all.hasNext(); ) {
      Transfer transfer = all.next();
      if (transfer.deadlineNanos() - now <= 0) {
        all.remove();
        answer(
            transfer.caller(),
            Replies.unknown(Refusal.TIMEOUT, "leadership has not moved in time"));
      }
    }
    watches.tick(now, state.store().revision());
    for (Command command : duties.due(state.store(), now)) {
      propose(null, command, now + OWN_PROPOSAL_NANOS);
    }
    publish();
    maybeTakeSnapshot();
  }

  private Reply late(Proposals.Pending pending) {
    return pending.isSent()
        ? Replies.unknown(Refusal.TIMEOUT, "not committed in time: it may still be")
        : Replies.refused(Refusal.NO_LEADER, noLeader());
  }

  private String noLeader() {
    return view.leader() == Message.NOBODY
        ? "no leader is known: is a majority of the voters running and connected?"
        : "the leader did not answer in time: is it connected to a majority of the voters?";
  }

  /** Lets the cluster know this member's addresses when it has others. */
  private void publish() {
    MemberInfo known = state.membership().members().get(self);
    boolean isDue = !publishAsked || now - publishAskedNanos >= OWN_PROPOSAL_NANOS;
    if (known == null || known.equals(options.self()) || view.leader() == 0 || !isDue) {
      return;
    }
    publishAsked = true;
    publishAskedNanos = now;
    Bytes payload = Envelope.encode(new Envelope.Publish(options.self()));
    propose(new Proposals.Pending(null, payload, null, now + OWN_PROPOSAL_NANOS));
  }

  // ---- Snapshots

  private void maybeTakeSnapshot() {
    long applied = state.applied().index();
    if (installation != null || !ownSnapshot.isIdle() || applied <= view.lastSnapshot()) {
      return;
    }
    long entries = applied - Math.max(view.lastSnapshot(), newestTaken);
    long logBytes = Math.max(options.snapshotLogBytesMin(), state.store().liveBytes());
    if (entries >= options.snapshotEntries()
        || (entries > 0 && view.logBytesSinceSnapshot() >= logBytes)
        || (entries > 0 && view.snapshotNeeded())) {
      ownSnapshot.begin(state);
    }
  }

  private void io(SnapshotIo answer) {
    if (installation != null && installation.awaits(answer)) {
      if (answer instanceof SnapshotIo.Part part) {
        StateMachine restored = installation.accept(part);
        if (restored != null) {
          installed(restored);
        }
      } else if (answer instanceof SnapshotIo.Failed failed) {
        throw installation.failed(failed.reason());
      }
    } else if (answer instanceof SnapshotIo.Written written) {
      Snapshot durable = ownSnapshot.written(written);
      if (durable != null) {
        counts.snapshotsTaken++;
        newestTaken = durable.last().index();
        out.toRaft(new RaftInput.SnapshotTaken(durable));
      }
    } else if (answer instanceof SnapshotIo.Failed failed) {
      ownSnapshot.failed(failed);
    }
  }

  private void install(Snapshot snapshot) {
    ownSnapshot.abandon();
    installation = new Installation(snapshot, --tickets, out);
  }

  private void installed(StateMachine restored) {
    installation = null;
    counts.snapshotsInstalled++;
    state = restored;
    watches.moveTo(state.store());
    duties.restart(state.store(), now);
    for (Proposals.Pending overtaken : proposals.overtaken(state.lastNumber(self))) {
      answer(
          overtaken.caller(),
          Replies.unknown(
              Refusal.TIMEOUT, "a snapshot was installed meanwhile, which may hold it"));
    }
    LOG.info(
        "snapshot installed member={} index={} revision={}",
        Long.toHexString(self),
        state.applied().index(),
        state.store().revision());
    tellPeers();
    List<Message.StorageApply> batches = List.copyOf(held);
    held.clear();
    batches.forEach(batch -> apply(batch));
  }

  // ---- Status and end

  private Reply.MemberStatus status() {
    Store store = state.store();
    Membership membership = state.membership();
    MemberInfo about = membership.members().getOrDefault(self, options.self());
    MemberInfo leader = membership.members().get(view.leader());
    List<String> live = view.trouble();
    return new Reply.MemberStatus(
        options.clusterId(),
        membership.toReply(about),
        leader == null ? null : membership.toReply(leader),
        view.term(),
        Math.max(view.commitIndex(), state.applied().index()),
        state.applied().index(),
        store.revision(),
        store.compactRevision(),
        store.stateHash(),
        view.progress(),
        view.wal(),
        new Reply.StoreSize(
            store.keys(), store.revisions(), store.liveBytes() + store.historyBytes()),
        new Reply.Counters(
            counts.leaderChanges,
            proposals.size(),
            counts.applied,
            counts.failed,
            counts.reads,
            watches.size(),
            watches.cutOff(),
            store.leaseCount(),
            counts.leasesExpired,
            counts.snapshotsTaken,
            counts.snapshotsInstalled),
        live,
        ready(live));
  }

  private List<String> ready(List<String> live) {
    List<String> reasons = new ArrayList<>(live);
    if (stopped) {
      reasons.add("the member is stopping");
    }
    if (!view.isVoter()) {
      reasons.add("the member is no voter");
    }
    if (view.leader() == Message.NOBODY) {
      reasons.add("no leader is known");
    }
    if (installation != null) {
      reasons.add("a snapshot is being restored");
    }
    long lag = view.commitIndex() - state.applied().index();
    if (lag > READY_LAG_ENTRIES_MAX) {
      reasons.add("%d committed entries are not applied".formatted(lag));
    }
    return reasons;
  }

  private void stop() {
    stopped = true;
    ownSnapshot.abandon();
    for (Proposals.Pending pending : proposals.drain()) {
      String detail = "the member is stopping";
      answer(
          pending.caller(),
          pending.isSent()
              ? Replies.unknown(Refusal.STOPPING, detail)
              : Replies.refused(Refusal.STOPPING, detail));
    }
    for (Reads.Waiting read : reads.drain()) {
      answer(read.caller(), Replies.refused(Refusal.STOPPING, "the member is stopping"));
    }
    for (Transfer transfer : transfers) {
      answer(transfer.caller(), Replies.unknown(Refusal.STOPPING, "the member is stopping"));
    }
    transfers.clear();
    watches.endAll("the member is stopping");
  }

  private void answer(Caller caller, Reply reply) {
    if (caller != null) {
      answers.answer(caller, reply);
    }
  }
}
