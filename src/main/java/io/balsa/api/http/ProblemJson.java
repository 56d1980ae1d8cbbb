package io.balsa.api.http;

import io.balsa.api.Problem;
import io.vertx.core.buffer.Buffer;

/** Problems as documents (RFC 9457). */
final class ProblemJson {
  static final String CONTENT_TYPE = "application/problem+json";

  private static final String TYPE = "urn:balsa:problem:";

  private ProblemJson() {}

  static Buffer of(Problem problem) {
    JsonWriter json = new JsonWriter();
    json.object();
    json.text("type", TYPE + problem.kind());
    json.text("title", problem.title());
    json.number("status", problem.status());
    json.text("detail", problem.detail());
    json.text("outcome", problem.unknown() ? "unknown" : "refused");
    json.endObject();
    return json.take();
  }
}
