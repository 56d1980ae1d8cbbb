package io.balsa.api.http;

import io.balsa.api.Keys;
import io.balsa.api.PageToken;
import io.balsa.api.ProblemException;
import io.balsa.api.RangePage;
import io.balsa.data.Bytes;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.Op;
import io.balsa.mvcc.command.OpResult;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** All keys with a prefix: {@code /v1/kv?prefix=}. */
final class KeysResource {
  static final int LIMIT = 100;
  static final int LIMIT_MAX = 1_000;

  private static final int OK = 200;
  private static final List<String> GET_PARAMETERS =
      List.of("prefix", "limit", "after", "keysOnly", "consistency", "revision", "timeoutMs");
  private static final List<String> DELETE_PARAMETERS = List.of("prefix", "all", "timeoutMs");

  private final EventLoopState loop;

  KeysResource(EventLoopState loop) {
    this.loop = loop;
  }

  void get(Exchange exchange) {
    Query query = exchange.query(GET_PARAMETERS);
    Bytes prefix = Keys.prefix(query.bytes("prefix"), "prefix");
    int limit = (int) query.number("limit", 1, LIMIT_MAX, LIMIT);
    boolean keysOnly = query.flag("keysOnly");
    boolean serializable = query.serializable();
    long asked = query.number("revision", 1, Long.MAX_VALUE, 0);
    long timeoutMillis = query.timeoutMillis(loop.options().requestTimeoutMillis());
    RangePage page = RangePage.of(prefix, query.has("after") ? query.text("after") : null, asked);
    exchange.call(
        new Request.Read(page.read(limit, keysOnly), serializable),
        timeoutMillis,
        Reply.Read.class,
        read ->
            JsonReply.send(
                exchange, parts((OpResult.Ranged) read.result(), keysOnly, page.end(read))));
  }

  void delete(Exchange exchange) {
    Query query = exchange.query(DELETE_PARAMETERS);
    Bytes prefix = Keys.prefix(query.bytes("prefix"), "prefix");
    boolean all = query.flag("all");
    long timeoutMillis = query.timeoutMillis(loop.options().requestTimeoutMillis());
    if (prefix.isEmpty() && !all) {
      throw ProblemException.invalid("prefix: empty, expected all=true to delete every key");
    }
    if (!prefix.isEmpty() && all) {
      throw ProblemException.invalid("all: true, expected no prefix beside it");
    }
    exchange.write(
        new Op.DeleteRange(KeyRange.prefix(prefix), false),
        timeoutMillis,
        written -> {
          OpResult.Deleted deleted = exchange.result(OpResult.Deleted.class, written.result());
          exchange.reply(
              OK, Exchange.JSON, KeyResource.deleted(written.revision(), deleted.deleted()));
        });
  }

  private static List<Consumer<JsonWriter>> parts(
      OpResult.Ranged page, boolean keysOnly, PageToken next) {
    List<Consumer<JsonWriter>> parts = new ArrayList<>(page.items().size() + 4);
    parts.add(
        json -> {
          json.object();
          json.number("revision", next.revision());
          json.number("count", next.count());
        });
    ItemJson.items(page.items(), keysOnly, parts);
    parts.add(
        json -> {
          if (page.more()) {
            json.text("next", next.encode());
          }
          json.endObject();
        });
    return parts;
  }
}
