package io.balsa.client;

import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * One page of a range.
 *
 * @param revision at which the range was read; the same for all its pages
 * @param count of keys in the whole range
 * @param items of this page, in the order of their keys
 * @param next for {@link RangeOptions#setAfter}; null on the last page
 */
public record RangeResult(long revision, long count, List<KeyValue> items, String next) {
  /** Copies the list. */
  public RangeResult {
    items = List.copyOf(items);
  }

  /** Reads what {@link #toJson} wrote. */
  public RangeResult(JsonObject json) {
    this(
        json.getLong("revision"),
        json.getLong("count"),
        JsonBytes.list(json, "items", KeyValue::new),
        json.getString("next"));
  }

  /** The answer over HTTP. */
  public JsonObject toJson() {
    JsonObject json =
        new JsonObject()
            .put("revision", revision)
            .put("count", count)
            .put("items", JsonBytes.array(items, KeyValue::toJson));
    if (next != null) {
      json.put("next", next);
    }
    return json;
  }
}
