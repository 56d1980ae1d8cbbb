package io.balsa.client.recipe;

import io.balsa.client.BalsaClient;
import io.balsa.client.BalsaLock;
import io.balsa.client.Condition;
import io.balsa.client.Counter;
import io.balsa.client.DeleteOptions;
import io.balsa.client.DeleteResult;
import io.balsa.client.Election;
import io.balsa.client.GetOptions;
import io.balsa.client.KeyValue;
import io.balsa.client.Latch;
import io.balsa.client.Lease;
import io.balsa.client.LockOptions;
import io.balsa.client.PutOptions;
import io.balsa.client.PutResult;
import io.balsa.client.RangeOptions;
import io.balsa.client.RangeResult;
import io.balsa.client.Txn;
import io.balsa.client.TxnResult;
import io.balsa.client.WatchOptions;
import io.balsa.client.WatchStream;
import io.balsa.client.link.Link;
import io.balsa.client.link.OnceKey;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.ContextInternal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.LongBinaryOperator;
import java.util.function.Supplier;

/**
 * A client over a link: it passes requests on, and keeps what outlives a request, its watches,
 * leases and sessions, until it is closed.
 *
 * <p>Locks, elections, counters and latches use nothing but the public methods of this class: so
 * those of a client with a session write with its session.
 */
public final class StandardClient implements BalsaClient {
  private final Home home;
  private final Link link;
  private final Writes writes;
  private final Supplier<Future<Void>> release; // What is left to do when all else is closed.
  private final Set<ResumingWatch> watches = ConcurrentHashMap.newKeySet();
  // At home.
  private final Set<KeptLease> leases = new LinkedHashSet<>();
  private final Set<StandardClient> sessions = new LinkedHashSet<>();
  private final Set<Future<?>> granting = new LinkedHashSet<>();
  private final Map<String, Additions> additions = new HashMap<>();
  private Future<Void> closed; // Null while it is open.

  private StandardClient(Home home, Link link, Writes writes, Supplier<Future<Void>> release) {
    this.home = home;
    this.link = link;
    this.writes = writes;
    this.release = release;
  }

  /** A client over this link, which it closes when it is closed. Any thread. */
  public static BalsaClient over(Vertx vertx, Link link) {
    return new StandardClient(Home.in(vertx), link, Writes.PLAIN, link::close);
  }

  Home home() {
    return home;
  }

  // ---- Keys

  @Override
  public Future<PutResult> put(Buffer key, Buffer value, PutOptions options) {
    return write(once -> link.put(key, value, options, once));
  }

  @Override
  public Future<KeyValue> get(Buffer key, GetOptions options) {
    return read(() -> link.get(key, options));
  }

  @Override
  public Future<DeleteResult> delete(Buffer key, DeleteOptions options) {
    return write(once -> link.delete(key, options, once));
  }

  @Override
  public Future<DeleteResult> deletePrefix(Buffer prefix) {
    return write(once -> link.deletePrefix(prefix, once));
  }

  @Override
  public Future<RangeResult> range(RangeOptions options) {
    return read(() -> link.range(options));
  }

  @Override
  public Future<TxnResult> txn(Txn txn) {
    return txn.isReadOnly() ? read(() -> link.txn(txn, null)) : write(once -> link.txn(txn, once));
  }

  private <T> Future<T> read(Supplier<Future<T>> request) {
    return home.isClosed() ? refusedAsClosed() : request.get();
  }

  private <T> Future<T> write(Function<OnceKey, Future<T>> request) {
    return home.isClosed() ? refusedAsClosed() : writes.send(request);
  }

  private static <T> Future<T> refusedAsClosed() {
    Promise<T> promise = Home.promise();
    promise.fail(Refusals.closed());
    return promise.future();
  }

  // ---- Watches

  @Override
  public Future<WatchStream> watch(WatchOptions options) {
    ContextInternal context = home.contextOfCaller();
    WatchOptions copy = new WatchOptions(options);
    ResumingWatch watch = new ResumingWatch(home, context, link, copy, watches::remove);
    Promise<WatchStream> placed = Home.promise();
    watches.add(watch);
    if (context.isRunningOnContext()) {
      open(watch, copy, placed);
    } else {
      context.runOnContext(none -> open(watch, copy, placed));
    }
    return placed.future();
  }

