package io.balsa.api;

import io.balsa.engine.request.Refusal;

/**
 * The status of each refusal, as HTTP and the event bus answer it.
 *
 * @param code an HTTP status of 400 or more
 * @param title the kind of problem in a few words, the same each time it occurs
 */
public record RefusalStatus(int code, String title) {
  /** The status of {@code refusal}. */
  public static RefusalStatus of(Refusal refusal) {
    return switch (refusal) {
      case INVALID -> new RefusalStatus(400, "invalid request");
      case DUPLICATE_KEY -> new RefusalStatus(400, "key written twice");
      case FUTURE_REVISION -> new RefusalStatus(400, "revision in the future");
      case NO_CREDENTIALS -> new RefusalStatus(401, "no credentials");
      case TOKEN_INVALID -> new RefusalStatus(401, "token invalid");
      case TOKEN_STALE -> new RefusalStatus(401, "token stale");
      case PERMISSION_DENIED -> new RefusalStatus(403, "permission denied");
      case KEY_NOT_FOUND -> new RefusalStatus(404, "key not found");
      case LEASE_NOT_FOUND -> new RefusalStatus(404, "lease not found");
      case MEMBER_NOT_FOUND -> new RefusalStatus(404, "member not found");
      case LEASE_EXISTS -> new RefusalStatus(409, "lease exists");
      case MEMBER_EXISTS -> new RefusalStatus(409, "member exists");
      case CONFLICT -> new RefusalStatus(409, "change not possible now");
      case ANSWER_FORGOTTEN -> new RefusalStatus(409, "answer not remembered");
      case COMPACTED -> new RefusalStatus(410, "revision compacted");
      case TOO_MANY_REQUESTS -> new RefusalStatus(429, "too many requests");
      case NO_LEADER -> new RefusalStatus(503, "no leader");
      case STOPPING -> new RefusalStatus(503, "member stopping");
      case TIMEOUT -> new RefusalStatus(504, "no answer in time");
      case SPACE_EXCEEDED -> new RefusalStatus(507, "store full");
      case DISK_FULL -> new RefusalStatus(507, "disk full");
    };
  }
}
