package io.balsa.mvcc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.data.Bytes;
import io.balsa.mvcc.command.Change;
import io.balsa.mvcc.command.Command;
import io.balsa.mvcc.command.Compare;
import io.balsa.mvcc.command.Compare.Operator;
import io.balsa.mvcc.command.Compare.Target;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.KeyValue;
import io.balsa.mvcc.command.Op;
import io.balsa.mvcc.command.Op.SortOrder;
import io.balsa.mvcc.command.Op.SortTarget;
import io.balsa.mvcc.command.OpResult;
import io.balsa.mvcc.command.Result;
import io.balsa.mvcc.command.Result.Fault;
import io.balsa.mvcc.lease.Lease;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The rules of etcd's data model, each by its name. */
class StoreTest {
  private final Store store = new Store();

  @Test
  void beginsAtRevisionOneWithoutKeys() {
    assertThat(store.revision()).isEqualTo(1);
    assertThat(store.compactRevision()).isZero();
    assertThat(store.keys()).isZero();
    assertThat(store.revisions()).isZero();
    assertThat(store.liveBytes() + store.historyBytes()).isZero();
  }

  @Test
  void aPutTakesOneRevisionAndRaisesTheVersion() {
    assertThat(put("a", "1")).isEqualTo(new OpResult.Put(2, 1, null));
    assertThat(put("a", "2")).isEqualTo(new OpResult.Put(3, 2, null));

    assertThat(get("a", 0)).isEqualTo(item("a", "2", 2, 3, 2, 0));
  }

  @Test
  void deletionEndsTheLifeOfAKey() {
    put("a", "1");
    put("a", "2");

    assertThat(delete(KeyRange.of(key("a")))).isEqualTo(new OpResult.Deleted(1, List.of()));
    put("a", "3");

    assertThat(store.revision()).isEqualTo(5);
    assertThat(get("a", 0)).isEqualTo(item("a", "3", 5, 5, 1, 0));
    assertThat(get("a", 4)).isNull();
    assertThat(get("a", 3)).isEqualTo(item("a", "2", 2, 3, 2, 0));
  }

  @Test
  void deletingNothingTakesNoRevision() {
    put("a", "1");
    long hash = store.stateHash();

    assertThat(delete(KeyRange.of(key("b")))).isEqualTo(new OpResult.Deleted(0, List.of()));

    assertThat(store.revision()).isEqualTo(2);
    assertThat(store.stateHash()).isEqualTo(hash);
  }

  @Test
  void aReadOnlyOrEmptyTransactionTakesNoRevision() {
    put("a", "1");

    run(new Op.Txn(List.of(), List.of(), List.of()));
    run(new Op.Txn(List.of(), List.of(range(KeyRange.ALL)), List.of()));

    assertThat(store.revision()).isEqualTo(2);
  }

  @Test
  void aDeletedRangeSharesOneRevisionAndReturnsPreviousItemsInKeyOrder() {
    put("b", "2");
    put("a", "1");
    put("c", "3");

    OpResult result = run(new Op.DeleteRange(new KeyRange(key("a"), key("c")), true));

    assertThat(result)
        .isEqualTo(
            new OpResult.Deleted(
                2, List.of(item("a", "1", 3, 3, 1, 0), item("b", "2", 2, 2, 1, 0))));
    assertThat(store.revision()).isEqualTo(5);
    assertThat(changes(5)).isEqualTo(List.of(deleted("a", 5), deleted("b", 5)));
  }

  @Test
  void previousItemsAreReturnedOnlyWhereAsked() {
    put("a", "1");

    OpResult result = run(new Op.Put(key("a"), key("2"), 0, true, false, false));

    assertThat(result).isEqualTo(new OpResult.Put(3, 2, item("a", "1", 2, 2, 1, 0)));
  }

