package io.balsa.migration;

import com.google.protobuf.ByteString;
import io.balsa.api.etcd.proto.etcdserverpb.DeleteRangeRequest;
import io.balsa.api.etcd.proto.etcdserverpb.PutRequest;
import io.balsa.api.etcd.proto.etcdserverpb.RangeResponse;
import io.balsa.api.etcd.proto.etcdserverpb.RequestOp;
import io.balsa.api.etcd.proto.mvccpb.KeyValue;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Walks through two stores at once, each at one revision, and finds where they differ; if it shall,
 * it makes the second like the first. Keys, values and leases count; revisions and versions are
 * each store's own.
 */
public final class Reconciliation {
  private static final int OPERATIONS_MAX = 100;
  private static final long BATCH_BYTES = 512 << 10;

  /** What to do about a key that only the second store has. */
  public enum Extra {
    /** Leave it, and count it. */
    KEEP,
    /** Delete it. */
    DELETE
  }

  /**
   * What was found. After an import, what is counted was repaired, but for extra keys that were to
   * be kept.
   *
   * @param revision of the first store, as which it was read
   * @param otherRevision of the second store, after all that was written to it
   * @param missing keys that only the first store has
   * @param different keys with another value or lease
   * @param extra keys that only the second store has
   * @param sha256 of the keys, values and leases of the first store
   * @param otherSha256 of those that the second store had
   */
  public record Summary(
      long revision,
      long otherRevision,
      long keys,
      long bytes,
      long missing,
      long different,
      long extra,
      String sha256,
      String otherSha256) {
    /** Whether both held the same. */
    public boolean isEqual() {
      return missing == 0 && different == 0 && extra == 0;
    }
  }

  private final EtcdStore from;
  private final EtcdStore to;
  private final KeySpan span;
  private final Consumer<String> progress;
  private final LeaseCopy leases;
  private final List<RequestOp> batch = new ArrayList<>();
  private long batchBytes;
  private long written; // The last revision of the second store that was written.
  private long missing;
  private long different;
  private long extra;
  private long toldNanos = System.nanoTime();

  /**
   * Of two stores.
   *
   * @param prefix only keys that begin so count
   * @param progress told a line every few seconds, and each key that differs in a comparison
   */
  public Reconciliation(
      EtcdStore from, EtcdStore to, ByteString prefix, Consumer<String> progress) {
    this(from, to, prefix, progress, new LeaseCopy(from, to));
  }

  Reconciliation(
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
   * Compares.
   *
   * @param fromRevision 0 for now, as the other
   * @throws MigrationException if a store cannot be read
   */
  public Summary compare(long fromRevision, long toRevision) throws MigrationException {
    return walk(fromRevision, toRevision, null);
  }

  /**
   * Makes the second store like the first one is now.
   *
   * @throws MigrationException if a store cannot be read or written; what was done stays done, and
   *     the next run goes on from there
   */
  public Summary run(Extra onExtra) throws MigrationException {
    return walk(0, 0, onExtra);
  }

  private Summary walk(long fromRevision, long toRevision, Extra onExtra)
      throws MigrationException {
    RangeResponse all = from.count(span.key(), span.end(), fromRevision);
    long revision = fromRevision == 0 ? all.getHeader().getRevision() : fromRevision;
    long otherRevision =
        toRevision == 0
            ? to.count(span.key(), span.end(), 0).getHeader().getRevision()
            : toRevision;
    written = otherRevision;
    Walk ours = new Walk(from, span, revision);
    // What is written lies behind the walk, so it may see the present: the past is soon forgotten.
    Walk theirs = new Walk(to, span, onExtra == null ? otherRevision : 0);
    while (ours.peek() != null || theirs.peek() != null) {
      int order = order(ours.peek(), theirs.peek());
      if (order < 0) {
        KeyValue pair = ours.next();
        missing++;
        differs("missing", pair.getKey(), onExtra);
        put(pair, onExtra);
      } else if (order > 0) {
        KeyValue pair = theirs.next();
        extra++;
        differs("extra", pair.getKey(), onExtra);
        delete(pair, onExtra);
      } else {
        KeyValue pair = ours.next();
        KeyValue other = theirs.next();
        if (!pair.getValue().equals(other.getValue()) || pair.getLease() != other.getLease()) {
          different++;
          differs("different", pair.getKey(), onExtra);
          put(pair, onExtra);
        }
      }
      tell(ours, all.getCount());
    }
    flush();
    return new Summary(
        revision,
        written,
        ours.keys(),
        ours.bytes(),
        missing,
        different,
        extra,
        ours.sha256(),
        theirs.sha256());
  }

  private static int order(KeyValue ours, KeyValue theirs) {
    if (ours == null || theirs == null) {
      return ours == null ? 1 : -1;
    }
    return ByteString.unsignedLexicographicalComparator().compare(ours.getKey(), theirs.getKey());
  }

  private void differs(String how, ByteString key, Extra onExtra) {
    if (onExtra == null) {
      progress.accept(how + " key=" + shown(key));
    }
  }

  private void put(KeyValue pair, Extra onExtra) throws MigrationException {
    if (onExtra != null && leases.copy(pair.getLease())) {
      add(put(pair), pair.getSerializedSize());
    }
  }

  private void delete(KeyValue pair, Extra onExtra) throws MigrationException {
    if (onExtra == Extra.DELETE) {
      add(delete(pair.getKey()), pair.getKey().size());
    }
  }

  /** What writes a pair as it is. */
  static RequestOp put(KeyValue pair) {
    return RequestOp.newBuilder()
        .setRequestPut(
            PutRequest.newBuilder()
                .setKey(pair.getKey())
                .setValue(pair.getValue())
                .setLease(pair.getLease()))
        .build();
  }

  static RequestOp delete(ByteString key) {
    return RequestOp.newBuilder()
        .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(key))
        .build();
  }

  private void add(RequestOp operation, long bytes) throws MigrationException {
    if (batch.size() >= OPERATIONS_MAX || (!batch.isEmpty() && batchBytes + bytes > BATCH_BYTES)) {
      flush();
    }
    batch.add(operation);
    batchBytes += bytes;
  }

  private void flush() throws MigrationException {
    if (!batch.isEmpty()) {
      written = to.apply(batch);
      batch.clear();
      batchBytes = 0;
    }
  }

  private void tell(Walk ours, long all) throws MigrationException {
    long now = System.nanoTime();
    if (now - toldNanos >= 1_000_000_000L) {
      toldNanos = now;
      leases.renew();
      progress.accept(
          "%d of %d keys, %d MB; %d missing, %d different, %d extra so far"
              .formatted(ours.keys(), all, ours.bytes() / 1_000_000, missing, different, extra));
    }
  }

  /** A key as people can read it, on one line. */
  static String shown(ByteString key) {
    StringBuilder text = new StringBuilder();
    for (byte each : key) {
      if (each >= ' ' && each <= '~' && each != '\\') {
        text.append((char) each);
      } else {
        text.append("\\x%02x".formatted(each & 0xff));
      }
    }
    return text.toString();
  }
}
