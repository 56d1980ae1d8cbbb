package io.balsa.api.http;

import io.balsa.api.Fields;
import io.balsa.api.HexId;
import io.balsa.api.Keys;
import io.balsa.api.Problem;
import io.balsa.api.ProblemException;
import io.balsa.data.Bytes;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.mvcc.command.Compare;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.Op;
import io.balsa.mvcc.command.OpResult;
import io.balsa.mvcc.command.Ops;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Transactions: {@code /v1/txn}. */
final class TxnResource {
  private static final List<String> PARAMETERS = List.of("timeoutMs");
  private static final List<String> TARGETS =
      List.of("value", "version", "createRevision", "modRevision", "lease");
  private static final List<String> OPERATORS = List.of("=", "!=", "<", ">");
  // Beside the values: keys, names of fields, conditions.
  private static final int FRAME_BYTES_MAX = 512 << 10;
  // A condition is five JSON values, and so is a put; there are three lists of operations.
  private static final int VALUES_PER_OP = 16;

  private final EventLoopState loop;

  TxnResource(EventLoopState loop) {
    this.loop = loop;
  }

  void post(Exchange exchange) {
    Query query = exchange.query(PARAMETERS);
    long timeoutMillis = query.timeoutMillis(loop.options().requestTimeoutMillis());
    int bodyBytesMax = loop.options().maxRequestBytes() / 3 * 4 + FRAME_BYTES_MAX; // All base64.
    exchange.body(
        bodyBytesMax,
        "a transaction",
        body -> {
          Reader reader = new Reader(loop.options().maxRequestBytes());
          Op.Txn txn = reader.body(Fields.of(body, loop.options().maxTxnOps() * VALUES_PER_OP));
          Ops.checkStrictly(txn, loop.options().maxTxnOps())
              .ifPresent(
                  violation -> {
                    throw ProblemException.invalid(violation.detail());
                  });
          if (Ops.isReadOnly(txn)) {
            if (exchange.once() != null) {
              throw IdempotencyKey.misplaced(exchange.once());
            }
            exchange.call(
                new Request.Read(txn, false),
                timeoutMillis,
                Reply.Read.class,
                read -> send(exchange, read.revision(), read.result()));
          } else {
            exchange.write(
                txn,
                timeoutMillis,
                written -> send(exchange, written.revision(), written.result()));
          }
        });
  }

  private static void send(Exchange exchange, long revision, OpResult result) {
    List<Consumer<JsonWriter>> parts = new ArrayList<>();
    parts.add(
        json -> {
          json.object();
          json.number("revision", revision);
        });
    outcome(exchange.result(OpResult.Txn.class, result), parts);
    parts.add(JsonWriter::endObject);
    JsonReply.send(exchange, parts);
  }

  private static void outcome(OpResult.Txn txn, List<Consumer<JsonWriter>> parts) {
    parts.add(
        json -> {
          json.flag("succeeded", txn.succeeded());
          json.array("results");
        });
    txn.results().forEach(result -> result(result, parts));
    parts.add(JsonWriter::endArray);
  }

  private static void result(OpResult result, List<Consumer<JsonWriter>> parts) {
    if (result instanceof OpResult.Put put) {
      parts.add(
          json -> {
            open(json, "put");
            json.number("revision", put.revision());
          });
    } else if (result instanceof OpResult.Deleted deleted) {
      parts.add(
          json -> {
            open(json, "delete");
            json.number("deleted", deleted.deleted());
          });
    } else if (result instanceof OpResult.Ranged ranged) {
      parts.add(
          json -> {
            open(json, "get");
            json.number("count", ranged.count());
          });
      ItemJson.items(ranged.items(), false, parts);
    } else {
      parts.add(json -> open(json, "txn"));
      outcome((OpResult.Txn) result, parts);
    }
    parts.add(
        json -> {
          json.endObject();
          json.endObject();
        });
  }

  private static void open(JsonWriter json, String kind) {
    json.object();
    json.object(kind);
  }

  /** Reads a transaction out of its JSON. */
  private static final class Reader {
    private final long valueBytesMax;
    private long valueBytes;

    Reader(long valueBytesMax) {
      this.valueBytesMax = valueBytesMax;
    }

    Op.Txn body(Fields fields) {
      Op.Txn txn = txn(fields, 1);
      if (txn.compares().isEmpty() && txn.then().isEmpty() && txn.otherwise().isEmpty()) {
        throw ProblemException.invalid("body: no compare, then or else: nothing to do");
      }
      return txn;
    }

