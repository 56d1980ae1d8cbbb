package io.balsa.client;

import io.vertx.core.json.JsonObject;

/**
 * A deletion was done.
 *
 * @param revision of the store after it: a new one only if something was deleted
 * @param deleted how many keys there were
 */
public record DeleteResult(long revision, long deleted) {
  /** Reads what {@link #toJson} wrote. */
  public DeleteResult(JsonObject json) {
    this(json.getLong("revision"), json.getLong("deleted"));
  }

  /** Both fields. */
  public JsonObject toJson() {
    return new JsonObject().put("revision", revision).put("deleted", deleted);
  }
}
