package io.balsa.cluster;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What came of one HTTP request.
 *
 * @param status 0 if no answer came
 */
record Answer(Outcome outcome, int status, HttpHeaders headers, byte[] body) {
  static Answer of(HttpResponse<byte[]> response) {
    return of(response.statusCode(), response.headers(), response.body());
  }

  static Answer of(int status, HttpHeaders headers, byte[] body) {
    return new Answer(outcome(status, body), status, headers, body);
  }

  static Answer none(Outcome outcome, Exception why) {
    return new Answer(
        outcome,
        0,
        HttpHeaders.of(Map.of(), (name, value) -> true),
        why.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** By the contract only 503 and 504 may leave it open; any other failure of a server does too. */
  private static Outcome outcome(int status, byte[] body) {
    if (status < 400) {
      return Outcome.APPLIED;
    }
    if (status < 500) {
      return Outcome.REFUSED;
    }
    try {
      return "refused".equals(new JsonObject(Buffer.buffer(body)).getString("outcome"))
          ? Outcome.REFUSED
          : Outcome.UNKNOWN;
    } catch (DecodeException notProblem) {
      return Outcome.UNKNOWN;
    }
  }

  boolean isApplied() {
    return outcome == Outcome.APPLIED;
  }

  /** Whether another member, or the same one later, may do what this one did not. */
  boolean isWorthAnotherTry() {
    return outcome == Outcome.REFUSED && (status == 0 || status == 429 || status >= 500);
  }

  JsonObject json() {
    return new JsonObject(Buffer.buffer(body));
  }

  String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  /** The field {@code revision} of the reply to a write. */
  long revision() {
    return json().getLong("revision");
  }

  /** The mod revision of the item read, 0 if there is none. */
  long modRevision() {
    return status == 404 ? 0 : Long.parseLong(header("ETag").replace("\"", ""));
  }

  /** The version of the item read, 0 if there is none. */
  long version() {
    return status == 404 ? 0 : Long.parseLong(header("Balsa-Version"));
  }

  String header(String name) {
    return headers
        .firstValue(name)
        .orElseThrow(() -> new AssertionError("no header " + name + ": " + this));
  }

  @Override
  public String toString() {
    String text = text();
    return outcome + " " + status + " " + text.substring(0, Math.min(300, text.length()));
  }
}
