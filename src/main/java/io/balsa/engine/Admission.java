package io.balsa.engine;

import io.balsa.data.Bytes;
import io.balsa.engine.request.Refusal;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.mvcc.auth.Credentials;
import io.balsa.mvcc.command.Command;
import io.balsa.mvcc.command.Once;
import io.balsa.mvcc.command.Op;
import io.balsa.mvcc.command.Ops;
import io.balsa.raft.message.ConfChange;
import io.balsa.raft.message.ConfChange.OperationType;
import io.balsa.raft.message.Message;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Makes proposals of requests, or says why not. What depends on the order of the log is judged when
 * it is applied, not here.
 */
final class Admission {
  private static final long LEASE_TTL_SECONDS_MAX = 9_000_000_000L;
  private static final int MEMBERS_MAX = 64;

  private final ReplicaOptions options;
  private final Present present;
  private final Proposals proposals;
  private final RandomGenerator random;

  Admission(ReplicaOptions options, Present present, Proposals proposals, RandomGenerator random) {
    this.options = options;
    this.present = present;
    this.proposals = proposals;
    this.random = random;
  }

  /**
   * Takes a request that changes something.
   *
   * @param by who asks; judged when it is applied
   * @return null if it is among the proposals now, else why not
   */
  Reply propose(Caller caller, Request request, Credentials by, long deadlineNanos) {
    if (request instanceof Request.Write write) {
      return write(caller, write, by, deadlineNanos);
    }
    if (request instanceof Request.LeaseKeepAlive keepAlive) {
      return add(caller, new Command.LeaseKeepAlive(keepAlive.id()), by, deadlineNanos);
    }
    if (request instanceof Request.LeaseGrant grant) {
      return grant(caller, grant, by, deadlineNanos);
    }
    if (request instanceof Request.LeaseRevoke revoke) {
      return add(caller, new Command.LeaseRevoke(revoke.id()), by, deadlineNanos);
    }
    if (request instanceof Request.Compact compact) {
      return add(caller, new Command.Compact(compact.revision()), by, deadlineNanos);
    }
    if (request instanceof Request.Auth auth) {
      Bytes payload = Envelope.encode(new Envelope.AuthChange(auth.command(), by));
      return add(new Proposals.Pending(caller, payload, null, deadlineNanos));
    }
    if (request instanceof Request.MemberAdd member) {
      return addMember(caller, member, deadlineNanos);
    }
    if (request instanceof Request.MemberPromote promote) {
      return promote(caller, promote, deadlineNanos);
    }
    if (request instanceof Request.MemberUpdate update) {
      return update(caller, update, deadlineNanos);
    }
    return remove(caller, (Request.MemberRemove) request, deadlineNanos);
  }

  private Reply write(Caller caller, Request.Write write, Credentials by, long deadlineNanos) {
    Op op = write.op();
    Once once = write.once();
    Optional<Ops.Violation> violation = Ops.check(op, options.txnOpsMax());
    if (violation.isPresent()) {
      return Replies.violation(violation.get());
    }
    String fault = once == null ? null : fault(once, op);
    if (fault != null) {
      return Replies.refused(Refusal.INVALID, fault);
    }
    long liveBytes = present.state.store().liveBytes();
    if (liveBytes > options.quotaBytes() && mayPut(op) && !isRepeated(once)) {
      return Replies.refused(
          Refusal.SPACE_EXCEEDED,
          "the store holds %d bytes, more than its quota of %d: delete keys first"
              .formatted(liveBytes, options.quotaBytes()));
    }
    Command command = once == null ? new Command.Write(op) : new Command.WriteOnce(once, op);
    return add(caller, command, by, deadlineNanos);
  }

  private static String fault(Once once, Op op) {
    if (once.session() == 0) {
      return "session must be the id of a lease: 0";
    }
    if (once.sequence() < 1) {
      return "sequence must be from 1 to %d: %d".formatted(Long.MAX_VALUE, once.sequence());
    }
    return Ops.isReadOnly(op) ? once + " must write: it only reads" : null;
  }

  /** Whether it is known to take no space, because it was applied. */
  private boolean isRepeated(Once once) {
    return once != null && present.state.store().remembers(once);
  }

  private static boolean mayPut(Op op) {
    if (op instanceof Op.Txn txn) {
      return txn.then().stream().anyMatch(Admission::mayPut)
          || txn.otherwise().stream().anyMatch(Admission::mayPut);
    }
    return op instanceof Op.Put;
  }

