package io.balsa.api.http;

import io.balsa.api.Fields;
import io.balsa.api.HexId;
import io.balsa.data.Bytes;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Leases: {@code /v1/leases} and below. */
final class LeaseResource {
  private static final int OK = 200;
  private static final int BODY_BYTES_MAX = 64 << 10;
  private static final long TTL_SECONDS_MAX = 9_000_000_000L; // As etcd: 285 years.
  private static final List<String> PARAMETERS = List.of("timeoutMs");

  private final EventLoopState loop;

  LeaseResource(EventLoopState loop) {
    this.loop = loop;
  }

  void list(Exchange exchange) {
    exchange.call(
        new Request.LeaseList(),
        timeoutMillis(exchange),
        Reply.Leases.class,
        reply -> {
          List<Consumer<JsonWriter>> parts = new ArrayList<>();
          parts.add(
              json -> {
                json.object();
                json.array("leases");
              });
          for (Reply.LeaseState lease : reply.leases()) {
            parts.add(
                json -> {
                  json.object();
                  fields(json, lease);
                  json.endObject();
                });
          }
          parts.add(
              json -> {
                json.endArray();
                json.endObject();
              });
          JsonReply.send(exchange, parts);
        });
  }

  void grant(Exchange exchange) {
    long timeoutMillis = timeoutMillis(exchange);
    exchange.body(
        BODY_BYTES_MAX,
        "a lease",
        body -> {
          Fields fields = Fields.of(body);
          long ttlSeconds = fields.number("ttlSeconds", 1, TTL_SECONDS_MAX);
          fields.end();
          call(exchange, new Request.LeaseGrant(0, ttlSeconds), timeoutMillis);
        });
  }

  void get(Exchange exchange) {
    call(exchange, new Request.LeaseGet(id(exchange)), timeoutMillis(exchange));
  }

  void keepAlive(Exchange exchange) {
    call(exchange, new Request.LeaseKeepAlive(id(exchange)), timeoutMillis(exchange));
  }

  void revoke(Exchange exchange) {
    exchange.call(
        new Request.LeaseRevoke(id(exchange)),
        timeoutMillis(exchange),
        Reply.LeaseEnded.class,
        ended -> {
          JsonWriter json = new JsonWriter();
          json.object();
          json.id("id", ended.id());
          json.number("revision", ended.revision());
          json.endObject();
          exchange.reply(OK, json);
        });
  }

  private static void call(Exchange exchange, Request request, long timeoutMillis) {
    exchange.call(
        request, timeoutMillis, Reply.Lease.class, reply -> JsonReply.send(exchange, parts(reply)));
  }

  private static List<Consumer<JsonWriter>> parts(Reply.Lease reply) {
    List<Bytes> binary = new ArrayList<>();
    List<Consumer<JsonWriter>> parts = new ArrayList<>();
    parts.add(
        json -> {
          json.object();
          fields(json, reply.lease());
          json.array("keys");
        });
    for (Bytes key : reply.keys()) {
      if (JsonWriter.isText(key)) {
        parts.add(json -> json.text(key));
      } else {
        binary.add(key);
      }
    }
    parts.add(JsonWriter::endArray);
    if (!binary.isEmpty()) {
      parts.add(json -> json.array("keysBase64"));
      binary.forEach(key -> parts.add(json -> json.base64(key)));
      parts.add(JsonWriter::endArray);
    }
    parts.add(JsonWriter::endObject);
    return parts;
  }

  private static void fields(JsonWriter json, Reply.LeaseState lease) {
    json.id("id", lease.id());
    json.number("ttlSeconds", lease.ttlSeconds());
    json.number("remainingSeconds", lease.remainingSeconds());
  }

  private static long id(Exchange exchange) {
    return HexId.parse(exchange.pathId(), "lease id");
  }

  private long timeoutMillis(Exchange exchange) {
    return exchange.query(PARAMETERS).timeoutMillis(loop.options().requestTimeoutMillis());
  }
}
