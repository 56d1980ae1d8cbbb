package io.balsa.migration;

import com.google.protobuf.ByteString;
import io.balsa.api.etcd.proto.etcdserverpb.RequestOp;
import io.balsa.api.etcd.proto.etcdserverpb.WatchResponse;
import io.balsa.api.etcd.proto.mvccpb.Event;
import io.vertx.core.Future;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Carries over what changes in one store to another, one revision after the other, each as one
 * transaction where it fits into one.
 */
public final class Follower {
  private static final int OPERATIONS_MAX = 100;
  private static final int RESPONSES_MAX = 1_000;
  private static final long POLL_MILLIS = 500;

  private final EtcdStore from;
  private final EtcdStore to;
  private final KeySpan span;
  private final Consumer<String> progress;
  private final LeaseCopy leases;
  private final BlockingQueue<WatchResponse> responses = new ArrayBlockingQueue<>(RESPONSES_MAX);
  private volatile boolean overrun;
  private long followed;
  private long changes;
  private long toldNanos = System.nanoTime();

  private Follower(
      EtcdStore from,
      EtcdStore to,
      ByteString prefix,
      Consumer<String> progress,
      LeaseCopy leases) {
    this.from = from;
    this.to = to;
    this.span = KeySpan.of(prefix);
    this.progress = progress;
    this.leases = leases;
  }

  /**
   * Brings over all there is, and then what changes, until it is told to stop. Where it cannot go
   * on, because a stream broke or the past is compacted, it walks through both stores once more.
   *
   * @param progress told lines for people
   * @param mustStop asked twice a second
   * @return the last revision of the first store that was brought over
   */
  public static long run(
      EtcdStore from,
      EtcdStore to,
      ByteString prefix,
      Reconciliation.Extra onExtra,
      Consumer<String> progress,
      BooleanSupplier mustStop)
      throws MigrationException {
    LeaseCopy leases = new LeaseCopy(from, to);
    long last = 0;
    while (!mustStop.getAsBoolean()) {
      Reconciliation.Summary summary =
          new Reconciliation(from, to, prefix, progress, leases).run(onExtra);
      progress.accept("all brought over as of revision " + summary.revision());
      Follower follower = new Follower(from, to, prefix, progress, leases);
      follower.followed = summary.revision();
      follower.follow(mustStop);
      last = follower.followed;
    }
    return last;
  }

  private void follow(BooleanSupplier mustStop) throws MigrationException {
    Future<Void> stream =
        from.watch(
            span.key(),
            span.end(),
            followed + 1,
            response -> overrun |= !responses.offer(response));
    try {
      while (!mustStop.getAsBoolean() && !overrun) {
        WatchResponse response = responses.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
        if (response == null && stream.isComplete()) {
          progress.accept("the stream of changes broke: walking through both stores again");
          return;
        }
        if (response != null && response.getCanceled()) {
          progress.accept("the stream of changes was cancelled: " + response.getCancelReason());
          return;
        }
        if (response != null) {
          apply(response);
        }
        leases.renew();
        tell();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MigrationException("interrupted");
    }
  }

  private void apply(WatchResponse response) throws MigrationException {
    // Of a key that a revision changed more than once the last change counts.
    Map<ByteString, RequestOp> operations = new LinkedHashMap<>();
    long revision = 0;
    for (Event event : response.getEventsList()) {
      if (event.getKv().getModRevision() != revision) {
        flush(operations);
        revision = event.getKv().getModRevision();
      }
      if (operations.size() >= OPERATIONS_MAX) {
        flush(operations);
      }
      if (event.getType() == Event.EventType.DELETE) {
        operations.put(event.getKv().getKey(), Reconciliation.delete(event.getKv().getKey()));
      } else if (leases.copy(event.getKv().getLease())) {
        operations.put(event.getKv().getKey(), Reconciliation.put(event.getKv()));
      }
      changes++;
    }
    flush(operations);
    followed = Math.max(followed, Math.max(revision, progressOf(response)));
  }

  /** What a response without events says: that there was nothing up to its revision. */
  private static long progressOf(WatchResponse response) {
    boolean isProgress = response.getEventsCount() == 0 && !response.getCreated();
    return isProgress ? response.getHeader().getRevision() : 0;
  }

  private void flush(Map<ByteString, RequestOp> operations) throws MigrationException {
    if (!operations.isEmpty()) {
      to.apply(List.copyOf(operations.values()));
      operations.clear();
    }
  }

  private void tell() throws MigrationException {
    long now = System.nanoTime();
    if (now - toldNanos >= 5_000_000_000L) {
      toldNanos = now;
      long present = from.count(span.key(), span.end(), 0).getHeader().getRevision();
      progress.accept(
          "followed to revision %d of %d, %d changes, %d leases"
              .formatted(followed, present, changes, leases.count()));
    }
  }
}