  private void open(ResumingWatch watch, WatchOptions options, Promise<WatchStream> placed) {
    long from = options.getFrom();
    // From now on, too, must be a revision: else nothing is there to go on from when the first
    // watch ends before it has told anything.
    Future<Long> start =
        from == 0 ? revision(options).map(now -> now + 1) : Future.succeededFuture(from);
    start
        .compose(
            first -> home.isClosed() ? Future.failedFuture(Refusals.closed()) : watch.open(first))
        .onFailure(failure -> watch.cut())
        .onComplete(placed);
  }

  /** The store's revision, linearizable, for who may see what is to be watched. */
  private Future<Long> revision(WatchOptions options) {
    Buffer seen = options.getKey() == null ? options.getPrefix() : options.getKey();
    Buffer key = seen == null || seen.length() == 0 ? Buffer.buffer("balsa") : seen;
    // A transaction without operations reads nothing, and tells the revision.
    return txn(new Txn().when(new Condition(key, "version", ">", 0L))).map(TxnResult::revision);
  }

  // ---- Leases and sessions

  @Override
  public Future<Lease> lease(long ttlSeconds) {
    return home.call(() -> grant(home, ttlSeconds).map(lease -> lease));
  }

  /** Makes a lease for a client, this one or one of its sessions. */
  private Future<KeptLease> grant(Home owner, long ttlSeconds) {
    long asked = System.nanoTime();
    Promise<KeptLease> granted = Promise.promise();
    Future<KeptLease> future = granted.future();
    granting.add(future);
    link.grantLease(ttlSeconds)
        .map(info -> new KeptLease(owner, link, info, asked, leases::remove))
        .onComplete(
            answer -> {
              granting.remove(future);
              if (answer.succeeded()) {
                leases.add(answer.result());
              }
              if (answer.succeeded() && home.isClosed()) {
                granted.fail(Refusals.closed()); // Closing waits for this, and then revokes it.
              } else {
                granted.handle(answer);
              }
            });
    return future;
  }

  @Override
  public Future<BalsaClient> exactlyOnce(long ttlSeconds) {
    Home shared = home.share();
    return home.call(() -> grant(shared, ttlSeconds).map(lease -> session(shared, lease)));
  }

  private BalsaClient session(Home shared, KeptLease lease) {
    Session session = new Session(shared, lease);
    StandardClient client = new StandardClient(shared, link, session, session::end);
    sessions.add(client);
    lease.ended().onComplete(none -> sessions.remove(client));
    return client;
  }

  // ---- What is built on them

  @Override
  public Future<BalsaLock> lock(String name, LockOptions options) {
    LockOptions copy = new LockOptions(options);
    return home.call(
        () -> Place.take(this, RecipeKeys.lock(name), Buffer.buffer(), copy).map(HeldLock::new));
  }

  @Override
  public Election election(String name) {
    return new QueueElection(this, RecipeKeys.election(name));
  }

  @Override
  public Counter counter(String name) {
    return new KeyCounter(this, RecipeKeys.counter(name));
  }

  @Override
  public Latch latch(String name) {
    return new KeyLatch(this, RecipeKeys.latch(name));
  }

  /** Where the additions to a number meet; by the rule of its kind. At home. */
  Additions additions(NumberKey number, LongBinaryOperator rule) {
    return additions.computeIfAbsent(
        number.key(), key -> new Additions(number, rule, () -> additions.remove(key)));
  }

  // ---- The end

  @Override
  public Future<Void> close() {
    Promise<Void> promise = Home.promise();
    home.run(
        () -> {
          if (closed == null) {
            closed = end();
          }
          closed.onComplete(promise);
        });
    return promise.future();
  }

  private Future<Void> end() {
    home.close();
    List<Future<?>> ending = new ArrayList<>();
    watches.forEach(watch -> ending.add(watch.cut()));
    List.copyOf(sessions).forEach(session -> ending.add(session.close()));
    ending.addAll(granting);
    return settled(ending)
        .compose(none -> settled(List.copyOf(leases).stream().map(KeptLease::end).toList()))
        .compose(none -> release.get())
        .otherwiseEmpty();
  }

  /** What the cluster does not answer to ends with its time to live. */
  private static Future<Void> settled(List<? extends Future<?>> futures) {
    return futures.isEmpty()
        ? Future.succeededFuture()
        : Future.join(futures).<Void>mapEmpty().otherwiseEmpty();
  }
}
