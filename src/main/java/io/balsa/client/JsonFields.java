package io.balsa.client;

import io.vertx.core.json.JsonObject;
import java.util.Locale;

/** Fields that several options have. */
final class JsonFields {
  private static final String CONSISTENCY = "consistency";

  private JsonFields() {}

  /** Linearizable where the field is missing. */
  static Consistency consistency(JsonObject json) {
    String text = json.getString(CONSISTENCY, "linearizable");
    for (Consistency each : Consistency.values()) {
      if (text.equals(name(each))) {
        return each;
      }
    }
    throw new IllegalArgumentException(
        "consistency: found '" + text + "', expected linearizable or serializable");
  }

  static void putConsistency(JsonObject json, Consistency consistency) {
    if (consistency != Consistency.LINEARIZABLE) {
      json.put(CONSISTENCY, name(consistency));
    }
  }

  private static String name(Consistency consistency) {
    return consistency.name().toLowerCase(Locale.ROOT);
  }
}
