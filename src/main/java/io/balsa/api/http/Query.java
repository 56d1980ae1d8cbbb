package io.balsa.api.http;

import io.balsa.api.HexId;
import io.balsa.api.Problem;
import io.balsa.api.ProblemException;
import io.balsa.data.Bytes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The query of a request, read strictly: a parameter that is not known, comes twice or has a value
 * of the wrong kind is refused by name, because a typing error must not change the meaning
 * silently.
 */
final class Query {

  private final Map<String, String> values; // As sent, not decoded yet.

  private Query(Map<String, String> values) {
    this.values = values;
  }

  /**
   * Splits a query.
   *
   * @param raw what stands behind the question mark, null for none
   * @param known the parameters that the resource takes
   */
  static Query parse(String raw, List<String> known) {
    if (raw == null || raw.isEmpty()) {
      return new Query(Map.of());
    }
    Map<String, String> values = new LinkedHashMap<>();
    for (String pair : raw.split("&", -1)) {
      if (pair.isEmpty()) {
        continue;
      }
      int equals = pair.indexOf('=');
      String rawName = equals < 0 ? pair : pair.substring(0, equals);
      String name = text(PercentCoding.decode(rawName, true, "query"), "query");
      if (!known.contains(name)) {
        throw ProblemException.invalid(
            "unknown parameter "
                + Problem.quote(name)
                + (known.isEmpty() ? ", expected none" : ", expected " + String.join(", ", known)));
      }
      if (values.put(name, equals < 0 ? "" : pair.substring(equals + 1)) != null) {
        throw ProblemException.invalid(name + ": given more than once");
      }
    }
    return new Query(values);
  }

  boolean has(String name) {
    return values.containsKey(name);
  }

  /** Any bytes; empty where the parameter is missing. */
  Bytes bytes(String name) {
    String raw = values.get(name);
    return raw == null ? Bytes.EMPTY : PercentCoding.decode(raw, true, name);
  }

  /** Text, which must not be missing. */
  String text(String name) {
    return text(bytes(name), name);
  }

  /** Whether the parameter is {@code true}; false where it is missing. */
  boolean flag(String name) {
    return has(name) && choice(name, "true", "false").equals("true");
  }

  /** A whole number in a range. */
  long number(String name, long least, long most, long otherwise) {
    return has(name) ? number(name, text(name), least, most) : otherwise;
  }

  /** An id; 0 where the parameter is missing. */
  long id(String name) {
    return has(name) ? HexId.parse(text(name), name) : 0;
  }

  /** Whether a read may be answered from this member's own state; the default is no. */
  boolean serializable() {
    return has("consistency")
        && choice("consistency", "linearizable", "serializable").equals("serializable");
  }

  /**
   * How long the request waits: what is asked for, but not longer than others do. More is no error:
   * a client has its own idea of its patience, and cannot know how each member is set up.
   */
  long timeoutMillis(long most) {
    return Math.min(number("timeoutMs", 1, Long.MAX_VALUE, most), most);
  }

  private String choice(String name, String first, String second) {
    String value = text(name);
    if (!value.equals(first) && !value.equals(second)) {
      throw ProblemException.invalid(
          name + ": found " + Problem.quote(value) + ", expected " + first + " or " + second);
    }
    return value;
  }

  /**
   * A whole number in decimal digits.
   *
   * @param what names the text in the refusal
   */
  static long number(String what, String text, long least, long most) {
    boolean good = !text.isEmpty() && text.length() <= 19;
    for (int i = 0; good && i < text.length(); i++) {
      good = text.charAt(i) >= '0' && text.charAt(i) <= '9';
    }
    if (good) {
      long value = Long.parseUnsignedLong(text); // At most 19 digits: fits without a sign.
      if (value >= least && value <= most) {
        return value;
      }
    }
    throw ProblemException.invalid(
        what
            + ": found "
            + Problem.quote(text)
            + ", expected a whole number from "
            + least
            + " to "
            + most);
  }

  private static String text(Bytes bytes, String what) {
    return bytes
        .asUtf8()
        .orElseThrow(
            () ->
                ProblemException.invalid(what + ": not UTF-8: " + Problem.quote(bytes.toString())));
  }
}
