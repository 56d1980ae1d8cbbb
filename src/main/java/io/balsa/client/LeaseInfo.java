package io.balsa.client;

import io.vertx.core.json.JsonObject;

/**
 * A lease as the cluster knows it.
 *
 * @param id in lower-case hexadecimal
 * @param ttlSeconds how long it lives without a renewal; may be more than was asked for
 * @param remainingSeconds what is left of that, by the clock of the member that answered
 */
public record LeaseInfo(String id, long ttlSeconds, long remainingSeconds) {
  /** Reads what {@link #toJson} wrote. */
  public LeaseInfo(JsonObject json) {
    this(json.getString("id"), json.getLong("ttlSeconds"), json.getLong("remainingSeconds"));
  }

  /** All fields. */
  public JsonObject toJson() {
    return new JsonObject()
        .put("id", id)
        .put("ttlSeconds", ttlSeconds)
        .put("remainingSeconds", remainingSeconds);
  }
}
