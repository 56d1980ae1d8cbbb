package io.balsa.engine;

import io.balsa.engine.request.Refusal;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.mvcc.Store;
import io.balsa.mvcc.auth.AuthFault;
import io.balsa.mvcc.auth.Credentials;
import io.balsa.mvcc.command.Op;
import io.balsa.mvcc.command.Result;
import io.balsa.mvcc.lease.Lease;
import io.balsa.mvcc.lease.LeaseClock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** What the state, as it is now, says to clients. */
final class StateReader {
  private final long clusterId;
  private final Present present;
  private final Supplier<LeaseClock> leases;

  StateReader(long clusterId, Present present, Supplier<LeaseClock> leases) {
    this.clusterId = clusterId;
    this.present = present;
    this.leases = leases;
  }

  private Store store() {
    return present.state.store();
  }

  /** Answers a request that only looks. */
  Reply read(Request request, Credentials by) {
    if (request instanceof Request.AuthLook look) {
      return Replies.auth(present.state.auth().answer(look.query(), by));
    }
    AuthFault denied = present.state.auth().isEnabled() ? check(request, by) : null;
    if (denied != null) {
      return Replies.refused(denied);
    }
    if (request instanceof Request.Read ofKeys) {
      return read(ofKeys.op());
    }
    if (request instanceof Request.LeaseGet get) {
      return store()
          .lease(get.id())
          .map(
              lease ->
                  (Reply)
                      new Reply.Lease(
                          leaseState(lease), get.keys() ? store().leaseKeys(get.id()) : List.of()))
          .orElseGet(
              () ->
                  Replies.refused(
                      Refusal.LEASE_NOT_FOUND, "no lease " + Long.toHexString(get.id())));
    }
    List<Reply.LeaseState> all = new ArrayList<>(store().leaseCount());
    store().leases().forEach(lease -> all.add(leaseState(lease)));
    return new Reply.Leases(all);
  }

  private AuthFault check(Request request, Credentials by) {
    if (request instanceof Request.Read ofKeys) {
      return present.state.access().check(by, ofKeys.op());
    }
    return request instanceof Request.LeaseGet get && get.keys()
        ? present.state.access().checkLook(by, get.id())
        : null;
  }

  private Reply read(Op op) {
    Result result = store().read(op);
    return result instanceof Result.Written found
        ? new Reply.Read(found.revision(), found.result())
        : Replies.failed((Result.Failed) result);
  }

  /** What the command that was applied just now did. */
  Reply applied(Result result) {
    if (result instanceof Result.Written written) {
      return new Reply.Written(written.revision(), written.result());
    }
    if (result instanceof Result.Lease lease) {
      return new Reply.Lease(leaseState(store().lease(lease.id()).orElseThrow()), List.of());
    }
    if (result instanceof Result.LeaseEnded ended) {
      return new Reply.LeaseEnded(ended.id(), store().revision());
    }
    if (result instanceof Result.Compacted compacted) {
      return new Reply.Compacted(store().revision(), compacted.compactRevision());
    }
    return Replies.failed((Result.Failed) result);
  }

  private Reply.LeaseState leaseState(Lease lease) {
    long remaining = leases.get().remainingSeconds(lease.id(), present.nowNanos);
    return new Reply.LeaseState(lease.id(), lease.ttlSeconds(), remaining);
  }

  /**
   * The members.
   *
   * @param changed the one that a change was about, 0 for none
   */
  Reply members(long changed) {
    return present.state.membership().toReply(clusterId, present.view.leader(), changed);
  }
}
