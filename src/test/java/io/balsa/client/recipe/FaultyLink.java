package io.balsa.client.recipe;

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
import io.balsa.client.WatchEvent;
import io.balsa.client.WatchOptions;
import io.balsa.client.link.Link;
import io.balsa.client.link.OnceKey;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.ContextInternal;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * A link that fails as a test wants it. It repeats nothing itself: each write is sent once, and
 * writes with a key are remembered as a cluster does.
 */
final class FaultyLink implements Link {
  /** What becomes of a request. */
  enum Fault {
    NONE,
    LATE_ANSWER,
    NO_ANSWER,
    NOT_SENT,
    REFUSED
  }

  private final Vertx vertx;
  private final Link link;
  private final Memory memory;
  private final Random random;
  private final Set<Opened> watches = ConcurrentHashMap.newKeySet();
  private final List<Fault> nextWrites = new ArrayList<>();
  private final List<Runnable> held = new ArrayList<>();
  private double writeFaults;
  private Fault allWrites = Fault.NONE;
  private boolean holdsAnswers;

  /** How long the answer to a request for a lease takes. */
  volatile long grantMillis;

  /** Of requests to renew a lease. */
  volatile Fault renewals = Fault.NONE;

  /** How many calls a watch makes before it ends, less one at random; 0 for no end. */
  volatile int callsPerWatch;

  /** Where the next watch says that it cannot begin, because all before this is compacted. */
  volatile long compacted;

  volatile boolean refusesWatches;

  final AtomicInteger renewed = new AtomicInteger();
  final AtomicInteger openings = new AtomicInteger();

  /** Changes that watches have delivered. */
  final AtomicInteger changes = new AtomicInteger();

  final AtomicLong bytesUnread = new AtomicLong();
  final AtomicLong bytesUnreadMax = new AtomicLong();

  FaultyLink(Vertx vertx, Link link, Memory memory, Random random) {
    this.vertx = vertx;
    this.link = link;
    this.memory = memory;
    this.random = random;
  }

  // ---- What the test wants

  /** Lets this share of writes meet a fault. */
  synchronized void setWriteFaults(double share) {
    writeFaults = share;
  }

  /** Lets the next writes meet these faults, one each. */
  synchronized void nextWrites(Fault... faults) {
    nextWrites.addAll(List.of(faults));
  }

  /** Holds back the answers of writes from now on. */
  synchronized void holdAnswers() {
    holdsAnswers = true;
  }

  /** Lets the answers go that were held back, and all that follow. */
  void releaseAnswers() {
    List<Runnable> released;
    synchronized (this) {
      holdsAnswers = false;
      released = List.copyOf(held);
      held.clear();
    }
    released.forEach(Runnable::run);
  }

  /** Ends a lease behind the back of the client that made it. */
  Future<Void> expire(String lease) {
    return revoke(lease);
  }

  /** Cuts off all watches as too slow, or ends them. */
  void endWatches(boolean slow) {
    watches.forEach(watch -> watch.end(slow));
  }

  Memory memory() {
    return memory;
  }

  /** Lets all writes meet this fault from now on. */
  synchronized void allWrites(Fault fault) {
    allWrites = fault;
  }

  int openWatches() {
    return watches.size();
  }

  private synchronized Fault fault() {
    if (!nextWrites.isEmpty()) {
      return nextWrites.remove(0);
    }
    if (allWrites != Fault.NONE) {
      return allWrites;
    }
    Fault[] faults = Fault.values();
    return random.nextDouble() < writeFaults
        ? faults[1 + random.nextInt(faults.length - 1)]
        : Fault.NONE;
  }

  private synchronized int random(int bound) {
    return random.nextInt(bound);
  }

  private synchronized boolean hold(Runnable answer) {
    if (holdsAnswers) {
      held.add(answer);
    }
    return holdsAnswers;
  }

  // ---- Requests

  private <T> Future<T> write(OnceKey once, Supplier<Future<T>> request) {
    Future<T> answer = meet(fault(), () -> memory.once(once, request));
    Promise<T> promise = Home.promise();
    answer.onComplete(
        outcome -> {
          Runnable tell = () -> promise.handle(outcome);
          if (!hold(tell)) {
            tell.run();
          }
        });
    return promise.future();
  }

  private <T> Future<T> meet(Fault fault, Supplier<Future<T>> request) {
    return switch (fault) {
      case NONE -> request.get();
      case LATE_ANSWER ->
          request
              .get()
              .transform(
                  answer ->
                      vertx
                          .timer(1 + random(10))
                          .transform(
                              none ->
                                  answer.succeeded()
                                      ? Future.succeededFuture(answer.result())
                                      : Future.failedFuture(answer.cause())));
      case NO_ANSWER -> request.get().transform(answer -> unknown());
      case NOT_SENT -> unknown();
      case REFUSED -> Future.failedFuture(new RefusedException(503, "no-leader", "no leader"));
    };
  }

