package io.balsa.api.eventbus;

import io.balsa.api.SignedTokens;
import io.balsa.data.Checks;
import io.balsa.mvcc.auth.Credentials;

/**
 * How one member serves the event bus. The limits hold for the member.
 *
 * @param clustered whether every node of a clustered event bus is served, or only this Vert.x
 * @param requestBytesMax the longest value, and the most bytes of all values of a transaction
 * @param requestTimeoutMillis how long a request waits at most
 * @param requestsMax requests in flight, watches aside; more are refused at once
 * @param heldBytesMax bytes of bodies of requests in flight, and of one page that is answered; more
 *     are refused at once
 * @param watchesMax watches that are open, or whose last events are not answered; more are refused
 * @param windowMessages events of one watch that may be unanswered: far fewer than the 1,000 that a
 *     paused consumer holds before it drops some
 * @param stallMillis after which a watch is cut off of whose events none was answered; a watch with
 *     nothing to tell gives a sign of life as often
 * @param drainMillis how long a stopping member lets requests finish
 * @param signedTokens as in {@link io.balsa.api.ApiOptions}
 */
public record EventBusOptions(
    boolean clustered,
    int requestBytesMax,
    long requestTimeoutMillis,
    int requestsMax,
    long heldBytesMax,
    int watchesMax,
    int windowMessages,
    long stallMillis,
    long drainMillis,
    SignedTokens signedTokens) {
  // A consumer that answers one event in each stall time may take as long as this for the last.
  private static final long STALLS_PER_EVENT = 6;

  public EventBusOptions {
    Checks.argument(
        heldBytesMax >= requestBytesMax,
        "event bus: heldBytesMax must hold one request: %d < %d",
        heldBytesMax,
        requestBytesMax);
  }

  /** The defaults. */
  public static EventBusOptions of(
      boolean clustered, int requestBytesMax, long requestTimeoutMillis) {
    return new EventBusOptions(
        clustered,
        requestBytesMax,
        requestTimeoutMillis,
        4_096,
        Math.max(64L << 20, requestBytesMax * 2L),
        1_000,
        32,
        10_000,
        5_000,
        null);
  }

  /** The same with other limits. */
  public EventBusOptions withLimits(
      int requestsMax, long heldBytesMax, int watchesMax, long stallMillis, long drainMillis) {
    return new EventBusOptions(
        clustered,
        requestBytesMax,
        requestTimeoutMillis,
        requestsMax,
        heldBytesMax,
        watchesMax,
        windowMessages,
        stallMillis,
        drainMillis,
        signedTokens);
  }

  /** The same with tokens that are signed; null for those that the members remember. */
  public EventBusOptions withSignedTokens(SignedTokens tokens) {
    return new EventBusOptions(
        clustered,
        requestBytesMax,
        requestTimeoutMillis,
        requestsMax,
        heldBytesMax,
        watchesMax,
        windowMessages,
        stallMillis,
        drainMillis,
        tokens);
  }

  /** Who shows this token; null for none. */
  Credentials credentials(String token) {
    return SignedTokens.credentials(signedTokens, token);
  }

  /** How long one event may be unanswered while others are answered. */
  long eventTimeoutMillis() {
    return stallMillis * STALLS_PER_EVENT;
  }
}
