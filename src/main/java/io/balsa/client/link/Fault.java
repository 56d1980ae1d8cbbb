package io.balsa.client.link;

import io.balsa.client.BalsaException;
import io.balsa.client.OutcomeUnknownException;
import io.balsa.client.RefusedException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;

/**
 * Why one attempt at a request brought no result.
 *
 * @param status the HTTP status that it has, or that stands for it
 * @param kind a stable name, for programs
 * @param detail for people
 */
record Fault(Certainty certainty, int status, String kind, String detail) {
  private static final String PROBLEM_TYPE = "urn:balsa:problem:";
  private static final int UNAUTHENTICATED = 401;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int BAD_GATEWAY = 502;
  private static final int UNAVAILABLE = 503;
  private static final int TIMEOUT = 504;
  private static final String LOGIN_REFUSED = "login-refused";
  private static final int SHOWN_CHARS_MAX = 200;

  /** What is known of the request. */
  enum Certainty {
    /** There was no connection: nothing was sent. */
    NOT_SENT,
    /** A member says that nothing has happened. */
    REFUSED,
    /** A member says that it may happen. */
    UNKNOWN,
    /** Nothing came back that Balsa could have said. */
    LOST
  }

  /** There was no connection. */
  static Fault notSent(String detail) {
    return new Fault(Certainty.NOT_SENT, UNAVAILABLE, "unreachable", detail);
  }

  /** The connection broke when the request was sent, in part at least. */
  static Fault lost(String detail) {
    return new Fault(Certainty.LOST, UNAVAILABLE, "connection-lost", detail);
  }

  /** No answer came in time. */
  static Fault timeout(String detail) {
    return new Fault(Certainty.LOST, TIMEOUT, "timeout", detail);
  }

  /** The answer is none that Balsa gives. */
  static Fault badAnswer(String detail) {
    return new Fault(Certainty.LOST, BAD_GATEWAY, "bad-answer", shortened(detail));
  }

  /** A member says that nothing has happened. */
  static Fault refused(int status, String kind, String detail) {
    return new Fault(Certainty.REFUSED, status, kind, detail);
  }

  /** The cluster gives the user no token, with this status; now, if it is one that may pass. */
  static Fault loginRefused(int status, String detail) {
    Fault told = refused(status, LOGIN_REFUSED, detail);
    return told.isTransient() ? told : refused(UNAUTHENTICATED, LOGIN_REFUSED, detail);
  }

  /** The client was closed. */
  static Fault closed(boolean sent) {
    return new Fault(
        sent ? Certainty.LOST : Certainty.NOT_SENT, UNAVAILABLE, "closed", "the client is closed");
  }

  /** The time was over before there was a turn to be sent. */
  static Fault notSentInTime(String detail) {
    return new Fault(Certainty.NOT_SENT, TIMEOUT, "timeout", detail);
  }

  /** There is no room for one more request in this client. */
  static Fault tooMany(String detail) {
    return new Fault(Certainty.NOT_SENT, TOO_MANY_REQUESTS, "too-many-requests", detail);
  }

  /** What an answer says that is not the result. */
  static Fault of(int status, String contentType, Buffer body) {
    String what = "an answer of status " + status + " and type " + contentType;
    if (contentType == null || !contentType.startsWith("application/problem+json")) {
      return badAnswer(what);
    }
    try {
      JsonObject problem = new JsonObject(body);
      String type = problem.getString("type");
      String outcome = problem.getString("outcome");
      String detail = problem.getString("detail");
      boolean unknown = "unknown".equals(outcome);
      if (type.startsWith(PROBLEM_TYPE)
          && detail != null
          && problem.getInteger("status") == status
          && (unknown || "refused".equals(outcome))) {
        return new Fault(
            unknown ? Certainty.UNKNOWN : Certainty.REFUSED,
            status,
            type.substring(PROBLEM_TYPE.length()),
            detail);
      }
      return badAnswer(what + ": the problem is none of Balsa's");
    } catch (RuntimeException e) { // Not JSON, or fields that are missing or of other types.
      return badAnswer(what + ": " + e.getMessage());
    }
  }

  /** The same of a request that waited for the one which failed so. */
  Fault beforeSending() {
    return isUncertain() ? new Fault(Certainty.NOT_SENT, status, kind, detail) : this;
  }

  /** Whether the request may have been done, or may yet be. */
  boolean isUncertain() {
    return certainty == Certainty.UNKNOWN || certainty == Certainty.LOST;
  }

  /** Whether the same request may well be done if it is sent again. */
  boolean isTransient() {
    return certainty != Certainty.REFUSED
        || status == TOO_MANY_REQUESTS
        || status == UNAVAILABLE
        || status == TIMEOUT;
  }

  /** Whether another member should be asked: too many requests can be too many anywhere. */
  boolean leavesEndpoint() {
    return isTransient() && status != TOO_MANY_REQUESTS;
  }

  /** Whether the request was refused for its token, or for want of one. */
  boolean isOfToken() {
    return certainty == Certainty.REFUSED
        && status == UNAUTHENTICATED
        && !kind.equals(LOGIN_REFUSED);
  }

  RefusedException asRefused() {
    return new RefusedException(status, kind, detail);
  }

  BalsaException asUnknown() {
    return new OutcomeUnknownException(status, kind, detail);
  }

  private static String shortened(String text) {
    return text.length() <= SHOWN_CHARS_MAX ? text : text.substring(0, SHOWN_CHARS_MAX) + "...";
  }
}
