package io.balsa.client;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;

/**
 * One operation of a transaction.
 *
 * @param kind {@code put}, {@code delete}, {@code get} or {@code txn}
 * @param key of a put; of a deletion or a read of one key; else null
 * @param prefix of a deletion or a read of many keys; else null
 * @param value of a put, else null
 * @param leaseId of a put, null for none
 * @param limit of a read, 1 to {@link RangeOptions#LIMIT_MAX}
 * @param txn the nested transaction, else null
 */
public record Operation(
    String kind, Buffer key, Buffer prefix, Buffer value, String leaseId, int limit, Txn txn) {
  private static final String PUT = "put";
  private static final String DELETE = "delete";
  private static final String GET = "get";
  private static final String TXN = "txn";

  /** Reads what {@link #toJson} wrote. */
  public Operation(JsonObject json) {
    this(of(json));
  }

  private Operation(Operation other) {
    this(other.kind, other.key, other.prefix, other.value, other.leaseId, other.limit, other.txn);
  }

  private static Operation of(JsonObject json) {
    if (json.size() != 1) {
      throw new IllegalArgumentException(
          "operation: found " + json.fieldNames() + ", expected one of put, delete, get, txn");
    }
    String kind = json.fieldNames().iterator().next();
    JsonObject fields = json.getJsonObject(kind);
    return switch (kind) {
      case PUT ->
          new Operation(
              PUT,
              JsonBytes.get(fields, "key"),
              null,
              JsonBytes.get(fields, "value"),
              fields.getString("lease"),
              0,
              null);
      case DELETE, GET ->
          new Operation(
              kind,
              JsonBytes.find(fields, "key").orElse(null),
              JsonBytes.find(fields, "prefix").orElse(null),
              null,
              null,
              kind.equals(GET) ? fields.getInteger("limit", RangeOptions.LIMIT) : 0,
              null);
      case TXN -> nested(new Txn(fields));
      default ->
          throw new IllegalArgumentException(
              "operation: found " + kind + ", expected one of put, delete, get, txn");
    };
  }

  /** Writes a key. */
  public static Operation put(String key, Buffer value) {
    return put(key, value, null);
  }

  /** Writes a key that hangs on a lease; null for none. */
  public static Operation put(String key, Buffer value, String leaseId) {
    return new Operation(PUT, Buffer.buffer(key), null, value, leaseId, 0, null);
  }

  /** Deletes a key. */
  public static Operation delete(String key) {
    return new Operation(DELETE, Buffer.buffer(key), null, null, null, 0, null);
  }

  /** Deletes every key that begins so; the prefix must not be empty. */
  public static Operation deletePrefix(String prefix) {
    return new Operation(DELETE, null, Buffer.buffer(prefix), null, null, 0, null);
  }

  /** Reads a key, as the operations before it left it. */
  public static Operation get(String key) {
    return new Operation(GET, Buffer.buffer(key), null, null, null, RangeOptions.LIMIT, null);
  }

  /**
   * Reads the keys that begin so, as the operations before it left them.
   *
   * @param limit 1 to {@link RangeOptions#LIMIT_MAX}
   */
  public static Operation getPrefix(String prefix, int limit) {
    return new Operation(GET, null, Buffer.buffer(prefix), null, null, limit, null);
  }

  /** A transaction inside the transaction. */
  public static Operation nested(Txn txn) {
    return new Operation(TXN, null, null, null, null, 0, txn);
  }

  /** The operation over HTTP. */
  public JsonObject toJson() {
    JsonObject fields = kind.equals(TXN) ? txn.toJson() : new JsonObject();
    if (key != null) {
      JsonBytes.put(fields, "key", key);
    }
    if (prefix != null) {
      JsonBytes.put(fields, "prefix", prefix);
    }
    if (value != null) {
      JsonBytes.put(fields, "value", value);
    }
    if (leaseId != null) {
      fields.put("lease", leaseId);
    }
    if (kind.equals(GET)) {
      fields.put("limit", limit);
    }
    return new JsonObject().put(kind, fields);
  }
}
