package io.balsa.api;

/**
 * The addresses and headers of the event-bus API, for both of its ends. What they mean is told in
 * {@code io.balsa.api.eventbus}.
 */
public final class EventBusNames {
  /** Takes requests about keys and leases. */
  public static final String KV = "balsa.kv";

  /** Takes watches. */
  public static final String WATCH = "balsa.watch";

  /** Leadership changes are published here. */
  public static final String STATUS = "balsa.status";

  /** What all addresses of members begin with. */
  public static final String OWN_PREFIX = "balsa.";

  /** The header that names the operation. */
  public static final String OP = "op";

  /** The header that says how long a request waits, in milliseconds. */
  public static final String TIMEOUT_MS = "timeoutMs";

  /** The header that holds the token of a user. */
  public static final String TOKEN = "token";

  /** The header by which a write that is sent again takes effect once. */
  public static final String IDEMPOTENCY_KEY = "Idempotency-Key";

  /** The header of an event, and the field, that holds the id of the watch. */
  public static final String WATCH_ID = "watch";

  /** The header of an event that names its kind. */
  public static final String EVENT = "event";

  private EventBusNames() {}
}
