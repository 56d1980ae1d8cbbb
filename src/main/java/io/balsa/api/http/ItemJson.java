package io.balsa.api.http;

import io.balsa.mvcc.command.KeyValue;
import java.util.List;
import java.util.function.Consumer;

/** Keys with their values as JSON. */
final class ItemJson {
  private ItemJson() {}

  /** The fields of one item. */
  static void fields(JsonWriter json, KeyValue item, boolean keysOnly) {
    json.bytes("key", item.key());
    if (!keysOnly) {
      json.bytes("value", item.value());
    }
    json.number("createRevision", item.createRevision());
    json.number("modRevision", item.modRevision());
    json.number("version", item.version());
    if (item.lease() != 0) {
      json.id("lease", item.lease());
    }
  }

  /** The field {@code items}, in parts. */
  static void items(List<KeyValue> items, boolean keysOnly, List<Consumer<JsonWriter>> parts) {
    parts.add(json -> json.array("items"));
    for (KeyValue item : items) {
      parts.add(
          json -> {
            json.object();
            fields(json, item, keysOnly);
            json.endObject();
          });
    }
    parts.add(JsonWriter::endArray);
  }
}
