package io.balsa.client;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;

/**
 * A key with its value at one revision.
 *
 * @param value empty where only keys were asked for
 * @param createRevision of the write that made the key
 * @param modRevision of the write that changed it last
 * @param version how often it was written since it was made, from 1
 * @param leaseId in lower-case hexadecimal; null for none
 */
public record KeyValue(
    Buffer key, Buffer value, long createRevision, long modRevision, long version, String leaseId) {

  /** Reads what {@link #toJson} wrote. */
  public KeyValue(JsonObject json) {
    this(
        JsonBytes.get(json, "key"),
        JsonBytes.find(json, "value").orElse(Buffer.buffer()),
        json.getLong("createRevision"),
        json.getLong("modRevision"),
        json.getLong("version"),
        json.getString("lease"));
  }

  /** The key as UTF-8 text. */
  public String keyText() {
    return key.toString(StandardCharsets.UTF_8);
  }

  /** The value as UTF-8 text. */
  public String text() {
    return value.toString(StandardCharsets.UTF_8);
  }

  /** The fields of an item over HTTP. */
  public JsonObject toJson() {
    JsonObject json = new JsonObject();
    JsonBytes.put(json, "key", key);
    JsonBytes.put(json, "value", value);
    json.put("createRevision", createRevision).put("modRevision", modRevision);
    json.put("version", version);
    if (leaseId != null) {
      json.put("lease", leaseId);
    }
    return json;
  }
}
