package io.balsa.client.recipe;

import io.balsa.client.link.OnceKey;
import io.vertx.core.Future;
import java.util.function.Function;

/** How the writes of a client are sent. */
interface Writes {
  /** At once, and once: an unknown outcome is the caller's. */
  Writes PLAIN =
      new Writes() {
        @Override
        public <T> Future<T> send(Function<OnceKey, Future<T>> request) {
          return request.apply(null);
        }
      };

  /** Sends a write, with a key if it may be sent more than once. Any thread. */
  <T> Future<T> send(Function<OnceKey, Future<T>> request);
}
