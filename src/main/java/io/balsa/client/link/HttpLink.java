package io.balsa.client.link;

import io.balsa.client.BalsaClientOptions;
import io.balsa.client.Consistency;
import io.balsa.client.DeleteOptions;
import io.balsa.client.DeleteResult;
import io.balsa.client.GetOptions;
import io.balsa.client.KeyValue;
import io.balsa.client.LeaseInfo;
import io.balsa.client.PutOptions;
import io.balsa.client.PutResult;
import io.balsa.client.RangeOptions;
import io.balsa.client.RangeResult;
import io.balsa.client.RefusedException;
import io.balsa.client.Txn;
import io.balsa.client.TxnResult;
import io.balsa.client.WatchOptions;
import io.balsa.data.Endpoint;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * A cluster over the network: its HTTP API at any of several endpoints. It asks one of them as long
 * as that works, then the next.
 */
public final class HttpLink implements Link {
  private static final String KEYS = "/v1/kv";
  private static final String LEASES = "/v1/leases";
  private static final String ANY = "*";
  private static final int ANSWER_MILLIS_MAX = 250;

  private final Vertx vertx;
  private final Endpoints endpoints;
  private final long requestTimeoutMillis;
  private final HttpLimits limits;
  private final Flight flight;
  private final Connections connections;
  private final Login login; // Null for nobody in particular.
  private final Set<HttpCall<?>> calls = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /**
   * Connects when it is used.
   *
   * @throws IllegalArgumentException naming the option that breaks a rule
   */
  public HttpLink(Vertx vertx, BalsaClientOptions options) {
    this(vertx, options, HttpLimits.DEFAULT);
  }

  HttpLink(Vertx vertx, BalsaClientOptions options, HttpLimits limits) {
    this.vertx = vertx;
    this.limits = limits;
    endpoints = Endpoints.of(options.getEndpoints());
    requestTimeoutMillis = options.getRequestTimeoutMillis();
    if (requestTimeoutMillis < 1) {
      throw new IllegalArgumentException(
          "requestTimeoutMillis: found " + requestTimeoutMillis + ", expected 1 or more");
    }
    flight = new Flight(limits.flyingMax(), limits.waitingMax());
    connections = new Connections(vertx, options);
    login = Login.of(vertx, connections, options);
  }

  @Override
  public Future<PutResult> put(Buffer key, Buffer value, PutOptions options, OnceKey once) {
    Ask ask = new Ask(HttpMethod.PUT, path(key)).body(value).once(once);
    if (options.getLeaseId() != null) {
      ask.query("lease", PercentEncoding.encode(options.getLeaseId()));
    }
    onlyAt(options.getIfModRevision(), ask);
    if (options.getIfExists() != null) {
      ask.header(options.getIfExists() ? HttpHeaders.IF_MATCH : HttpHeaders.IF_NONE_MATCH, ANY);
    }
    return call(write(once), ask, json(PutResult::new));
  }

  @Override
  public Future<KeyValue> get(Buffer key, GetOptions options) {
    Ask ask = new Ask(HttpMethod.GET, path(key));
    read(options.getConsistency(), options.getRevision(), ask);
    return call(Effect.READ, ask, reply -> item(key, reply))
        .recover(
            failure ->
                failure instanceof RefusedException refused
                        && refused.kind().equals("key-not-found")
                    ? Future.succeededFuture()
                    : Future.failedFuture(failure));
  }

  @Override
  public Future<DeleteResult> delete(Buffer key, DeleteOptions options, OnceKey once) {
    Ask ask = new Ask(HttpMethod.DELETE, path(key)).once(once);
    onlyAt(options.getIfModRevision(), ask);
    return call(write(once), ask, json(DeleteResult::new));
  }

  @Override
  public Future<DeleteResult> deletePrefix(Buffer prefix, OnceKey once) {
    Ask ask =
        new Ask(HttpMethod.DELETE, KEYS).query("prefix", PercentEncoding.encode(prefix)).once(once);
    return call(write(once), ask, json(DeleteResult::new));
  }

  @Override
  public Future<RangeResult> range(RangeOptions options) {
    Ask ask =
        new Ask(HttpMethod.GET, KEYS)
            .query("prefix", PercentEncoding.encode(options.getPrefix()))
            .query("limit", Integer.toString(options.getLimit()));
    if (options.getAfter() != null) {
      ask.query("after", PercentEncoding.encode(options.getAfter()));
    }
    if (options.isKeysOnly()) {
      ask.query("keysOnly", "true");
    }
    read(options.getConsistency(), options.getRevision(), ask);
    return call(Effect.READ, ask, json(RangeResult::new));
  }

  @Override
  public Future<TxnResult> txn(Txn txn, OnceKey once) {
    Ask ask = new Ask(HttpMethod.POST, "/v1/txn").body(txn.toJson().toBuffer());
    return txn.isReadOnly()
        ? call(Effect.READ, ask, json(TxnResult::new))
        : call(write(once), ask.once(once), json(TxnResult::new));
  }

  @Override
  public Future<LeaseInfo> grantLease(long ttlSeconds) {
    Buffer body = new JsonObject().put("ttlSeconds", ttlSeconds).toBuffer();
    return call(Effect.LEASE, new Ask(HttpMethod.POST, LEASES).body(body), json(LeaseInfo::new));
  }

  @Override
  public Future<LeaseInfo> keepAlive(String leaseId) {
    Ask ask = new Ask(HttpMethod.POST, path(leaseId) + "/keepalive");
    return call(Effect.LEASE, ask, json(LeaseInfo::new));
  }

