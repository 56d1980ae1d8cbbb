package io.balsa.client;

import io.vertx.codegen.annotations.DataObject;
import io.vertx.core.json.JsonObject;

/** How a lock or an office is taken: by default with a time to live of 10 s, waiting for ever. */
@DataObject
public class LockOptions {
  /** Time to live where nothing else is said, in seconds. */
  public static final long TTL_SECONDS = 10;

  private long ttlSeconds = TTL_SECONDS;
  private long waitMillis;

  /** The defaults. */
  public LockOptions() {}

  /** A copy. */
  public LockOptions(LockOptions other) {
    ttlSeconds = other.ttlSeconds;
    waitMillis = other.waitMillis;
  }

  /** Reads what {@link #toJson} wrote. */
  public LockOptions(JsonObject json) {
    ttlSeconds = json.getLong("ttlSeconds", TTL_SECONDS);
    waitMillis = json.getLong("waitMillis", 0L);
  }

  /** How long the lock outlives a holder that stops responding, in seconds. */
  public long getTtlSeconds() {
    return ttlSeconds;
  }

  /** How long the lock outlives a holder that stops responding, 1 or more seconds. */
  public LockOptions setTtlSeconds(long ttlSeconds) {
    this.ttlSeconds = ttlSeconds;
    return this;
  }

  /** How long to wait for it at most, 0 for ever. */
  public long getWaitMillis() {
    return waitMillis;
  }

  /**
   * How long to wait for it at most, 0 for ever; then it is refused as {@code lock-timeout}, status
   * 423, and the place in the queue is given up.
   */
  public LockOptions setWaitMillis(long waitMillis) {
    this.waitMillis = waitMillis;
    return this;
  }

  /** All fields. */
  public JsonObject toJson() {
    return new JsonObject().put("ttlSeconds", ttlSeconds).put("waitMillis", waitMillis);
  }
}