  @Test
  void rangesFollowEtcdsConventions() {
    for (String key : List.of("a", "a/1", "a/2", "a0", "b")) {
      put(key, "x");
    }

    assertThat(keys(KeyRange.of(key("a")))).containsExactly("a");
    assertThat(keys(KeyRange.prefix(key("a/")))).containsExactly("a/1", "a/2");
    assertThat(keys(new KeyRange(key("a/2"), KeyRange.UNBOUNDED)))
        .containsExactly("a/2", "a0", "b");
    assertThat(keys(KeyRange.ALL)).hasSize(5);
    assertThat(keys(new KeyRange(key("b"), key("a")))).isEmpty();
  }

  @Test
  void keysAreOrderedAsUnsignedBytes() {
    Bytes high = Bytes.wrap(new byte[] {(byte) 0x80});
    run(Op.Put.of(high, Bytes.EMPTY, 0));
    put("a", "1");

    assertThat(ranged(range(KeyRange.ALL)).items())
        .extracting(KeyValue::key)
        .containsExactly(key("a"), high);
  }

  @Test
  void theCountIsNotTouchedByLimitOrFilters() {
    for (String key : List.of("a", "b", "c", "d")) {
      put(key, "x");
    }

    OpResult.Ranged limited = ranged(Op.Range.of(KeyRange.ALL, 0, 2, false));
    assertThat(limited.items()).extracting(KeyValue::key).containsExactly(key("a"), key("b"));
    assertThat(limited.count()).isEqualTo(4);
    assertThat(limited.more()).isTrue();

    OpResult.Ranged filtered = ranged(filtered(2, 4, 0, 0));
    assertThat(filtered.items()).extracting(KeyValue::modRevision).containsExactly(4L, 5L);
    assertThat(filtered.count()).isEqualTo(4);
    assertThat(filtered.more()).isFalse();
  }

  @Test
  void filtersApplyBeforeTheLimitAndAreInclusive() {
    for (String key : List.of("a", "b", "c", "d")) {
      put(key, "x");
    }
    put("a", "y");

    OpResult.Ranged result = ranged(filtered(1, 3, 5, 0));
    assertThat(result.items()).extracting(KeyValue::key).containsExactly(key("b"));
    assertThat(result.more()).isTrue();

    assertThat(ranged(filtered(0, 0, 0, 3)).items())
        .extracting(KeyValue::key)
        .containsExactly(key("a"), key("b"));
  }

  @Test
  void sortsByAnyTargetAndAscendsWhereNoOrderIsGiven() {
    put("a", "2");
    put("b", "3");
    put("c", "1");
    put("a", "2");

    assertThat(sorted(SortTarget.VALUE, SortOrder.NONE)).containsExactly("c", "a", "b");
    assertThat(sorted(SortTarget.VALUE, SortOrder.DESCEND)).containsExactly("b", "a", "c");
    assertThat(sorted(SortTarget.MOD_REVISION, SortOrder.ASCEND)).containsExactly("b", "c", "a");
    assertThat(sorted(SortTarget.CREATE_REVISION, SortOrder.DESCEND))
        .containsExactly("c", "b", "a");
    assertThat(sorted(SortTarget.VERSION, SortOrder.ASCEND)).containsExactly("b", "c", "a");
    assertThat(sorted(SortTarget.KEY, SortOrder.DESCEND)).containsExactly("c", "b", "a");
  }

  @Test
  void aLimitCutsAfterSorting() {
    put("a", "1");
    put("b", "2");
    put("c", "3");

    OpResult.Ranged result =
        ranged(
            new Op.Range(
                KeyRange.ALL, 0, 1, SortOrder.DESCEND, SortTarget.KEY, false, false, 0, 0, 0, 0));

    assertThat(result.items()).extracting(KeyValue::key).containsExactly(key("c"));
    assertThat(result.count()).isEqualTo(3);
    assertThat(result.more()).isTrue();
  }

  @Test
  void aLimitWithoutAnOrderSortsTheFirstKeysAndTheNextOne() {
    put("a", "3");
    put("b", "2");
    put("c", "1");

    OpResult.Ranged result =
        ranged(
            new Op.Range(
                KeyRange.ALL, 0, 1, SortOrder.NONE, SortTarget.VALUE, false, false, 0, 0, 0, 0));

    assertThat(result.items()).extracting(KeyValue::key).containsExactly(key("b"));
    assertThat(result.count()).isEqualTo(3);
    assertThat(result.more()).isTrue();
  }

