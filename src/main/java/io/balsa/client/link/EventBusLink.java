package io.balsa.client.link;

import io.balsa.api.EventBusNames;
import io.balsa.client.DeleteOptions;
import io.balsa.client.DeleteResult;
import io.balsa.client.GetOptions;
import io.balsa.client.JsonBytes;
import io.balsa.client.KeyValue;
import io.balsa.client.LeaseInfo;
import io.balsa.client.PutOptions;
import io.balsa.client.PutResult;
import io.balsa.client.RangeOptions;
import io.balsa.client.RangeResult;
import io.balsa.client.Txn;
import io.balsa.client.TxnResult;
import io.balsa.client.WatchOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The event bus of a Vert.x: a member in it or, where the event bus is clustered and members serve
 * that, anywhere in its cluster. The other end and the contract are {@code io.balsa.api.eventbus}.
 */
public final class EventBusLink implements Link {
  private final Vertx vertx;
  private final long requestTimeoutMillis;
  private final Set<BusCall> calls = ConcurrentHashMap.newKeySet();
  private final Set<BusWatch> watches = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /**
   * Any member that listens.
   *
   * @param requestTimeoutMillis how long a request waits for its outcome, all attempts together
   */
  public EventBusLink(Vertx vertx, long requestTimeoutMillis) {
    this.vertx = vertx;
    this.requestTimeoutMillis = requestTimeoutMillis;
  }

  @Override
  public Future<PutResult> put(Buffer key, Buffer value, PutOptions options, OnceKey once) {
    JsonObject body = options.toJson();
    JsonBytes.put(body, "key", key);
    JsonBytes.put(body, "value", value);
    return write("put", body, once).map(PutResult::new);
  }

  @Override
  public Future<KeyValue> get(Buffer key, GetOptions options) {
    JsonObject body = options.toJson();
    JsonBytes.put(body, "key", key);
    return call("get", body, null, BusCall.Effect.NONE)
        .map(
            answer ->
                answer.getBoolean("found") ? new KeyValue(answer.getJsonObject("item")) : null);
  }

  @Override
  public Future<DeleteResult> delete(Buffer key, DeleteOptions options, OnceKey once) {
    JsonObject body = options.toJson();
    JsonBytes.put(body, "key", key);
    return write("delete", body, once).map(DeleteResult::new);
  }

  @Override
  public Future<DeleteResult> deletePrefix(Buffer prefix, OnceKey once) {
    JsonObject body = new JsonObject();
    JsonBytes.put(body, "prefix", prefix);
    return write("deletePrefix", body, once).map(DeleteResult::new);
  }

  @Override
  public Future<RangeResult> range(RangeOptions options) {
    return call("range", options.toJson(), null, BusCall.Effect.NONE).map(RangeResult::new);
  }

  @Override
  public Future<TxnResult> txn(Txn txn, OnceKey once) {
    return write("txn", txn.toJson(), once).map(TxnResult::new);
  }

  @Override
  public Future<LeaseInfo> grantLease(long ttlSeconds) {
    JsonObject body = new JsonObject().put("ttlSeconds", ttlSeconds);
    // What nobody learnt of expires.
    return call("leaseGrant", body, null, BusCall.Effect.SAME_EACH_TIME).map(LeaseInfo::new);
  }

  @Override
  public Future<LeaseInfo> keepAlive(String leaseId) {
    return call("leaseKeepAlive", lease(leaseId), null, BusCall.Effect.SAME_EACH_TIME)
        .map(LeaseInfo::new);
  }

  @Override
  public Future<Void> revokeLease(String leaseId) {
    return write("leaseRevoke", lease(leaseId), null).mapEmpty();
  }

  private static JsonObject lease(String id) {
    return new JsonObject().put("id", id);
  }

  private Future<JsonObject> write(String op, JsonObject body, OnceKey once) {
    return call(
        op, body, once, once == null ? BusCall.Effect.EACH_TIME : BusCall.Effect.SAME_EACH_TIME);
  }

  private Future<JsonObject> call(String op, JsonObject body, OnceKey once, BusCall.Effect effect) {
    return track(
        new BusCall(vertx, EventBusNames.KV, op, body, once, effect, requestTimeoutMillis));
  }

  private Future<JsonObject> track(BusCall call) {
    calls.add(call);
    Future<JsonObject> answer = call.start();
    answer.onComplete(done -> calls.remove(call));
    if (closed) {
      call.abort();
    }
    return answer;
  }

  @Override
  public Future<OpenWatch> watch(WatchOptions options, WatchSink sink) {
    BusWatch watch = new BusWatch(vertx, options, sink, watches::remove);
    watches.add(watch);
    Future<OpenWatch> opened = watch.open(requestTimeoutMillis);
    if (closed) {
      watch.abort();
    }
    return opened;
  }

  @Override
  public Future<Void> close() {
    closed = true;
    calls.forEach(BusCall::abort);
    watches.forEach(BusWatch::abort);
    return Future.succeededFuture();
  }
}
