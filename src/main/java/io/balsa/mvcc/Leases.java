package io.balsa.mvcc;

import io.balsa.data.Bytes;
import io.balsa.mvcc.lease.Lease;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Which leases there are and which keys hang on them. */
final class Leases {
  private static final class Entry {
    private final long id;
    private final long ttlSeconds;
    private long renewals;
    private long remainingSeconds;
    private final TreeSet<Bytes> keys = new TreeSet<>();

    Entry(Lease lease) {
      id = lease.id();
      ttlSeconds = lease.ttlSeconds();
      renewals = lease.renewals();
      remainingSeconds = lease.remainingSeconds();
    }

    Lease lease() {
      return new Lease(id, ttlSeconds, renewals, remainingSeconds);
    }
  }

  private final Map<Long, Entry> entries = new TreeMap<>();
  private long attachedKeys;
  // Counts all grants and renewals, and so makes every value of Lease.renewals unique.
  private long sequence;

  int size() {
    return entries.size();
  }

  long attachedKeys() {
    return attachedKeys;
  }

  long sequence() {
    return sequence;
  }

  void restoreSequence(long value) {
    sequence = value;
  }

  boolean contains(long id) {
    return entries.containsKey(id);
  }

  /** The lease, or null. */
  Lease get(long id) {
    Entry entry = entries.get(id);
    return entry == null ? null : entry.lease();
  }

  /** All leases in the order of their ids. */
  List<Lease> all() {
    List<Lease> all = new ArrayList<>(entries.size());
    for (Entry entry : entries.values()) {
      all.add(entry.lease());
    }
    return all;
  }

  /** The keys attached, in order; none if there is no such lease. */
  List<Bytes> keys(long id) {
    Entry entry = entries.get(id);
    return entry == null ? List.of() : List.copyOf(entry.keys);
  }

  Lease grant(long id, long ttlSeconds) {
    return restore(new Lease(id, ttlSeconds, ++sequence));
  }

  Lease restore(Lease lease) {
    entries.put(lease.id(), new Entry(lease));
    return lease;
  }

  Lease renew(long id) {
    Entry entry = entries.get(id);
    entry.renewals = ++sequence;
    entry.remainingSeconds = entry.ttlSeconds;
    return entry.lease();
  }

  void record(long id, long remainingSeconds) {
    entries.get(id).remainingSeconds = remainingSeconds;
  }

  void end(long id) {
    attachedKeys -= entries.remove(id).keys.size();
  }

  /** A lease of 0, or one that has ended, is none. */
  void attach(long id, Bytes key) {
    Entry entry = id == 0 ? null : entries.get(id);
    if (entry != null && entry.keys.add(key)) {
      attachedKeys++;
    }
  }

  void detach(long id, Bytes key) {
    Entry entry = id == 0 ? null : entries.get(id);
    if (entry != null && entry.keys.remove(key)) {
      attachedKeys--;
    }
  }
}
