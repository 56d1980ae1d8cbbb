package io.balsa.engine;

import io.balsa.engine.request.Refusal;
import io.balsa.engine.request.Reply;
import io.balsa.mvcc.auth.AuthAnswer;
import io.balsa.mvcc.auth.AuthFault;
import io.balsa.mvcc.command.Ops;
import io.balsa.mvcc.command.Result;

/** From what the state machine says to what a client is told. */
final class Replies {
  private Replies() {}

  static Reply refused(Refusal refusal, String detail) {
    return new Reply.Refused(refusal, false, detail);
  }

  static Reply unknown(Refusal refusal, String detail) {
    return new Reply.Refused(refusal, true, detail);
  }

  static Reply failed(Result.Failed failed) {
    return refused(refusal(failed.fault()), failed.detail());
  }

  static Reply violation(Ops.Violation violation) {
    Refusal refusal =
        switch (violation.rule()) {
          case DUPLICATE_KEY -> Refusal.DUPLICATE_KEY;
          case KEY_EMPTY,
              VALUE_WITH_IGNORE_VALUE,
              LEASE_WITH_IGNORE_LEASE,
              TOO_MANY_OPERATIONS,
              NESTED_TOO_DEEP ->
              Refusal.INVALID;
        };
    return refused(refusal, violation.detail());
  }

  static Reply noMember(String idOrName) {
    return refused(Refusal.MEMBER_NOT_FOUND, "no member has the id or name " + idOrName);
  }

  /** By the name that a leader gave, which may be of a later version. */
  static Refusal refusal(String code) {
    for (Refusal refusal : Refusal.values()) {
      if (refusal.name().equals(code)) {
        return refusal;
      }
    }
    return Refusal.CONFLICT;
  }

  private static Refusal refusal(Result.Fault fault) {
    return switch (fault) {
      case COMPACTED -> Refusal.COMPACTED;
      case FUTURE_REVISION -> Refusal.FUTURE_REVISION;
      case LEASE_NOT_FOUND -> Refusal.LEASE_NOT_FOUND;
      case LEASE_EXISTS -> Refusal.LEASE_EXISTS;
      case KEY_NOT_FOUND -> Refusal.KEY_NOT_FOUND;
      case ANSWER_FORGOTTEN -> Refusal.ANSWER_FORGOTTEN;
      case DUPLICATE_KEY -> Refusal.DUPLICATE_KEY;
      case NO_CREDENTIALS -> Refusal.NO_CREDENTIALS;
      case TOKEN_INVALID -> Refusal.TOKEN_INVALID;
      case REVISION_OLD -> Refusal.TOKEN_STALE;
      case PERMISSION_DENIED -> Refusal.PERMISSION_DENIED;
    };
  }

  /** What became of a command that was not done because of who asked. */
  static Result.Failed denied(AuthFault fault) {
    return new Result.Failed(
        switch (fault) {
          case NO_CREDENTIALS -> Result.Fault.NO_CREDENTIALS;
          case TOKEN_INVALID -> Result.Fault.TOKEN_INVALID;
          case REVISION_OLD -> Result.Fault.REVISION_OLD;
          default -> Result.Fault.PERMISSION_DENIED;
        },
        fault.text());
  }

  static Reply auth(AuthAnswer answer) {
    return answer instanceof AuthAnswer.Refused refused
        ? refused(refused.fault())
        : new Reply.Auth(answer);
  }

  static Reply.Refused refused(AuthFault fault) {
    return new Reply.Refused(refusal(fault), false, fault.text());
  }

  private static Refusal refusal(AuthFault fault) {
    return switch (fault) {
      case NO_CREDENTIALS -> Refusal.NO_CREDENTIALS;
      case TOKEN_INVALID -> Refusal.TOKEN_INVALID;
      case REVISION_OLD -> Refusal.TOKEN_STALE;
      case PERMISSION_DENIED -> Refusal.PERMISSION_DENIED;
      case AUTHENTICATION_FAILED, INVALID_MANAGEMENT, USER_EMPTY, ROLE_EMPTY -> Refusal.INVALID;
      case NOT_ENABLED,
          ROOT_USER_MISSING,
          ROOT_ROLE_MISSING,
          USER_EXISTS,
          USER_NOT_FOUND,
          ROLE_EXISTS,
          ROLE_NOT_FOUND,
          ROLE_NOT_GRANTED,
          PERMISSION_NOT_GRANTED ->
          Refusal.CONFLICT;
    };
  }
}
