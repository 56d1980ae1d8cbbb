package io.balsa.client.recipe;

import io.balsa.client.Condition;
import io.balsa.client.KeyValue;
import io.balsa.client.Lease;
import io.balsa.client.LockOptions;
import io.balsa.client.Operation;
import io.balsa.client.OperationResult;
import io.balsa.client.Txn;
import io.balsa.client.TxnResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;

/**
 * A place in a queue that has come to its front, as etcd's v3lock and v3election do it: a key that
 * hangs on a lease of its own. The revision at which it was made is its number; in front is who has
 * the lowest. Who waits watches only the key directly before its own, so that one who leaves wakes
 * one. Confined to the client's home.
 */
final class Place {
  private final StandardClient client;
  private final Home home;
  private final String prefix;
  private final Buffer value;
  private final Promise<Place> inFront = Promise.promise();
  private long timer = -1;
  private Departure departure; // Of who stands before; null while nobody is known to.
  private boolean isGivenUp;
  private Lease lease; // Null until it is granted.
  private String key;
  private long token;

  private Place(StandardClient client, String prefix, Buffer value) {
    this.client = client;
    this.home = client.home();
    this.prefix = prefix;
    this.value = value;
  }

  /** Completes when the place has come to the front. At home. */
  static Future<Place> take(
      StandardClient client, String prefix, Buffer value, LockOptions options) {
    long waitMillis = options.getWaitMillis();
    if (waitMillis < 0) {
      return Future.failedFuture(
          Refusals.invalid("waitMillis: found " + waitMillis + ", expected 0 or more"));
    }
    Place place = new Place(client, prefix, value);
    if (waitMillis > 0) {
      place.timer =
          place.home.after(waitMillis, () -> place.giveUp(Refusals.lockTimeout(waitMillis)));
    }
    client.lease(options.getTtlSeconds()).onSuccess(place::enter).onFailure(place::giveUp);
    return place.inFront.future();
  }

  String key() {
    return key;
  }

  long token() {
    return token;
  }

  Condition held() {
    return Condition.createRevisionIs(key, token);
  }

  Future<Void> ended() {
    return lease.ended();
  }

  Future<Void> leave() {
    return lease.revoke();
  }

  /** Puts another value, if the place is still there. */
  Future<Void> show(Buffer other) {
    return client
        .txn(new Txn().when(held()).then(Operation.put(key, other, lease.id())))
        .compose(
            done ->
                done.succeeded()
                    ? Future.succeededFuture()
                    : Future.failedFuture(Refusals.officeLost(key)));
  }

  private boolean isWaiting() {
    return !isGivenUp && !inFront.future().isComplete();
  }

  private void enter(Lease granted) {
    if (isGivenUp) {
      granted.revoke();
      return;
    }
    lease = granted;
    key = prefix + lease.id();
    lease
        .ended()
        .onComplete(none -> giveUp(home.isClosed() ? Refusals.closed() : Refusals.lockLost()));
    Txn make =
        new Txn()
            .when(Condition.missing(key))
            .then(Operation.put(key, value, lease.id()))
            .otherwise(Operation.get(key));
    // Made once however often it is asked for: the key is this place's only.
    home.persist(() -> client.txn(make), this::isWaiting)
        .onSuccess(
            made -> {
              token = createRevision(made);
              look();
            })
        .onFailure(this::failed);
  }

  private static long createRevision(TxnResult made) {
    OperationResult result = made.results().get(0);
    return made.succeeded() ? result.revision() : result.items().get(0).createRevision();
  }

  private void look() {
    home.persist(() -> PlaceQueue.read(client, prefix, 0), this::isWaiting)
        .onSuccess(this::find)
        .onFailure(this::failed);
  }

  private void find(PlaceQueue queue) {
    if (!isWaiting()) {
      return;
    }
    if (!queue.has(token)) {
      giveUp(Refusals.lockLost());
      return;
    }
    KeyValue before = queue.before(token).orElse(null);
    if (before == null) {
      home.cancel(timer);
      inFront.complete(this);
      return;
    }
    departure = new Departure(client, before.key(), queue.revision() + 1);
    departure
        .seen()
        .onSuccess(
            none -> {
              if (isWaiting()) {
                look();
              }
            })
        .onFailure(this::failed);
  }

  private void failed(Throwable failure) {
    giveUp(Refusals.isLeaseNotFound(failure) ? Refusals.lockLost() : failure);
  }

  /** Ends the wait; the caller hears of it when the place is free for the next one. */
  private void giveUp(Throwable failure) {
    if (!isWaiting()) {
      return;
    }
    isGivenUp = true;
    home.cancel(timer);
    if (departure != null) {
      departure.cancel();
    }
    Future<Void> left = lease == null ? Future.succeededFuture() : lease.revoke();
    left.onComplete(none -> inFront.fail(failure));
  }
}
