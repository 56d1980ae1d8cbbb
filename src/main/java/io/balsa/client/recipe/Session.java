package io.balsa.client.recipe;

import io.balsa.client.BalsaException;
import io.balsa.client.OutcomeUnknownException;
import io.balsa.client.link.OnceKey;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Sends each write of a client with a key of its own, so that it may be sent again until its
 * outcome is known. The session is a lease; the cluster remembers the outcomes of its newest writes
 * as long as that lives.
 *
 * <p>What is known of a write, and what its caller is told:
 *
 * <ul>
 *   <li>Never sent, and the session has ended: refused.
 *   <li>Refused at its first sending, for whatever reason: refused.
 *   <li>An outcome that is not known: sent again while the session lives, for its time to live at
 *       most; then unknown.
 *   <li>Sent again, and refused because the cluster is busy or has no leader: that tells nothing of
 *       the sending before; as an unknown outcome.
 *   <li>Sent again, and refused because the session has ended: the outcome was forgotten with it;
 *       unknown.
 *   <li>Sent again, and refused otherwise: that is the outcome that the cluster has remembered.
 * </ul>
 */
final class Session implements Writes {
  /** How many of the newest sequences of a session the cluster remembers. */
  static final int WINDOW = 128;

  /** How many writes may wait for their turn. */
  static final int WAITING_MAX = 1_024;

  private final Home home;
  private final KeptLease lease;
  private final long ttlNanos;
  private final Deque<Write<?>> waiting = new ArrayDeque<>();
  private final TreeSet<Long> underWay = new TreeSet<>();
  private long sequence; // Of the newest write that was sent.

  Session(Home home, KeptLease lease) {
    this.home = home;
    this.lease = lease;
    this.ttlNanos = TimeUnit.SECONDS.toNanos(lease.ttlSeconds());
    lease.ended().onComplete(none -> refuseWaiting());
  }

  /** Ends it. At home. */
  Future<Void> end() {
    Future<Void> ended = lease.end();
    refuseWaiting();
    return ended;
  }

  private BalsaException over() {
    return home.isClosed() ? Refusals.closed() : Refusals.sessionEnded(lease.id());
  }

  private void refuseWaiting() {
    while (!waiting.isEmpty()) {
      waiting.poll().promise.fail(over());
    }
  }

  @Override
  public <T> Future<T> send(Function<OnceKey, Future<T>> request) {
    return home.call(
        () -> {
          if (lease.isOver()) {
            return Future.failedFuture(over());
          }
          if (waiting.size() == WAITING_MAX) {
            return Future.failedFuture(
                Refusals.tooMany(
                    "session: %d writes wait, %d are under way"
                        .formatted(WAITING_MAX, underWay.size())));
          }
          Write<T> write = new Write<>(request);
          waiting.add(write);
          sendWaiting();
          return write.promise.future();
        });
  }

  private void sendWaiting() {
    // What leaves the window of the newest must have been answered: it is forgotten there.
    while (!waiting.isEmpty() && (underWay.isEmpty() || sequence + 1 - underWay.first() < WINDOW)) {
      waiting.poll().start(++sequence);
    }
  }

  private final class Write<T> {
    private final Function<OnceKey, Future<T>> request;
    private final Promise<T> promise = Promise.promise();
    private final Backoff backoff = Backoff.ofFailures();
    private OnceKey key;
    private long startedNanos;
    private BalsaException doubt; // Why it may have been done; null while that is out of question.

    Write(Function<OnceKey, Future<T>> request) {
      this.request = request;
    }

    void start(long number) {
      key = new OnceKey(lease.id(), number);
      startedNanos = System.nanoTime();
      underWay.add(number);
      attempt();
    }

    private void attempt() {
      Future.<Void>succeededFuture()
          .compose(none -> request.apply(key))
          .onSuccess(
              result -> {
                leave();
                promise.complete(result);
              })
          .onFailure(this::failed);
    }

    private void failed(Throwable failure) {
      if (failure instanceof OutcomeUnknownException unknown) {
        doubt = unknown;
        repeat();
      } else if (Refusals.isLeaseNotFound(failure)) {
        // The session's, or that of the key: the session's own lease tells.
        lease
            .confirm()
            .onSuccess(none -> fail(failure))
            .onFailure(reason -> refusedWithoutLease(failure, reason));
      } else if (doubt != null && Refusals.mayPass(failure)) {
        repeat();
      } else {
        fail(failure);
      }
    }

    private void refusedWithoutLease(Throwable refusal, Throwable reason) {
      if (doubt != null) {
        repeat();
      } else {
        fail(Refusals.isLeaseNotFound(reason) ? over() : refusal);
      }
    }

    private void repeat() {
      if (!isWorthRepeating()) {
        fail(unknown());
        return;
      }
      home.pause(backoff)
          .onSuccess(
              none -> {
                if (isWorthRepeating()) {
                  attempt();
                } else {
                  fail(unknown());
                }
              });
    }

    private boolean isWorthRepeating() {
      return !lease.isOver() && System.nanoTime() - startedNanos < ttlNanos;
    }

    private OutcomeUnknownException unknown() {
      String why = lease.isOver() ? "the session ended first" : "no answer within its time to live";
      return new OutcomeUnknownException(
          doubt.status(),
          doubt.kind(),
          doubt.getMessage() + "; session " + lease.id() + ": " + why);
    }

    private void fail(Throwable failure) {
      leave();
      promise.fail(failure);
    }

    private void leave() {
      underWay.remove(key.sequence());
      sendWaiting();
    }
  }
}
