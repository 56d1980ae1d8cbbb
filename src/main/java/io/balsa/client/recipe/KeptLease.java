package io.balsa.client.recipe;

import io.balsa.client.Lease;
import io.balsa.client.LeaseInfo;
import io.balsa.client.OutcomeUnknownException;
import io.balsa.client.link.Link;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A lease that is renewed every third of its time to live.
 *
 * <p>The cluster counts from when a renewal reaches it, this from when it was asked for: what the
 * clock says here ends before it ends there. Confined to the client's home, except for the methods
 * of {@link Lease}.
 */
final class KeptLease implements Lease {
  private static final long NANOS_PER_MILLI = TimeUnit.MILLISECONDS.toNanos(1);
  private static final int RENEWALS_PER_LIFE = 3;

  private final Home home;
  private final Link link;
  private final LeaseInfo info;
  private final Consumer<KeptLease> over;
  private final long ttlNanos;
  private final Promise<Void> ended = Promise.promise();
  private final Backoff backoff = Backoff.ofFailures();
  private Future<Void> revoked; // Null until it is asked for.
  private long askedNanos; // For the newest renewal that was answered.
  private long renewal; // The timer for the next one.
  private long deadline; // The timer for when none was answered in time.

  /**
   * Begins to renew it.
   *
   * @param askedNanos when it was asked for, by the monotonic clock
   * @param over called once when it has ended
   */
  KeptLease(Home home, Link link, LeaseInfo info, long askedNanos, Consumer<KeptLease> over) {
    this.home = home;
    this.link = link;
    this.info = info;
    this.over = over;
    this.ttlNanos = TimeUnit.SECONDS.toNanos(info.ttlSeconds());
    this.askedNanos = askedNanos;
    this.renewal = home.after(periodMillis(), this::renew);
    this.deadline = home.after(remainingMillis(), this::expire);
  }

  private long periodMillis() {
    return ttlNanos / NANOS_PER_MILLI / RENEWALS_PER_LIFE;
  }

  private long remainingMillis() {
    return (askedNanos + ttlNanos - System.nanoTime()) / NANOS_PER_MILLI;
  }

  boolean isOver() {
    return revoked != null || ended.future().isComplete();
  }

  private void renew() {
    // One that gets no answer must not keep the next one from being sent.
    renewal = home.after(periodMillis(), this::renew);
    long mine = renewal;
    confirm()
        .onFailure(
            failure -> {
              if (!isOver() && mine == renewal) {
                home.cancel(renewal);
                renewal = home.after(Math.min(backoff.nextMillis(), periodMillis()), this::renew);
              }
            });
  }

  /** Renews it now: succeeds if it lives, and is refused as {@code lease-not-found} if not. */
  Future<Void> confirm() {
    long asked = System.nanoTime();
    return link.keepAlive(info.id())
        .onSuccess(
            renewed -> {
              if (!isOver()) {
                renewed(asked);
              }
            })
        .onFailure(
            failure -> {
              if (Refusals.isLeaseNotFound(failure)) {
                lose(failure);
              }
            })
        .mapEmpty();
  }

  private void renewed(long asked) {
    backoff.reset();
    if (asked - askedNanos > 0) {
      askedNanos = asked;
      home.cancel(deadline);
      deadline = home.after(remainingMillis(), this::expire);
    }
  }

  private void expire() {
    lose(
        new OutcomeUnknownException(
            504,
            "lease-lost",
            "lease %s: no renewal was answered for %d s: it may have expired"
                .formatted(info.id(), info.ttlSeconds())));
    link.revokeLease(info.id()); // So that nobody waits for what is not counted on here any more.
  }

  private void lose(Throwable failure) {
    if (!isOver()) {
      stop();
      ended.fail(failure);
      over.accept(this);
    }
  }

  private void stop() {
    home.cancel(renewal);
    home.cancel(deadline);
  }

  /** Ends it; repeats that until it would have expired anyway. At home. */
  Future<Void> end() {
    if (revoked == null) {
      revoked = ended.future().isComplete() ? Future.succeededFuture() : askToEnd();
    }
    return revoked;
  }

  private Future<Void> askToEnd() {
    stop();
    Promise<Void> asked = Promise.promise();
    home.<Void>persist(() -> link.revokeLease(info.id()), () -> remainingMillis() > 0)
        .recover(
            failure ->
                Refusals.isLeaseNotFound(failure)
                    ? Future.succeededFuture()
                    : Future.failedFuture(failure))
        .onComplete(
            answer -> {
              ended.handle(answer);
              over.accept(this);
              asked.handle(answer);
            });
    return asked.future();
  }

  @Override
  public String id() {
    return info.id();
  }

  @Override
  public long ttlSeconds() {
    return info.ttlSeconds();
  }

  @Override
  public Future<Void> ended() {
    return Home.toCaller(ended.future());
  }

  @Override
  public Future<Void> revoke() {
    Promise<Void> promise = Home.promise();
    home.run(() -> end().onComplete(promise));
    return promise.future();
  }
}
