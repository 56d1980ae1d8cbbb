package io.balsa.client;

import io.vertx.core.json.JsonObject;

/**
 * A key was written.
 *
 * @param revision of the write: the key's mod revision
 * @param version how often the key was written since it was made, from 1
 */
public record PutResult(long revision, long version) {
  /** Reads what {@link #toJson} wrote. */
  public PutResult(JsonObject json) {
    this(json.getLong("revision"), json.getLong("version"));
  }

  /** Both fields. */
  public JsonObject toJson() {
    return new JsonObject().put("revision", revision).put("version", version);
  }
}
