package io.balsa.api;

import io.balsa.data.Bytes;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The fields of one JSON object of a request, each read once by its kind. Whoever reads it must
 * call {@link #end} last: a field that nobody asked for is refused by name.
 */
public final class Fields {
  private static final String BASE64 = "Base64";

  private final String path; // Empty for the body itself.
  private final Map<String, Object> unread;

  private Fields(String path, Map<String, Object> fields) {
    this.path = path;
    this.unread = fields;
  }

  /** The fields of a body. */
  public static Fields of(Bytes body) {
    return of(body, StrictJson.VALUES_MAX);
  }

  /** The fields of a body that may hold more values than others, if {@code valuesMax} is more. */
  public static Fields of(Bytes body, int valuesMax) {
    return of("body", "", StrictJson.parse(body, Math.max(valuesMax, StrictJson.VALUES_MAX)));
  }

  /** The fields of a body that was read already. */
  public static Fields of(JsonObject body) {
    return of("body", "", body);
  }

  private static Fields of(String what, String path, Object value) {
    Object object = value instanceof JsonObject json ? json.getMap() : value;
    if (!(object instanceof Map<?, ?> map)) {
      throw wrong(what, value, "an object");
    }
    Map<String, Object> fields = new LinkedHashMap<>();
    map.forEach((name, field) -> fields.put((String) name, field));
    return new Fields(path, fields);
  }

  /** Where the object stands, for refusals. */
  public String path() {
    return path;
  }

  /** Where a field of the object stands. */
  public String path(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  public boolean has(String name) {
    return unread.containsKey(name);
  }

  /** Whether bytes of this name are there, in either form. */
  public boolean hasBytes(String name) {
    return has(name) || has(name + BASE64);
  }

  /** Text. */
  public String text(String name) {
    Object value = take(name);
    if (value instanceof String text) {
      return text;
    }
    throw wrong(path(name), value, "a string");
  }

  /** One of a few texts. */
  public String choice(String name, List<String> choices) {
    String value = text(name);
    if (!choices.contains(value)) {
      throw wrong(path(name), value, "one of " + String.join(" ", choices));
    }
    return value;
  }

  /** A whole number in a range. */
  public long number(String name, long least, long most) {
    Object value = take(name);
    if (value instanceof Integer || value instanceof Long) {
      long number = ((Number) value).longValue();
      if (number >= least && number <= most) {
        return number;
      }
    }
    throw wrong(path(name), value, "a whole number from " + least + " to " + most);
  }

  public boolean flag(String name) {
    Object value = take(name);
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw wrong(path(name), value, "true or false");
  }

  /** An id in hexadecimal. */
  public long id(String name) {
    return HexId.parse(text(name), path(name));
  }

  /** Bytes: text, or base64 in the field of that name with Base64 behind it. */
  public Bytes bytes(String name) {
    String encoded = name + BASE64;
    if (has(name) && has(encoded)) {
      throw ProblemException.invalid(
          path(name) + " and " + path(encoded) + ": both given, expected one of them");
    }
    if (has(encoded)) {
      String text = text(encoded);
      try {
        return Bytes.wrap(Base64.getDecoder().decode(text));
      } catch (IllegalArgumentException e) {
        throw wrong(path(encoded), text, "base64 (RFC 4648 §4)");
      }
    }
    return utf8(text(name), path(name));
  }

  /** A list of texts. */
  public List<String> texts(String name, int sizeMax) {
    List<String> texts = new ArrayList<>();
    List<?> elements = list(name, sizeMax);
    for (int i = 0; i < elements.size(); i++) {
      if (!(elements.get(i) instanceof String text)) {
        throw wrong(path(name) + "[" + i + "]", elements.get(i), "a string");
      }
      texts.add(text);
    }
    return texts;
  }

  /** An object. */
  public Fields object(String name) {
    return of(path(name), path(name), take(name));
  }

  /** A list of objects; empty where the field is missing. */
  public List<Fields> objects(String name) {
    if (!has(name)) {
      return List.of();
    }
    List<Fields> objects = new ArrayList<>();
    List<?> elements = list(name, Integer.MAX_VALUE);
    for (int i = 0; i < elements.size(); i++) {
      String place = path(name) + "[" + i + "]";
      objects.add(of(place, place, elements.get(i)));
    }
    return objects;
  }

  /** The names not read yet, for people. */
  public String names() {
    return unread.isEmpty() ? "no field" : Problem.quote(String.join(", ", unread.keySet()));
  }

  /** Refuses what was not read. */
  public void end() {
    if (!unread.isEmpty()) {
      String name = unread.keySet().iterator().next();
      throw ProblemException.invalid("unknown field " + Problem.quote(path(name)));
    }
  }

  private List<?> list(String name, int sizeMax) {
    Object value = take(name);
    Object array = value instanceof JsonArray json ? json.getList() : value;
    if (!(array instanceof List<?> elements)) {
      throw wrong(path(name), value, "an array");
    }
    if (elements.size() > sizeMax) {
      throw ProblemException.invalid(
          path(name) + ": " + elements.size() + " elements, expected at most " + sizeMax);
    }
    return elements;
  }

  private Object take(String name) {
    if (!has(name)) {
      throw ProblemException.invalid(path(name) + ": missing");
    }
    return unread.remove(name);
  }

  /** The UTF-8 form, refusing half a surrogate pair, which has none and would become a '?'. */
  private static Bytes utf8(String text, String what) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        boolean pair =
            Character.isHighSurrogate(c)
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!pair) {
          throw ProblemException.invalid(
              what + ": half a surrogate pair at character " + i + ", which is not UTF-8");
        }
        i++;
      }
    }
    return Bytes.utf8(text);
  }

  private static ProblemException wrong(String what, Object found, String expected) {
    return ProblemException.invalid(what + ": found " + shown(found) + ", expected " + expected);
  }

  private static String shown(Object value) {
    if (value instanceof Map || value instanceof JsonObject) {
      return "an object";
    }
    if (value instanceof List || value instanceof JsonArray) {
      return "an array";
    }
    if (value == null || value instanceof Number || value instanceof Boolean) {
      return String.valueOf(value);
    }
    return value instanceof String text
        ? Problem.quote(text)
        : "a " + value.getClass().getSimpleName(); // Only where the body never was text.
  }
}
