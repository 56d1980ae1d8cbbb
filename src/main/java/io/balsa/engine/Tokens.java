package io.balsa.engine;

import io.balsa.mvcc.auth.Auth;
import io.balsa.mvcc.auth.AuthAnswer;
import io.balsa.mvcc.auth.Credentials;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The tokens that this member knows from the log. Each member forgets one by its own clock when it
 * was not used there for a while; one that it never knew, because a snapshot took the place of the
 * entry, has to be asked for anew. Whether the token of a user is still good, the auth state says.
 */
final class Tokens {
  private static final long TTL_NANOS = 300_000_000_000L; // As etcd.

  private record Known(Credentials user, long deadlineNanos) {}

  // In the order of their deadlines.
  private final Map<String, Known> all = new LinkedHashMap<>();

  void add(AuthAnswer.Token token, long nowNanos) {
    Credentials user = new Credentials(Credentials.Kind.USER, token.user(), token.revision());
    all.put(token.token(), new Known(user, nowNanos + TTL_NANOS));
  }

  /**
   * Whose token it is, which lives longer by being used; null where it is not, or no more, known.
   */
  Credentials find(String token, Auth auth, long nowNanos) {
    Known known = all.remove(token);
    if (known == null || known.deadlineNanos() - nowNanos <= 0 || !auth.isGood(known.user())) {
      return null;
    }
    all.put(token, new Known(known.user(), nowNanos + TTL_NANOS));
    return known.user();
  }

  /** Forgets those whose time is over. */
  void tick(long nowNanos) {
    Iterator<Known> oldest = all.values().iterator();
    while (oldest.hasNext() && oldest.next().deadlineNanos() - nowNanos <= 0) {
      oldest.remove();
    }
  }
}
