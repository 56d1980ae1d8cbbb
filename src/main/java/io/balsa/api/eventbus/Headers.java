package io.balsa.api.eventbus;

import io.balsa.api.EventBusNames;
import io.balsa.api.HexId;
import io.balsa.api.Problem;
import io.balsa.api.ProblemException;
import io.balsa.client.link.OnceKey;
import io.vertx.core.MultiMap;
import java.util.List;

/** The headers of a request. Those that are not ours are left to whoever put them there. */
final class Headers {
  private final MultiMap headers;

  Headers(MultiMap headers) {
    this.headers = headers;
  }

  /** The operation that is asked for. */
  String op() {
    String op = find(EventBusNames.OP);
    if (op == null) {
      throw ProblemException.invalid("header op: missing");
    }
    return op;
  }

  /** How long the request waits: {@code most} where nothing, or more than that, is said. */
  long timeoutMillis(long most) {
    String text = find(EventBusNames.TIMEOUT_MS);
    return text == null
        ? most
        : Math.min(most, number("header " + EventBusNames.TIMEOUT_MS, text, Integer.MAX_VALUE));
  }

  /** The token of a user, null where there is none. */
  String token() {
    return find(EventBusNames.TOKEN);
  }

  /** What the client names its write, null where it does not. */
  OnceKey once() {
    String text = find(EventBusNames.IDEMPOTENCY_KEY);
    if (text == null) {
      return null;
    }
    String what = "header " + EventBusNames.IDEMPOTENCY_KEY;
    int hyphen = text.indexOf('-');
    if (hyphen < 0) {
      throw ProblemException.invalid(
          what + ": found " + Problem.quote(text) + ", expected a lease and a number as in 7f-1");
    }
    long session = HexId.parse(text.substring(0, hyphen), what + ": lease");
    long sequence = number(what + ": sequence", text.substring(hyphen + 1), Long.MAX_VALUE);
    return new OnceKey(HexId.format(session), sequence);
  }

  private String find(String name) {
    List<String> values = headers.getAll(name);
    if (values.size() > 1) {
      throw ProblemException.invalid("header " + name + ": given more than once");
    }
    return values.isEmpty() ? null : values.get(0);
  }

  private static long number(String what, String text, long most) {
    try {
      if (text.matches("[1-9][0-9]*") && Long.parseLong(text) <= most) {
        return Long.parseLong(text);
      }
    } catch (NumberFormatException e) {
      // Larger than any number: told below.
    }
    throw ProblemException.invalid(
        what + ": found " + Problem.quote(text) + ", expected a whole number from 1 to " + most);
  }
}
