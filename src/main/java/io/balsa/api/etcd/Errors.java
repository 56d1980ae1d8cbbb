package io.balsa.api.etcd;

import io.balsa.api.ProblemException;
import io.balsa.api.etcd.StatusException.Code;
import io.balsa.engine.request.Refusal;
import io.balsa.engine.request.Reply;
import io.balsa.mvcc.command.Ops;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** etcd's errors, word for word: clients tell them apart by their text. */
final class Errors {
  private static final Logger LOG = LoggerFactory.getLogger(Errors.class);
  private static final int TOO_MANY_REQUESTS = 429;

  private Errors() {}

  static StatusException emptyKey() {
    return invalid("key is not provided");
  }

  private static StatusException keyNotFound() {
    return invalid("key not found");
  }

  static StatusException tooLarge() {
    return invalid("request is too large");
  }

  static StatusException badSort() {
    return invalid("invalid sort option");
  }

  static StatusException noLeader() {
    return error(Code.UNAVAILABLE, "no leader");
  }

  /** What breaks a rule that does not depend on the store. */
  static StatusException of(Ops.Violation violation) {
    if (violation.op() == KvRequest.NOTHING) {
      return keyNotFound();
    }
    return switch (violation.rule()) {
      case KEY_EMPTY -> emptyKey();
      case VALUE_WITH_IGNORE_VALUE -> invalid("value is provided");
      case LEASE_WITH_IGNORE_LEASE -> invalid("lease is provided");
      case TOO_MANY_OPERATIONS, NESTED_TOO_DEEP -> invalid("too many operations in txn request");
      case DUPLICATE_KEY -> invalid("duplicate key given in txn request");
    };
  }

  /** What the member refuses, or does not know the outcome of. */
  static StatusException of(Reply.Refused refused) {
    return switch (refused.refusal()) {
      case INVALID -> invalid(refused.detail());
      case DUPLICATE_KEY -> invalid("duplicate key given in txn request");
      case KEY_NOT_FOUND -> keyNotFound();
      case LEASE_NOT_FOUND -> error(Code.NOT_FOUND, "requested lease not found");
      case MEMBER_NOT_FOUND -> error(Code.NOT_FOUND, "member not found");
      case LEASE_EXISTS -> error(Code.FAILED_PRECONDITION, "lease already exists");
      case MEMBER_EXISTS -> error(Code.FAILED_PRECONDITION, "Peer URLs already exists");
      case CONFLICT, ANSWER_FORGOTTEN -> error(Code.FAILED_PRECONDITION, refused.detail());
      case NO_CREDENTIALS -> invalid("user name is empty");
      case TOKEN_INVALID -> error(Code.UNAUTHENTICATED, "invalid auth token");
      case TOKEN_STALE -> invalid("revision of auth store is old");
      case PERMISSION_DENIED -> error(Code.PERMISSION_DENIED, "permission denied");
      case COMPACTED -> error(Code.OUT_OF_RANGE, "mvcc: required revision has been compacted");
      case FUTURE_REVISION ->
          error(Code.OUT_OF_RANGE, "mvcc: required revision is a future revision");
      case TOO_MANY_REQUESTS -> error(Code.RESOURCE_EXHAUSTED, "too many requests");
      case SPACE_EXCEEDED, DISK_FULL ->
          error(Code.RESOURCE_EXHAUSTED, "mvcc: database space exceeded");
      case NO_LEADER, TIMEOUT -> error(Code.UNAVAILABLE, "request timed out");
      case STOPPING -> error(Code.UNAVAILABLE, "server stopped");
    };
  }

  /** What etcd's maintenance calls are refused with, which it does not translate. */
  static StatusException ofMaintenance(Reply.Refused refused) {
    return switch (refused.refusal()) {
      case NO_CREDENTIALS, TOKEN_INVALID, TOKEN_STALE, PERMISSION_DENIED ->
          new StatusException(Code.UNKNOWN, "auth: " + refused.detail());
      default -> of(refused);
    };
  }

  /** Of a user that has no password. */
  static StatusException passwordForNone() {
    return new StatusException(
        Code.UNKNOWN, "auth: authentication failed, password was given for no password user");
  }

  /** Where tokens can be checked, but not made. */
  static StatusException noSigningKey() {
    return new StatusException(Code.UNKNOWN, "auth: token signing attempted with verify-only key");
  }

  /**
   * What a call fails with that threw this.
   *
   * @param path of the call, for the log
   */
  static StatusException of(RuntimeException thrown, String path) {
    if (thrown instanceof StatusException status) {
      return status;
    }
    if (thrown instanceof ProblemException problem) {
      return of(problem);
    }
    // The message may hold a user's key or value: only where it happened is logged.
    RuntimeException bare = new RuntimeException(thrown.getClass().getName());
    bare.setStackTrace(thrown.getStackTrace());
    LOG.error("call failed path={}", path, bare);
    return error(Code.INTERNAL, "internal error");
  }

  /** What is refused before the member is asked. */
  static StatusException of(ProblemException e) {
    return e.problem().status() == TOO_MANY_REQUESTS
        ? error(Code.RESOURCE_EXHAUSTED, "too many requests")
        : invalid(e.problem().detail());
  }

  static boolean is(Reply reply, Refusal refusal) {
    return reply instanceof Reply.Refused refused && refused.refusal() == refusal;
  }

  /** As etcd's locks and elections answer, which are clients themselves: the text alone is left. */
  static StatusException unknown(StatusException error) {
    return new StatusException(Code.UNKNOWN, error.getMessage());
  }

  static StatusException invalid(String text) {
    return error(Code.INVALID_ARGUMENT, text);
  }

  static StatusException error(Code code, String text) {
    return new StatusException(code, "etcdserver: " + text);
  }
}