  private Reply grant(Caller caller, Request.LeaseGrant grant, Credentials by, long deadlineNanos) {
    if (grant.ttlSeconds() < 1 || grant.ttlSeconds() > LEASE_TTL_SECONDS_MAX) {
      return Replies.refused(
          Refusal.INVALID,
          "lease TTL must be from 1 to %d seconds: %d"
              .formatted(LEASE_TTL_SECONDS_MAX, grant.ttlSeconds()));
    }
    long id = grant.id();
    while (id == 0 || (grant.id() == 0 && present.state.store().lease(id).isPresent())) {
      id = random.nextLong() >>> 1;
    }
    long ttlSeconds = Math.max(grant.ttlSeconds(), options.leaseTtlSecondsMin());
    return add(caller, new Command.LeaseGrant(id, ttlSeconds), by, deadlineNanos);
  }

  private Reply addMember(Caller caller, Request.MemberAdd add, long deadlineNanos) {
    boolean blank = add.name().isBlank() && !add.name().isEmpty();
    if (blank || !areUrls(add.peerUrls())) {
      return Replies.refused(Refusal.INVALID, "a member needs a name, or none, and a peer URL");
    }
    Membership membership = present.state.membership();
    if (membership.members().size() >= MEMBERS_MAX) {
      return Replies.refused(
          Refusal.CONFLICT, "a cluster has at most %d members".formatted(MEMBERS_MAX));
    }
    long id = random.nextLong();
    while ((id >= Message.APPLY_THREAD && id <= Message.NOBODY)
        || membership.members().containsKey(id)
        || membership.removed().contains(id)) {
      id = random.nextLong();
    }
    OperationType type = add.learner() ? OperationType.ADD_LEARNER : OperationType.ADD_VOTER;
    MemberInfo about = new MemberInfo(id, add.name(), add.peerUrls(), List.of());
    return change(caller, type, about, false, deadlineNanos);
  }

  private static boolean areUrls(List<String> urls) {
    return !urls.isEmpty() && urls.stream().noneMatch(String::isBlank);
  }

  private Reply update(Caller caller, Request.MemberUpdate update, long deadlineNanos) {
    MemberInfo member = present.state.membership().find(update.member());
    if (member == null) {
      return Replies.noMember(update.member());
    }
    if (!areUrls(update.peerUrls())) {
      return Replies.refused(Refusal.INVALID, "a member needs a peer URL");
    }
    MemberInfo about =
        new MemberInfo(member.id(), member.name(), update.peerUrls(), member.clientUrls());
    return change(caller, OperationType.UPDATE, about, false, deadlineNanos);
  }

  private Reply promote(Caller caller, Request.MemberPromote promote, long deadlineNanos) {
    MemberInfo member = present.state.membership().find(promote.member());
    if (member == null) {
      return Replies.noMember(promote.member());
    }
    if (present.state.membership().isVoter(member.id())) {
      return Replies.refused(Refusal.CONFLICT, promote.member() + " is a voter already");
    }
    return change(caller, OperationType.ADD_VOTER, member, false, deadlineNanos);
  }

  private Reply remove(Caller caller, Request.MemberRemove remove, long deadlineNanos) {
    MemberInfo member = present.state.membership().find(remove.member());
    if (member == null) {
      return Replies.noMember(remove.member());
    }
    return change(caller, OperationType.REMOVE, member, remove.force(), deadlineNanos);
  }

  private Reply change(
      Caller caller, OperationType type, MemberInfo about, boolean force, long deadlineNanos) {
    Bytes payload = Envelope.encode(new Envelope.Change(about, force));
    ConfChange change = ConfChange.of(type, about.id());
    return add(new Proposals.Pending(caller, payload, change, deadlineNanos));
  }

  private Reply add(Caller caller, Command command, Credentials by, long deadlineNanos) {
    Reply refusal = refusal();
    if (refusal != null) {
      return refusal; // Before anything is encoded: this is what overload looks like.
    }
    Bytes payload = Envelope.encode(new Envelope.KeyValueCommand(command, inLog(by)));
    return add(new Proposals.Pending(caller, payload, null, deadlineNanos));
  }

  /** Who asks, where it may matter: most clusters have no users. */
  private Credentials inLog(Credentials by) {
    return by.isUser() || present.state.auth().isEnabled() ? by : Credentials.NOBODY;
  }

  private Reply add(Proposals.Pending pending) {
    Reply refusal = refusal();
    if (refusal == null) {
      proposals.add(pending);
    }
    return refusal;
  }

  private Reply refusal() {
    if (proposals.size() >= options.pendingMax()) {
      return Replies.refused(
          Refusal.TOO_MANY_REQUESTS,
          "%d requests are waiting, no more are taken".formatted(proposals.size()));
    }
    if (proposals.bytes() >= options.pendingBytesMax()) {
      return Replies.refused(
          Refusal.TOO_MANY_REQUESTS,
          "requests of %d bytes are waiting, no more are taken".formatted(proposals.bytes()));
    }
    return present.view.diskFull()
        ? Replies.refused(Refusal.DISK_FULL, "this member's disk is full")
        : null;
  }
}
