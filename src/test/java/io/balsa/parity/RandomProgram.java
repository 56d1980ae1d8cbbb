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
import io.balsa.api.etcd.proto.etcdserverpb.LeaseLeasesRequest;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseRevokeRequest;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseTimeToLiveRequest;
import io.balsa.api.etcd.proto.etcdserverpb.PutRequest;
import io.balsa.api.etcd.proto.etcdserverpb.RangeRequest;
import io.balsa.api.etcd.proto.etcdserverpb.RangeRequest.SortOrder;
import io.balsa.api.etcd.proto.etcdserverpb.RangeRequest.SortTarget;
import io.balsa.api.etcd.proto.etcdserverpb.RequestOp;
import io.balsa.api.etcd.proto.etcdserverpb.TxnRequest;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Calls of all kinds with all options, right and wrong ones, on few keys, so that they meet. The
 * same seed gives the same calls as long as the answers are the same.
 *
 * <p>One thing is left out, in which Balsa is stricter than etcd: a transaction that both puts and
 * deletes a key. etcd refuses it too, but overlooks it where the deletion has no upper end, or
 * stands in a nested transaction before or behind the put.
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

  private static final Comparator<ByteString> UNSIGNED =
      ByteString.unsignedLexicographicalComparator();
  private static final ByteString ZERO = ByteString.copyFrom(new byte[1]);
  private static final int DEPTH_MAX = 3;
  private static final int TXN_OPS_MAX = 128;
  private static final int LEASES = 5;
  private static final long LEASE_SECONDS_MAX = 9_000_000_000L;

  private final Random random;
  private long revision = 1;
  private boolean compacted;
  private Call<?, ?> last;

  RandomProgram(long seed) {
    this.random = new Random(seed);
  }

  /** The next call. */
  Call<?, ?> next() {
    last = call();
    return last;
  }

  private Call<?, ?> call() {
    int kind = random.nextInt(100);
    if (kind < 35) {
      return new Call<>(KVGrpcClient.Range, range());
    }
    if (kind < 62) {
      return new Call<>(KVGrpcClient.Put, put());
    }
    if (kind < 68) {
      return new Call<>(KVGrpcClient.DeleteRange, deleteRange());
    }
    if (kind < 92) {
      return new Call<>(KVGrpcClient.Txn, rarely(100) ? longTxn() : txn(1, !rarely(4)));
    }
    return kind < 94 ? new Call<>(KVGrpcClient.Compact, compaction()) : leaseCall();
  }

  /** Of leases that outlive the program. */
  private Call<?, ?> leaseCall() {
    long id = rarely(20) ? -1 : 1 + random.nextInt(LEASES);
    return switch (random.nextInt(6)) {
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
    compacted |= at > 0 && last.request() instanceof CompactionRequest;
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

  private PutRequest put() {
    PutRequest.Builder put = PutRequest.newBuilder().setKey(key());
    boolean ignoreValue = rarely(10);
    boolean ignoreLease = rarely(10);
    put.setIgnoreValue(ignoreValue).setIgnoreLease(ignoreLease).setPrevKv(random.nextBoolean());
    if (!ignoreValue || rarely(8)) {
      put.setValue(value());
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

  private TxnRequest txn(int depth, boolean puts) {
    TxnRequest.Builder txn = TxnRequest.newBuilder();
    times(3, () -> txn.addCompare(compare()));
    times(4, () -> txn.addSuccess(op(depth, puts)));
    times(4, () -> txn.addFailure(op(depth, puts)));
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
   * @param puts whether there may be puts, and no deletions that etcd would not compare with them
   */
  private RequestOp op(int depth, boolean puts) {
    RequestOp.Builder op = RequestOp.newBuilder();
    int kind = random.nextInt(100);
    if (kind < 35) {
      op.setRequestRange(range());
    } else if (kind < 70 && puts) {
      op.setRequestPut(put());
    } else if (kind < 85) {
      if (!puts) {
        op.setRequestDeleteRange(deleteRange());
      } else if (depth == 1) {
        op.setRequestDeleteRange(boundedDeletion());
      } else {
        op.setRequestPut(put());
      }
    } else if (kind < 99 && depth < DEPTH_MAX) {
      op.setRequestTxn(txn(depth + 1, puts));
    } else if (!rarely(3)) {
      op.setRequestRange(range());
    }
    return op.build(); // Now and then of no kind.
  }

  private DeleteRangeRequest boundedDeletion() {
    DeleteRangeRequest delete = deleteRange();
    boolean bounded = UNSIGNED.compare(delete.getKey(), delete.getRangeEnd()) < 0;
    return bounded ? delete : delete.toBuilder().clearRangeEnd().build();
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
    } else if (kind == 1 && compacted) { // The very first one to 0: see Store#compactRevision.
      compaction.setRevision(-random.nextInt(2));
    } else {
      compaction.setRevision(Math.max(1, revision - random.nextInt(60)));
    }
    return compaction.setPhysical(rarely(4)).build();
  }

  private ByteString key() {
    return rarely(150) ? ByteString.EMPTY : oneOf(KEYS);
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
    return kind < 19 ? oneOf(KEYS) : key;
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
