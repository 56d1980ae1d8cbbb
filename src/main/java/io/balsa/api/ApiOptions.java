package io.balsa.api;

import io.balsa.data.Checks;
import io.balsa.data.Endpoint;
import io.balsa.mvcc.auth.Credentials;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.net.ServerSSLOptions;
import java.util.List;

/**
 * The client port and its limits. The limits on what is in flight hold for each event loop.
 *
 * @param listen where to listen, in cleartext or under TLS; port 0 picks a free one
 * @param tls what the https addresses show and ask for; null exactly where none is https
 * @param maxRequestBytes the longest value that is accepted
 * @param maxTxnOps the most conditions, and the most operations, on one path of a transaction
 * @param requestTimeoutMillis how long a request waits at most
 * @param idleTimeoutMillis after which a connection without any traffic is closed, and one on which
 *     no request is under way, and by when a request's body must have come; more than the request
 *     timeout and than the 10 s between two events of a watch
 * @param drainMillis how long a stopping server lets requests finish
 * @param maxRequests requests in flight, watches aside; more are refused at once
 * @param maxHeldBytes bytes of bodies held: requests until they are answered, long answers until
 *     the socket has taken them; more are refused at once. Requests that are not complete and
 *     answers that are not taken yet may have half of it
 * @param maxWatches open watches; more are refused at once
 * @param watchWindowBytes what may be on its way to one watching client
 * @param signedTokens how users prove who they are; null for tokens that the members remember
 * @param version of Balsa, for people
 * @param registry where requests are counted, and what {@code /metrics} shows
 */
public record ApiOptions(
    List<Endpoint> listen,
    ServerSSLOptions tls,
    int maxRequestBytes,
    int maxTxnOps,
    long requestTimeoutMillis,
    long idleTimeoutMillis,
    long drainMillis,
    int maxRequests,
    long maxHeldBytes,
    int maxWatches,
    long watchWindowBytes,
    SignedTokens signedTokens,
    String version,
    PrometheusMeterRegistry registry) {
  private static final long HELD_REQUESTS_MIN = 4; // A transaction in base64, in half of it.
  private static final long WATCH_BYTES = 32 << 10; // With its connection.

  public ApiOptions {
    listen = List.copyOf(listen);
    Checks.argument(!listen.isEmpty(), "api: no address to listen on");
    Checks.argument(
        listen.stream().anyMatch(Endpoint::tls) == (tls != null),
        "api: tls must be given exactly where an address is https: %s",
        listen);
    Checks.argument(
        maxRequestBytes > 0, "api: maxRequestBytes must be positive: %d", maxRequestBytes);
    Checks.argument(maxTxnOps > 0, "api: maxTxnOps must be positive: %d", maxTxnOps);
    Checks.argument(
        requestTimeoutMillis > 0,
        "api: requestTimeoutMillis must be positive: %d",
        requestTimeoutMillis);
    Checks.argument(
        idleTimeoutMillis > requestTimeoutMillis,
        "api: idleTimeoutMillis must exceed requestTimeoutMillis: %d <= %d",
        idleTimeoutMillis,
        requestTimeoutMillis);
    Checks.argument(
        maxHeldBytes >= maxRequestBytes,
        "api: maxHeldBytes must hold one request: %d < %d",
        maxHeldBytes,
        maxRequestBytes);
  }

  /**
   * The defaults.
   *
   * @param tls null exactly where no address is https
   */
  public static ApiOptions of(
      List<Endpoint> listen,
      ServerSSLOptions tls,
      String version,
      PrometheusMeterRegistry registry) {
    return new ApiOptions(
        listen, tls, 1_572_864, 128, 7_000, 60_000, 5_000, 4_096, 64 << 20, 10_000, 256 << 10, null,
        version, registry);
  }

  /** The same with other limits on what one request may ask. */
  public ApiOptions withRequestLimits(
      int maxRequestBytes, int maxTxnOps, long requestTimeoutMillis) {
    return new ApiOptions(
        listen,
        tls,
        maxRequestBytes,
        maxTxnOps,
        requestTimeoutMillis,
        Math.max(idleTimeoutMillis, requestTimeoutMillis * 2),
        drainMillis,
        maxRequests,
        Math.max(maxHeldBytes, maxRequestBytes * HELD_REQUESTS_MIN),
        maxWatches,
        watchWindowBytes,
        signedTokens,
        version,
        registry);
  }

  /** The same with tokens that are signed; null for those that the members remember. */
  public ApiOptions withSignedTokens(SignedTokens tokens) {
    return new ApiOptions(
        listen,
        tls,
        maxRequestBytes,
        maxTxnOps,
        requestTimeoutMillis,
        idleTimeoutMillis,
        drainMillis,
        maxRequests,
        maxHeldBytes,
        maxWatches,
        watchWindowBytes,
        tokens,
        version,
        registry);
  }

  /** Who shows this token; null for none. */
  public Credentials credentials(String token) {
    return SignedTokens.credentials(signedTokens, token);
  }

  /**
   * The same, with no more in flight than fits.
   *
   * @param heapBytes of the JVM, a quarter of which may be taken by bodies and by watches each
   * @param loops the event loops that serve so
   */
  public ApiOptions within(long heapBytes, int loops) {
    long share = heapBytes / 4 / loops;
    return withFlightLimits(
        maxRequests,
        Math.max(maxRequestBytes * HELD_REQUESTS_MIN, Math.min(maxHeldBytes, share)),
        (int) Math.max(1, Math.min(maxWatches, share / WATCH_BYTES)),
        watchWindowBytes);
  }

  /** The same with other limits on what is in flight. */
  public ApiOptions withFlightLimits(
      int maxRequests, long maxHeldBytes, int maxWatches, long watchWindowBytes) {
    return new ApiOptions(
        listen,
        tls,
        maxRequestBytes,
        maxTxnOps,
        requestTimeoutMillis,
        idleTimeoutMillis,
        drainMillis,
        maxRequests,
        maxHeldBytes,
        maxWatches,
        watchWindowBytes,
        signedTokens,
        version,
        registry);
  }
}