  @Test
  void keysOnlyEmptiesTheValueAndNothingElse() {
    put("a", "1");

    assertThat(ranged(Op.Range.of(KeyRange.ALL, 0, 0, true)).items())
        .containsExactly(item("a", "", 2, 2, 1, 0));
  }

  @Test
  void countOnlyReturnsNoItems() {
    put("a", "1");
    put("b", "1");

    assertThat(
            run(
                new Op.Range(
                    KeyRange.ALL, 0, 1, SortOrder.NONE, SortTarget.KEY, false, true, 0, 0, 0, 0)))
        .isEqualTo(new OpResult.Ranged(List.of(), 2, false));
  }

  @Test
  void ignoreValueKeepsTheValueAndIgnoreLeaseTheLease() {
    grant(7, 10);
    run(Op.Put.of(key("a"), key("1"), 7));

    run(new Op.Put(key("a"), key("2"), 0, false, false, true));
    assertThat(get("a", 0)).isEqualTo(item("a", "2", 2, 3, 2, 7));

    run(new Op.Put(key("a"), Bytes.EMPTY, 0, false, true, false));
    assertThat(get("a", 0)).isEqualTo(item("a", "2", 2, 4, 3, 0));
    assertThat(store.leaseKeys(7)).isEmpty();
  }

  @Test
  void keepingTheValueOrLeaseOfAMissingKeyIsRefused() {
    Op keepValue = new Op.Put(key("a"), Bytes.EMPTY, 0, false, true, false);
    Op keepLease = new Op.Put(key("a"), Bytes.EMPTY, 0, false, false, true);

    assertThat(fault(new Command.Write(keepValue))).isEqualTo(Fault.KEY_NOT_FOUND);
    assertThat(fault(new Command.Write(keepLease))).isEqualTo(Fault.KEY_NOT_FOUND);
  }

  @Test
  void aPutWithAnUnknownLeaseIsRefused() {
    assertThat(fault(new Command.Write(Op.Put.of(key("a"), key("1"), 7))))
        .isEqualTo(Fault.LEASE_NOT_FOUND);
    assertThat(store.revision()).isEqualTo(1);
  }

  @Test
  void allChangesOfATransactionShareOneRevisionInTheirOrder() {
    put("c", "old");

    run(txn(putOp("b", "1"), putOp("a", "2"), new Op.DeleteRange(KeyRange.of(key("c")), false)));

    assertThat(store.revision()).isEqualTo(3);
    assertThat(changes(3))
        .isEqualTo(
            List.of(
                new Change(false, item("b", "1", 3, 3, 1, 0), null),
                new Change(false, item("a", "2", 3, 3, 1, 0), null),
                deleted("c", 3)));
  }

  @Test
  void aWriteIsSeenByLaterReadsOfTheSameTransaction() {
    put("a", "old");

    OpResult.Txn result =
        (OpResult.Txn) run(txn(range(KeyRange.ALL), putOp("a", "new"), range(KeyRange.ALL)));

    assertThat(((OpResult.Ranged) result.results().get(0)).items())
        .containsExactly(item("a", "old", 2, 2, 1, 0));
    assertThat(((OpResult.Ranged) result.results().get(2)).items())
        .containsExactly(item("a", "new", 2, 3, 2, 0));
  }

  @Test
  void conditionsOfNestedTransactionsAreEvaluatedBeforeAnyWrite() {
    Op nested =
        new Op.Txn(
            List.of(Compare.number(key("a"), Target.VERSION, Operator.EQUAL, 0)),
            List.of(putOp("missing", "x")),
            List.of(putOp("present", "x")));

    OpResult.Txn result = (OpResult.Txn) run(txn(putOp("a", "1"), nested));

    assertThat(((OpResult.Txn) result.results().get(1)).succeeded()).isTrue();
    assertThat(keys(KeyRange.ALL)).containsExactly("a", "missing");
  }

