package io.balsa.mvcc;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Bytes;
import io.balsa.mvcc.command.Command;
import io.balsa.mvcc.command.Compare;
import io.balsa.mvcc.command.KeyRange;
import io.balsa.mvcc.command.Once;
import io.balsa.mvcc.command.Op;
import io.balsa.mvcc.command.OpResult;
import io.balsa.mvcc.command.Result;
import io.balsa.mvcc.command.Result.Fault;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Writes that are applied once (Raft thesis §6.3). */
class SessionsTest {
  private static final long SESSION = 0x7f;
  private static final Bytes KEY = Bytes.utf8("k");

  private final Store store = new Store();

  @BeforeEach
  void begin() {
    store.apply(new Command.LeaseGrant(SESSION, 10));
  }

  @Test
  void aRepeatedWriteIsAnsweredAsTheFirstTimeAndNotApplied() {
    Result first = put(1, "a");
    put(2, "b");
    long hash = store.stateHash();
    long bytes = store.liveBytes();

    assertThat(put(1, "a")).isEqualTo(first);
    assertThat(first).isEqualTo(new Result.Written(2, new OpResult.Put(2, 1, null)));
    assertThat(value()).isEqualTo("b");
    assertThat(store.revision()).isEqualTo(3);
    assertThat(store.stateHash()).isEqualTo(hash);
    assertThat(store.liveBytes()).isEqualTo(bytes);
  }

  @Test
  void aConditionThatFailedFirstFailsAgainThoughItWouldHoldNow() {
    Op.Txn ifTwoPuts =
        new Op.Txn(
            List.of(Compare.number(KEY, Compare.Target.VERSION, Compare.Operator.EQUAL, 1)),
            List.of(Op.Put.of(KEY, Bytes.utf8("x"), 0)),
            List.of(Op.Range.of(KeyRange.of(KEY), 0, 1, true)));
    Result refused = write(1, ifTwoPuts);
    put(2, "a");

    assertThat(write(1, ifTwoPuts)).isEqualTo(refused);
    assertThat(refused)
        .isEqualTo(
            new Result.Written(
                1, new OpResult.Txn(false, List.of(new OpResult.Ranged(List.of(), 0, false)))));
    assertThat(value()).isEqualTo("a");
  }

  @Test
  void sequencesMayComeInAnyOrderWithGaps() {
    long[] sequences = {900, 880, 1000, 873, 999, 901};
    for (long sequence : sequences) {
      assertThat(put(sequence, "v" + sequence)).isInstanceOf(Result.Written.class);
    }
    for (int i = 0; i < sequences.length; i++) {
      assertThat(put(sequences[i], "x"))
          .isEqualTo(new Result.Written(2 + i, new OpResult.Put(2 + i, 1 + i, null)));
    }
    assertThat(store.revision()).isEqualTo(7);
  }

  @Test
  void theHighest128AreRememberedAndWhatLiesBelowIsRefused() {
    for (int sequence = 1; sequence <= 200; sequence++) {
      put(sequence, "v");
    }

    for (int sequence = 73; sequence <= 200; sequence++) {
      assertThat(put(sequence, "x"))
          .isEqualTo(
              new Result.Written(1 + sequence, new OpResult.Put(1 + sequence, sequence, null)));
    }
    assertThat(put(72, "x"))
        .isEqualTo(
            new Result.Failed(
                Fault.ANSWER_FORGOTTEN,
                "write 72 of session 7f may have been applied before: it is older than the 128 up"
                    + " to write 200, whose answers are remembered"));
    assertThat(fault(put(1, "x"))).isEqualTo(Fault.ANSWER_FORGOTTEN);
    assertThat(store.revision()).isEqualTo(201);
  }

  @Test
  void aNumberThatIsNewIsRefusedOnlyWhere128LieAboveIt() {
    put(1000, "v");

    assertThat(fault(put(872, "x"))).isEqualTo(Fault.ANSWER_FORGOTTEN);
    assertThat(put(873, "x")).isInstanceOf(Result.Written.class);
  }

  /** However many lie between: as many are remembered, and those as long as they are among them. */
  @Test
  void gapsCostNoMemoryOfWhatWasWritten() {
    for (int i = 1; i <= 128; i++) {
      put(1000L * i, "v");
    }
    assertThat(put(1000, "x")).isEqualTo(new Result.Written(2, new OpResult.Put(2, 1, null)));

    put(Long.MAX_VALUE, "v");
    assertThat(fault(put(1000, "x"))).isEqualTo(Fault.ANSWER_FORGOTTEN);
    assertThat(put(2000, "x")).isEqualTo(new Result.Written(3, new OpResult.Put(3, 2, null)));
  }

  @Test
  void aWriteOfAnEndedOrUnknownSessionIsRefused() {
    put(1, "a");
    store.apply(new Command.LeaseRevoke(SESSION));

    assertThat(put(1, "a"))
        .isEqualTo(
            new Result.Failed(
                Fault.LEASE_NOT_FOUND,
                "write 1 of session 7f may have been applied before: the session has ended, or"
                    + " there never was one"));
    store.apply(new Command.LeaseGrant(9, 10));
    store.apply(new Command.LeaseExpire(9, 2));
    assertThat(fault(store.apply(new Command.WriteOnce(new Once(9, 1), Op.Put.of(KEY, KEY, 0)))))
        .isEqualTo(Fault.LEASE_NOT_FOUND);
    assertThat(store.revision()).isEqualTo(2);
  }

