package io.balsa.api.http;

import io.balsa.api.Admission;
import io.balsa.api.ApiOptions;
import io.balsa.api.Keys;
import io.balsa.api.Patience;
import io.balsa.api.Problem;
import io.balsa.bus.ReplicaClient;
import io.balsa.data.Bytes;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.TimeUnit;

/**
 * The HTTP API on one event loop.
 *
 * <p>Keys are served by a look at the request target as it was sent: they may hold any bytes, which
 * a router would normalise away. All other paths go through a router.
 */
public final class HttpApi implements Handler<HttpServerRequest> {
  private static final String KEYS_PATH = Route.KEYS.template();
  private static final String KEY_PATH = KEYS_PATH + "/";
  private static final String KEY_METHODS = "GET, HEAD, PUT, DELETE";
  private static final String KEYS_METHODS = "GET, HEAD, DELETE";

  private final EventLoopState loop;
  private final KeyResource key;
  private final KeysResource keys;
  private final WatchResource watches;
  private final HttpRouter router;

  /** Must be called on the event loop that it will serve. */
  public HttpApi(
      Vertx vertx,
      ApiOptions options,
      ReplicaClient replica,
      Admission admission,
      Patience patience) {
    this.loop =
        new EventLoopState(
            vertx, options, replica, admission, patience, new RequestMetrics(options.registry()));
    this.key = new KeyResource(loop);
    this.keys = new KeysResource(loop);
    this.watches = new WatchResource(loop);
    this.router = new HttpRouter(loop, watches);
  }

  @Override
  public void handle(HttpServerRequest request) {
    RequestTarget target = RequestTarget.of(request);
    String path = target.path();
    if (path.startsWith(KEY_PATH)) {
      Exchange exchange = new Exchange(loop, request, Route.KEY, target.query(), null);
      exchange.run(() -> serveKey(exchange, path.substring(KEY_PATH.length())));
    } else if (path.equals(KEYS_PATH)) {
      Exchange exchange = new Exchange(loop, request, Route.KEYS, target.query(), null);
      exchange.run(() -> serveKeys(exchange));
    } else {
      router.handle(request);
    }
  }

  /** Answers a request whose first line is longer than the server takes. */
  public static void refuseLongLine(HttpServerRequest request, int bytesMax) {
    refuse(request, Problem.uriTooLong("request line: longer than " + bytesMax + " bytes"));
  }

  /** Answers a request with more headers than the server takes. */
  public static void refuseLongHeaders(HttpServerRequest request, int bytesMax) {
    refuse(request, Problem.headersTooLarge("headers: longer than " + bytesMax + " bytes"));
  }

  /** Answers what is not HTTP. */
  public static void refuseMalformed(HttpServerRequest request) {
    refuse(request, Problem.invalid("request: malformed HTTP"));
  }

  private static void refuse(HttpServerRequest request, Problem problem) {
    request
        .response()
        .setStatusCode(problem.status())
        .putHeader(HttpHeaders.CONTENT_TYPE, ProblemJson.CONTENT_TYPE)
        .end(ProblemJson.of(problem))
        // Not close(): that lets the other streams of HTTP/2 go on for a while.
        .onComplete(none -> request.connection().shutdown(0, TimeUnit.SECONDS));
  }

  /** Ends the watches: they would keep the server from stopping. */
  public void stop() {
    watches.stop();
  }

  private void serveKey(Exchange exchange, String escaped) {
    HttpMethod method = exchange.method();
    boolean get = method == HttpMethod.GET || method == HttpMethod.HEAD;
    if (!get && method != HttpMethod.PUT && method != HttpMethod.DELETE) {
      throw exchange.notAllowed(KEY_METHODS);
    }
    exchange.begin();
    Bytes name = Keys.key(PercentCoding.decode(escaped, false, "key"), "key");
    if (get) {
      key.get(exchange, name);
    } else if (method == HttpMethod.PUT) {
      key.put(exchange, name);
    } else {
      key.delete(exchange, name);
    }
  }

  private void serveKeys(Exchange exchange) {
    HttpMethod method = exchange.method();
    boolean get = method == HttpMethod.GET || method == HttpMethod.HEAD;
    if (!get && method != HttpMethod.DELETE) {
      throw exchange.notAllowed(KEYS_METHODS);
    }
    exchange.begin();
    if (get) {
      keys.get(exchange);
    } else {
      keys.delete(exchange);
    }
  }
}
