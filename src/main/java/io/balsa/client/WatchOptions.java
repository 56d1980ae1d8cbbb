package io.balsa.client;

import io.vertx.codegen.annotations.DataObject;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;

/** What is watched: by default every key, from now on. */
@DataObject
public class WatchOptions {
  private Buffer key;
  private Buffer prefix;
  private long from;
  private boolean previous;

  /** Every key, from now on. */
  public WatchOptions() {}

  /** A copy. */
  public WatchOptions(WatchOptions other) {
    key = other.key;
    prefix = other.prefix;
    from = other.from;
    previous = other.previous;
  }

  /** Reads what {@link #toJson} wrote. */
  public WatchOptions(JsonObject json) {
    key = JsonBytes.find(json, "key").orElse(null);
    prefix = JsonBytes.find(json, "prefix").orElse(null);
    from = json.getLong("from", 0L);
    previous = json.getBoolean("previous", false);
  }

  /** One key, from now on. */
  public static WatchOptions ofKey(String key) {
    return new WatchOptions().setKey(Buffer.buffer(key));
  }

  /** The keys that begin so, from now on. */
  public static WatchOptions ofPrefix(String prefix) {
    return new WatchOptions().setPrefix(Buffer.buffer(prefix));
  }

  /** The one key that is watched; null for many. */
  public Buffer getKey() {
    return key;
  }

  /** Watches one key; not together with a prefix. */
  public WatchOptions setKey(Buffer key) {
    this.key = key;
    return this;
  }

  /** What the keys begin with; null for one key, or every key. */
  public Buffer getPrefix() {
    return prefix;
  }

  /** Watches the keys that begin so; not together with a key. */
  public WatchOptions setPrefix(Buffer prefix) {
    this.prefix = prefix;
    return this;
  }

  /** The first revision wanted, 0 for what comes after the watch opens. */
  public long getFrom() {
    return from;
  }

  /** Begins with the changes of this revision, which must not be compacted; 0 for from now on. */
  public WatchOptions setFrom(long from) {
    this.from = from;
    return this;
  }

  /** Whether each change carries the key as it was before. */
  public boolean isPrevious() {
    return previous;
  }

  /** Lets each change carry the key as it was before. */
  public WatchOptions setPrevious(boolean previous) {
    this.previous = previous;
    return this;
  }

  /** The fields that are set. */
  public JsonObject toJson() {
    JsonObject json = new JsonObject();
    if (key != null) {
      JsonBytes.put(json, "key", key);
    }
    if (prefix != null) {
      JsonBytes.put(json, "prefix", prefix);
    }
    if (from != 0) {
      json.put("from", from);
    }
    if (previous) {
      json.put("previous", true);
    }
    return json;
  }
}
