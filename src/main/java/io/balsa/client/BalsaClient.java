package io.balsa.client;

import io.balsa.client.link.EventBusLink;
import io.balsa.client.link.HttpLink;
import io.balsa.client.recipe.StandardClient;
import io.vertx.codegen.annotations.GenIgnore;
import io.vertx.codegen.annotations.Nullable;
import io.vertx.codegen.annotations.VertxGen;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;

/**
 * A client of a Balsa cluster: keys, transactions, watches and leases, and what applications build
 * on them. There are three ways to get one, and all behave alike: {@code Balsa.client} of a member
 * in the same Vert.x, {@link #create} over the network, {@link #onEventBus} over the event bus.
 *
 * <p>Any thread. Futures complete on the context of the caller where it has one. A failed future
 * has a {@link BalsaException}: {@link RefusedException} when nothing has happened, {@link
 * OutcomeUnknownException} when that cannot be told.
 *
 * <p>A client repeats by itself what is safe to repeat: reads, and writes that were refused before
 * they reached a log. Everything else it repeats only with a session, see {@link #exactlyOnce}.
 *
 * <p>Keys have 1 to 4,096 bytes; where they are given as text they are its UTF-8 form.
 */
@VertxGen
public interface BalsaClient {
  /** A client over the network, HTTP to any of several endpoints. Connects when it is used. */
  static BalsaClient create(Vertx vertx, BalsaClientOptions options) {
    return StandardClient.over(vertx, new HttpLink(vertx, options));
  }

  /**
   * A client over the event bus of this Vert.x, for a member in the same JVM or, where members were
   * started with a clustered event bus, anywhere in its cluster.
   *
   * @param requestTimeoutMillis how long a request waits for its answer
   */
  static BalsaClient onEventBus(Vertx vertx, long requestTimeoutMillis) {
    return StandardClient.over(vertx, new EventBusLink(vertx, requestTimeoutMillis));
  }

  /** Writes a key. Done when a quorum has it on disk. */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  default Future<PutResult> put(String key, Buffer value) {
    return put(Buffer.buffer(key), value, new PutOptions());
  }

  /** Writes a key if the conditions hold: refused as {@code precondition-failed} if they do not. */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  default Future<PutResult> put(String key, Buffer value, PutOptions options) {
    return put(Buffer.buffer(key), value, options);
  }

  /** Writes a key of any bytes, as {@link #put(String, Buffer, PutOptions)}. */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  Future<PutResult> put(Buffer key, Buffer value, PutOptions options);

  /** Reads a key, linearizable; null if it does not exist. */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  default Future<@Nullable KeyValue> get(String key) {
    return get(Buffer.buffer(key), new GetOptions());
  }

  /** Reads a key; null if it does not exist. */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  default Future<@Nullable KeyValue> get(String key, GetOptions options) {
    return get(Buffer.buffer(key), options);
  }

  /** Reads a key of any bytes; null if it does not exist. */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  Future<@Nullable KeyValue> get(Buffer key, GetOptions options);

  /** Deletes a key; a missing one deletes nothing and takes no revision. */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  default Future<DeleteResult> delete(String key) {
    return delete(Buffer.buffer(key), new DeleteOptions());
  }

  /** Deletes a key if the conditions hold: refused as {@code precondition-failed} if not. */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  default Future<DeleteResult> delete(String key, DeleteOptions options) {
    return delete(Buffer.buffer(key), options);
  }

  /** Deletes a key of any bytes, as {@link #delete(String, DeleteOptions)}. */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  Future<DeleteResult> delete(Buffer key, DeleteOptions options);

  /** Deletes every key that begins so, in one step; the prefix must not be empty. */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  Future<DeleteResult> deletePrefix(Buffer prefix);

  /** Reads one page of keys that begin alike. */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  Future<RangeResult> range(RangeOptions options);

  /** Does a transaction in one step. */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  Future<TxnResult> txn(Txn txn);

  /**
   * Watches keys. The future completes when the watch is in place: no change after that is missed.
   * The stream resumes by itself, without gap or repeat, on another member too.
   */
  Future<WatchStream> watch(WatchOptions options);

  /**
   * Makes a lease and keeps it alive until it is revoked or the client is closed.
   *
   * @param ttlSeconds how long it outlives this client, 1 or more; the cluster may raise it to one
   *     and a half election timeouts
   */
  Future<Lease> lease(long ttlSeconds);

  /** Waits for a lock as long as it takes, see {@link #lock(String, LockOptions)}. */
  default Future<BalsaLock> lock(String name) {
    return lock(name, new LockOptions());
  }

  /**
   * Waits for a lock that one holder has at a time, first come, first served. A holder that stops
   * responding loses it when its lease ends: see {@link BalsaLock} for what that asks of the code
   * under the lock.
   */
  Future<BalsaLock> lock(String name, LockOptions options);

  /** The election of this name. */
  Election election(String name);

  /** The counter of this name, 0 until it is changed. */
  Counter counter(String name);

  /** The latch of this name. */
  Latch latch(String name);

  /**
   * A client with a session: each of its writes takes effect once however often it has to be sent,
   * so that none ends as {@link OutcomeUnknownException} while the session lasts and the cluster
   * answers in time. At most 128 writes are under way at once, more wait their turn. Closing it
   * ends the session, and leaves this client as it is.
   *
   * @param ttlSeconds how long the session outlives this client, as for {@link #lease}
   */
  Future<BalsaClient> exactlyOnce(long ttlSeconds);

  /** Ends its watches, revokes its leases, and with them lets go of its locks and offices. */
  Future<Void> close();
}