  @Test
  void aMissingKeyComparesAsZeroAndHasNoValue() {
    assertThat(holds(Compare.number(key("a"), Target.VERSION, Operator.EQUAL, 0))).isTrue();
    assertThat(holds(Compare.number(key("a"), Target.CREATE_REVISION, Operator.LESS, 1))).isTrue();
    assertThat(holds(Compare.number(key("a"), Target.MOD_REVISION, Operator.GREATER, 0))).isFalse();
    assertThat(holds(Compare.number(key("a"), Target.LEASE, Operator.NOT_EQUAL, 0))).isFalse();
    for (Operator operator : Operator.values()) {
      assertThat(holds(Compare.value(key("a"), operator, key("x")))).isFalse();
    }
  }

  @Test
  void aConditionOverARangeMustHoldForEachKey() {
    put("a", "1");
    put("b", "1");
    Compare all = new Compare(KeyRange.ALL, Target.VALUE, Operator.EQUAL, key("1"), 0);
    assertThat(holds(all)).isTrue();

    put("c", "2");
    assertThat(holds(all)).isFalse();
  }

  @Test
  void aConditionOverAnEmptyRangeCountsAsOneMissingKey() {
    KeyRange empty = KeyRange.prefix(key("none"));

    assertThat(holds(new Compare(empty, Target.VERSION, Operator.EQUAL, Bytes.EMPTY, 0))).isTrue();
    assertThat(holds(new Compare(empty, Target.VERSION, Operator.GREATER, Bytes.EMPTY, 0)))
        .isFalse();
    assertThat(holds(new Compare(empty, Target.VALUE, Operator.NOT_EQUAL, key("x"), 0))).isFalse();
  }

  @Test
  void aKeyWrittenTwiceOnOnePathIsRefusedWhateverTheConditionsSay() {
    Op delete = new Op.DeleteRange(KeyRange.prefix(key("a")), false);
    Op nestedDelete = txn(delete);
    Op nested =
        new Op.Txn(
            List.of(Compare.number(key("x"), Target.VERSION, Operator.GREATER, 0)),
            List.of(putOp("a", "never")),
            List.of());

    assertThat(fault(txn(putOp("a", "1"), putOp("a", "2")))).isEqualTo(Fault.DUPLICATE_KEY);
    assertThat(fault(txn(putOp("a", "1"), delete))).isEqualTo(Fault.DUPLICATE_KEY);
    assertThat(fault(txn(delete, putOp("a", "1")))).isEqualTo(Fault.DUPLICATE_KEY);
    assertThat(fault(txn(putOp("a", "1"), nested))).isEqualTo(Fault.DUPLICATE_KEY);
    assertThat(fault(txn(nestedDelete, putOp("a", "1")))).isEqualTo(Fault.DUPLICATE_KEY);
    assertThat(fault(txn(nestedDelete, nested))).isEqualTo(Fault.DUPLICATE_KEY);
    assertThat(store.revision()).isEqualTo(1);
  }

  @Test
  void aKeyThatIsDeletedPutAndDeletedInOneTransactionTakesOneRevision() {
    put("a", "0");
    Op deleteAll = new Op.DeleteRange(KeyRange.ALL, true);

    OpResult.Txn result = (OpResult.Txn) run(txn(deleteAll, putOp("a", "1"), deleteAll));

    assertThat(store.revision()).isEqualTo(3);
    assertThat(store.keys()).isZero();
    assertThat(result.results())
        .isEqualTo(
            List.of(
                new OpResult.Deleted(1, List.of(new KeyValue(key("a"), key("0"), 2, 2, 1, 0))),
                new OpResult.Put(3, 1, null),
                new OpResult.Deleted(1, List.of(new KeyValue(key("a"), key("1"), 3, 3, 1, 0)))));
    ChangeReader reader = store.changesAfter(2);
    reader.next();
    assertThat(reader.size()).isEqualTo(3);
    KeyValue before = new KeyValue(key("a"), key("0"), 2, 2, 1, 0);
    assertThat(reader.change(0, true).previous()).isEqualTo(before);
    assertThat(reader.change(1, true).previous()).isNull(); // As etcd: the first of a life.
    assertThat(reader.change(2, true).previous()).isEqualTo(before);
  }

