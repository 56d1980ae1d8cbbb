package io.balsa.api.etcd;

import io.vertx.core.http.HttpConnection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * All places on one event loop whose clients wait. Connections on which nothing else happens are
 * kept open meanwhile: such a wait may take for ever.
 */
final class Places {
  private static final int SIGNS_PER_TIMEOUT = 3;
  private static final long NO_TIMER = -1;

  private final EtcdLoop loop;
  private final Set<Place> waiting = new LinkedHashSet<>();
  private long timer = NO_TIMER;

  Places(EtcdLoop loop) {
    this.loop = loop;
  }

  EtcdLoop loop() {
    return loop;
  }

  void add(Place place) {
    waiting.add(place);
    if (timer == NO_TIMER) {
      long millis = Math.max(1, loop.options().idleTimeoutMillis() / SIGNS_PER_TIMEOUT);
      timer = loop.vertx().setPeriodic(millis, id -> showLife());
    }
  }

  void remove(Place place) {
    waiting.remove(place);
    if (waiting.isEmpty() && timer != NO_TIMER) {
      loop.vertx().cancelTimer(timer);
      timer = NO_TIMER;
    }
  }

  private void showLife() {
    Set<HttpConnection> shown = new HashSet<>();
    for (Place place : waiting) {
      if (shown.add(place.call().connection())) {
        place.call().showLife();
      }
    }
  }

  /** Nobody can wait here any more. */
  void stop() {
    List.copyOf(waiting).forEach(place -> place.unavailable("server stopped"));
  }
}
