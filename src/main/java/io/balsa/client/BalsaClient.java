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
 * <p>Keys have 1 to 4,096 bytes; where they are given as text they are its UTF-8 form. Those that
 * begin with {@code balsa/} are for what this client makes itself: {@code balsa/lock/NAME/} and
 * {@code balsa/election/NAME/} with a key for each who wants it, {@code balsa/counter/NAME}, {@code
 * balsa/latch/NAME}. Such names have 1 to 128 characters without spaces, control characters,
 * commas, slashes and equals signs.
 *
 * <p>Once it is closed, a client refuses everything as {@code client-closed}.
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
   * The stream resumes by itself, without gap or repeat, on another member too. It delivers on the
   * context of the caller, or on one of the client's where the caller has none.
   *
   * <p>A watch from now on begins behind every write that was acknowledged before it was asked for:
   * so a quorum must answer for it to open.
   */
  Future<WatchStream> watch(WatchOptions options);

  /**
   * Makes a lease and keeps it alive until it is revoked or the client is closed. One that was made
   * though its answer was lost ends by itself.
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
   *
   * <p>Refused as {@code lock-timeout} if it was not had in time, and as {@code lock-lost} if the
   * place in the queue was lost, as when the cluster did not answer for the whole time to live; in
   * either case the place is given up.
   */
  Future<BalsaLock> lock(String name, LockOptions options);

  /**
   * The election of this name.
   *
   * @throws RefusedException if the name breaks the rule
   */
  Election election(String name);

  /**
   * The counter of this name, 0 until it is changed.
   *
   * @throws RefusedException if the name breaks the rule
   */
  Counter counter(String name);

  /**
   * The latch of this name, open until it is set.
   *
   * @throws RefusedException if the name breaks the rule
   */
  Latch latch(String name);

  /**
   * A client with a session: each of its writes takes effect once however often it has to be sent.
   * One whose outcome is not known is sent again for as long as the session lives, and for its time
   * to live at most; only then it ends as {@link OutcomeUnknownException}. At most 128 writes are
   * under way at once, 1,024 more wait their turn, and those beyond are refused as {@code
   * too-many-requests}.
   *
   * <p>The session is a lease, kept alive. Once it has ended, every further write is refused as
   * {@code lease-not-found}; the way on is another session. Closing the client ends the session,
   * and leaves this client as it is. Leases are made as without a session, also those of locks:
   * there it costs nothing to make one twice.
   *
   * @param ttlSeconds how long the session outlives this client, as for {@link #lease}
   */
  Future<BalsaClient> exactlyOnce(long ttlSeconds);

  /**
   * Ends its watches and sessions, revokes its leases, and with them lets go of its locks and
   * offices; then lets go of its connections. Always succeeds: a lease that the cluster does not
   * revoke when it is asked once more ends with its time to live.
   */
  Future<Void> close();
}
