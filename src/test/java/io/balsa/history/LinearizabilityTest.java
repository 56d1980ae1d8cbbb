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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LinearizabilityTest {
  private static final Bytes KEY = Bytes.utf8("k0");
  private static final Bytes A = Bytes.utf8("a");
  private static final Bytes B = Bytes.utf8("b");
  private static final Bytes C = Bytes.utf8("c");

  private int client;

  @Test
  void acceptsWhatOverlapsInEitherOrder() {
    assertLinearizable(
        op(1, 10, new Put(A), new Applied(5)),
        op(2, 9, new Put(B), new Applied(4)),
        op(3, 4, new Get(), Value.ABSENT),
        op(5, 6, new Get(), new Value(B, 4)),
        op(7, 8, new Get(), new Value(A, 5)));
  }

  @Test
  void findsAStaleRead() {
    assertContradiction(
        op(1, 2, new Put(A), new Applied(2)),
        op(3, 4, new Put(B), new Applied(3)),
        op(5, 6, new Get(), new Value(A, 2)));
  }

  @Test
  void findsAReadThatGoesBack() {
    assertContradiction(
        op(1, 2, new Put(A), new Applied(2)),
        op(3, 20, new Put(B), new Applied(3)),
        op(4, 5, new Get(), new Value(B, 3)),
        op(6, 7, new Get(), new Value(A, 2)));
  }

  @Test
  void findsALostUpdate() {
    assertContradiction(op(1, 2, new Put(A), new Applied(2)), op(3, 4, new Get(), Value.ABSENT));
  }

  @Test
  void findsTwoConditionalWritesOnOneRevision() {
    assertContradiction(
        op(1, 2, new Put(A), new Applied(2)),
        op(3, 9, new PutIf(2, B), new Applied(3)),
        op(4, 8, new PutIf(2, C), new Applied(4)));
  }

  @Test
  void findsTwoFirstWrites() {
    assertContradiction(
        op(1, 9, new PutIf(0, A), new Applied(2)), op(1, 9, new PutIf(0, B), new Applied(3)));
  }

  @Test
  void findsAConditionThatHeldAndWasRefused() {
    assertContradiction(
        op(1, 2, new Put(A), new Applied(2)), op(3, 4, new PutIf(2, B), new NotMet()));
  }

  @Test
  void findsADeletionOfNothing() {
    assertContradiction(
        op(1, 2, new Put(A), new Applied(2)),
        op(3, 4, new Delete(), new Deleted(true, 3)),
        op(5, 6, new Delete(), new Deleted(true, 4)));
  }

  @Test
  void findsRevisionsThatFall() {
    assertContradiction(op(1, 2, new Put(A), new Applied(7)), op(3, 4, new Put(B), new Applied(6)));
  }

  @Test
  void findsAValueThatNobodyWrote() {
    assertContradiction(op(1, 2, new Put(A), new Applied(2)), op(3, 4, new Get(), new Value(B, 2)));
  }

  @Test
  void anUnansweredWriteMayHappenLateOrNever() {
    Operation lost = Operation.unknown(9, KEY, new Put(B), 1);
    Operation put = op(2, 3, new Put(A), new Applied(2));

    assertLinearizable(lost, put, op(4, 5, new Get(), new Value(A, 2)));
    assertLinearizable(
        lost, put, op(4, 5, new Get(), new Value(A, 2)), op(6, 7, new Get(), new Value(B, 3)));
  }

  @Test
  void anUnansweredWriteHappensOnce() {
    assertContradiction(
        Operation.unknown(9, KEY, new Put(B), 1),
        op(2, 3, new Get(), new Value(B, 2)),
        op(4, 5, new Put(A), new Applied(3)),
        op(6, 7, new Get(), new Value(B, 4)));
  }

  @Test
  void anUnansweredWriteIsNotSeenBeforeItBegins() {
    assertContradiction(
        op(1, 2, new Get(), new Value(B, 2)), Operation.unknown(9, KEY, new Put(B), 3));
  }

  @Test
  void theRevisionOfAnUnansweredWriteIsLearntOnce() {
    assertContradiction(
        Operation.unknown(9, KEY, new Put(B), 1),
        op(2, 3, new Get(), new Value(B, 2)),
        op(4, 5, new Get(), new Value(B, 3)));
  }

  @Test
  void aRefusedConditionTellsWhatAnUnansweredWriteIsNot() {
    assertContradiction(
        Operation.unknown(9, KEY, new Put(B), 1),
        op(2, 3, new PutIf(0, A), new NotMet()),
        op(4, 5, new PutIf(7, A), new NotMet()),
        op(6, 7, new Get(), new Value(B, 7)));
  }

  @Test
  void keysAreApart() {
    List<Operation> history = new ArrayList<>();
    history.add(op(1, 2, new Put(A), new Applied(2)));
    history.add(new Operation(1, Bytes.utf8("other"), new Get(), Value.ABSENT, 3, 4));
    assertThat(Linearizability.check(history)).isEmpty();

    history.add(new Operation(1, Bytes.utf8("other"), new Get(), new Value(A, 2), 5, 6));
    assertThat(Linearizability.check(history).orElseThrow().text()).contains("key other");
  }

  @Test
  void tellsOnlyWhatMatters() {
    long seed = 4711;
    List<Operation> history =
        new ArrayList<>(new RandomHistory(new Random(seed), 5, 1, 1_000_000, 10).generate(400));
    long end =
        history.stream()
            .filter(Operation::isAnswered)
            .mapToLong(Operation::returned)
            .max()
            .orElseThrow();
    history.add(op(end + 1, end + 2, new Put(A), new Applied(10_000)));
    history.add(op(end + 3, end + 4, new Put(B), new Applied(10_001)));
    history.add(op(end + 5, end + 6, new Get(), new Value(A, 10_000)));
    history.add(op(end + 7, end + 8, new Get(), new Value(B, 10_001)));

    Violation violation = Linearizability.check(history).orElseThrow();

    assertThat(violation.kind()).isEqualTo(Kind.NOT_LINEARIZABLE);
    assertThat(violation.operations()).containsExactlyElementsOf(history.subList(400, 403));
    assertThat(violation.text())
        .contains("key k0", "up to time " + (end + 6), "(403 of 404)")
        .contains("from %d to %d".formatted(end + 5, end + 6));
  }

  @Test
  void anAbandonedSearchIsNoPass() {
    List<Operation> history = new RandomHistory(new Random(1), 5, 1, 3, 10).generate(100);

    assertThat(Linearizability.check(history, 20).orElseThrow().kind()).isEqualTo(Kind.UNDECIDED);
    assertThat(Linearizability.check(history, 100_000)).isEmpty();
  }

  @Test
  void agreesWithBruteForce() {
    long seed = Long.getLong("seed", new Random().nextInt(1_000_000));
    int right = 0;
    int wrong = 0;
    for (int i = 0; i < 20_000; i++) {
      Random random = new Random(seed + i);
      int clients = 1 + random.nextInt(4);
      int values = 1 + random.nextInt(4);
      RandomHistory store = new RandomHistory(random, clients, 1, values, random.nextInt(60));
      List<Operation> history = store.generate(1 + random.nextInt(7));
      for (int spoil = random.nextInt(3); spoil > 0; spoil--) {
        history = store.spoil(history);
      }

      boolean expected = BruteForce.isLinearizable(history);
      Optional<Violation> found = Linearizability.check(history);

      String again =
          "mvn test -Dtest=LinearizabilityTest#agreesWithBruteForce -Dseed=%d: %s"
              .formatted(seed + i, history);
      assertThat(found.isEmpty()).as(again).isEqualTo(expected);
      if (!expected) {
        assertThat(found.orElseThrow().kind()).as(again).isEqualTo(Kind.NOT_LINEARIZABLE);
        assertThat(BruteForce.isLinearizable(found.orElseThrow().operations())).as(again).isFalse();
      }
      right += expected ? 1 : 0;
      wrong += expected ? 0 : 1;
    }
    System.out.printf("seed %d: %d linearizable, %d not%n", seed, right, wrong);
    assertThat(right).isGreaterThan(4_000);
    assertThat(wrong).isGreaterThan(4_000);
  }

  @Test
  void isQuickWithManyOperations() {
    isQuick(10, 3, 5);
    isQuick(10, 1_000_000, 5);
    isQuick(10, 1_000_000, 40);
  }

  private static void isQuick(int keys, int values, int lost) {
    List<Operation> history =
        new ArrayList<>(new RandomHistory(new Random(7), 8, keys, values, lost).generate(20_000));
    double accepted = seconds(() -> assertThat(Linearizability.check(history)).isEmpty());
    double ordered = seconds(() -> assertThat(RevisionOrder.check(history)).isEmpty());
    // The worst place for a contradiction: at the end of the last key.
    Bytes key = Bytes.utf8("k" + (keys - 1));
    history.add(new Operation(1, key, new Get(), new Value(A, 1), 1_000_000, 1_000_001));
    double refused =
        seconds(
            () ->
                assertThat(Linearizability.check(history).orElseThrow().kind())
                    .isEqualTo(Kind.NOT_LINEARIZABLE));

    System.out.printf(
        "20,000 operations, %d keys, %d values, %d%% of writes lost:"
            + " %.2f s to accept (revisions %.2f s), %.2f s to refuse%n",
        keys, values, lost, accepted, ordered, refused);
    assertThat(accepted).isLessThan(3);
    assertThat(ordered).isLessThan(1);
    assertThat(refused).isLessThan(20);
  }

  private static double seconds(Runnable task) {
    long start = System.nanoTime();
    task.run();
    return (System.nanoTime() - start) / 1e9;
  }

  private Operation op(long invoked, long returned, Action action, Result result) {
    return new Operation(client++, KEY, action, result, invoked, returned);
  }

  private static void assertLinearizable(Operation... history) {
    assertThat(BruteForce.isLinearizable(List.of(history))).isTrue();
    assertThat(Linearizability.check(List.of(history))).isEmpty();
  }

  private static void assertContradiction(Operation... history) {
    assertThat(BruteForce.isLinearizable(List.of(history))).isFalse();
    assertThat(Linearizability.check(List.of(history)).orElseThrow().operations())
        .isSubsetOf(history)
        .isNotEmpty();
  }
}