    private Op.Txn txn(Fields fields, int depth) {
      if (depth > Ops.TXN_DEPTH_MAX) {
        throw ProblemException.invalid(
            "body: transactions nested deeper than " + Ops.TXN_DEPTH_MAX);
      }
      List<Compare> compares = new ArrayList<>();
      fields.objects("compare").forEach(compare -> compares.add(compare(compare)));
      List<Op> then = ops(fields.objects("then"), depth);
      List<Op> otherwise = ops(fields.objects("else"), depth);
      fields.end();
      return new Op.Txn(compares, then, otherwise);
    }

    private Compare compare(Fields fields) {
      KeyRange key = KeyRange.of(Keys.key(fields.bytes("key"), fields.path("key")));
      String target = fields.choice("target", TARGETS);
      Compare.Operator operator =
          switch (fields.choice("op", OPERATORS)) {
            case "=" -> Compare.Operator.EQUAL;
            case "!=" -> Compare.Operator.NOT_EQUAL;
            case "<" -> Compare.Operator.LESS;
            default -> Compare.Operator.GREATER;
          };
      Compare compare =
          switch (target) {
            case "value" ->
                new Compare(key, Compare.Target.VALUE, operator, fields.bytes("value"), 0);
            case "version" -> number(fields, key, Compare.Target.VERSION, operator);
            case "createRevision" -> number(fields, key, Compare.Target.CREATE_REVISION, operator);
            case "modRevision" -> number(fields, key, Compare.Target.MOD_REVISION, operator);
            default ->
                new Compare(
                    key, Compare.Target.LEASE, operator, Bytes.EMPTY, leaseToCompare(fields));
          };
      fields.end();
      return compare;
    }

    private static Compare number(
        Fields fields, KeyRange key, Compare.Target target, Compare.Operator operator) {
      long number = fields.number("value", 0, Long.MAX_VALUE);
      return new Compare(key, target, operator, Bytes.EMPTY, number);
    }

    /** A lease to compare with: "0" stands for none. */
    private static long leaseToCompare(Fields fields) {
      String text = fields.text("value");
      return text.equals("0") ? 0 : HexId.parse(text, fields.path("value"));
    }

    private List<Op> ops(List<Fields> elements, int depth) {
      List<Op> ops = new ArrayList<>();
      for (Fields fields : elements) {
        ops.add(op(fields, depth));
        fields.end();
      }
      return ops;
    }

    private Op op(Fields fields, int depth) {
      if (fields.has("put")) {
        return put(fields.object("put"));
      }
      if (fields.has("delete")) {
        return delete(fields.object("delete"));
      }
      if (fields.has("get")) {
        return get(fields.object("get"));
      }
      if (fields.has("txn")) {
        return txn(fields.object("txn"), depth + 1);
      }
      throw ProblemException.invalid(
          fields.path() + ": found " + fields.names() + ", expected put, delete, get or txn");
    }

    private Op put(Fields fields) {
      Bytes key = Keys.key(fields.bytes("key"), fields.path("key"));
      Bytes value = fields.bytes("value");
      long lease = fields.has("lease") ? fields.id("lease") : 0;
      fields.end();
      valueBytes += value.length();
      if (valueBytes > valueBytesMax) {
        throw new ProblemException(
            Problem.tooLarge(
                "body: the values of a transaction may have at most "
                    + valueBytesMax
                    + " bytes together"));
      }
      return Op.Put.of(key, value, lease);
    }

    private static Op delete(Fields fields) {
      KeyRange keys = keys(fields);
      fields.end();
      if (keys.equals(KeyRange.ALL)) {
        throw ProblemException.invalid(
            fields.path("prefix") + ": empty, expected DELETE /v1/kv?all=true to delete every key");
      }
      return new Op.DeleteRange(keys, false);
    }

    private static Op get(Fields fields) {
      KeyRange keys = keys(fields);
      long limit =
          fields.has("limit")
              ? fields.number("limit", 1, KeysResource.LIMIT_MAX)
              : KeysResource.LIMIT;
      fields.end();
      return Op.Range.of(keys, 0, limit, false);
    }

    private static KeyRange keys(Fields fields) {
      if (fields.hasBytes("key") == fields.hasBytes("prefix")) {
        throw ProblemException.invalid(
            fields.path("key") + " and " + fields.path("prefix") + ": expected one of them");
      }
      return fields.hasBytes("key")
          ? KeyRange.of(Keys.key(fields.bytes("key"), fields.path("key")))
          : KeyRange.prefix(Keys.prefix(fields.bytes("prefix"), fields.path("prefix")));
    }
  }
}