  @Test
  void aPutMayNotKeepWhatTheTransactionDeletesBefore() {
    put("a", "0");
    Op deleteAll = new Op.DeleteRange(KeyRange.ALL, false);
    Op keep = new Op.Put(key("a"), Bytes.EMPTY, 0, false, true, false);

    assertThat(fault(txn(deleteAll, keep))).isEqualTo(Fault.KEY_NOT_FOUND);
    assertThat(fault(txn(txn(deleteAll), txn(keep)))).isEqualTo(Fault.KEY_NOT_FOUND);
    assertThat(store.revision()).isEqualTo(2);
    run(txn(keep, deleteAll));
    assertThat(store.keys()).isZero();
  }

  @Test
  void deletingTwiceAndPuttingInExclusiveListsAreAllowed() {
    put("a", "1");
    Op delete = new Op.DeleteRange(KeyRange.ALL, false);

    OpResult.Txn result = (OpResult.Txn) run(txn(delete, delete));
    assertThat(result.results())
        .isEqualTo(List.of(new OpResult.Deleted(1, List.of()), new OpResult.Deleted(0, List.of())));

    run(new Op.Txn(List.of(), List.of(putOp("a", "1")), List.of(putOp("a", "2"))));
    assertThat(store.revision()).isEqualTo(4);
  }

  @Test
  void anyFaultLeavesNothingOfATransactionApplied() {
    put("a", "1");
    long hash = store.stateHash();
    List<Op> faults =
        List.of(
            Op.Put.of(key("z"), key("1"), 99),
            new Op.Put(key("z"), Bytes.EMPTY, 0, false, true, false),
            Op.Range.of(KeyRange.ALL, 9, 0, false));

    for (Op fault : faults) {
      assertThat(store.apply(new Command.Write(txn(putOp("b", "1"), txn(fault)))))
          .isInstanceOf(Result.Failed.class);
      assertThat(store.stateHash()).isEqualTo(hash);
      assertThat(keys(KeyRange.ALL)).containsExactly("a");
      assertThat(store.revision()).isEqualTo(2);
    }
  }

  @Test
  void ofSeveralFaultsEtcdsComesFirst() {
    Op keyAndLease = new Op.Put(key("a"), Bytes.EMPTY, 99, false, true, false);
    Op key = new Op.Put(key("b"), Bytes.EMPTY, 0, false, true, false);
    Op future = Op.Range.of(KeyRange.ALL, 9, 0, false);

    assertThat(fault(keyAndLease)).isEqualTo(Fault.LEASE_NOT_FOUND);
    assertThat(fault(txn(keyAndLease))).isEqualTo(Fault.KEY_NOT_FOUND);
    assertThat(fault(txn(future, txn(key)))).isEqualTo(Fault.KEY_NOT_FOUND);
  }

  @Test
  void aNegativeRevisionIsNowButInATransactionACompactedOne() {
    put("a", "1");
    assertThat(get("a", -2)).isEqualTo(get("a", 0));
    assertThat(fault(txn(Op.Range.of(KeyRange.ALL, -2, 0, false)))).isEqualTo(Fault.COMPACTED);
    run(txn(Op.Range.of(KeyRange.ALL, -1, 0, false)));

    store.apply(new Command.Compact(2));

    assertThat(get("a", -1)).isEqualTo(get("a", 0));
    assertThat(fault(txn(Op.Range.of(KeyRange.ALL, -1, 0, false)))).isEqualTo(Fault.COMPACTED);
  }

