package io.balsa.engine;

import io.balsa.data.Bytes;
import io.balsa.engine.request.Answers;
import io.balsa.engine.request.Call;
import io.balsa.engine.request.Leadership;
import io.balsa.engine.request.Refusal;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.engine.request.WatchEvent;
import io.balsa.mvcc.auth.AuthFault;
import io.balsa.mvcc.auth.AuthQuery;
import io.balsa.mvcc.auth.Credentials;
import io.balsa.mvcc.command.Command;
import io.balsa.mvcc.command.Ops;
import io.balsa.raft.message.Message;
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
  private static final long TIMEOUT_MILLIS_MAX = 24L * 60 * 60 * 1000;
  private static final long PUBLISH_RETRY_NANOS = 2_000 * NANOS_PER_MILLI;
  private static final long WATCH_WAIT_MILLIS = 7_000; // Until its token is known.
  private static final int SWEEP_VERSIONS = 2_000;
  private static final String STOPPING = "the member is stopping";

  private final ReplicaOptions options;
  private final long self;
  private final Outbox out;
  private final Present present;
  private final Counts counts = new Counts();
  private final AnswerBatches answers = new AnswerBatches();
  private final Proposals proposals;
  private final Admission admission;
  private final Reads reads;
  private final Transfers transfers = new Transfers();
  private final Tokens tokens = new Tokens();
  private final WatchDesk watches;
  private final LeaderDuties duties;
  private final StateReader reader;
  private final Applier applier;
  private final Snapshots snapshots;
  private final StatusReport status;
  private final Hashes hashes = new Hashes(answers);
  private final Backups backups;

  private long publishedNanos;
  private boolean published; // In the present term.
  private boolean introduced; // In this run: what the log says otherwise since is meant so.
  private boolean stopped;
  private boolean sweeping;
  private long authJudged; // The hash of the auth state by which the open watches were judged.

  /**
   * Starts from a state.
   *
   * @param firstNumber as {@link Recovery#firstNumber} gives it
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
    this.out = out;
    this.present = new Present(recovery.state(), nowNanos);
    this.proposals = new Proposals(self, firstNumber, random);
    this.admission = new Admission(options, present, proposals, random);
    this.reads = new Reads(random.nextLong());
    this.watches = new WatchDesk(present.state.store(), options, answers);
    this.duties = new LeaderDuties(options, present.state.store(), nowNanos);
    this.reader = new StateReader(options.clusterId(), present, duties::leases);
    this.applier =
        new Applier(options, present, proposals, duties, tokens, reader, answers, counts, out);
    this.snapshots = new Snapshots(options, out, counts);
    this.status = new StatusReport(options, present, counts);
    this.backups = new Backups(options.clusterId());
  }

  /** Takes one input. */
  public void handle(ReplicaInput input, long nowNanos) {
    present.nowNanos = nowNanos;
    if (input instanceof ReplicaInput.Calls calls) {
      for (Call call : calls.calls()) {
        take(calls.answerTo(), call);
      }
    } else if (input instanceof ReplicaInput.Committed committed) {
      applier.add(committed.batch());
    } else if (input instanceof ReplicaInput.ReadReady ready) {
      reads.confirmed(ready.context(), ready.index());
    } else if (input instanceof ReplicaInput.Tick) {
      tick();
    } else if (input instanceof ReplicaInput.RaftChanged changed) {
      raftChanged(changed.view());
    } else if (input instanceof ReplicaInput.Refused refused) {
      refused(refused);
    } else if (input instanceof ReplicaInput.Io io) {
      StateMachine restored = snapshots.answered(io.answer());
      if (restored != null) {
        installed(restored);
      }
    } else if (input instanceof ReplicaInput.Install install) {
      // The state may hold it already: what is applied is never given up for something older.
      if (install.snapshot().last().index() > appliedIndex()) {
        snapshots.install(install.snapshot());
      }
    } else if (input instanceof ReplicaInput.SnapshotLost) {
      snapshots.replaceNewest();
    } else if (input instanceof ReplicaInput.ClientGone gone) {
      watches.closeAll(gone.answerTo());
      backups.closeAll(gone.answerTo());
      answers.forget(gone.answerTo());
    } else {
      stop();
    }
  }

  /** Does what the inputs of a turn asked for, and sends what came of them. */
  public void flush() {
    if (canApply()) {
      applier.step();
    }
    serveReads();
    if (!stopped) {
      propose();
      if (!applier.isWithinBatch()) {
        snapshots.maybeTake(present.state, present.view);
      }
    }
    sweeping = present.state.store().compactStep(SWEEP_VERSIONS);
    judgeWatches();
    hashes.step();
    watches.poll(present.state.store().revision());
    applier.tellPeers();
    answers.send(header(), out);
    applier.tellRemoved(); // Last: who asked for it has been answered.
  }

  /** Before anything is told that came behind the change. */
  private void judgeWatches() {
    if (authJudged != present.state.auth().stateHash()) {
      authJudged = present.state.auth().stateHash();
      watches.judge(present.state.access());
    }
  }

  private Answers.Header header() {
    return new Answers.Header(
        options.clusterId(), self, present.state.store().revision(), present.view.term());
  }

  /** Whether {@link #flush} should be called again without a new input. */
  public boolean hasMoreWork() {
    return sweeping || hashes.hasWork() || watches.hasWork() || canApply();
  }

  /** Not while a snapshot is installed: what has come since belongs behind it. */
  private boolean canApply() {
    return applier.hasWork() && !snapshots.isInstalling();
  }

  /** The index of the last entry applied. */
  public long appliedIndex() {
    return present.state.applied().index();
  }

  // ---- Requests

  private void take(String address, Call call) {
    Request request = call.request();
    if (request instanceof Request.WatchCredit credit) {
      watches.credit(address, credit);
      return;
    }
    if (request instanceof Request.WatchProgress progress) {
      watches.progress(address, progress);
      return;
    }
    if (request instanceof Request.WatchClose close) {
      reads.drop(address, close.watch());
      watches.close(address, close.watch());
      return;
    }
    Caller caller = new Caller(address, call.number());
    long wanted = request instanceof Request.WatchOpen ? WATCH_WAIT_MILLIS : call.timeoutMillis();
    long timeoutMillis = Math.max(0, Math.min(wanted, TIMEOUT_MILLIS_MAX));
    long deadlineNanos = present.nowNanos + timeoutMillis * NANOS_PER_MILLI;
    if (stopped) {
      refuse(caller, request, Replies.refused(Refusal.STOPPING, STOPPING));
    } else if (call.by().kind() == Credentials.Kind.TOKEN) {
      identify(new Reads.Waiting(caller, request, call.by(), deadlineNanos), false);
    } else {
      take(caller, request, call.by(), deadlineNanos);
    }
  }

  /**
   * Looks a token up. Where it is not known, this member may be behind the one that gave it out.
   *
   * @param isPresent whether it is not
   */
  private void identify(Reads.Waiting asked, boolean isPresent) {
    Credentials by = tokens.find(asked.by().name(), present.state.auth(), present.nowNanos);
    if (by != null || !needsCredentials(asked.request())) {
      take(
          asked.caller(),
          asked.request(),
          by == null ? Credentials.NOBODY : by,
          asked.deadlineNanos());
    } else if (!isPresent) {
      waitForRead(asked);
    } else if (present.state.auth().isEnabled()) {
      refuse(asked.caller(), asked.request(), Replies.refused(AuthFault.TOKEN_INVALID));
    } else {
      take(asked.caller(), asked.request(), Credentials.NOBODY, asked.deadlineNanos());
    }
  }

  /** What etcd answers to whoever asks. */
  private static boolean needsCredentials(Request request) {
    if (request instanceof Request.AuthLook look) {
      return !(look.query() instanceof AuthQuery.Password)
          && !(look.query() instanceof AuthQuery.Status);
    }
    return !(request instanceof Request.Status
        || request instanceof Request.MemberList
        || request instanceof Request.LeaseList
        || request instanceof Request.LeaseKeepAlive
        || request instanceof Request.TransferLeader
        || (request instanceof Request.LeaseGet get && !get.keys()));
  }

  private void take(Caller caller, Request request, Credentials by, long deadlineNanos) {
    if (request instanceof Request.WatchOpen open) {
      open(caller.address(), open, by);
    } else if (request instanceof Request.Read read) {
      read(caller, read, by, deadlineNanos);
    } else if (request instanceof Request.MemberList) {
      answers.answer(caller, reader.members(0));
    } else if (request instanceof Request.Status) {
      answers.answer(caller, status());
    } else if (request instanceof Request.Hash hash) {
      hashes.begin(caller, present.state.store(), hash.revision());
    } else if (isOfBackup(request)) {
      answers.answer(caller, backup(caller.address(), request));
    } else if (mustSeeThePresent(request)) {
      waitForRead(new Reads.Waiting(caller, request, by, deadlineNanos));
    } else {
      propose(caller, request, by, deadlineNanos);
    }
  }

  private static boolean isOfBackup(Request request) {
    return request instanceof Request.BackupOpen
        || request instanceof Request.BackupNext
        || request instanceof Request.BackupClose;
  }

  private Reply backup(String address, Request request) {
    if (request instanceof Request.BackupOpen) {
      return backups.open(address, present.state, present.nowNanos);
    }
    return request instanceof Request.BackupNext next
        ? backups.next(address, next.backup(), present.nowNanos)
        : backups.close(address, ((Request.BackupClose) request).backup());
  }

  private void open(String address, Request.WatchOpen open, Credentials by) {
    AuthFault fault = present.state.access().checkWatch(by, open.keys());
    if (fault != null) {
      watches.refuse(address, open.watch(), Replies.refused(fault));
    } else {
      watches.open(address, open, by, present.nowNanos, present.state.store().revision());
    }
  }

  /** Tells a caller, or who wanted a watch, why not. */
  private void refuse(Caller caller, Request request, Reply refused) {
    if (request instanceof Request.WatchOpen open) {
      String reason = ((Reply.Refused) refused).detail();
      Refusal refusal = ((Reply.Refused) refused).refusal();
      answers.event(
          caller.address(),
          new WatchEvent.Ended(
              open.watch(), reason, refusal == Refusal.TOKEN_INVALID ? refusal : null));
    } else {
      answers.answer(caller, refused);
    }
  }

  /** What names a member or a lease must find it if it was there when the request came. */
  private boolean mustSeeThePresent(Request request) {
    return request instanceof Request.LeaseGet
        || request instanceof Request.LeaseList
        || request instanceof Request.AuthLook
        || (request instanceof Request.MemberAdd && present.state.auth().isEnabled())
        || request instanceof Request.MemberPromote
        || request instanceof Request.MemberRemove
        || request instanceof Request.MemberUpdate
        || request instanceof Request.TransferLeader;
  }

  private void propose(Caller caller, Request request, Credentials by, long deadlineNanos) {
    AuthFault fault = isAboutMembers(request) ? present.state.auth().checkAdmin(by) : null;
    Reply refusal =
        fault == null
            ? admission.propose(caller, request, by, deadlineNanos)
            : Replies.refused(fault);
    if (refusal != null) {
      answers.answer(caller, refusal);
    }
  }

  private static boolean isAboutMembers(Request request) {
    return request instanceof Request.MemberAdd
        || request instanceof Request.MemberPromote
        || request instanceof Request.MemberRemove
        || request instanceof Request.MemberUpdate;
  }

  private void read(Caller caller, Request.Read read, Credentials by, long deadlineNanos) {
    Optional<Ops.Violation> violation = Ops.check(read.op(), options.txnOpsMax());
    if (violation.isPresent()) {
      answers.answer(caller, Replies.violation(violation.get()));
    } else if (!Ops.isReadOnly(read.op())) {
      answers.answer(caller, Replies.refused(Refusal.INVALID, "a read must not write"));
    } else if (read.serializable()) {
      serve(caller, read, by);
    } else {
      waitForRead(new Reads.Waiting(caller, read, by, deadlineNanos));
    }
  }

  private void waitForRead(Reads.Waiting read) {
    if (reads.size() >= options.readsMax()) {
      refuse(
          read.caller(),
          read.request(),
          Replies.refused(
              Refusal.TOO_MANY_REQUESTS,
              "%d reads are waiting, no more are taken".formatted(reads.size())));
    } else {
      reads.add(read);
    }
  }

  private void serveReads() {
    for (Reads.Waiting read : reads.takeReady(appliedIndex())) {
      Request request = read.request();
      if (read.by().kind() == Credentials.Kind.TOKEN) {
        identify(read, true);
      } else if (request instanceof Request.TransferLeader transfer) {
        transfer(read.caller(), transfer.member(), read.deadlineNanos());
      } else if (isAboutMembers(request)) {
        propose(read.caller(), request, read.by(), read.deadlineNanos());
      } else {
        serve(read.caller(), request, read.by());
      }
    }
  }

  private void serve(Caller caller, Request request, Credentials by) {
    counts.readsServed++;
    answers.answer(caller, reader.read(request, by));
  }

  private Reply status() {
    return new Reply.Status(
        status.of(proposals.size(), watches, snapshots.isInstalling(), stopped));
  }

  // ---- Consensus

  /** Hands on what waits for a leader, if there is one. */
  private void propose() {
    RaftView view = present.view;
    if (present.knowsLeader() && !view.transferring()) {
      if (proposals.hasWaiting()) {
        out.toRaft(new RaftInput.Propose(view.term(), proposals.send(view.term())));
      }
    } else {
      proposals.dropOwn();
    }
    if (present.knowsLeader()) {
      if (reads.mustAsk(view.term())) {
        out.toRaft(new RaftInput.ReadIndex(reads.ask(view.term())));
      }
      for (long target : transfers.toAsk(view.term())) {
        out.toRaft(new RaftInput.TransferLeader(target));
      }
    }
  }

  private void raftChanged(RaftView newer) {
    RaftView older = present.view;
    present.view = newer;
    if (newer.leader() != older.leader() && present.knowsLeader()) {
      counts.leaderChanges++;
    }
    if (newer.leader() != older.leader()
        || newer.term() != older.term()
        || newer.transferring() != older.transferring()) {
      proposals.release();
      published = false;
    }
    if (newer.leader() != older.leader() || newer.term() != older.term()) {
      out.leadership(leadership());
    }
    duties.leading(newer.isLeader() ? newer.term() : 0, present.nowNanos);
    for (Transfers.Transfer done : transfers.takeFulfilled(newer.leader())) {
      answers.answer(done.caller(), reader.members(newer.leader()));
    }
  }

  private Leadership leadership() {
    long leader = present.view.leader();
    return new Leadership(
        options.clusterId(),
        member(self),
        leader == Message.NOBODY ? null : member(leader),
        present.view.term());
  }

  /** Without a name where this member's log has not told it yet. */
  private Reply.Member member(long id) {
    Membership membership = present.state.membership();
    MemberInfo unknown = id == self ? options.self() : new MemberInfo(id, "", List.of(), List.of());
    return membership.toReply(membership.members().getOrDefault(id, unknown));
  }

  private void refused(ReplicaInput.Refused refused) {
    Refusal refusal = Replies.refusal(refused.code());
    if (refusal == Refusal.NO_LEADER) {
      proposals.refusedForNow(refused.proposals(), present.view.term());
      return;
    }
    for (Proposals.Pending pending : proposals.refused(refused.proposals())) {
      counts.proposalsFailed++;
      answers.answer(pending.caller(), Replies.refused(refusal, refused.detail()));
    }
  }

  private void transfer(Caller caller, String named, long deadlineNanos) {
    Membership membership = present.state.membership();
    long leader = present.view.leader();
    long target = Message.NOBODY;
    if (!named.isEmpty()) {
      MemberInfo member = membership.find(named);
      if (member == null) {
        answers.answer(caller, Replies.noMember(named));
        return;
      }
      target = member.id();
      if (!membership.isVoter(target)) {
        answers.answer(
            caller, Replies.refused(Refusal.CONFLICT, named + " is a learner: it cannot lead"));
        return;
      }
    } else if (!present.view.isLeader()) {
      // Only the leader knows who is furthest; this member at least is alive.
      target = membership.isVoter(self) ? self : Message.NOBODY;
    }
    if (named.isEmpty() && membership.confState().voters().size() == 1) {
      answers.answer(caller, Replies.refused(Refusal.CONFLICT, "there is no other voter"));
    } else if (target != Message.NOBODY && target == leader) {
      answers.answer(caller, reader.members(leader));
    } else if (transfers.isFull()) {
      answers.answer(
          caller, Replies.refused(Refusal.TOO_MANY_REQUESTS, "leadership is being moved already"));
    } else {
      transfers.add(caller, target, leader, deadlineNanos);
    }
  }

  // ---- Snapshots

  /** Another state has taken the place of this one, and holds more. */
  private void installed(StateMachine restored) {
    present.state = restored;
    watches.moveTo(restored.store());
    duties.restart(restored.store(), present.nowNanos);
    for (Proposals.Pending overtaken : proposals.overtaken(restored.lastNumber(self))) {
      counts.proposalsFailed++;
      answers.answer(
          overtaken.caller(),
          Replies.unknown(
              Refusal.TIMEOUT, "a snapshot was installed meanwhile, which may hold it"));
    }
    proposals.termApplied(restored.applied().term());
    applier.tookMembers();
    LOG.info(
        "snapshot installed member={} index={} revision={}",
        Long.toHexString(self),
        appliedIndex(),
        restored.store().revision());
  }

  // ---- Time

  private void tick() {
    proposals.release();
    reads.tick();
    tokens.tick(present.nowNanos);
    snapshots.tick();
    for (Proposals.Pending late : proposals.expired(present.nowNanos)) {
      counts.proposalsFailed++;
      answers.answer(
          late.caller(),
          late.isSent()
              ? Replies.unknown(Refusal.TIMEOUT, "not committed in time: it may still be")
              : Replies.refused(Refusal.NO_LEADER, noLeader()));
    }
    for (Reads.Waiting late : reads.expired(present.nowNanos)) {
      refuse(late.caller(), late.request(), Replies.refused(Refusal.NO_LEADER, noLeader()));
    }
    for (Transfers.Transfer late : transfers.expired(present.nowNanos)) {
      answers.answer(
          late.caller(),
          late.isAsked()
              ? Replies.unknown(Refusal.TIMEOUT, "leadership has not moved in time")
              : Replies.refused(Refusal.NO_LEADER, noLeader()));
    }
    watches.tick(present.nowNanos);
    backups.tick(present.nowNanos);
    if (!stopped) {
      for (Command command : duties.due(present.state.store(), present.nowNanos)) {
        proposals.addOwn(Envelope.encode(new Envelope.KeyValueCommand(command)));
      }
      publish();
    }
  }

  private String noLeader() {
    return present.knowsLeader()
        ? "the leader did not answer in time: is it connected to a majority of the voters?"
        : "no leader is known: is a majority of the voters running and connected?";
  }

  /** Lets the cluster know this member's name and addresses, once they are others in the log. */
  private void publish() {
    MemberInfo known = present.state.membership().members().get(self);
    if (known == null || !present.knowsLeader()) {
      return;
    }
    MemberInfo own = options.self();
    if (known.equals(own)) {
      // Only with the whole log behind it: it may say something else later on.
      introduced |= present.state.applied().term() == present.view.term();
      return;
    }
    if (introduced
        && known.name().equals(own.name())
        && known.clientUrls().equals(own.clientUrls())) {
      return; // It was given other peer URLs, for its next start.
    }
    if (!published || present.nowNanos - publishedNanos >= PUBLISH_RETRY_NANOS) {
      published = true;
      publishedNanos = present.nowNanos;
      Bytes payload = Envelope.encode(new Envelope.Publish(options.self()));
      proposals.addOwn(payload);
    }
  }

  private void stop() {
    stopped = true;
    snapshots.abandonOwn();
    for (Proposals.Pending pending : proposals.drain()) {
      answers.answer(pending.caller(), stopping(pending.isSent()));
    }
    for (Reads.Waiting read : reads.drain()) {
      refuse(read.caller(), read.request(), stopping(false));
    }
    for (Transfers.Transfer transfer : transfers.drain()) {
      answers.answer(transfer.caller(), stopping(transfer.isAsked()));
    }
    watches.endAll(STOPPING);
    hashes.endAll(stopping(false));
    backups.closeAll();
  }

  private static Reply stopping(boolean maybeDone) {
    return maybeDone
        ? Replies.unknown(Refusal.STOPPING, STOPPING)
        : Replies.refused(Refusal.STOPPING, STOPPING);
  }
}
