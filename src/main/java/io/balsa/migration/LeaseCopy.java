package io.balsa.migration;

import io.balsa.api.etcd.proto.etcdserverpb.LeaseTimeToLiveResponse;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Gives the leases of one store to another, under the same ids and with the same times, and keeps
 * them alive there as long as they live here and this is asked to. One thread.
 */
final class LeaseCopy {
  private static final int RENEWALS_PER_TTL = 3;

  private static final class Copy {
    private final long ttlNanos;
    private long renewedNanos = System.nanoTime();

    Copy(long ttlSeconds) {
      this.ttlNanos = TimeUnit.SECONDS.toNanos(ttlSeconds);
    }

    boolean isDue(long now) {
      return now - renewedNanos >= ttlNanos / RENEWALS_PER_TTL;
    }
  }

  private final EtcdStore from;
  private final EtcdStore to;
  private final Map<Long, Copy> copies = new HashMap<>();

  LeaseCopy(EtcdStore from, EtcdStore to) {
    this.from = from;
    this.to = to;
  }

  /** Sees to it that the lease is there; false if it has ended. */
  boolean copy(long lease) throws MigrationException {
    if (lease == 0 || copies.containsKey(lease)) {
      return true;
    }
    LeaseTimeToLiveResponse state = from.timeToLive(lease);
    if (state.getTTL() < 0) {
      return false;
    }
    long ttlSeconds = state.getGrantedTTL();
    try {
      to.grant(lease, ttlSeconds);
    } catch (MigrationException e) {
      if (!e.is(EtcdStore.FAILED_PRECONDITION)) { // It is there already.
        throw e;
      }
      to.keepAlive(lease);
    }
    copies.put(lease, new Copy(ttlSeconds));
    return true;
  }

  /** How many leases were copied and have not ended. */
  int count() {
    return copies.size();
  }

  /** Renews what is due; to be called every second or so. */
  void renew() throws MigrationException {
    long now = System.nanoTime();
    for (Iterator<Map.Entry<Long, Copy>> it = copies.entrySet().iterator(); it.hasNext(); ) {
      Map.Entry<Long, Copy> entry = it.next();
      if (!entry.getValue().isDue(now)) {
        continue;
      }
      if (from.timeToLive(entry.getKey()).getTTL() < 0) {
        it.remove(); // It ends over there too.
      } else {
        to.keepAlive(entry.getKey());
        entry.getValue().renewedNanos = now;
      }
    }
  }
}