  @Test
  void afterACompactionItsRevisionIsReadableAndNoneBelow() {
    put("a", "1");
    put("a", "2");
    put("a", "3");

    assertThat(store.apply(new Command.Compact(3))).isEqualTo(new Result.Compacted(3));

    assertThat(readFault(2)).isEqualTo(Fault.COMPACTED);
    assertThat(get("a", 3)).isEqualTo(item("a", "2", 2, 3, 2, 0));
    assertThat(get("a", 4)).isEqualTo(item("a", "3", 2, 4, 3, 0));
    assertThat(readFault(5)).isEqualTo(Fault.FUTURE_REVISION);
  }

  @Test
  void compactingAgainOrBelowOrAboveIsRefused() {
    put("a", "1");
    put("a", "2");
    store.apply(new Command.Compact(2));

    assertThat(fault(new Command.Compact(2))).isEqualTo(Fault.COMPACTED);
    assertThat(fault(new Command.Compact(1))).isEqualTo(Fault.COMPACTED);
    assertThat(fault(new Command.Compact(4))).isEqualTo(Fault.FUTURE_REVISION);
  }

  @Test
  void aDeletionAtTheCompactRevisionCanStillBeWatched() {
    put("a", "1");
    delete(KeyRange.of(key("a")));
    put("b", "1");
    store.apply(new Command.Compact(3));
    while (store.compactStep(1)) {}

    assertThat(changes(3)).containsExactly(deleted("a", 3));

    store.apply(new Command.Compact(4));
    while (store.compactStep(1)) {}
    assertThat(store.revisions()).isEqualTo(1);
    assertThat(store.historyBytes()).isZero();
  }

  @Test
  void aSweepInStepsChangesNothingThatCanBeSeen() {
    for (int i = 0; i < 500; i++) {
      put("k" + i % 10, "v" + i);
    }
    store.apply(new Command.Compact(450));
    OpResult before = run(Op.Range.of(KeyRange.ALL, 450, 0, false));

    int steps = 1;
    while (store.compactStep(3)) {
      steps++;
      assertThat(run(Op.Range.of(KeyRange.ALL, 450, 0, false))).isEqualTo(before);
    }

    assertThat(steps).isGreaterThan(100);
    assertThat(store.revisions()).isEqualTo(10 + 501 - 450);
  }

  @Test
  void revisionFreeingNamesTheLowestCompactionThatIsEnough() {
    put("a", "12345678"); // 104 bytes of heap by the estimate, freed from revision 3 on.
    put("a", "12345678");
    put("b", "1");
    put("a", "1");

    assertThat(store.historyBytes()).isEqualTo(208);
    assertThat(store.revisionFreeing(1)).isEqualTo(3);
    assertThat(store.revisionFreeing(105)).isEqualTo(5);
    assertThat(store.revisionFreeing(1_000_000)).isEqualTo(5);

    store.apply(new Command.Compact(3));
    assertThat(store.historyBytes()).isEqualTo(104);
  }

  @Test
  void revokingALeaseDeletesItsKeysInOrderUnderOneRevision() {
    grant(7, 10);
    run(Op.Put.of(key("b"), key("1"), 7));
    run(Op.Put.of(key("a"), key("1"), 7));
    put("c", "1");

    assertThat(store.apply(new Command.LeaseRevoke(7))).isEqualTo(new Result.LeaseEnded(7, 2));

    assertThat(store.revision()).isEqualTo(5);
    assertThat(changes(5)).isEqualTo(List.of(deleted("a", 5), deleted("b", 5)));
    assertThat(keys(KeyRange.ALL)).containsExactly("c");
    assertThat(store.lease(7)).isEmpty();
    assertThat(fault(new Command.LeaseRevoke(7))).isEqualTo(Fault.LEASE_NOT_FOUND);
  }

  @Test
  void revokingALeaseWithoutKeysTakesNoRevision() {
    grant(7, 10);

    assertThat(store.apply(new Command.LeaseRevoke(7))).isEqualTo(new Result.LeaseEnded(7, 0));
    assertThat(store.revision()).isEqualTo(1);
  }

  @Test
  void aPlainPutDetachesAKeyFromItsLease() {
    grant(7, 10);
    run(Op.Put.of(key("a"), key("1"), 7));
    assertThat(store.leaseKeys(7)).containsExactly(key("a"));

    put("a", "2");

    assertThat(store.leaseKeys(7)).isEmpty();
    store.apply(new Command.LeaseRevoke(7));
    assertThat(get("a", 0)).isEqualTo(item("a", "2", 2, 3, 2, 0));
  }

