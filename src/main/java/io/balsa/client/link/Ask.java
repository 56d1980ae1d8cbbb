package io.balsa.client.link;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;

/** What is sent to a member, the same each time but for how long the member may wait. */
final class Ask {
  private final HttpMethod method;
  private final StringBuilder target;
  private final MultiMap headers = HttpHeaders.headers();
  private Buffer body;
  private boolean hasQuery;

  /** A request without query, headers and body. */
  Ask(HttpMethod method, String path) {
    this.method = method;
    this.target = new StringBuilder(path);
  }

  /** One more parameter, whose value is escaped already. */
  Ask query(String name, String escaped) {
    target.append(hasQuery ? '&' : '?').append(name).append('=').append(escaped);
    hasQuery = true;
    return this;
  }

  Ask header(CharSequence name, CharSequence value) {
    headers.add(name, value);
    return this;
  }

  Ask body(Buffer bytes) {
    body = bytes;
    return header(HttpHeaders.CONTENT_LENGTH, Integer.toString(bytes.length()));
  }

  /** Names a write that may be sent again; null for one that may not. */
  Ask once(OnceKey key) {
    return key == null ? this : header("idempotency-key", '"' + key.toString() + '"');
  }

  HttpMethod method() {
    return method;
  }

  MultiMap headers() {
    return headers;
  }

  /** Null for none. */
  Buffer body() {
    return body;
  }

  /** Path and query. */
  String target() {
    return target.toString();
  }

  /** Path and query, with how long the member may wait, 1 or more. */
  String target(long timeoutMillis) {
    return target + (hasQuery ? "&" : "?") + "timeoutMs=" + timeoutMillis;
  }
}
