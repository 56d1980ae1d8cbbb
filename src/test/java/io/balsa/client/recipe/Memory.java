package io.balsa.client.recipe;

import io.balsa.client.RefusedException;
import io.balsa.client.link.OnceKey;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * What a cluster remembers of sessions: the outcomes of the newest 128 sequences of each, as long
 * as its lease lives. Also what was wrongly sent.
 */
final class Memory {
  private static final int WINDOW = 128;

  private final Set<String> leases = new HashSet<>();
  private final Map<String, TreeMap<Long, Future<?>>> outcomes = new HashMap<>();
  final List<String> violations = new ArrayList<>();
  private int repeated;
  private long newest;

  synchronized void granted(String lease) {
    leases.add(lease);
  }

  synchronized void ended(String lease) {
    leases.remove(lease);
    outcomes.remove(lease);
  }

  synchronized Set<String> leases() {
    return Set.copyOf(leases);
  }

  /** How many writes were asked for again and not done again. */
  synchronized int repeated() {
    return repeated;
  }

  /** The largest sequence of any session. */
  synchronized long newest() {
    return newest;
  }

  /** Does a write, or gives the outcome that it had. */
  synchronized <T> Future<T> once(OnceKey key, Supplier<Future<T>> write) {
    if (key == null) {
      return write.get();
    }
    if (!leases.contains(key.session())) {
      return Future.failedFuture(
          new RefusedException(404, "lease-not-found", "no lease " + key.session()));
    }
    TreeMap<Long, Future<?>> session =
        outcomes.computeIfAbsent(key.session(), absent -> new TreeMap<>());
    newest = Math.max(newest, key.sequence());
    if (!session.isEmpty() && key.sequence() <= session.lastKey() - WINDOW) {
      violations.add("sent " + key + " after " + session.lastKey());
      return Future.failedFuture(new RefusedException(409, "forgotten", "sequence is forgotten"));
    }
    @SuppressWarnings("unchecked") // The same write has the same type.
    Future<T> known = (Future<T>) session.get(key.sequence());
    if (known != null) {
      repeated++;
      return known;
    }
    Future<T> outcome = write.get();
    session.put(key.sequence(), outcome);
    session.headMap(session.lastKey() - WINDOW, true).clear();
    return outcome;
  }
}