  @Test
  void aLeaseIdIsGrantedOnceAtATime() {
    grant(7, 10);

    assertThat(fault(new Command.LeaseGrant(7, 20))).isEqualTo(Fault.LEASE_EXISTS);
    assertThat(fault(new Command.LeaseKeepAlive(8))).isEqualTo(Fault.LEASE_NOT_FOUND);
    assertThat(store.apply(new Command.LeaseKeepAlive(7))).isEqualTo(new Result.Lease(7, 10));
  }

  @Test
  void anExpiryDecidedBeforeARenewalHasNoEffect() {
    grant(7, 10);
    run(Op.Put.of(key("a"), key("1"), 7));
    long seen = store.lease(7).orElseThrow().renewals();
    store.apply(new Command.LeaseKeepAlive(7));
    long hash = store.stateHash();

    assertThat(store.apply(new Command.LeaseExpire(7, seen))).isEqualTo(new Result.Lease(7, 10));
    assertThat(store.stateHash()).isEqualTo(hash);

    long seenNow = store.lease(7).orElseThrow().renewals();
    assertThat(store.apply(new Command.LeaseExpire(7, seenNow)))
        .isEqualTo(new Result.LeaseEnded(7, 1));
  }

  @Test
  void whatALeaseStillHasIsRecordedUntilItIsRenewed() {
    grant(7, 600);
    grant(8, 600);
    long seen = store.lease(7).orElseThrow().renewals();

    assertThat(record(7, seen, 300)).isEqualTo(new Result.Recorded(1));
    assertThat(store.lease(7)).contains(new Lease(7, 600, seen, 300));
    assertThat(store.lease(8).orElseThrow().remainingSeconds()).isEqualTo(600);

    store.apply(new Command.LeaseKeepAlive(7));
    assertThat(store.lease(7).orElseThrow().remainingSeconds()).isEqualTo(600);
  }

  @Test
  void aRecordThatIsNotTheNewestHasNoEffect() {
    grant(7, 600);
    long seen = store.lease(7).orElseThrow().renewals();
    record(7, seen, 300);
    long hash = store.stateHash();

    assertThat(record(7, seen, 301)).isEqualTo(new Result.Recorded(0));
    assertThat(record(7, seen, 300)).isEqualTo(new Result.Recorded(0));
    assertThat(record(7, seen, 0)).isEqualTo(new Result.Recorded(0));
    assertThat(record(8, seen, 100)).isEqualTo(new Result.Recorded(0));
    assertThat(store.stateHash()).isEqualTo(hash);
    store.apply(new Command.LeaseKeepAlive(7));
    assertThat(record(7, seen, 100)).isEqualTo(new Result.Recorded(0));
    assertThat(store.lease(7).orElseThrow().remainingSeconds()).isEqualTo(600);
  }

  private Result record(long id, long renewals, long seconds) {
    return store.apply(
        new Command.LeaseCheckpoint(List.of(new Command.Remaining(id, renewals, seconds))));
  }

  @Test
  void anExpiryOfALeaseThatWasGrantedAnewHasNoEffect() {
    grant(7, 10);
    long seen = store.lease(7).orElseThrow().renewals();
    store.apply(new Command.LeaseRevoke(7));
    grant(7, 10);

    store.apply(new Command.LeaseExpire(7, seen));

    assertThat(store.lease(7)).isPresent();
  }

  @Test
  void leasesAreListedInTheOrderOfTheirIds() {
    grant(9, 1);
    grant(3, 2);
    grant(5, 3);

    assertThat(store.leases()).extracting(lease -> lease.id()).containsExactly(3L, 5L, 9L);
    assertThat(store.leaseCount()).isEqualTo(3);
  }

