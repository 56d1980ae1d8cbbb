package io.balsa.engine.request;

/**
 * Why a request was not done: the one table of errors that every API maps to its own codes. No API
 * may have a default: a new reason must choose its status everywhere.
 */
public enum Refusal {
  /** The request itself breaks a rule. */
  INVALID,
  /** A key is written twice on one path of a transaction. */
  DUPLICATE_KEY,
  /** A put that keeps the value or lease, of a key that does not exist. */
  KEY_NOT_FOUND,
  /** No such lease, or the session of that lease has ended. */
  LEASE_NOT_FOUND,
  /** The lease id is taken. */
  LEASE_EXISTS,
  /** The revision is compacted. */
  COMPACTED,
  /** The revision is in the future. */
  FUTURE_REVISION,
  /** No such member. */
  MEMBER_NOT_FOUND,
  /** The name or a peer URL is taken by another member. */
  MEMBER_EXISTS,
  /** The change would cost the quorum, or the learner is behind, or another change is under way. */
  CONFLICT,
  /** The write was applied before, or may have been, and its answer is not remembered. */
  ANSWER_FORGOTTEN,
  /** Nobody may do this without saying who it is. */
  NO_CREDENTIALS,
  /** The token is not, or no longer, known. */
  TOKEN_INVALID,
  /** The signed token was made before the last change of users or roles. */
  TOKEN_STALE,
  /** The user may not do this. */
  PERMISSION_DENIED,
  /** The table of pending requests is full, or the log's tail is. */
  TOO_MANY_REQUESTS,
  /** The store is larger than its quota. */
  SPACE_EXCEEDED,
  /** The disk is full. */
  DISK_FULL,
  /** No leader was known until the deadline. */
  NO_LEADER,
  /** The deadline passed after the request had reached a log, or may have. */
  TIMEOUT,
  /** The member is stopping, or failed. */
  STOPPING
}
