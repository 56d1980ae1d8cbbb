package io.balsa.client.recipe;

import io.balsa.client.BalsaLock;
import io.vertx.core.Future;

/** A lock is the front of a queue. */
final class HeldLock extends Front implements BalsaLock {
  HeldLock(Place place) {
    super(place);
  }

  @Override
  public Future<Void> unlock() {
    return place.leave();
  }
}
