package io.balsa.client.recipe;

import io.balsa.client.Condition;
import io.vertx.core.Future;

/** What a lock and an office are: the front of a queue. Any thread. */
abstract class Front {
  final Place place;

  Front(Place place) {
    this.place = place;
  }

  /** The key that stands for this holder. */
  public final String key() {
    return place.key();
  }

  /** The revision at which the place was taken. */
  public final long fencingToken() {
    return place.token();
  }

  /** Holds as long as the place is held. */
  public final Condition held() {
    return place.held();
  }

  /** Completes when the place is lost or may be. */
  public final Future<Void> ended() {
    return place.ended();
  }
}
