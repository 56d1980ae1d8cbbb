package io.balsa.client.link;

import io.balsa.client.BalsaClientOptions;
import io.balsa.data.Endpoint;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The connections to all endpoints, HTTP/2. Watches have their own: what they deliver must not
 * stand in the way of answers. Any thread.
 */
final class Connections {
  private static final int CONNECT_MILLIS_MAX = 2_000;
  private static final int CONNECTIONS_PER_ENDPOINT = 1;
  private static final int WATCH_CONNECTIONS_PER_ENDPOINT = 16;
  // A member closes what was silent for 60 s: a write must not meet that.
  private static final int IDLE_SECONDS_MAX = 30;
  private static final int STREAM_WINDOW_BYTES = 64 << 10;
  // More than all streams of a connection together may hold: none that is paused stops another.
  private static final int CONNECTION_WINDOW_BYTES = 1 << 30;

  private final HttpClient requests;
  private final HttpClient watches;
  private final int connectMillis;

  /**
   * Connects when it is used.
   *
   * @throws IllegalArgumentException naming the option that breaks a rule
   */
  Connections(Vertx vertx, BalsaClientOptions options) {
    connectMillis =
        (int) Math.min(CONNECT_MILLIS_MAX, Math.max(1, options.getRequestTimeoutMillis() / 2));
    HttpClientOptions http =
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_2)
            .setHttp2ClearTextUpgrade(false)
            .setUseAlpn(true)
            .setTcpNoDelay(true)
            .setConnectTimeout(connectMillis)
            .setKeepAliveTimeout(IDLE_SECONDS_MAX)
            .setHttp2KeepAliveTimeout(IDLE_SECONDS_MAX)
            .setHttp2ConnectionWindowSize(CONNECTION_WINDOW_BYTES)
            .setInitialSettings(new Http2Settings().setInitialWindowSize(STREAM_WINDOW_BYTES));
    trust(http, options);
    requests = client(vertx, http, CONNECTIONS_PER_ENDPOINT);
    watches = client(vertx, http, WATCH_CONNECTIONS_PER_ENDPOINT);
  }

  private static HttpClient client(Vertx vertx, HttpClientOptions http, int perEndpoint) {
    PoolOptions pool =
        new PoolOptions().setHttp2MaxSize(perEndpoint).setHttp1MaxSize(perEndpoint * 16);
    return vertx.httpClientBuilder().with(http).with(pool).build();
  }

  private static void trust(HttpClientOptions http, BalsaClientOptions options) {
    if (options.getTrustedCaFile() != null) {
      String file = readable("trustedCaFile", options.getTrustedCaFile());
      http.setTrustOptions(new PemTrustOptions().addCertPath(file));
    }
    if ((options.getCertFile() == null) != (options.getKeyFile() == null)) {
      throw new IllegalArgumentException(
          "certFile and keyFile: found "
              + options.getCertFile()
              + " and "
              + options.getKeyFile()
              + ", expected both or none");
    }
    if (options.getCertFile() != null) {
      http.setKeyCertOptions(
          new PemKeyCertOptions()
              .setCertPath(readable("certFile", options.getCertFile()))
              .setKeyPath(readable("keyFile", options.getKeyFile())));
    }
  }

  private static String readable(String name, String file) {
    if (!Files.isReadable(Path.of(file))) {
      throw new IllegalArgumentException(name + ": found '" + file + "', expected a readable file");
    }
    return file;
  }

  /**
   * A request that can be sent; fails if there is no connection, and then nothing was sent.
   *
   * @param target path and query
   * @param limitMillis how long to wait for a connection at most
   */
  Future<HttpClientRequest> request(
      boolean watch, Endpoint endpoint, Ask ask, String target, long limitMillis) {
    try {
      return (watch ? watches : requests)
          .request(
              new RequestOptions()
                  .setMethod(ask.method())
                  .setHost(endpoint.host())
                  .setPort(endpoint.port())
                  .setSsl(endpoint.tls())
                  .setURI(target)
                  .setHeaders(ask.headers())
                  .setConnectTimeout(Math.min(limitMillis, connectMillis)));
    } catch (IllegalStateException e) { // Closed.
      return Future.failedFuture(e);
    }
  }

  Future<Void> close() {
    return Future.join(requests.close(), watches.close()).mapEmpty();
  }
}
