package io.balsa.client;

import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * What one operation of a transaction did.
 *
 * @param kind {@code put}, {@code delete}, {@code get} or {@code txn}
 * @param revision of a put: the key's mod revision
 * @param deleted of a deletion: how many keys there were
 * @param count of a read: keys in the whole range
 * @param items of a read; else none
 * @param succeeded of a transaction: whether its conditions held
 * @param results of a transaction, in the order of the operations done; else none
 */
public record OperationResult(
    String kind,
    long revision,
    long deleted,
    long count,
    List<KeyValue> items,
    boolean succeeded,
    List<OperationResult> results) {
  /** Copies the lists. */
  public OperationResult {
    items = List.copyOf(items);
    results = List.copyOf(results);
  }

  /** Reads what {@link #toJson} wrote. */
  public OperationResult(JsonObject json) {
    this(
        json.fieldNames().iterator().next(),
        json.getJsonObject(json.fieldNames().iterator().next()));
  }

  private OperationResult(String kind, JsonObject fields) {
    this(
        kind,
        fields.getLong("revision", 0L),
        fields.getLong("deleted", 0L),
        fields.getLong("count", 0L),
        JsonBytes.list(fields, "items", KeyValue::new),
        fields.getBoolean("succeeded", false),
        JsonBytes.list(fields, "results", OperationResult::new));
  }

  /** Of a put. */
  public static OperationResult put(long revision) {
    return new OperationResult("put", revision, 0, 0, List.of(), false, List.of());
  }

  /** Of a deletion. */
  public static OperationResult delete(long deleted) {
    return new OperationResult("delete", 0, deleted, 0, List.of(), false, List.of());
  }

  /** Of a read. */
  public static OperationResult get(long count, List<KeyValue> items) {
    return new OperationResult("get", 0, 0, count, items, false, List.of());
  }

  /** Of a nested transaction. */
  public static OperationResult txn(boolean succeeded, List<OperationResult> results) {
    return new OperationResult("txn", 0, 0, 0, List.of(), succeeded, results);
  }

  /** The result over HTTP. */
  public JsonObject toJson() {
    JsonObject fields = new JsonObject();
    switch (kind) {
      case "put" -> fields.put("revision", revision);
      case "delete" -> fields.put("deleted", deleted);
      case "get" ->
          fields.put("count", count).put("items", JsonBytes.array(items, KeyValue::toJson));
      default ->
          fields
              .put("succeeded", succeeded)
              .put("results", JsonBytes.array(results, OperationResult::toJson));
    }
    return new JsonObject().put(kind, fields);
  }
}
