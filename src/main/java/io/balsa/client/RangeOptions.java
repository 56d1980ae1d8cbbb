package io.balsa.client;

import io.vertx.codegen.annotations.DataObject;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;

/**
 * Which keys are read, one page at a time: by default every key, linearizable, as they are now, 100
 * to a page.
 */
@DataObject
public class RangeOptions {
  /** Keys to a page where nothing else is said. */
  public static final int LIMIT = 100;

  /** The most keys to a page. */
  public static final int LIMIT_MAX = 1_000;

  private Buffer prefix = Buffer.buffer();
  private int limit = LIMIT;
  private String after;
  private boolean keysOnly;
  private Consistency consistency = Consistency.LINEARIZABLE;
  private long revision;

  /** Every key. */
  public RangeOptions() {}

  /** A copy. */
  public RangeOptions(RangeOptions other) {
    prefix = other.prefix;
    limit = other.limit;
    after = other.after;
    keysOnly = other.keysOnly;
    consistency = other.consistency;
    revision = other.revision;
  }

  /** Reads what {@link #toJson} wrote. */
  public RangeOptions(JsonObject json) {
    prefix = JsonBytes.find(json, "prefix").orElse(Buffer.buffer());
    limit = json.getInteger("limit", LIMIT);
    after = json.getString("after");
    keysOnly = json.getBoolean("keysOnly", false);
    consistency = JsonFields.consistency(json);
    revision = json.getLong("revision", 0L);
  }

  /** What the keys begin with; empty for every key. */
  public Buffer getPrefix() {
    return prefix;
  }

  /** Reads the keys that begin with these bytes. */
  public RangeOptions setPrefix(Buffer prefix) {
    this.prefix = prefix;
    return this;
  }

  /** The most keys of the page, 1 to {@link #LIMIT_MAX}. */
  public int getLimit() {
    return limit;
  }

  /** The most keys of the page, 1 to {@link #LIMIT_MAX}. */
  public RangeOptions setLimit(int limit) {
    this.limit = limit;
    return this;
  }

  /** {@link RangeResult#next} of the page before; null for the first page. */
  public String getAfter() {
    return after;
  }

  /** Goes on behind the page whose {@link RangeResult#next} this is, at its revision. */
  public RangeOptions setAfter(String after) {
    this.after = after;
    return this;
  }

  /** Whether values are left out. */
  public boolean isKeysOnly() {
    return keysOnly;
  }

  /** Leaves the values out. */
  public RangeOptions setKeysOnly(boolean keysOnly) {
    this.keysOnly = keysOnly;
    return this;
  }

  /** What the read may show. */
  public Consistency getConsistency() {
    return consistency;
  }

  /** What the read may show. */
  public RangeOptions setConsistency(Consistency consistency) {
    this.consistency = consistency;
    return this;
  }

  /** The store revision to read at, 0 for now. */
  public long getRevision() {
    return revision;
  }

  /** Reads the past: the store as it was at this revision; 0 for now. */
  public RangeOptions setRevision(long revision) {
    this.revision = revision;
    return this;
  }

  /** The fields that are set. */
  public JsonObject toJson() {
    JsonObject json = new JsonObject();
    JsonBytes.put(json, "prefix", prefix);
    json.put("limit", limit);
    if (after != null) {
      json.put("after", after);
    }
    if (keysOnly) {
      json.put("keysOnly", true);
    }
    JsonFields.putConsistency(json, consistency);
    if (revision != 0) {
      json.put("revision", revision);
    }
    return json;
  }
}
