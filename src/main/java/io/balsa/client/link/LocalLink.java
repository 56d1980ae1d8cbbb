package io.balsa.client.link;

import io.balsa.api.HexId;
import io.balsa.api.Problem;
import io.balsa.api.ProblemException;
import io.balsa.api.RangePage;
import io.balsa.bus.Addresses;
import io.balsa.bus.ReplicaClient;
import io.balsa.client.BalsaException;
import io.balsa.client.DeleteOptions;
import io.balsa.client.DeleteResult;
import io.balsa.client.GetOptions;
import io.balsa.client.KeyValue;
import io.balsa.client.LeaseInfo;
import io.balsa.client.OutcomeUnknownException;
import io.balsa.client.PutOptions;
import io.balsa.client.PutResult;
import io.balsa.client.RangeOptions;
import io.balsa.client.RangeResult;
import io.balsa.client.RefusedException;
import io.balsa.client.Txn;
import io.balsa.client.TxnResult;
import io.balsa.client.WatchOptions;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.engine.request.WatchEvent;
import io.balsa.mvcc.auth.Credentials;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.Op;
import io.balsa.mvcc.command.OpResult;
import io.balsa.mvcc.command.Ops;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.VertxInternal;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A member in the same Vert.x: requests go to its replica over the local event bus, all of one turn
 * of the event loop in one message, and nothing is encoded.
 */
public final class LocalLink implements Link {
  private static final long WATCH_WINDOW_BYTES = 256 << 10;

  private final Context home; // The replica's client is confined to it.
  private final ReplicaClient replica;
  private final long requestTimeoutMillis;
  private final int requestBytesMax;
  private final Credentials by;

  private LocalLink(
      Context home,
      ReplicaClient replica,
      long requestTimeoutMillis,
      int requestBytesMax,
      Credentials by) {
    this.by = by;
    this.home = home;
    this.replica = replica;
    this.requestTimeoutMillis = requestTimeoutMillis;
    this.requestBytesMax = requestBytesMax;
  }

  /**
   * Opens a link to the member at these addresses, which must be running. It may do everything:
   * whoever can open it is in the member's own process.
   *
   * @param requestBytesMax the longest value, and the most bytes of all values of a transaction
   */
  public static Future<LocalLink> open(
      Vertx vertx, Addresses addresses, long requestTimeoutMillis, int requestBytesMax) {
    // Of its own: that of a verticle ends with it. On the caller's event loop if it has one.
    Context home = ((VertxInternal) vertx).createEventLoopContext();
    Promise<LocalLink> opened = Promise.promise();
    home.runOnContext(
        none ->
            opened.complete(
                new LocalLink(
                    home,
                    new ReplicaClient(vertx, addresses),
                    requestTimeoutMillis,
                    requestBytesMax,
                    Credentials.TRUSTED)));
    return opened.future();
  }

  /** The same link, whose requests wait as long as this. */
  public LocalLink within(long timeoutMillis) {
    return new LocalLink(home, replica, timeoutMillis, requestBytesMax, by);
  }

  /** The same link, on behalf of another. */
  public LocalLink as(Credentials other) {
    return new LocalLink(home, replica, requestTimeoutMillis, requestBytesMax, other);
  }

  @Override
  public Future<PutResult> put(Buffer key, Buffer value, PutOptions options, OnceKey once) {
    return write(
        () -> EngineMapping.put(key, value, options),
        once,
        written -> {
          OpResult.Put put = EngineMapping.written(OpResult.Put.class, written.result());
          return new PutResult(put.revision(), put.version());
        });
  }

  @Override
  public Future<KeyValue> get(Buffer key, GetOptions options) {
    return call(
        () -> EngineMapping.read(key, options.getConsistency(), options.getRevision()),
        Reply.Read.class,
        EngineMapping::item);
  }

  @Override
  public Future<DeleteResult> delete(Buffer key, DeleteOptions options, OnceKey once) {
    return write(() -> EngineMapping.delete(key, options), once, LocalLink::deleted);
  }

  @Override
  public Future<DeleteResult> deletePrefix(Buffer prefix, OnceKey once) {
    return write(() -> EngineMapping.deletePrefix(prefix), once, LocalLink::deleted);
  }

  private static DeleteResult deleted(Reply.Written written) {
    OpResult.Deleted deleted = EngineMapping.written(OpResult.Deleted.class, written.result());
    return new DeleteResult(written.revision(), deleted.deleted());
  }

  @Override
  public Future<RangeResult> range(RangeOptions options) {
    try {
      RangePage page = EngineMapping.page(options);
      Request.Read read = EngineMapping.read(options, page);
      return call(() -> read, Reply.Read.class, reply -> EngineMapping.result(page, reply));
    } catch (ProblemException e) {
      return Future.failedFuture(exception(e.problem()));
    }
  }

  @Override
  public Future<TxnResult> txn(Txn txn, OnceKey once) {
    Op.Txn op;
    try {
      op = EngineMapping.txn(txn);
    } catch (ProblemException e) {
      return Future.failedFuture(exception(e.problem()));
    }
    return Ops.isReadOnly(op)
        ? call(
            () -> new Request.Read(op, false),
            Reply.Read.class,
            read -> EngineMapping.txn(read.revision(), read.result()))
        : write(() -> op, once, written -> EngineMapping.txn(written.revision(), written.result()));
  }

  @Override
  public Future<LeaseInfo> grantLease(long ttlSeconds) {
    return call(
        () -> new Request.LeaseGrant(0, ttlSeconds), Reply.Lease.class, EngineMapping::lease);
  }

