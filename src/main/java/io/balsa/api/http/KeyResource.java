package io.balsa.api.http;

import io.balsa.api.HexId;
import io.balsa.api.Problem;
import io.balsa.api.ProblemException;
import io.balsa.data.Bytes;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.KeyValue;
import io.balsa.mvcc.command.Op;
import io.balsa.mvcc.command.OpResult;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** One key: {@code /v1/kv/{key}}. */
final class KeyResource {
  static final CharSequence BALSA_REVISION = HttpHeaders.createOptimized("Balsa-Revision");

  private static final CharSequence ETAG = HttpHeaders.createOptimized("ETag");
  private static final CharSequence BALSA_CREATE_REVISION =
      HttpHeaders.createOptimized("Balsa-Create-Revision");
  private static final CharSequence BALSA_VERSION = HttpHeaders.createOptimized("Balsa-Version");
  private static final CharSequence BALSA_LEASE = HttpHeaders.createOptimized("Balsa-Lease");
  private static final CharSequence NO_SNIFF =
      HttpHeaders.createOptimized("X-Content-Type-Options");
  private static final CharSequence NO_SNIFF_VALUE = HttpHeaders.createOptimized("nosniff");
  private static final CharSequence NO_CACHE = HttpHeaders.createOptimized("no-cache");
  private static final CharSequence OCTETS =
      HttpHeaders.createOptimized("application/octet-stream");
  private static final List<String> GET_PARAMETERS =
      List.of("consistency", "revision", "timeoutMs");
  private static final List<String> PUT_PARAMETERS = List.of("lease", "timeoutMs");
  private static final List<String> DELETE_PARAMETERS = List.of("timeoutMs");
  private static final int OK = 200;
  private static final int NOT_MODIFIED = 304;

  private final EventLoopState loop;

  KeyResource(EventLoopState loop) {
    this.loop = loop;
  }

  void get(Exchange exchange, Bytes key) {
    Query query = exchange.query(GET_PARAMETERS);
    boolean serializable = query.serializable();
    long revision = query.number("revision", 1, Long.MAX_VALUE, 0);
    long timeoutMillis = timeoutMillis(query);
    Conditions conditions = Conditions.of(exchange.request().headers());
    exchange.call(
        new Request.Read(Op.Range.of(KeyRange.of(key), revision, 1, false), serializable),
        timeoutMillis,
        Reply.Read.class,
        read -> {
          List<KeyValue> items = ((OpResult.Ranged) read.result()).items();
          if (exchange.isOpen()) {
            exchange
                .response()
                .putHeader(
                    BALSA_REVISION, Long.toString(revision > 0 ? revision : read.revision()));
          }
          if (items.isEmpty()) {
            throw new ProblemException(Problem.keyNotFound());
          }
          send(exchange, items.get(0), conditions);
        });
  }

  void put(Exchange exchange, Bytes key) {
    Query query = exchange.query(PUT_PARAMETERS);
    long lease = query.id("lease");
    long timeoutMillis = timeoutMillis(query);
    Conditions conditions = Conditions.of(exchange.request().headers());
    exchange.body(
        loop.options().maxRequestBytes(),
        "the value",
        value ->
            exchange.write(
                conditions.guard(key, Op.Put.of(key, value, lease)),
                timeoutMillis,
                written -> {
                  OpResult.Put put =
                      exchange.result(OpResult.Put.class, Conditions.unwrap(written.result()));
                  if (exchange.isOpen()) {
                    exchange.response().putHeader(ETAG, tag(put.revision()));
                  }
                  exchange.reply(
                      OK,
                      Exchange.JSON,
                      json(
                          "{\"revision\":"
                              + put.revision()
                              + ",\"version\":"
                              + put.version()
                              + "}"));
                }));
  }

  void delete(Exchange exchange, Bytes key) {
    Query query = exchange.query(DELETE_PARAMETERS);
    long timeoutMillis = timeoutMillis(query);
    Conditions conditions = Conditions.of(exchange.request().headers());
    Op delete = new Op.DeleteRange(KeyRange.of(key), false);
    exchange.write(
        conditions.guard(key, delete),
        timeoutMillis,
        written -> {
          OpResult.Deleted deleted =
              exchange.result(OpResult.Deleted.class, Conditions.unwrap(written.result()));
          exchange.reply(OK, Exchange.JSON, deleted(written.revision(), deleted.deleted()));
        });
  }

  /** The answer to any deletion. */
  static Buffer deleted(long revision, long count) {
    return json("{\"revision\":" + revision + ",\"deleted\":" + count + "}");
  }

  private void send(Exchange exchange, KeyValue item, Conditions conditions) {
    if (!exchange.isOpen()) {
      exchange.reply(OK); // Only to count it.
      return;
    }
    HttpServerResponse response = exchange.response();
    response.putHeader(ETAG, tag(item.modRevision()));
    if (!conditions.isMatched(item.modRevision())) {
      throw new ProblemException(
          Problem.preconditionFailed(
              "the key exists, its entity tag is " + tag(item.modRevision())));
    }
    response.putHeader(BALSA_CREATE_REVISION, Long.toString(item.createRevision()));
    response.putHeader(BALSA_VERSION, Long.toString(item.version()));
    if (item.lease() != 0) {
      response.putHeader(BALSA_LEASE, HexId.format(item.lease()));
    }
    response.putHeader(HttpHeaders.CACHE_CONTROL, NO_CACHE);
    if (conditions.isUnmodified(item.modRevision())) {
      exchange.reply(NOT_MODIFIED);
      return;
    }
    // A value is whatever its writer made it: no browser may take it for a page.
    response.putHeader(NO_SNIFF, NO_SNIFF_VALUE);
    exchange.replyHeld(OK, OCTETS, Buffer.buffer(item.value().toArray()));
  }

  private long timeoutMillis(Query query) {
    return query.timeoutMillis(loop.options().requestTimeoutMillis());
  }

  private static String tag(long revision) {
    return "\"" + revision + "\"";
  }

  private static Buffer json(String ascii) {
    return Buffer.buffer(ascii.getBytes(StandardCharsets.ISO_8859_1));
  }
}
