package io.balsa.parity;

import com.google.protobuf.ByteString;
import io.balsa.api.etcd.proto.etcdserverpb.CompactionRequest;
import io.balsa.api.etcd.proto.etcdserverpb.Compare;
import io.balsa.api.etcd.proto.etcdserverpb.Compare.CompareResult;
import io.balsa.api.etcd.proto.etcdserverpb.Compare.CompareTarget;
import io.balsa.api.etcd.proto.etcdserverpb.DeleteRangeRequest;
import io.balsa.api.etcd.proto.etcdserverpb.KVGrpcClient;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseGrantRequest;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseGrpcClient;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseKeepAliveRequest;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseLeasesRequest;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseRevokeRequest;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseTimeToLiveRequest;
import io.balsa.api.etcd.proto.etcdserverpb.PutRequest;
import io.balsa.api.etcd.proto.etcdserverpb.RangeRequest;
import io.balsa.api.etcd.proto.etcdserverpb.RangeRequest.SortOrder;
import io.balsa.api.etcd.proto.etcdserverpb.RangeRequest.SortTarget;
import io.balsa.api.etcd.proto.etcdserverpb.RequestOp;
import io.balsa.api.etcd.proto.etcdserverpb.TxnRequest;
import io.balsa.api.etcd.proto.etcdserverpb.WatchCancelRequest;
import io.balsa.api.etcd.proto.etcdserverpb.WatchCreateRequest;
import io.balsa.api.etcd.proto.etcdserverpb.WatchCreateRequest.FilterType;
import io.balsa.api.etcd.proto.etcdserverpb.WatchProgressRequest;
import io.balsa.api.etcd.proto.etcdserverpb.WatchRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Calls of all kinds with all options, right and wrong ones, on few keys, so that they meet. The
 * same seed gives the same calls as long as the answers are the same.
 *
 * <p>Left out is what ends an etcd, and what its answer to is a matter of chance:
 *
 * <ul>
 *   <li>a put that keeps a value which the same transaction has deleted: etcd panics;
 *   <li>a watch from the compact revision itself on: etcd's compaction takes the deletions of that
 *       revision away, sooner or later;
 *   <li>a watch from a revision below 0: while etcd brings it up to date before the first
 *       compaction, it finds nothing for other watches of the past either. Balsa takes it for 1.
 * </ul>
 */
final class RandomProgram {
  /**
   * No more than 12: etcd sorts longer lists by an algorithm that does not keep the order of equal
   * items, so that what comes first is nobody's promise.
   */
  private static final List<ByteString> KEYS =
      Stream.of(
              "a", "aa", "ab", "b", "ba", "c", "c\0", "\0", "\u00ff", "\u00ff\u00ff", "k/1", "k/2")
          .map(key -> ByteString.copyFrom(key, StandardCharsets.ISO_8859_1))
          .toList();

  private static final ByteString ZERO = ByteString.copyFrom(new byte[1]);
  private static final int FEW = 4;
  private static final int DEPTH_MAX = 3;
  private static final int STREAMS_MAX = 4;
  private static final int LARGE_BYTES = 700_000; // A few of them make fragments.
  private static final int TXN_OPS_MAX = 128;
  private static final int LEASES = 5;
  private static final long LEASE_SECONDS_MAX = 9_000_000_000L;

  private final Random random;
  private List<ByteString> keys = KEYS; // Of the call that is made.
  private long revision = 1;
  private long compactRevision;
  private ProgramStep last;

  // Watches.
  private final boolean talks;
  private final Map<Integer, Integer> creations = new TreeMap<>(); // By open stream.
  private int streams;

  /**
   * A program.
   *
   * @param talks whether a client can send on a watch stream after it was answered; else it is
   *     opened with all that it is for
   */
  RandomProgram(long seed, boolean talks) {
    this.random = new Random(seed);
    this.talks = talks;
  }

  /** The next step. */
  ProgramStep next() {
    last = rarely(30) ? watchStep() : call();
    return last;
  }

