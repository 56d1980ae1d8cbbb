package io.balsa.client;

import io.balsa.data.Bytes;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Bytes in JSON: text where they are UTF-8, else base64 in the field of that name with {@code
 * Base64} behind it.
 */
public final class JsonBytes {
  private static final String BASE64 = "Base64";

  private JsonBytes() {}

  /** Writes the field. */
  public static void put(JsonObject json, String name, Buffer value) {
    byte[] bytes = value.getBytes();
    Optional<String> text = Bytes.wrap(bytes).asUtf8();
    if (text.isPresent()) {
      json.put(name, text.get());
    } else {
      json.put(name + BASE64, Base64.getEncoder().encodeToString(bytes));
    }
  }

  /**
   * Reads the field.
   *
   * @throws IllegalArgumentException if it is in neither form there, or in both
   */
  public static Buffer get(JsonObject json, String name) {
    return find(json, name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(name + ": missing, expected it or " + name + BASE64));
  }

  /**
   * Reads the field; empty where it is in neither form there.
   *
   * @throws IllegalArgumentException if it is there in both forms, or is no text
   */
  public static Optional<Buffer> find(JsonObject json, String name) {
    Object text = json.getValue(name);
    Object base64 = json.getValue(name + BASE64);
    if (text == null && base64 == null) {
      return Optional.empty();
    }
    if (text != null && base64 != null) {
      throw new IllegalArgumentException(
          name + " and " + name + BASE64 + ": both given, expected one of them");
    }
    if (text != null) {
      return Optional.of(Buffer.buffer(string(text, name)));
    }
    String name64 = name + BASE64;
    try {
      return Optional.of(Buffer.buffer(Base64.getDecoder().decode(string(base64, name64))));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(name64 + ": expected base64 (RFC 4648 §4)", e);
    }
  }

  private static String string(Object value, String name) {
    if (value instanceof String text) {
      return text;
    }
    throw new IllegalArgumentException(
        name + ": found " + value.getClass().getSimpleName() + ", expected a string");
  }

  /** The objects of an array; none where the field is missing. */
  static <T> List<T> list(JsonObject json, String name, Function<JsonObject, T> reader) {
    JsonArray array = json.getJsonArray(name, new JsonArray());
    List<T> list = new ArrayList<>(array.size());
    for (int i = 0; i < array.size(); i++) {
      list.add(reader.apply(array.getJsonObject(i)));
    }
    return list;
  }

  /** An array of objects. */
  static <T> JsonArray array(List<T> list, Function<T, JsonObject> writer) {
    JsonArray array = new JsonArray();
    list.forEach(each -> array.add(writer.apply(each)));
    return array;
  }
}
