package io.balsa.api;

import io.balsa.engine.request.Reply;
import java.util.Locale;

/**
 * Why a request was not done, as every API tells it; over HTTP in a problem document (RFC 9457).
 *
 * @param kind the last part of {@code type}: stable, for programs
 * @param title the kind in words, the same each time it occurs
 * @param detail what was found and the rule, for people
 * @param unknown whether the request may still take effect
 */
public record Problem(int status, String kind, String title, String detail, boolean unknown) {
  private static final int QUOTED_CHARS_MAX = 100;

  /** The replica's refusal. */
  public static Problem of(Reply.Refused refused) {
    RefusalStatus status = RefusalStatus.of(refused.refusal());
    String kind = refused.refusal().name().toLowerCase(Locale.ROOT).replace('_', '-');
    return new Problem(status.code(), kind, status.title(), refused.detail(), refused.unknown());
  }

  /** The request breaks a rule. */
  public static Problem invalid(String detail) {
    return refused(400, "invalid", "invalid request", detail);
  }

  /** A read of a key that does not exist. */
  public static Problem keyNotFound() {
    return refused(404, "key-not-found", "key not found", "the key does not exist");
  }

  /** There is nothing at this path. */
  public static Problem routeNotFound(String path) {
    return refused(404, "route-not-found", "no such resource", "path: found " + quote(path));
  }

  /** The path takes other methods. */
  public static Problem methodNotAllowed(String method, String allowed) {
    return refused(
        405,
        "method-not-allowed",
        "method not allowed",
        "method: found " + quote(method) + ", expected one of " + allowed);
  }

  /** The request takes too long to come. */
  public static Problem tooSlow(String detail) {
    return refused(408, "request-timeout", "request took too long", detail);
  }

  /** A condition of a write does not hold: nothing changed. */
  public static Problem preconditionFailed(String detail) {
    return refused(412, "precondition-failed", "precondition failed", detail);
  }

  /** The body is longer than the limit. */
  public static Problem tooLarge(String detail) {
    return refused(413, "too-large", "request too large", detail);
  }

  /** The request line is longer than the limit. */
  public static Problem uriTooLong(String detail) {
    return refused(414, "uri-too-long", "request line too long", detail);
  }

  /** An idempotency key names another request. */
  public static Problem idempotencyKeyReused(String detail) {
    return refused(422, "idempotency-key-reused", "idempotency key used before", detail);
  }

  /** There is no room for one more. */
  public static Problem tooManyRequests(String detail) {
    return refused(429, "too-many-requests", "too many requests", detail);
  }

  /** The headers are longer than the limit. */
  public static Problem headersTooLarge(String detail) {
    return refused(431, "headers-too-large", "request headers too large", detail);
  }

  /**
   * The member stops.
   *
   * @param unknown whether the request may have been passed on
   */
  public static Problem stopping(boolean unknown) {
    return new Problem(503, "stopping", "member stopping", "the member is stopping", unknown);
  }

  /** A fault of our own before the replica was asked; what it was stands in the log. */
  public static Problem internal() {
    return refused(500, "internal", "internal error", "the member failed to handle the request");
  }

  /** A fault of our own after the replica was asked: nobody can say that nothing happened. */
  public static Problem internalAfterCall() {
    return new Problem(
        503, "internal", "internal error", "the member failed to answer the request", true);
  }

  private static Problem refused(int status, String kind, String title, String detail) {
    return new Problem(status, kind, title, detail, false);
  }

  /** A client's value as it may stand in an answer: bounded. */
  public static String quote(String value) {
    return value.length() <= QUOTED_CHARS_MAX
        ? "'" + value + "'"
        : "'" + value.substring(0, QUOTED_CHARS_MAX) + "...' of " + value.length() + " characters";
  }
}
