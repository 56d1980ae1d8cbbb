package io.balsa.api.http;

import io.balsa.api.HexId;
import io.balsa.api.Problem;
import io.balsa.api.ProblemException;
import io.balsa.mvcc.command.Once;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.List;

/**
 * The header {@code Idempotency-Key: "<lease>-<sequence>"}, by which a write is applied once
 * however often it is sent: see {@link Once}. The lease is in lower-case hexadecimal, the sequence
 * in decimal; the quotes, those of a string in a structured field (RFC 9651), may be missing.
 */
final class IdempotencyKey {
  private static final CharSequence NAME = HttpHeaders.createOptimized("Idempotency-Key");

  private IdempotencyKey() {}

  /** What the client names its write, null where it does not. */
  static Once of(MultiMap headers) {
    if (!headers.contains(NAME)) {
      return null;
    }
    List<String> lines = headers.getAll(NAME);
    if (lines.size() > 1) {
      throw invalid("given more than once");
    }
    String text = lines.get(0).strip();
    boolean quoted = text.length() > 1 && text.startsWith("\"") && text.endsWith("\"");
    String bare = quoted ? text.substring(1, text.length() - 1) : text;
    int hyphen = bare.indexOf('-');
    if (hyphen < 0) {
      throw invalid(
          "found " + Problem.quote(text) + ", expected a lease and a number as in \"7f-1\"");
    }
    return new Once(
        HexId.parse(bare.substring(0, hyphen), NAME + ": lease"),
        Query.number(NAME + ": sequence", bare.substring(hyphen + 1), 1, Long.MAX_VALUE));
  }

  /** What refuses the key of a request that does not write. */
  static ProblemException misplaced(Once once) {
    return invalid(
        "found on a request that writes no key: "
            + once
            + ", expected with PUT and DELETE of keys and with a transaction that may write");
  }

  /** What refuses a key under which another kind of request was answered before. */
  static ProblemException reused(Once once) {
    return new ProblemException(
        Problem.idempotencyKeyReused(
            NAME + ": found that of another request before: " + once + ", expected a new one"));
  }

  private static ProblemException invalid(String detail) {
    return ProblemException.invalid(NAME + ": " + detail);
  }
}
