package io.balsa.api.eventbus;

import io.balsa.api.Admission;
import io.balsa.api.EventBusNames;
import io.balsa.api.Fields;
import io.balsa.api.Problem;
import io.balsa.api.ProblemException;
import io.balsa.client.DeleteOptions;
import io.balsa.client.DeleteResult;
import io.balsa.client.GetOptions;
import io.balsa.client.LeaseInfo;
import io.balsa.client.PutOptions;
import io.balsa.client.PutResult;
import io.balsa.client.RangeOptions;
import io.balsa.client.RangeResult;
import io.balsa.client.Txn;
import io.balsa.client.TxnResult;
import io.balsa.client.link.Link;
import io.balsa.client.link.LocalLink;
import io.balsa.client.link.OnceKey;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;

/** Requests about keys and leases: each is read, asked of the replica, and answered once. */
final class KvRequests {
  private static final String OPS =
      "put, get, delete, deletePrefix, range, txn, leaseGrant, leaseKeepAlive or leaseRevoke";

  private final EventBusOptions options;
  private final LocalLink link;
  private final Admission admission;
  // In flight, with the bytes that each holds, in the order in which they came.
  private final Map<Message<Object>, Long> open = new LinkedHashMap<>();
  private final Promise<Void> idle = Promise.promise();
  private boolean stopping;

  KvRequests(EventBusOptions options, LocalLink link, Admission admission) {
    this.options = options;
    this.link = link;
    this.admission = admission;
  }

  void take(Message<Object> message) {
    try {
      admit(message, Bodies.size(message.body()));
      ask(message)
          .onComplete(
              done -> {
                if (leave(message)) {
                  if (done.succeeded()) {
                    message.reply(done.result());
                  } else {
                    Failures.answer(message, done.cause());
                  }
                }
              });
    } catch (ProblemException e) {
      leave(message);
      Failures.answer(message, e);
    }
  }

  private void admit(Message<Object> message, long bytes) {
    if (stopping) {
      throw new ProblemException(Problem.stopping(false));
    }
    admission.enterRequest();
    open.put(message, 0L);
    admission.hold(bytes);
    open.put(message, bytes);
  }

  /** Whether the request was still to be answered. */
  private boolean leave(Message<Object> message) {
    Long bytes = open.remove(message);
    if (bytes == null) {
      return false;
    }
    admission.release(bytes);
    admission.leaveRequest();
    if (stopping && open.isEmpty()) {
      idle.tryComplete();
    }
    return true;
  }

  /** Takes no more requests. Completes when those in flight are answered. */
  Future<Void> drain() {
    stopping = true;
    if (open.isEmpty()) {
      idle.tryComplete();
    }
    return idle.future();
  }

  /** Answers what is in flight: nobody here can tell any more what becomes of it. */
  void abandon() {
    for (Message<Object> message : new ArrayList<>(open.keySet())) {
      leave(message);
      Failures.answer(message, Problem.stopping(true));
    }
  }

  private Future<JsonObject> ask(Message<Object> message) {
    Headers headers = new Headers(message.headers());
    String op = headers.op();
    Link within =
        link.within(headers.timeoutMillis(options.requestTimeoutMillis()))
            .as(options.credentials(headers.token()));
    OnceKey once = headers.once();
    Fields fields = Bodies.fields(message.body());
    return switch (op) {
      case "put" -> put(within, fields, once);
      case "delete" -> delete(within, fields, once);
      case "deletePrefix" -> deletePrefix(within, fields, once);
      case "txn" -> {
        Txn txn = Bodies.txn(fields);
        yield within.txn(txn, once).map(TxnResult::toJson);
      }
      default -> {
        if (once != null) {
          throw ProblemException.invalid(
              "header "
                  + EventBusNames.IDEMPOTENCY_KEY
                  + ": found with op "
                  + Problem.quote(op)
                  + ", expected with put, delete, deletePrefix or txn");
        }
        yield unnamed(op, within, fields);
      }
    };
  }

  /** What is not, or cannot be, done once under a name. */
  private Future<JsonObject> unnamed(String op, Link within, Fields fields) {
    return switch (op) {
      case "get" -> get(within, fields);
      case "range" -> range(within, fields);
      case "leaseGrant" -> {
        long ttlSeconds = fields.number("ttlSeconds", 1, Long.MAX_VALUE);
        fields.end();
        yield within.grantLease(ttlSeconds).map(LeaseInfo::toJson);
      }
      case "leaseKeepAlive" -> within.keepAlive(leaseId(fields)).map(LeaseInfo::toJson);
      case "leaseRevoke" -> within.revokeLease(leaseId(fields)).map(done -> new JsonObject());
      default ->
          throw ProblemException.invalid(
              "header op: found " + Problem.quote(op) + ", expected one of " + OPS);
    };
  }

  private static Future<JsonObject> put(Link within, Fields fields, OnceKey once) {
    Buffer key = Bodies.bytes(fields, "key");
    Buffer value = Bodies.bytes(fields, "value");
    PutOptions how = Bodies.put(fields);
    fields.end();
    return within.put(key, value, how, once).map(PutResult::toJson);
  }

  private static Future<JsonObject> delete(Link within, Fields fields, OnceKey once) {
    Buffer key = Bodies.bytes(fields, "key");
    DeleteOptions how = Bodies.delete(fields);
    fields.end();
    return within.delete(key, how, once).map(DeleteResult::toJson);
  }

  private static Future<JsonObject> deletePrefix(Link within, Fields fields, OnceKey once) {
    Buffer prefix = Bodies.bytes(fields, "prefix");
    fields.end();
    return within.deletePrefix(prefix, once).map(DeleteResult::toJson);
  }

  private static Future<JsonObject> get(Link within, Fields fields) {
    Buffer key = Bodies.bytes(fields, "key");
    GetOptions how = Bodies.get(fields);
    fields.end();
    return within
        .get(key, how)
        .map(
            item ->
                item == null
                    ? new JsonObject().put("found", false)
                    : new JsonObject().put("found", true).put("item", item.toJson()));
  }

  private Future<JsonObject> range(Link within, Fields fields) {
    RangeOptions how = Bodies.range(fields);
    fields.end();
    return within.range(how).map(this::page);
  }

  private JsonObject page(RangeResult page) {
    long bytes =
        page.items().stream().mapToLong(item -> item.key().length() + item.value().length()).sum();
    if (bytes > options.heldBytesMax()) {
      throw new ProblemException(
          Problem.tooLarge(
              "page: "
                  + bytes
                  + " bytes, expected at most "
                  + options.heldBytesMax()
                  + ": set a smaller limit, or keysOnly"));
    }
    return page.toJson();
  }

  private static String leaseId(Fields fields) {
    String id = Bodies.lease(fields, "id");
    fields.end();
    return id;
  }
}