  private WatchStep watchStep() {
    int most = talks ? STREAMS_MAX : 2 * STREAMS_MAX;
    if (creations.isEmpty() || (creations.size() < most && (!talks || rarely(8)))) {
      creations.put(streams, 0);
      List<WatchRequest> first = new ArrayList<>(List.of(creation(streams)));
      if (!talks) {
        times(3, () -> first.add(creation(streams)));
        sometimes(4, () -> first.add(progress())); // At the end: it is answered when it may be.
      }
      return new WatchStep(WatchStep.Kind.OPEN, streams++, first);
    }
    int stream = oneOf(List.copyOf(creations.keySet()));
    if (!talks || rarely(25)) {
      creations.remove(stream);
      return new WatchStep(WatchStep.Kind.CLOSE, stream, List.of());
    }
    int kind = random.nextInt(20);
    WatchRequest request =
        kind < 11 ? creation(stream) : kind < 18 ? cancellation(stream) : progress();
    return new WatchStep(WatchStep.Kind.SEND, stream, List.of(request));
  }

  private WatchRequest creation(int stream) {
    ByteString key = key();
    WatchCreateRequest.Builder create =
        WatchCreateRequest.newBuilder().setKey(key).setRangeEnd(rangeEnd(key));
    sometimes(2, () -> create.setStartRevision(revisionToWatch()));
    sometimes(2, () -> create.setPrevKv(true));
    sometimes(3, () -> create.setFragment(true));
    sometimes(5, () -> create.setProgressNotify(true));
    sometimes(6, () -> create.addFilters(oneOf(FilterType.values())));
    sometimes(12, () -> create.addFilters(oneOf(FilterType.values())));
    sometimes(4, () -> create.setWatchId(watchId(stream)));
    creations.merge(stream, 1, Integer::sum);
    return WatchRequest.newBuilder().setCreateRequest(create).build();
  }

