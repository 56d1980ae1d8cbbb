package io.balsa.examples;

import io.reactivex.rxjava3.core.Single;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.rxjava3.ext.web.client.HttpResponse;
import io.vertx.rxjava3.ext.web.client.WebClient;

/**
 * Any reactive HTTP client will do: here Vert.x's, with RxJava 3. Each write says what it was made
 * from, so that two editors never overwrite each other's work.
 */
final class ConditionalWrites {
  private static final int PRECONDITION_FAILED = 412;

  private final WebClient web;
  private final int port;

  ConditionalWrites(WebClient web, int port) {
    this.web = web;
    this.port = port;
  }

  /** Appends a line, as often as it takes; gives the revision at which it stands there. */
  Single<Long> append(String key, String line) {
    return web.get(port, "127.0.0.1", "/v1/kv/" + key)
        .rxSend()
        .flatMap(found -> write(key, found, line))
        .flatMap(
            answer ->
                answer.statusCode() == PRECONDITION_FAILED
                    ? append(key, line)
                    : Single.just(new JsonObject(answer.bodyAsString()).getLong("revision")));
  }

  private Single<HttpResponse<Buffer>> write(String key, HttpResponse<Buffer> found, String line) {
    boolean exists = found.statusCode() == 200;
    String text = exists ? found.bodyAsString() + "\n" + line : line;
    return web.put(port, "127.0.0.1", "/v1/kv/" + key)
        .putHeader(exists ? "If-Match" : "If-None-Match", exists ? found.getHeader("ETag") : "*")
        .rxSendBuffer(Buffer.buffer(text));
  }
}