  @Test
  void theHashTellsOrdersAndLeasesApart() {
    Store other = new Store();
    put("a", "1");
    put("b", "1");
    other.apply(new Command.Write(putOp("b", "1")));
    other.apply(new Command.Write(putOp("a", "1")));
    assertThat(store.stateHash()).isNotEqualTo(other.stateHash());

    long before = store.stateHash();
    grant(1, 1);
    long granted = store.stateHash();
    store.apply(new Command.LeaseKeepAlive(1));
    long renewed = store.stateHash();
    store.apply(new Command.Compact(2));
    assertThat(List.of(before, granted, renewed, store.stateHash())).doesNotHaveDuplicates();
  }

  @Test
  void aReadThatMayWriteIsAnError() {
    assertThatThrownBy(() -> store.read(txn(putOp("a", "1"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must not write");
  }

  private OpResult put(String key, String value) {
    return run(putOp(key, value));
  }

  private OpResult delete(KeyRange keys) {
    return run(new Op.DeleteRange(keys, false));
  }

  private void grant(long id, long ttlSeconds) {
    assertThat(store.apply(new Command.LeaseGrant(id, ttlSeconds)))
        .isEqualTo(new Result.Lease(id, ttlSeconds));
  }

  private OpResult run(Op op) {
    Result result = store.apply(new Command.Write(op));
    assertThat(result).isInstanceOf(Result.Written.class);
    return ((Result.Written) result).result();
  }

  private Fault fault(Op op) {
    return fault(new Command.Write(op));
  }

  private Fault fault(Command command) {
    return ((Result.Failed) store.apply(command)).fault();
  }

  private Fault readFault(long revision) {
    Op op = Op.Range.of(KeyRange.ALL, revision, 0, false);
    return ((Result.Failed) store.read(op)).fault();
  }

  private boolean holds(Compare compare) {
    return ((OpResult.Txn) run(new Op.Txn(List.of(compare), List.of(), List.of()))).succeeded();
  }

  private OpResult.Ranged ranged(Op.Range range) {
    return (OpResult.Ranged) ((Result.Written) store.read(range)).result();
  }

  private KeyValue get(String key, long revision) {
    List<KeyValue> items = ranged(Op.Range.of(KeyRange.of(key(key)), revision, 0, false)).items();
    return items.isEmpty() ? null : items.get(0);
  }

  private List<String> keys(KeyRange keys) {
    return ranged(range(keys)).items().stream().map(item -> item.key().toString()).toList();
  }

  private List<String> sorted(SortTarget target, SortOrder order) {
    Op.Range range = new Op.Range(KeyRange.ALL, 0, 0, order, target, false, false, 0, 0, 0, 0);
    return ranged(range).items().stream().map(item -> item.key().toString()).toList();
  }

  private static Op.Range filtered(long limit, long minMod, long maxMod, long maxCreate) {
    return new Op.Range(
        KeyRange.ALL,
        0,
        limit,
        SortOrder.NONE,
        SortTarget.KEY,
        false,
        false,
        minMod,
        maxMod,
        0,
        maxCreate);
  }

  private List<Change> changes(long revision) {
    ChangeReader reader = store.changesAfter(revision - 1);
    reader.next();
    assertThat(reader.revision()).isEqualTo(revision);
    List<Change> changes = new ArrayList<>();
    for (int i = 0; i < reader.size(); i++) {
      changes.add(reader.change(i, false));
    }
    return changes;
  }

  private static Op.Range range(KeyRange keys) {
    return Op.Range.of(keys, 0, 0, false);
  }

  private static Op.Txn txn(Op... ops) {
    return new Op.Txn(List.of(), List.of(ops), List.of());
  }

  private static Op putOp(String key, String value) {
    return Op.Put.of(key(key), key(value), 0);
  }

  private static Bytes key(String text) {
    return Bytes.utf8(text);
  }

  private static KeyValue item(
      String key, String value, long create, long mod, long version, long lease) {
    return new KeyValue(key(key), key(value), create, mod, version, lease);
  }

  private static Change deleted(String key, long revision) {
    return new Change(true, item(key, "", 0, revision, 0, 0), null);
  }
}