  private WatchRequest cancellation(int stream) {
    return WatchRequest.newBuilder()
        .setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(watchId(stream)))
        .build();
  }

  private static WatchRequest progress() {
    return WatchRequest.newBuilder()
        .setProgressRequest(WatchProgressRequest.getDefaultInstance())
        .build();
  }

  /** One that may be there, rather of a watch that was created lately. */
  private long watchId(int stream) {
    int created = creations.get(stream);
    return rarely(10)
        ? (random.nextBoolean() ? -7 : Long.MAX_VALUE)
        : Math.max(0, created - random.nextInt(12));
  }

  private long revisionToWatch() {
    int kind = random.nextInt(20);
    if (kind < 4) {
      return revision + 1 + random.nextInt(10);
    }
    if (kind < 7 && compactRevision > 1) {
      return Math.max(1, compactRevision - 1 - random.nextInt(3));
    }
    long behind = kind < 8 ? 2_000 : 60;
    return Math.max(compactRevision, revision - random.nextInt((int) behind)) + 1;
  }

  private Call<?, ?> call() {
    int kind = random.nextInt(100);
    if (kind < 35) {
      return new Call<>(KVGrpcClient.Range, range());
    }
    if (kind < 62) {
      return new Call<>(KVGrpcClient.Put, put(true));
    }
    if (kind < 68) {
      return new Call<>(KVGrpcClient.DeleteRange, deleteRange());
    }
    if (kind < 92) {
      return new Call<>(KVGrpcClient.Txn, rarely(100) ? longTxn() : txn());
    }
    return kind < 94 ? new Call<>(KVGrpcClient.Compact, compaction()) : leaseCall();
  }

  /** Of leases that outlive the program. */
  private Call<?, ?> leaseCall() {
    long id = rarely(20) ? -1 : 1 + random.nextInt(LEASES);
    return switch (random.nextInt(7)) {
      case 0, 1, 2 ->
          new Call<>(
              LeaseGrpcClient.LeaseGrant,
              LeaseGrantRequest.newBuilder()
                  .setID(id)
                  .setTTL(rarely(20) ? LEASE_SECONDS_MAX + 1 : 100_000 + random.nextInt(10))
                  .build());
      case 3 ->
          new Call<>(
              LeaseGrpcClient.LeaseRevoke, LeaseRevokeRequest.newBuilder().setID(id).build());
      case 4 ->
          new Call<>(
              LeaseGrpcClient.LeaseTimeToLive,
              LeaseTimeToLiveRequest.newBuilder().setID(id).setKeys(random.nextBoolean()).build());
      case 5 ->
          new Call<>(
              LeaseGrpcClient.LeaseKeepAlive, LeaseKeepAliveRequest.newBuilder().setID(id).build());
      default -> new Call<>(LeaseGrpcClient.LeaseLeases, LeaseLeasesRequest.getDefaultInstance());
    };
  }

  /**
   * What the answer to the last call says.
   *
   * @param at the revision of the store; 0 if the call failed
   */
  void learn(long at) {
    revision = Math.max(revision, at);
    if (at > 0
        && last instanceof Call<?, ?> call
        && call.request() instanceof CompactionRequest it) {
      compactRevision = it.getRevision();
    }
  }

  private RangeRequest range() {
    ByteString key = key();
    RangeRequest.Builder range = RangeRequest.newBuilder().setKey(key).setRangeEnd(rangeEnd(key));
    sometimes(3, () -> range.setRevision(revisionToRead()));
    sometimes(3, () -> range.setLimit(random.nextInt(8) - 1));
    sometimes(3, () -> range.setSortOrder(oneOf(SortOrder.values())));
    sometimes(3, () -> range.setSortTarget(oneOf(SortTarget.values())));
    sometimes(4, () -> range.setSerializable(true));
    sometimes(6, () -> range.setKeysOnly(true));
    sometimes(8, () -> range.setCountOnly(true));
    bound(range::setMinModRevision);
    bound(range::setMaxModRevision);
    bound(range::setMinCreateRevision);
    bound(range::setMaxCreateRevision);
    return range.build();
  }

  private void bound(Consumer<Long> set) {
    sometimes(10, () -> set.accept(revision - random.nextInt(40)));
  }

  /**
   * @param keeps whether it may keep the old value or lease
   */
  private PutRequest put(boolean keeps) {
    PutRequest.Builder put = PutRequest.newBuilder().setKey(key());
    boolean ignoreValue = keeps && rarely(10);
    boolean ignoreLease = keeps && rarely(10);
    put.setIgnoreValue(ignoreValue).setIgnoreLease(ignoreLease).setPrevKv(random.nextBoolean());
    if (!ignoreValue || rarely(8)) {
      put.setValue(rarely(2_000) ? ByteString.copyFrom(new byte[LARGE_BYTES]) : value());
    }
    if (!ignoreLease || rarely(8)) {
      put.setLease(lease());
    }
    return put.build();
  }

  private DeleteRangeRequest deleteRange() {
    ByteString key = key();
    return DeleteRangeRequest.newBuilder()
        .setKey(key)
        .setRangeEnd(rangeEnd(key))
        .setPrevKv(random.nextBoolean())
        .build();
  }

  /** Half of them are on very few keys, so that puts and deletions of the same key meet. */
  private TxnRequest txn() {
    keys = random.nextBoolean() ? KEYS.subList(0, FEW) : KEYS;
    TxnRequest txn = shortTxn();
    keys = KEYS;
    return txn;
  }

  private TxnRequest shortTxn() {
    int[] weights =
        switch (random.nextInt(4)) {
          case 0 -> new int[] {30, 0};
          case 1 -> new int[] {0, 30};
          default -> new int[] {20, 20};
        };
    return txn(1, weights[0], weights[1], random.nextBoolean());
  }

  private TxnRequest txn(int depth, int puts, int deletions, boolean keeps) {
    TxnRequest.Builder txn = TxnRequest.newBuilder();
    times(3, () -> txn.addCompare(compare()));
    times(4, () -> txn.addSuccess(op(depth, puts, deletions, keeps)));
    times(4, () -> txn.addFailure(op(depth, puts, deletions, keeps)));
    return txn.build();
  }

  /** About as long as is allowed, by itself or together with one inside. */
  private TxnRequest longTxn() {
    int size = TXN_OPS_MAX - 1 + random.nextInt(3);
    int outer = random.nextBoolean() ? size : random.nextInt(size);
    TxnRequest.Builder txn = TxnRequest.newBuilder();
    Compare compare = compare();
    RequestOp read = RequestOp.newBuilder().setRequestRange(range()).build();
    IntStream.range(0, outer)
        .forEach(
            i -> {
              if (outer == size && random.nextBoolean()) {
                txn.addCompare(compare);
              } else {
                txn.addFailure(read);
              }
            });
    if (outer < size) {
      TxnRequest.Builder inner = TxnRequest.newBuilder();
      IntStream.range(outer, size).forEach(i -> inner.addSuccess(read));
      txn.addSuccess(RequestOp.newBuilder().setRequestTxn(inner));
    }
    return txn.build();
  }

  /**
   * An operation, now and then of no kind.
   *
   * @param puts how many percent are puts
   * @param deletions how many percent are deletions
   * @param keeps whether puts may keep the old value, and deletions have an upper end for that
   */
  private RequestOp op(int depth, int puts, int deletions, boolean keeps) {
    RequestOp.Builder op = RequestOp.newBuilder();
    int kind = random.nextInt(100);
    if (kind < puts) {
      op.setRequestPut(put(keeps));
    } else if (kind < puts + deletions) {
      op.setRequestDeleteRange(keeps ? boundedDeletion() : deleteRange());
    } else if (kind < 75 && depth < DEPTH_MAX) {
      op.setRequestTxn(txn(depth + 1, puts, deletions, keeps));
    } else if (kind < 99 || !rarely(3)) {
      op.setRequestRange(range());
    }
    return op.build();
  }

  private DeleteRangeRequest boundedDeletion() {
    DeleteRangeRequest delete = deleteRange();
    return delete.getRangeEnd().equals(ZERO) ? delete.toBuilder().clearRangeEnd().build() : delete;
  }

  private Compare compare() {
    ByteString key = key();
    Compare.Builder compare =
        Compare.newBuilder()
            .setKey(key)
            .setResult(oneOf(CompareResult.values()))
            .setTarget(oneOf(CompareTarget.values()));
    sometimes(3, () -> compare.setRangeEnd(rangeEnd(key)));
    CompareTarget union = rarely(8) ? oneOf(CompareTarget.values()) : compare.getTarget();
    if (rarely(12)) {
      return compare.build();
    }
    switch (union) {
      case VERSION -> compare.setVersion(random.nextInt(4));
      case CREATE -> compare.setCreateRevision(revisionToCompare());
      case MOD -> compare.setModRevision(revisionToCompare());
      case VALUE -> compare.setValue(value());
      case LEASE -> compare.setLease(lease());
      default -> throw new AssertionError(union);
    }
    return compare.build();
  }

  private CompactionRequest compaction() {
    CompactionRequest.Builder compaction = CompactionRequest.newBuilder();
    int kind = random.nextInt(10);
    if (kind == 0) {
      compaction.setRevision(revision + random.nextInt(3));
    } else if (kind == 1
        && compactRevision > 0) { // The very first one to 0: see Store#compactRevision.
      compaction.setRevision(-random.nextInt(2));
    } else {
      compaction.setRevision(Math.max(1, revision - random.nextInt(60)));
    }
    return compaction.setPhysical(rarely(4)).build();
  }

  private ByteString key() {
    return rarely(150) ? ByteString.EMPTY : oneOf(keys);
  }

  private ByteString rangeEnd(ByteString key) {
    int kind = random.nextInt(20);
    if (kind < 8) {
      return ByteString.EMPTY;
    }
    if (kind < 12) {
      return ZERO;
    }
    if (kind < 15) {
      return prefixEnd(key);
    }
    return kind < 19 ? oneOf(keys) : key;
  }

  private static ByteString prefixEnd(ByteString key) {
    byte[] end = key.toByteArray();
    for (int i = end.length - 1; i >= 0; i--) {
      if (end[i] != (byte) 0xff) {
        end[i]++;
        return ByteString.copyFrom(end, 0, i + 1);
      }
    }
    return ZERO;
  }

  private ByteString value() {
    int kind = random.nextInt(50);
    if (kind == 0) {
      byte[] value = new byte[random.nextInt(3000)];
      random.nextBytes(value);
      return ByteString.copyFrom(value);
    }
    return kind < 4 ? ByteString.EMPTY : ByteString.copyFromUtf8("v" + random.nextInt(5));
  }

  private long lease() {
    if (!rarely(6)) {
      return 0;
    }
    return rarely(12) ? (random.nextBoolean() ? -1 : Long.MAX_VALUE) : 1 + random.nextInt(LEASES);
  }

  private long revisionToRead() {
    int kind = random.nextInt(100);
    if (kind < 88) {
      return Math.max(0, revision - random.nextInt(20));
    }
    if (kind < 94) {
      return revision + 1 + random.nextInt(3);
    }
    return kind < 97 ? -1 : 1;
  }

  private long revisionToCompare() {
    return rarely(4) ? 0 : revision - random.nextInt(20);
  }

  private boolean rarely(int oneIn) {
    return random.nextInt(oneIn) == 0;
  }

  private void sometimes(int oneIn, Runnable step) {
    if (rarely(oneIn)) {
      step.run();
    }
  }

  private void times(int below, Runnable step) {
    for (int i = random.nextInt(below); i > 0; i--) {
      step.run();
    }
  }

  private <T> T oneOf(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  /** Not the last of the generated classes, which stands for what is not known. */
  private <T> T oneOf(T[] values) {
    return values[random.nextInt(values.length - 1)];
  }
}
