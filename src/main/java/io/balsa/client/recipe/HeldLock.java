package io.balsa.client.recipe;

import io.balsa.client.BalsaLock;
import io.balsa.client.Condition;
import io.vertx.core.Future;

/** A lock is the front of a queue. */
final class HeldLock implements BalsaLock {
  private final Place place;

  HeldLock(Place place) {
    this.place = place;
  }

  @Override
  public String key() {
    return place.key();
  }

  @Override
  public long fencingToken() {
    return place.token();
  }

  @Override
  public Condition held() {
    return place.held();
  }

  @Override
  public Future<Void> ended() {
    return place.ended();
  }

  @Override
  public Future<Void> unlock() {
    return place.leave();
  }
}
