package io.balsa.client.link;

import io.balsa.client.BalsaException;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Decides of one request how long an attempt may take, whether another one follows, and what the
 * failure is if none does. Has no clock: times are those of {@link System#nanoTime}.
 */
final class Repetition {
  private static final long BACKOFF_MILLIS = 25;
  private static final int BACKOFF_DOUBLINGS_MAX = 4;
  private static final long ATTEMPT_MILLIS_MIN = 500;
  private static final int INVALID = 400;
  private static final int PRECONDITION_FAILED = 412;
  private static final int TOO_LARGE = 413;
  private static final int SPACE_EXCEEDED = 507;

  private final Effect effect;
  private final int endpoints;
  private final long deadlineNanos;
  private boolean renews;
  private int failures;
  private Fault last;
  private Fault uncertain; // The last that left open whether the request is done.

  /**
   * Of a request of which nothing was sent.
   *
   * @param endpoints how many can be asked, 1 or more
   * @param renews whether another token can be had, once, for one that is not taken
   */
  Repetition(Effect effect, int endpoints, boolean renews, long deadlineNanos) {
    this.effect = effect;
    this.endpoints = endpoints;
    this.renews = renews;
    this.deadlineNanos = deadlineNanos;
  }

  /**
   * What follows an attempt that failed.
   *
   * @param failure why there is no further attempt; null if there is one
   * @param delayMillis after which it is to be made
   */
  record Step(BalsaException failure, long delayMillis) {}

  /**
   * How long the next attempt may take; 0 or less if it is too late for one. What may be repeated
   * leaves time for another endpoint: the one that is asked may be silent for ever.
   */
  long limitMillis(long nowNanos) {
    long rest = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - nowNanos);
    return effect.isRepeatable() ? limitMillis(rest, endpoints) : rest;
  }

  /** How long an attempt at what may be repeated may take of the time that is left. */
  static long limitMillis(long restMillis, int endpoints) {
    return endpoints > 1
        ? Math.min(restMillis, Math.max(restMillis / 2, ATTEMPT_MILLIS_MIN))
        : restMillis;
  }

  /** Takes the outcome of an attempt. */
  Step after(Fault fault, long nowNanos, RandomGenerator random) {
    note(fault);
    if (renews && fault.isOfToken()) {
      renews = false;
      return new Step(null, 0);
    }
    if (!mayRepeat(fault)) {
      return new Step(failure(), 0);
    }
    failures++;
    boolean elsewhere = fault.leavesEndpoint() && failures % endpoints != 0;
    long delayMillis = elsewhere ? 0 : backoffMillis(random);
    return nowNanos + TimeUnit.MILLISECONDS.toNanos(delayMillis) - deadlineNanos >= 0
        ? new Step(failure(), 0)
        : new Step(null, delayMillis);
  }

  /** The failure of a request that is given up because of this. */
  BalsaException giveUp(Fault fault) {
    note(fault);
    return failure();
  }

  /** The failure of a request for which it is too late. */
  BalsaException expired() {
    return last == null
        ? giveUp(Fault.notSentInTime("waited too long behind other requests to be sent"))
        : failure();
  }

  private void note(Fault fault) {
    last = fault;
    if (fault.isUncertain()) {
      uncertain = fault;
    }
  }

  private boolean mayRepeat(Fault fault) {
    if (fault.isUncertain()) {
      return effect.isRepeatable();
    }
    return fault.isTransient() || isOpen() && fault.status() == SPACE_EXCEEDED;
  }

  private BalsaException failure() {
    if (effect == Effect.READ || uncertain == null) {
      return last.asRefused();
    }
    if (last.isTransient()) {
      return uncertain.asUnknown();
    }
    return isOpen() && !isFinal(last) ? last.asUnknown() : last.asRefused();
  }

  /** Whether an earlier attempt may yet be done, so that a refusal now need not be the end. */
  private boolean isOpen() {
    return effect == Effect.WRITE_ONCE && uncertain != null;
  }

  /**
   * Whether all attempts at a write with a key are refused like this one: because every member must
   * refuse it, or because the refusal is remembered with the key. Of any other refusal the cluster
   * says nothing about what was sent earlier; the session may have ended meanwhile, for instance.
   */
  private static boolean isFinal(Fault refusal) {
    return refusal.status() == INVALID
        || refusal.status() == PRECONDITION_FAILED
        || refusal.status() == TOO_LARGE;
  }

  private long backoffMillis(RandomGenerator random) {
    int round = Math.min((failures - 1) / endpoints, BACKOFF_DOUBLINGS_MAX);
    long most = BACKOFF_MILLIS << round;
    return most / 2 + random.nextLong(most / 2 + 1);
  }
}
