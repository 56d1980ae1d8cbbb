package io.balsa.api.http;

import io.balsa.api.RefusalStatus;
import io.balsa.engine.request.Reply;
import io.vertx.core.buffer.Buffer;
import java.util.Locale;

/**
 * Why a request was not done, as a problem document (RFC 9457).
 *
 * @param kind the last part of {@code type}: stable, for programs
 * @param title the kind in words, the same each time it occurs
 * @param detail what was found and the rule, for people
 * @param unknown whether the request may still take effect
 */
record Problem(int status, String kind, String title, String detail, boolean unknown) {
  static final String CONTENT_TYPE = "application/problem+json";

  private static final String TYPE = "urn:balsa:problem:";

  /** The replica's refusal. */
  static Problem of(Reply.Refused refused) {
    RefusalStatus status = RefusalStatus.of(refused.refusal());
    String kind = refused.refusal().name().toLowerCase(Locale.ROOT).replace('_', '-');
    return new Problem(status.code(), kind, status.title(), refused.detail(), refused.unknown());
  }

  static Problem invalid(String detail) {
    return refused(400, "invalid", "invalid request", detail);
  }

  static Problem keyNotFound() {
    return refused(404, "key-not-found", "key not found", "the key does not exist");
  }

  static Problem routeNotFound(String path) {
    return refused(404, "route-not-found", "no such resource", "path: found " + Query.quote(path));
  }

  static Problem methodNotAllowed(String method, String allowed) {
    return refused(
        405,
        "method-not-allowed",
        "method not allowed",
        "method: found " + Query.quote(method) + ", expected one of " + allowed);
  }

  static Problem preconditionFailed(String detail) {
    return refused(412, "precondition-failed", "precondition failed", detail);
  }

  static Problem tooLarge(String detail) {
    return refused(413, "too-large", "request too large", detail);
  }

  static Problem idempotencyKeyReused(String detail) {
    return refused(422, "idempotency-key-reused", "idempotency key used before", detail);
  }

  static Problem uriTooLong(String detail) {
    return refused(414, "uri-too-long", "request line too long", detail);
  }

  static Problem tooManyRequests(String detail) {
    return refused(429, "too-many-requests", "too many requests", detail);
  }

  static Problem headersTooLarge(String detail) {
    return refused(431, "headers-too-large", "request headers too large", detail);
  }

  /** A fault of our own before the replica was asked; what it was stands in the log. */
  static Problem internal() {
    return refused(500, "internal", "internal error", "the member failed to handle the request");
  }

  /** A fault of our own after the replica was asked: nobody can say that nothing happened. */
  static Problem internalAfterCall() {
    return new Problem(
        503, "internal", "internal error", "the member failed to answer the request", true);
  }

  private static Problem refused(int status, String kind, String title, String detail) {
    return new Problem(status, kind, title, detail, false);
  }

  Buffer toJson() {
    JsonWriter json = new JsonWriter();
    json.object();
    json.text("type", TYPE + kind);
    json.text("title", title);
    json.number("status", status);
    json.text("detail", detail);
    json.text("outcome", unknown ? "unknown" : "refused");
    json.endObject();
    return json.take();
  }
}
