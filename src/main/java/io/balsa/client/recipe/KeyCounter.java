package io.balsa.client.recipe;

import io.balsa.client.Counter;
import io.balsa.client.recipe.NumberKey.Seen;
import io.vertx.core.Future;

/** A counter is the number in a key. */
final class KeyCounter implements Counter {
  private final StandardClient client;
  private final NumberKey number;

  KeyCounter(StandardClient client, String key) {
    this.client = client;
    this.number = new NumberKey(client, key, false);
  }

  @Override
  public Future<Long> get() {
    return number.read().map(Seen::number);
  }

  @Override
  public Future<Long> add(long delta) {
    return client.home().call(() -> client.additions(number, this::sum).add(delta));
  }

  private long sum(long number, long delta) {
    try {
      return Math.addExact(number, delta);
    } catch (ArithmeticException e) {
      throw Refusals.counterOverflow(this.number.key(), number, delta);
    }
  }

  @Override
  public Future<Boolean> compareAndSet(long expected, long value) {
    return client
        .home()
        .call(
            () ->
                number
                    .read()
                    .compose(seen -> compareAndSet(seen, expected, value, Backoff.ofConflicts())));
  }

  private Future<Boolean> compareAndSet(Seen seen, long expected, long value, Backoff backoff) {
    if (seen.number() != expected) {
      return Future.succeededFuture(false);
    }
    return number
        .set(seen, value)
        .compose(
            outcome ->
                outcome.done()
                    ? Future.succeededFuture(true)
                    : client
                        .home()
                        .pause(backoff)
                        .compose(none -> compareAndSet(outcome.seen(), expected, value, backoff)));
  }
}
