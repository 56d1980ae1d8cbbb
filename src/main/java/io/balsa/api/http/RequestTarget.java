package io.balsa.api.http;

import io.vertx.core.http.HttpServerRequest;

/**
 * The target of a request exactly as it was sent.
 *
 * @param path not decoded
 * @param query not decoded, null where there is no question mark
 */
record RequestTarget(String path, String query) {
  static RequestTarget of(HttpServerRequest request) {
    String target = originForm(request.uri());
    int mark = target.indexOf('?');
    return mark < 0
        ? new RequestTarget(target, null)
        : new RequestTarget(target.substring(0, mark), target.substring(mark + 1));
  }

  /** The target without scheme and authority, which a proxy may send (RFC 9112 §3.2.2). */
  private static String originForm(String uri) {
    if (uri.startsWith("/")) {
      return uri;
    }
    int authority = uri.indexOf("://");
    int path = authority < 0 ? -1 : uri.indexOf('/', authority + 3);
    return path < 0 ? uri : uri.substring(path);
  }
}
