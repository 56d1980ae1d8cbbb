package io.balsa.api.http;

import io.balsa.api.Fields;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import java.util.List;

/** Compaction: {@code /v1/compact}. */
final class CompactResource {
  private static final int OK = 200;
  private static final int BODY_BYTES_MAX = 64 << 10;
  private static final List<String> PARAMETERS = List.of("timeoutMs");

  private final EventLoopState loop;

  CompactResource(EventLoopState loop) {
    this.loop = loop;
  }

  void post(Exchange exchange) {
    long timeoutMillis =
        exchange.query(PARAMETERS).timeoutMillis(loop.options().requestTimeoutMillis());
    exchange.body(
        BODY_BYTES_MAX,
        "the revision to compact to",
        body -> {
          Fields fields = Fields.of(body);
          long revision = fields.number("revision", 1, Long.MAX_VALUE);
          fields.end();
          exchange.call(
              new Request.Compact(revision),
              timeoutMillis,
              Reply.Compacted.class,
              compacted -> {
                JsonWriter json = new JsonWriter();
                json.object();
                json.number("revision", compacted.revision());
                json.number("compactRevision", compacted.compactRevision());
                json.endObject();
                exchange.reply(OK, json);
              });
        });
  }
}