  @Test
  void aSessionBeginsAnewWithALeaseOfTheSameId() {
    put(5, "a");
    store.apply(new Command.LeaseRevoke(SESSION));
    store.apply(new Command.LeaseGrant(SESSION, 10));

    assertThat(put(5, "b")).isEqualTo(new Result.Written(3, new OpResult.Put(3, 2, null)));
  }

  @Test
  void sessionsKnowNothingOfEachOther() {
    store.apply(new Command.LeaseGrant(8, 10));
    put(1, "a");

    store.apply(new Command.WriteOnce(new Once(8, 1), Op.Put.of(KEY, Bytes.utf8("b"), 0)));

    assertThat(value()).isEqualTo("b");
    store.apply(new Command.LeaseRevoke(8));
    assertThat(put(1, "x")).isEqualTo(new Result.Written(2, new OpResult.Put(2, 1, null)));
  }

  @Test
  void aRefusedWriteIsNotRememberedAndIsJudgedAnew() {
    Op keepsLease = new Op.Put(KEY, Bytes.utf8("b"), 0, false, false, true);
    long hash = store.stateHash();
    assertThat(fault(write(1, keepsLease))).isEqualTo(Fault.KEY_NOT_FOUND);
    assertThat(store.stateHash()).isEqualTo(hash);
    assertThat(store.remembers(new Once(SESSION, 1))).isFalse();
    put(2, "a");

    assertThat(write(1, keepsLease)).isInstanceOf(Result.Written.class);

    assertThat(value()).isEqualTo("b");
    assertThat(store.remembers(new Once(SESSION, 1))).isTrue();
  }

  @Test
  void answersCountAsLiveBytesUntilTheSessionEnds() {
    store.apply(new Command.Write(Op.Put.of(KEY, Bytes.utf8("1234567"), 0)));
    long keys = store.liveBytes();
    Op nothing = new Op.DeleteRange(KeyRange.of(Bytes.utf8("missing")), false);

    write(1, nothing);
    assertThat(store.liveBytes() - keys).isEqualTo(80 + 40 + 40 + 8);
    for (int sequence = 2; sequence <= 1000; sequence++) {
      write(sequence, nothing);
    }
    assertThat(store.liveBytes() - keys).isEqualTo(80 + 128 * (40 + 40 + 8));
    assertThat(store.revision()).isEqualTo(2);

    store.apply(new Command.LeaseRevoke(SESSION));
    assertThat(store.liveBytes()).isEqualTo(keys);
  }

  @Test
  void ofAWriteWithALargeAnswerItIsKnownOnlyThatItWasApplied() {
    put(1, "x".repeat(70_000));
    Op previous = new Op.Put(KEY, Bytes.utf8("b"), 0, true, false, false);
    long bytes = store.liveBytes();

    assertThat(((Result.Written) write(2, previous)).result())
        .isInstanceOfSatisfying(
            OpResult.Put.class,
            put -> assertThat(put.previous().value().length()).isEqualTo(70_000));

    put(3, "c");
    assertThat(write(2, previous))
        .isEqualTo(
            new Result.Failed(
                Fault.ANSWER_FORGOTTEN,
                "write 2 of session 7f was applied before, at revision 3: its answer was larger"
                    + " than 65536 bytes and is not remembered"));
    assertThat(value()).isEqualTo("c");
    assertThat(store.liveBytes()).isLessThan(bytes - 69_000);
  }

  @Test
  void compactionTakesNoAnswerAway() {
    Op.Txn readAndWrite =
        new Op.Txn(
            List.of(),
            List.of(Op.Range.of(KeyRange.of(KEY), 0, 0, false), Op.Put.of(KEY, Bytes.utf8("b"), 0)),
            List.of());
    put(1, "a");
    Result first = write(2, readAndWrite);
    put(3, "c");
    store.apply(new Command.Compact(store.revision()));
    while (store.compactStep(100)) {}

    assertThat(write(2, readAndWrite)).isEqualTo(first);
    assertThat(value()).isEqualTo("c");
  }

  @Test
  void theHashTellsWhatIsRemembered() {
    Store other = new Store();
    other.apply(new Command.LeaseGrant(SESSION, 10));
    put(1, "a");
    other.apply(new Command.WriteOnce(new Once(SESSION, 2), Op.Put.of(KEY, Bytes.utf8("a"), 0)));
    assertThat(other.stateHash()).isNotEqualTo(store.stateHash());
  }

  private Result put(long sequence, String value) {
    return write(sequence, Op.Put.of(KEY, Bytes.utf8(value), 0));
  }

  private Result write(long sequence, Op op) {
    return store.apply(new Command.WriteOnce(new Once(SESSION, sequence), op));
  }

  private String value() {
    Result.Written read = (Result.Written) store.read(Op.Range.of(KeyRange.of(KEY), 0, 0, false));
    return ((OpResult.Ranged) read.result()).items().get(0).value().asUtf8().orElseThrow();
  }

  private static Fault fault(Result result) {
    return ((Result.Failed) result).fault();
  }
}
