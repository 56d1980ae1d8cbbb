package io.balsa.api.etcd;

import io.balsa.engine.request.WatchEvent;
import io.balsa.mvcc.command.Change;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The service {@code etcdserverpb.Watch}. Each call is a {@link WatchSession}.
 *
 * <p>Where many watches see the same changes, these are written once: the replica hands the same
 * list to all watches of the same keys, and the newest few are kept here as they go out.
 */
final class WatchService {
  static final String WATCH = "/etcdserverpb.Watch/Watch";

  /** Which events a watch does not want, as bits. */
  static final int NO_PUT = 1;

  static final int NO_DELETE = 2;

  private static final long NOTIFY_NANOS = TimeUnit.MINUTES.toNanos(10); // As etcd.
  private static final int EVENT_BYTES = 96; // Without keys and values.
  private static final int KEPT = 128; // A power of two.
  private static final int KEPT_BYTES_MAX = 4 << 10;

  private final EtcdLoop loop;
  private final long notifyNanos;
  private final Written[] kept = new Written[KEPT]; // By revision.

  private record Written(List<Change> changes, int unwanted, byte[] events) {}

  WatchService(EtcdLoop loop) {
    this(loop, NOTIFY_NANOS);
  }

  /**
   * The service with another measure of quiet.
   *
   * @param notifyNanos after how long without events a watch that asked for it is told so
   */
  WatchService(EtcdLoop loop, long notifyNanos) {
    this.loop = loop;
    this.notifyNanos = notifyNanos;
  }

  void register(Map<String, StreamMethod> methods) {
    methods.put(WATCH, call -> new WatchSession(loop, this, call));
  }

  long notifyNanos() {
    return notifyNanos;
  }

  /** The events of a revision as the field of a response; empty if none of them is wanted. */
  byte[] events(WatchEvent.Changed changed, int unwanted) {
    int place = (int) changed.revision() & KEPT - 1;
    Written written = kept[place];
    if (written != null
        && written.changes() == changed.changes()
        && written.unwanted() == unwanted) {
      return written.events();
    }
    byte[] events = write(changed, unwanted);
    if (events.length <= KEPT_BYTES_MAX) {
      kept[place] = new Written(changed.changes(), unwanted, events);
    }
    return events;
  }

  private static byte[] write(WatchEvent.Changed changed, int unwanted) {
    List<Change> changes = changed.changes();
    BackwardWriter out =
        new BackwardWriter(Math.toIntExact(changed.bytes() + (long) EVENT_BYTES * changes.size()));
    for (int i = changes.size() - 1; i >= 0; i--) {
      Change change = changes.get(i);
      if ((unwanted & (change.deletion() ? NO_DELETE : NO_PUT)) == 0) {
        int before = out.length();
        if (change.previous() != null) {
          KvResponse.item(out, 3, change.previous());
        }
        KvResponse.item(out, 2, change.item());
        out.flag(1, change.deletion()).message(11, before);
      }
    }
    return out.toArray();
  }
}
