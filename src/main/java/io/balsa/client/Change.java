package io.balsa.client;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;

/**
 * One change of one key.
 *
 * @param isDelete whether the key was deleted; else it was put
 * @param item the key as it is after the change; of a deletion only key and mod revision count
 * @param previous the key before, if the watch asked and there was one that is not compacted; else
 *     null
 */
public record Change(boolean isDelete, KeyValue item, KeyValue previous) {
  private static final String DELETE = "delete";

  /** Reads what {@link #toJson} wrote. */
  public Change(JsonObject json) {
    this(
        DELETE.equals(json.getString("type")),
        DELETE.equals(json.getString("type"))
            ? new KeyValue(
                JsonBytes.get(json, "key"),
                Buffer.buffer(),
                0,
                json.getLong("modRevision"),
                0,
                null)
            : new KeyValue(json),
        json.containsKey("previous") ? new KeyValue(json.getJsonObject("previous")) : null);
  }

  /** The key. */
  public Buffer key() {
    return item.key();
  }

  /** The change over HTTP. */
  public JsonObject toJson() {
    JsonObject json = new JsonObject().put("type", isDelete ? DELETE : "put");
    if (isDelete) {
      JsonBytes.put(json, "key", item.key());
      json.put("modRevision", item.modRevision());
    } else {
      json.mergeIn(item.toJson());
    }
    if (previous != null) {
      json.put("previous", previous.toJson());
    }
    return json;
  }
}
