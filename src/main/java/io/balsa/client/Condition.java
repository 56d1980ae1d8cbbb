package io.balsa.client;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;

/**
 * One condition of a transaction. A missing key has version, revisions and lease 0, and no value:
 * comparing its value is false.
 *
 * @param target {@code value}, {@code version}, {@code createRevision}, {@code modRevision} or
 *     {@code lease}
 * @param op {@code =}, {@code !=}, {@code <} or {@code >}: what the key has stands on the left
 * @param operand a {@link Buffer} for a value, a {@link Long} for a number, text for a lease, with
 *     {@code 0} for none
 */
public record Condition(Buffer key, String target, String op, Object operand) {
  private static final String VALUE = "value";
  private static final String LEASE = "lease";

  /** Reads what {@link #toJson} wrote. */
  public Condition(JsonObject json) {
    this(
        JsonBytes.get(json, "key"),
        json.getString("target"),
        json.getString("op"),
        operand(json, json.getString("target")));
  }

  private static Object operand(JsonObject json, String target) {
    if (VALUE.equals(target)) {
      return JsonBytes.get(json, VALUE);
    }
    return LEASE.equals(target) ? json.getString(VALUE) : json.getLong(VALUE);
  }

  /** The key has exactly this value. */
  public static Condition valueIs(String key, Buffer value) {
    return new Condition(Buffer.buffer(key), VALUE, "=", value);
  }

  /** The key was changed last at this revision. */
  public static Condition modRevisionIs(String key, long revision) {
    return new Condition(Buffer.buffer(key), "modRevision", "=", revision);
  }

  /** The key was made at this revision and has not been deleted since. */
  public static Condition createRevisionIs(String key, long revision) {
    return new Condition(Buffer.buffer(key), "createRevision", "=", revision);
  }

  /** The key was written so often since it was made. */
  public static Condition versionIs(String key, long version) {
    return new Condition(Buffer.buffer(key), "version", "=", version);
  }

  /** The key exists. */
  public static Condition exists(String key) {
    return new Condition(Buffer.buffer(key), "version", ">", 0L);
  }

  /** The key does not exist. */
  public static Condition missing(String key) {
    return versionIs(key, 0);
  }

  /** The condition over HTTP. */
  public JsonObject toJson() {
    JsonObject json = new JsonObject();
    JsonBytes.put(json, "key", key);
    json.put("target", target).put("op", op);
    if (operand instanceof Buffer value) {
      JsonBytes.put(json, VALUE, value);
    } else {
      json.put(VALUE, operand);
    }
    return json;
  }
}