  private static <T> Future<T> unknown() {
    return Future.failedFuture(new OutcomeUnknownException(504, "timeout", "no answer in time"));
  }

  @Override
  public Future<PutResult> put(Buffer key, Buffer value, PutOptions options, OnceKey once) {
    return write(once, () -> link.put(key, value, options, null));
  }

  @Override
  public Future<KeyValue> get(Buffer key, GetOptions options) {
    return link.get(key, options);
  }

  @Override
  public Future<DeleteResult> delete(Buffer key, DeleteOptions options, OnceKey once) {
    return write(once, () -> link.delete(key, options, null));
  }

  @Override
  public Future<DeleteResult> deletePrefix(Buffer prefix, OnceKey once) {
    return write(once, () -> link.deletePrefix(prefix, null));
  }

  @Override
  public Future<RangeResult> range(RangeOptions options) {
    return link.range(options);
  }

  @Override
  public Future<TxnResult> txn(Txn txn, OnceKey once) {
    return txn.getThen().stream().allMatch(operation -> operation.kind().equals("get"))
        ? link.txn(txn, null)
        : write(once, () -> link.txn(txn, null));
  }

  @Override
  public Future<LeaseInfo> grantLease(long ttlSeconds) {
    Future<LeaseInfo> granted =
        link.grantLease(ttlSeconds).onSuccess(lease -> memory.granted(lease.id()));
    return grantMillis == 0
        ? granted
        : granted.compose(lease -> vertx.timer(grantMillis).map(lease));
  }

  @Override
  public Future<LeaseInfo> keepAlive(String leaseId) {
    renewed.incrementAndGet();
    return meet(renewals, () -> link.keepAlive(leaseId));
  }

  @Override
  public Future<Void> revokeLease(String leaseId) {
    return meet(fault(), () -> revoke(leaseId));
  }

  private Future<Void> revoke(String leaseId) {
    return link.revokeLease(leaseId).onSuccess(none -> memory.ended(leaseId));
  }

  @Override
  public Future<Void> close() {
    return link.close();
  }

  // ---- Watches

  @Override
  public Future<OpenWatch> watch(WatchOptions options, WatchSink sink) {
    if (refusesWatches) {
      return Future.failedFuture(new RefusedException(503, "no-leader", "no leader"));
    }
    openings.incrementAndGet();
    int calls = callsPerWatch == 0 ? Integer.MAX_VALUE : 1 + random(callsPerWatch);
    Opened opened = new Opened(sink, calls, compacted);
    compacted = 0;
    return link.watch(options, opened)
        .map(
            watch -> {
              opened.watch = watch;
              watches.add(opened);
              return opened;
            });
  }

  private final class Opened implements WatchSink, OpenWatch {
    private final ContextInternal context = ContextInternal.current();
    private final WatchSink sink;
    private final long compactedTo;
    private OpenWatch watch;
    private int callsLeft;
    private long unread;
    private boolean isOver;

    Opened(WatchSink sink, int calls, long compactedTo) {
      this.sink = sink;
      this.callsLeft = calls;
      this.compactedTo = compactedTo;
    }

    void end(boolean slow) {
      context.runOnContext(none -> endNow(slow));
    }

    private void endNow(boolean slow) {
      if (isOver) {
        return;
      }
      close();
      if (slow) {
        sink.slow(0); // As one that tells nothing new.
      } else {
        sink.ended("the test wants it");
      }
    }

    /** Whether the watch still delivers; it ends in place of the call that is one too many. */
    private boolean delivers() {
      if (!isOver && compactedTo > 0) {
        close();
        sink.compacted(compactedTo);
      } else if (callsLeft-- == 0) {
        endNow(false);
      }
      return !isOver;
    }

    @Override
    public void changed(WatchEvent event, long bytes) {
      if (delivers()) {
        unread += bytes;
        long all = bytesUnread.addAndGet(bytes);
        bytesUnreadMax.accumulateAndGet(all, Math::max);
        sink.changed(event, bytes);
        changes.incrementAndGet();
      }
    }

    @Override
    public void progress(long revision) {
      if (delivers()) {
        sink.progress(revision);
      }
    }

    @Override
    public void compacted(long compactRevision) {
      sink.compacted(compactRevision);
    }

    @Override
    public void slow(long resumeFrom) {
      sink.slow(resumeFrom);
    }

    @Override
    public void denied(RefusedException why) {
      sink.denied(why);
    }

    @Override
    public void ended(String reason) {
      sink.ended(reason);
    }

    @Override
    public void credit(long bytes) {
      unread -= bytes;
      bytesUnread.addAndGet(-bytes);
      watch.credit(bytes);
    }

    @Override
    public void close() {
      isOver = true;
      watches.remove(this);
      watch.close();
    }
  }
}
