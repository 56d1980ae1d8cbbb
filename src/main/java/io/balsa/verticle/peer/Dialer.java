package io.balsa.verticle.peer;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpVersion;
import java.net.URI;
import java.util.Optional;

/** Opens HTTP/2 connections to peer URLs; names are resolved anew for each. */
final class Dialer {
  private final HttpClientAgent client;

  /**
   * @param tls to prove ourselves with; empty where all URLs are cleartext
   */
  Dialer(Vertx vertx, Optional<PeerOptions.Tls> tls, long connectTimeoutMillis) {
    HttpClientOptions http =
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_2)
            .setHttp2ClearTextUpgrade(false)
            .setUseAlpn(true)
            .setTcpNoDelay(true)
            .setConnectTimeout(Math.toIntExact(connectTimeoutMillis));
    tls.ifPresent(own -> http.setKeyCertOptions(own.key()).setTrustOptions(own.trust()));
    this.client = vertx.createHttpClient(http);
  }

  /** Connects to {@code url}; fails at once where it is none, and when Vert.x is closing. */
  Future<HttpClientConnection> dial(String url) {
    try {
      return client.connect(target(URI.create(url)));
    } catch (IllegalArgumentException | IllegalStateException e) {
      return Future.failedFuture(e);
    }
  }

  Future<Void> close() {
    return client.close();
  }

  private static HttpConnectOptions target(URI url) {
    boolean ssl = "https".equals(url.getScheme());
    if (!ssl && !"http".equals(url.getScheme()) || url.getHost() == null || url.getPort() <= 0) {
      throw new IllegalArgumentException(
          "peer url must be http://host:port or https://host:port: " + url);
    }
    String host = url.getHost();
    if (host.startsWith("[")) { // The brackets belong to the URL, not to the IPv6 address.
      host = host.substring(1, host.length() - 1);
    }
    return new HttpConnectOptions().setHost(host).setPort(url.getPort()).setSsl(ssl);
  }
}
