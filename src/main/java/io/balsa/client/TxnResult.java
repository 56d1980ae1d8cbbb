package io.balsa.client;

import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * A transaction was done.
 *
 * @param revision of the store after it: a new one only if something was changed
 * @param succeeded whether the conditions held
 * @param results of the operations done, in their order
 */
public record TxnResult(long revision, boolean succeeded, List<OperationResult> results) {
  /** Copies the list. */
  public TxnResult {
    results = List.copyOf(results);
  }

  /** Reads what {@link #toJson} wrote. */
  public TxnResult(JsonObject json) {
    this(
        json.getLong("revision"),
        json.getBoolean("succeeded"),
        JsonBytes.list(json, "results", OperationResult::new));
  }

  /** The answer over HTTP. */
  public JsonObject toJson() {
    return new JsonObject()
        .put("revision", revision)
        .put("succeeded", succeeded)
        .put("results", JsonBytes.array(results, OperationResult::toJson));
  }
}