  @Override
  public Future<Void> revokeLease(String leaseId) {
    Ask ask = new Ask(HttpMethod.DELETE, path(leaseId));
    return call(Effect.WRITE, ask, json(ended -> ended.getString("id"))).mapEmpty();
  }

  @Override
  public Future<OpenWatch> watch(WatchOptions options, WatchSink sink) {
    Ask ask = new Ask(HttpMethod.GET, "/v1/watch");
    if (options.getKey() != null) {
      ask.query("key", PercentEncoding.encode(options.getKey()));
    }
    if (options.getPrefix() != null) {
      ask.query("prefix", PercentEncoding.encode(options.getPrefix()));
    }
    if (options.getFrom() != 0) {
      ask.query("from", Long.toString(options.getFrom()));
    }
    if (options.isPrevious()) {
      ask.query("previous", "true");
    }
    return call(
        Effect.READ,
        (endpoint, limitMillis) -> {
          WatchAttempt attempt = new WatchAttempt(vertx, endpoint, limitMillis, limits, sink);
          return started(attempt, request(true, endpoint, ask, ask.target(), limitMillis), null);
        });
  }

  @Override
  public Future<Void> close() {
    closed = true;
    calls.forEach(HttpCall::close);
    return connections.close();
  }

  // ---- From requests and to results

  private static Effect write(OnceKey once) {
    return once == null ? Effect.WRITE : Effect.WRITE_ONCE;
  }

  private static String path(Buffer key) {
    return KEYS + "/" + PercentEncoding.encode(key);
  }

  private static String path(String leaseId) {
    return LEASES + "/" + PercentEncoding.encode(leaseId);
  }

  /** A missing key has no entity tag, but mod revision 0. */
  private static void onlyAt(Long modRevision, Ask ask) {
    if (modRevision == null) {
      return;
    }
    if (modRevision == 0) {
      ask.header(HttpHeaders.IF_NONE_MATCH, ANY);
    } else {
      ask.header(HttpHeaders.IF_MATCH, "\"" + modRevision + "\"");
    }
  }

  private static void read(Consistency consistency, long revision, Ask ask) {
    if (consistency == Consistency.SERIALIZABLE) {
      ask.query("consistency", "serializable");
    }
    if (revision != 0) {
      ask.query("revision", Long.toString(revision));
    }
  }

  private static KeyValue item(Buffer key, Reply reply) {
    MultiMap headers = reply.headers();
    String tag = headers.get("etag");
    return new KeyValue(
        key,
        reply.body(),
        Long.parseLong(headers.get("balsa-create-revision")),
        Long.parseLong(tag.substring(1, tag.length() - 1)),
        Long.parseLong(headers.get("balsa-version")),
        headers.get("balsa-lease"));
  }

  private static <T> Function<Reply, T> json(Function<JsonObject, T> reader) {
    return reply -> reader.apply(new JsonObject(reply.body()));
  }

  // ---- Calls

  private <T> Future<T> call(Effect effect, Ask ask, Function<Reply, T> reader) {
    return call(
        effect,
        (endpoint, limitMillis) -> {
          AnswerAttempt<T> attempt = new AnswerAttempt<>(vertx, endpoint, limitMillis, reader);
          String target = ask.target(patienceMillis(limitMillis));
          return started(attempt, request(false, endpoint, ask, target, limitMillis), ask.body());
        });
  }

  /** A request that can be sent, with the token of the user if there is one. */
  private Future<HttpClientRequest> request(
      boolean watch, Endpoint endpoint, Ask ask, String target, long limitMillis) {
    if (login == null) {
      return connections.request(watch, endpoint, ask, target, limitMillis);
    }
    return login
        .token(endpoint, Repetition.limitMillis(limitMillis, endpoints.count()))
        .compose(
            token ->
                connections
                    .request(watch, endpoint, ask, target, limitMillis)
                    .map(
                        request ->
                            token == null
                                ? request
                                : request.putHeader(HttpHeaders.AUTHORIZATION, token)));
  }

  private <T> HttpCall.Started<T> started(
      Attempt<T> attempt, Future<HttpClientRequest> connected, Buffer body) {
    Future<T> outcome = attempt.start(connected, body);
    if (login != null) { // Before the call decides what follows.
      outcome.onFailure(
          cause -> login.noteFault(((FaultException) cause).fault(), attempt.token()));
    }
    return new HttpCall.Started<>(attempt, outcome);
  }

  /** How long a member may wait: what it says at the end of that must get here in time. */
  private static long patienceMillis(long limitMillis) {
    return Math.max(1, limitMillis - Math.max(1, Math.min(limitMillis / 10, ANSWER_MILLIS_MAX)));
  }

  /** When its turn comes because others were ended by closing, it is ended next, and not sent. */
  private void begin(HttpCall<?> call) {
    if (!closed) {
      call.begin();
    }
  }

  private <T> Future<T> call(Effect effect, HttpCall.Starter<T> starter) {
    Context context = vertx.getOrCreateContext();
    long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(requestTimeoutMillis);
    Repetition repetition = new Repetition(effect, endpoints.count(), login != null, deadlineNanos);
    HttpCall<T> call = new HttpCall<>(vertx, context, endpoints, repetition, starter);
    calls.add(call);
    if (!flight.enter(() -> begin(call))) {
      calls.remove(call);
      call.refuse(
          Fault.tooMany(
              limits.flyingMax()
                  + " requests are in flight and "
                  + limits.waitingMax()
                  + " wait, which are the limits of a client"));
      return call.outcome();
    }
    if (closed) { // Whether it was seen by close or not.
      call.close();
    }
    return call.outcome()
        .onComplete(
            done -> {
              calls.remove(call);
              flight.leave();
            });
  }
}