  @Override
  public Future<LeaseInfo> keepAlive(String leaseId) {
    return call(
        () -> new Request.LeaseKeepAlive(HexId.parse(leaseId, "lease")),
        Reply.Lease.class,
        EngineMapping::lease);
  }

  @Override
  public Future<Void> revokeLease(String leaseId) {
    return call(
        () -> new Request.LeaseRevoke(HexId.parse(leaseId, "lease")),
        Reply.LeaseEnded.class,
        ended -> null);
  }

  private <T> Future<T> write(Supplier<Op> op, OnceKey once, Function<Reply.Written, T> mapping) {
    return call(
        () -> {
          Op write = op.get();
          long bytes = EngineMapping.valueBytes(write);
          if (bytes > requestBytesMax) {
            throw new ProblemException(
                Problem.tooLarge(
                    "value: "
                        + bytes
                        + " bytes, expected at most "
                        + requestBytesMax
                        + " in one request"));
          }
          return new Request.Write(write, EngineMapping.once(once));
        },
        Reply.Written.class,
        mapping);
  }

  private <R extends Reply, T> Future<T> call(
      Supplier<Request> request, Class<R> type, Function<R, T> mapping) {
    Context caller = Vertx.currentContext();
    Promise<T> promise = Promise.promise();
    home.runOnContext(
        none -> {
          try {
            replica
                .call(request.get(), requestTimeoutMillis, by)
                .onSuccess(reply -> complete(caller, promise, reply, type, mapping));
          } catch (ProblemException e) {
            on(caller, () -> promise.fail(exception(e.problem())));
          }
        });
    return promise.future();
  }

  private <R extends Reply, T> void complete(
      Context caller, Promise<T> promise, Reply reply, Class<R> type, Function<R, T> mapping) {
    on(
        caller,
        () -> {
          try {
            if (reply instanceof Reply.Refused refused) {
              promise.fail(exception(Problem.of(refused)));
            } else {
              promise.complete(mapping.apply(type.cast(reply)));
            }
          } catch (ProblemException e) {
            promise.fail(exception(e.problem()));
          }
        });
  }

  private void on(Context context, Runnable action) {
    if (context == null || context == home) {
      action.run();
    } else {
      context.runOnContext(none -> action.run());
    }
  }

  /** The exception that stands for a problem. */
  static BalsaException exception(Problem problem) {
    return problem.unknown()
        ? new OutcomeUnknownException(problem.status(), problem.kind(), problem.detail())
        : new RefusedException(problem.status(), problem.kind(), problem.detail());
  }

  @Override
  public Future<OpenWatch> watch(WatchOptions options, WatchSink sink) {
    Context caller = Vertx.currentContext();
    Promise<OpenWatch> opened = Promise.promise();
    KeyRange keys;
    try {
      keys = EngineMapping.watched(options);
      EngineMapping.revision(options.getFrom());
    } catch (ProblemException e) {
      return Future.failedFuture(exception(e.problem()));
    }
    Watch watch = new Watch(caller, options.getFrom(), sink, opened);
    home.runOnContext(none -> watch.open(keys, options.isPrevious()));
    return opened.future();
  }

  @Override
  public Future<Void> close() {
    Promise<Void> closed = Promise.promise();
    home.runOnContext(none -> replica.close().onComplete(closed));
    return closed.future();
  }

  /** Between the replica's client at home and a sink on another context. */
  private final class Watch implements OpenWatch {
    private final Context caller;
    private final long from;
    private final WatchSink sink;
    private final Promise<OpenWatch> opened;
    private ReplicaClient.Watch watch; // At home.
    private boolean closed; // On the caller's context.

    Watch(Context caller, long from, WatchSink sink, Promise<OpenWatch> opened) {
      this.caller = caller;
      this.from = from;
      this.sink = sink;
      this.opened = opened;
    }

    void open(KeyRange keys, boolean previous) {
      watch =
          replica.watch(
              keys, from, previous, WATCH_WINDOW_BYTES, by, event -> on(caller, () -> take(event)));
    }

    private void take(WatchEvent event) {
      if (closed) {
        return;
      }
      closed = event.isLast();
      if (event instanceof WatchEvent.Ended ended && ended.refusal() != null) {
        denied(ended);
        return;
      }
      opened.tryComplete(this); // The first event says that the watch is in place.
      if (event instanceof WatchEvent.Changed changed) {
        sink.changed(EngineMapping.event(changed.revision(), changed.changes()), changed.bytes());
      } else if (event instanceof WatchEvent.Progress progress) {
        // Whoever resumes behind it must not see what was never asked for.
        if (progress.complete() && progress.revision() >= from - 1) {
          sink.progress(progress.revision());
        }
      } else if (event instanceof WatchEvent.Compacted compacted) {
        sink.compacted(compacted.compactRevision());
      } else if (event instanceof WatchEvent.Slow slow) {
        sink.slow(slow.resumeFrom());
      } else {
        sink.ended(((WatchEvent.Ended) event).reason());
      }
    }

    private void denied(WatchEvent.Ended ended) {
      Reply.Refused refused = new Reply.Refused(ended.refusal(), false, ended.reason());
      RefusedException why = (RefusedException) exception(Problem.of(refused));
      if (!opened.tryFail(why)) {
        sink.denied(why);
      }
    }

    @Override
    public void credit(long bytes) {
      home.runOnContext(none -> watch.credit(bytes));
    }

    @Override
    public void close() {
      closed = true;
      home.runOnContext(none -> watch.close());
    }
  }
}
