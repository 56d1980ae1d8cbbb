package io.balsa.client.recipe;

import io.balsa.client.Latch;
import io.balsa.client.recipe.NumberKey.Outcome;
import io.balsa.client.recipe.NumberKey.Seen;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;

/** A latch is closed while its key exists, which has how often it must be counted down. */
final class KeyLatch implements Latch {
  private final Home home;
  private final StandardClient client;
  private final NumberKey number;

  KeyLatch(StandardClient client, String key) {
    this.home = client.home();
    this.client = client;
    this.number = new NumberKey(client, key, true);
  }

  @Override
  public Future<Boolean> trySet(long count) {
    if (count < 1) {
      return Future.failedFuture(
          Refusals.invalid("latch count: found " + count + ", expected 1 or more"));
    }
    return number.set(new Seen(0, 0, 0), count).map(Outcome::done);
  }

  @Override
  public Future<Long> count() {
    return number.read().map(Seen::number);
  }

  @Override
  public Future<Long> countDown() {
    return home.call(() -> client.additions(number, KeyLatch::left).add(-1));
  }

  private static long left(long count, long delta) {
    return Math.max(0, count + delta);
  }

  @Override
  public Future<Void> await() {
    return home.call(
        () -> {
          Promise<Void> open = Promise.promise();
          look(open);
          return open.future();
        });
  }

  private void look(Promise<Void> open) {
    home.persist(number::read, () -> true)
        .onSuccess(
            seen -> {
              if (seen.isMissing()) {
                open.complete();
              } else {
                watch(seen, open);
              }
            })
        .onFailure(open::fail);
  }

  private void watch(Seen seen, Promise<Void> open) {
    Departure departure = new Departure(client, Buffer.buffer(number.key()), seen.revision() + 1);
    departure
        .seen()
        .onSuccess(
            deleted -> {
              if (deleted) {
                open.complete();
              } else {
                look(open);
              }
            })
        .onFailure(open::fail);
  }
}
