package io.balsa.client.recipe;

import io.balsa.client.BalsaException;
import io.balsa.client.OutcomeUnknownException;
import io.balsa.client.RefusedException;

/** The refusals that a client makes itself, and what those of a cluster mean to it. */
final class Refusals {
  static final String LEASE_NOT_FOUND = "lease-not-found";
  static final String COMPACTED = "compacted";

  private static final int INVALID = 400;
  private static final int UNAUTHENTICATED = 401;
  private static final int NOT_FOUND = 404;
  private static final int CONFLICT = 409;
  private static final int GONE = 410;
  private static final int PRECONDITION_FAILED = 412;
  private static final int LOCKED = 423;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int SERVER_ERROR = 500;

  private Refusals() {}

  static RefusedException closed() {
    return new RefusedException(CONFLICT, "client-closed", "the client is closed");
  }

  static RefusedException invalid(String detail) {
    return new RefusedException(INVALID, "invalid", detail);
  }

  static RefusedException tooMany(String detail) {
    return new RefusedException(TOO_MANY_REQUESTS, "too-many-requests", detail);
  }

  static RefusedException compacted(long from, long compactRevision) {
    return new RefusedException(
        GONE,
        COMPACTED,
        "watch: revision %d is wanted, compacted up to %d".formatted(from, compactRevision));
  }

  static RefusedException sessionEnded(String session) {
    return new RefusedException(
        NOT_FOUND, LEASE_NOT_FOUND, "the session " + session + " has ended: make another client");
  }

  static RefusedException lockTimeout(long waitMillis) {
    return new RefusedException(
        LOCKED, "lock-timeout", "not had within " + waitMillis + " ms, the place is given up");
  }

  static RefusedException lockLost() {
    return new RefusedException(
        CONFLICT, "lock-lost", "the place was lost while waiting: its lease or its key is gone");
  }

  static RefusedException officeLost(String key) {
    return new RefusedException(
        PRECONDITION_FAILED, "precondition-failed", "the office of " + key + " is lost");
  }

  static RefusedException counterOverflow(String key, long value, long delta) {
    return new RefusedException(
        CONFLICT,
        "counter-overflow",
        "%s is %d: adding %d does not fit 64 bits".formatted(key, value, delta));
  }

  static RefusedException notANumber(String key) {
    return new RefusedException(
        CONFLICT,
        "not-a-number",
        "the value of " + key + " was found to be no decimal number of 64 bits, as expected there");
  }

  static boolean isLeaseNotFound(Throwable failure) {
    return failure instanceof RefusedException refused && refused.kind().equals(LEASE_NOT_FOUND);
  }

  static boolean isCompacted(Throwable failure) {
    return failure instanceof RefusedException refused && refused.kind().equals(COMPACTED);
  }

  /** Whether it is for want of a token that is good, so that with another one it may be done. */
  static boolean isOfToken(RefusedException refused) {
    return refused.status() == UNAUTHENTICATED;
  }

  /** Whether it tells only that no answer was to be had now: the same request may get one later. */
  static boolean mayPass(Throwable failure) {
    return failure instanceof OutcomeUnknownException
        || failure instanceof BalsaException refused
            && (refused.status() == TOO_MANY_REQUESTS || refused.status() >= SERVER_ERROR);
  }
}
