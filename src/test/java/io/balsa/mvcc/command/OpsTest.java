package io.balsa.mvcc.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Bytes;
import io.balsa.mvcc.command.Ops.Rule;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OpsTest {
  private static final Bytes KEY = Bytes.utf8("k");
  private static final Op PUT = Op.Put.of(KEY, KEY, 0);
  private static final Op GET = Op.Range.of(KeyRange.ALL, 0, 0, false);

  @Test
  void anEmptyKeyIsRefusedWhereItNamesOneKey() {
    assertThat(rule(Op.Put.of(Bytes.EMPTY, KEY, 0))).contains(Rule.KEY_EMPTY);
    assertThat(rule(new Op.DeleteRange(KeyRange.of(Bytes.EMPTY), false))).contains(Rule.KEY_EMPTY);
    assertThat(rule(Op.Range.of(KeyRange.of(Bytes.EMPTY), 0, 0, false))).contains(Rule.KEY_EMPTY);
    assertThat(rule(Op.Range.of(new KeyRange(Bytes.EMPTY, KEY), 0, 0, false))).isEmpty();
    assertThat(
            rule(
                new Op.Txn(
                    List.of(
                        Compare.number(
                            Bytes.EMPTY, Compare.Target.VERSION, Compare.Operator.EQUAL, 0)),
                    List.of(),
                    List.of())))
        .contains(Rule.KEY_EMPTY);
  }

  @Test
  void aKeptValueOrLeaseMayNotBeGiven() {
    assertThat(rule(new Op.Put(KEY, KEY, 0, false, true, false)))
        .contains(Rule.VALUE_WITH_IGNORE_VALUE);
    assertThat(rule(new Op.Put(KEY, KEY, 5, false, false, true)))
        .contains(Rule.LEASE_WITH_IGNORE_LEASE);
    assertThat(rule(new Op.Put(KEY, Bytes.EMPTY, 0, false, true, true))).isEmpty();
  }

  @Test
  void listsAreLimitedAndNestedOnesUseUpTheLimit() {
    assertThat(rule(txn(Collections.nCopies(4, GET)), 4)).isEmpty();
    assertThat(rule(txn(Collections.nCopies(5, GET)), 4)).contains(Rule.TOO_MANY_OPERATIONS);

    Op nested = txn(Collections.nCopies(3, GET));
    assertThat(rule(txn(List.of(nested)), 4)).isEmpty();
    assertThat(rule(txn(List.of(nested, GET)), 4)).contains(Rule.TOO_MANY_OPERATIONS);
  }

  @Test
  void aDuplicateIsNamedButShown64BytesOnly() {
    Op put = Op.Put.of(Bytes.utf8("x".repeat(100)), KEY, 0);

    Ops.Violation violation = Ops.check(txn(List.of(put, put)), 10).orElseThrow();

    assertThat(violation.rule()).isEqualTo(Rule.DUPLICATE_KEY);
    assertThat(violation.detail()).contains("x".repeat(64) + "...").doesNotContain("x".repeat(65));
  }

  @Test
  void duplicatesAreFoundAcrossNestedTransactionsInEitherOrder() {
    Op nestedPut = txn(List.of(PUT));
    Op delete = new Op.DeleteRange(KeyRange.prefix(KEY), false);
    Op nestedDelete = txn(List.of(delete));

    assertThat(rule(txn(List.of(nestedPut, nestedPut)))).contains(Rule.DUPLICATE_KEY);
    assertThat(rule(txn(List.of(nestedPut, PUT)))).contains(Rule.DUPLICATE_KEY);
    assertThat(rule(txn(List.of(nestedDelete, nestedPut)))).contains(Rule.DUPLICATE_KEY);
    assertThat(rule(txn(List.of(nestedDelete, PUT)))).contains(Rule.DUPLICATE_KEY);
    assertThat(rule(txn(List.of(PUT, nestedDelete)))).contains(Rule.DUPLICATE_KEY);
    assertThat(rule(txn(List.of(nestedPut, delete)))).contains(Rule.DUPLICATE_KEY);
    assertThat(rule(txn(List.of(delete, nestedPut)))).contains(Rule.DUPLICATE_KEY);
    assertThat(rule(txn(List.of(nestedDelete, delete)))).isEmpty();
  }

  @Test
  void whatEtcdOverlooksIsADuplicateByTheStrictRuleOnly() {
    Op nestedPut = txn(List.of(PUT));
    Op nestedDelete = txn(List.of(new Op.DeleteRange(KeyRange.prefix(KEY), false)));
    Op deleteAll = new Op.DeleteRange(KeyRange.ALL, false);

    for (Op.Txn txn :
        List.of(
            txn(List.of(nestedPut, nestedDelete)),
            txn(List.of(txn(List.of(GET, nestedPut, nestedDelete)))),
            txn(List.of(PUT, deleteAll)),
            txn(List.of(deleteAll, nestedPut)))) {
      assertThat(rule(txn)).isEmpty();
      assertThat(Ops.checkStrictly(txn, 128).map(Ops.Violation::rule)).contains(Rule.DUPLICATE_KEY);
    }
    assertThat(Ops.checkStrictly(txn(List.of(nestedDelete, deleteAll)), 128)).isEmpty();
  }

  @Test
  void theTwoListsOfOneTransactionExcludeEachOther() {
    Op either = new Op.Txn(List.of(), List.of(PUT), List.of(PUT));

    assertThat(rule(either)).isEmpty();
    assertThat(rule(txn(List.of(either)))).isEmpty();
    assertThat(rule(txn(List.of(either, PUT)))).contains(Rule.DUPLICATE_KEY);
  }

  @Test
  void onlyOperationsWithoutWritesOnAnyPathAreReadOnly() {
    assertThat(Ops.isReadOnly(GET)).isTrue();
    assertThat(Ops.isReadOnly(txn(List.of(GET, txn(List.of(GET)))))).isTrue();
    assertThat(Ops.isReadOnly(PUT)).isFalse();
    assertThat(Ops.isReadOnly(new Op.Txn(List.of(), List.of(GET), List.of(txn(List.of(PUT))))))
        .isFalse();
  }

  private static Op.Txn txn(List<Op> ops) {
    return new Op.Txn(List.of(), ops, List.of());
  }

  private static Optional<Rule> rule(Op op) {
    return rule(op, 128);
  }

  private static Optional<Rule> rule(Op op, int opsMax) {
    return Ops.check(op, opsMax).map(Ops.Violation::rule);
  }
}
