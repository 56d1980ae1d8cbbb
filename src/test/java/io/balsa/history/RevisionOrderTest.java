package io.balsa.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Bytes;
import io.balsa.history.Action.Delete;
import io.balsa.history.Action.Get;
import io.balsa.history.Action.Put;
import io.balsa.history.Action.PutIf;
import io.balsa.history.Result.Applied;
import io.balsa.history.Result.Deleted;
import io.balsa.history.Result.NotMet;
import io.balsa.history.Result.Value;
import io.balsa.history.Violation.Kind;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RevisionOrderTest {
  private static final Bytes V = Bytes.utf8("v");

  @Test
  void acceptsWhatAStoreAnswers() {
    for (int seed = 0; seed < 200; seed++) {
      List<Operation> history = new RandomHistory(new Random(seed), 5, 3, 100, 10).generate(200);
      assertThat(RevisionOrder.check(history)).as("seed %d", seed).isEmpty();
    }
  }

  @Test
  void acceptsAnyOrderOfWhatOverlaps() {
    assertThat(
            check(
                op("a", 1, 9, new Put(V), new Applied(8)),
                op("b", 2, 4, new Put(V), new Applied(7)),
                op("c", 9, 10, new Put(V), new Applied(6))))
        .map(Violation::kind)
        .contains(Kind.REVISION_BACK);
    assertThat(
            check(
                op("a", 1, 9, new Put(V), new Applied(8)),
                op("b", 2, 4, new Put(V), new Applied(7)),
                op("c", 4, 10, new Put(V), new Applied(6))))
        .isEmpty();
  }

  @Test
  void findsOneRevisionForTwoWrites() {
    assertFinds(
        Kind.REVISION_TWICE,
        op("a", 1, 9, new Put(V), new Applied(8)),
        op("b", 2, 4, new Delete(), new Deleted(true, 8)));
  }

  @Test
  void findsOneRevisionForTwoValues() {
    assertFinds(
        Kind.REVISION_TWICE,
        op("a", 1, 9, new Get(), new Value(V, 8)),
        op("b", 2, 4, new Get(), new Value(V, 8)));
    assertFinds(
        Kind.REVISION_TWICE,
        op("a", 1, 9, new PutIf(3, V), new Applied(8)),
        op("a", 2, 4, new Get(), new Value(Bytes.utf8("w"), 8)));
  }

  @Test
  void findsAWriteOfAnotherKeyThatGoesBack() {
    assertFinds(
        Kind.REVISION_BACK,
        op("a", 1, 2, new Put(V), new Applied(8)),
        op("b", 3, 4, new Put(V), new Applied(7)));
  }

  @Test
  void findsAWriteBelowWhatWasRead() {
    assertFinds(
        Kind.REVISION_BACK,
        op("a", 1, 2, new Get(), new Value(V, 8)),
        op("b", 3, 4, new PutIf(0, V), new Applied(7)));
  }

  @Test
  void findsADeletionOfNothingThatGoesBack() {
    Operation put = op("a", 1, 2, new Put(V), new Applied(8));
    assertFinds(Kind.REVISION_BACK, put, op("b", 3, 4, new Delete(), new Deleted(false, 7)));
    assertThat(check(put, op("b", 3, 4, new Delete(), new Deleted(false, 8)))).isEmpty();
    assertThat(check(put, op("b", 3, 4, new PutIf(2, V), new NotMet()))).isEmpty();
  }

  private static void assertFinds(Kind kind, Operation... history) {
    Violation violation = check(history).orElseThrow();
    assertThat(violation.kind()).isEqualTo(kind);
    assertThat(violation.operations()).containsExactly(history);
    assertThat(violation.text()).contains(history[0].toString(), history[1].toString());
  }

  private static Optional<Violation> check(Operation... history) {
    return RevisionOrder.check(List.of(history));
  }

  private static Operation op(String key, long from, long to, Action action, Result result) {
    return new Operation(1, Bytes.utf8(key), action, result, from, to);
  }
}
