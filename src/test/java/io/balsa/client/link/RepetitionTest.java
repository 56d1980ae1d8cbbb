package io.balsa.client.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.client.BalsaException;
import io.balsa.client.OutcomeUnknownException;
import io.balsa.client.RefusedException;
import io.balsa.client.link.Fault.Certainty;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RepetitionTest {
  private static final long START = -5_000_000_000L; // The clock begins anywhere.
  private static final long MILLIS = 1_000_000;
  private static final Fault NOT_SENT = Fault.notSent("connection refused");
  private static final Fault LOST = Fault.lost("connection closed");
  private static final Fault NO_LEADER = refused(503, "no-leader");
  private static final Fault UNKNOWN =
      new Fault(Certainty.UNKNOWN, 504, "timeout", "it may still be");

  private final SplittableRandom random = new SplittableRandom(7);

  @ParameterizedTest
  @EnumSource
  void whatWasNotSentIsSentAgain(Effect effect) {
    Repetition repetition = of(effect, 2);

    assertThat(repetition.after(NOT_SENT, START, random).failure()).isNull();
    assertThat(repetition.after(NO_LEADER, START, random).failure()).isNull();
    assertThat(repetition.after(refused(429, "too-many-requests"), START, random).failure())
        .isNull();
    assertThat(repetition.after(refused(503, "stopping"), START, random).failure()).isNull();
  }

  @ParameterizedTest
  @EnumSource(names = {"READ", "WRITE_ONCE", "LEASE"})
  void whatMayBeRepeatedIsSentAgainThoughItMayHaveBeenDone(Effect effect) {
    Repetition repetition = of(effect, 2);

    assertThat(repetition.after(LOST, START, random).failure()).isNull();
    assertThat(repetition.after(UNKNOWN, START, random).failure()).isNull();
    assertThat(repetition.after(Fault.badAnswer("html"), START, random).failure()).isNull();
    assertThat(repetition.after(Fault.timeout("late"), START, random).failure()).isNull();
  }

  @Test
  void aWriteThatMayHaveBeenDoneIsUnknownAtOnce() {
    for (Fault fault : List.of(LOST, UNKNOWN, Fault.badAnswer("html"), Fault.timeout("late"))) {
      BalsaException failure = of(Effect.WRITE, 2).after(fault, START, random).failure();

      assertThat(failure).isInstanceOf(OutcomeUnknownException.class).hasMessage(fault.detail());
      assertThat(failure.status()).isEqualTo(fault.status());
      assertThat(failure.kind()).isEqualTo(fault.kind());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 404, 409, 410, 412, 413, 500, 507})
  void otherRefusalsAreFinal(int status) {
    for (Effect effect : Effect.values()) {
      BalsaException failure =
          of(effect, 2).after(refused(status, "kind"), START, random).failure();

      assertThat(failure).isInstanceOf(RefusedException.class).hasMessage("kind: no");
      assertThat(failure.status()).isEqualTo(status);
      assertThat(failure.kind()).isEqualTo("kind");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "400, true",
    "412, true",
    "413, true",
    "404, false",
    "409, false",
    "500, false",
  })
  void aRefusalOfAWriteSentBeforeIsFinalOnlyIfItIsThatOfAllAttempts(int status, boolean isFinal) {
    Repetition repetition = of(Effect.WRITE_ONCE, 2);
    repetition.after(LOST, START, random);

    BalsaException failure = repetition.after(refused(status, "kind"), START, random).failure();

    assertThat(failure)
        .isInstanceOf(isFinal ? RefusedException.class : OutcomeUnknownException.class);
    assertThat(failure.status()).isEqualTo(status);
  }

  @Test
  void aWriteSentBeforeWaitsForSpace() {
    Repetition repetition = of(Effect.WRITE_ONCE, 1);
    Fault full = refused(507, "disk-full");
    repetition.after(LOST, START, random);

    assertThat(repetition.after(full, START, random).failure()).isNull();
    assertThat(repetition.after(full, START + 6_999 * MILLIS, random).failure())
        .isInstanceOf(OutcomeUnknownException.class);
  }

  @Test
  void aRenewalOfWhatIsGoneIsRefused() {
    Repetition repetition = of(Effect.LEASE, 2);
    repetition.after(LOST, START, random);

    assertThat(repetition.after(refused(404, "lease-not-found"), START, random).failure())
        .isInstanceOf(RefusedException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "READ, true",
    "WRITE, true",
    "WRITE_ONCE, true",
    "LEASE, true",
  })
  void isRefusedAtTheDeadlineIfNothingCanHaveHappened(Effect effect) {
    Repetition repetition = of(effect, 2);
    repetition.after(NOT_SENT, START, random);

    BalsaException failure = repetition.after(NO_LEADER, START + 7_000 * MILLIS, random).failure();

    assertThat(failure).isInstanceOf(RefusedException.class);
    assertThat(failure.kind()).isEqualTo("no-leader");
  }

  @ParameterizedTest
  @CsvSource({"READ, RefusedException", "WRITE_ONCE, OutcomeUnknownException"})
  void onlyAReadIsRefusedAtTheDeadlineIfAnAttemptWasLost(Effect effect, String expected) {
    Repetition repetition = of(effect, 2);
    repetition.after(LOST, START, random);

    BalsaException failure = repetition.after(NO_LEADER, START + 7_000 * MILLIS, random).failure();

    assertThat(failure.getClass().getSimpleName()).isEqualTo(expected);
  }

  @Test
  void asksTheNextAtOnceAndWaitsWhenAllWereAsked() {
    Repetition repetition = of(Effect.READ, 3);

    assertThat(delays(repetition, NOT_SENT, 3).limit(2)).containsExactly(0L, 0L);
    assertThat(delays(of(Effect.READ, 3), NOT_SENT, 3).skip(2)).allMatch(delay -> delay > 0);
  }

  @Test
  void staysWithAMemberThatHasTooMuchToDoAndWaits() {
    Fault busy = refused(429, "too-many-requests");

    assertThat(busy.leavesEndpoint()).isFalse();
    assertThat(of(Effect.WRITE, 3).after(busy, START, random).delayMillis()).isPositive();
  }

  @Test
  void leavesWhoIsOfNoUseNow() {
    assertThat(List.of(NOT_SENT, LOST, UNKNOWN, NO_LEADER, Fault.badAnswer("html")))
        .allMatch(Fault::leavesEndpoint);
    assertThat(refused(412, "precondition-failed").leavesEndpoint()).isFalse();
  }

  @Test
  void waitsLongerEachTimeUpToABoundAndNeverTheSame() {
    List<Long> delays = delays(of(Effect.READ, 1), NOT_SENT, 12).toList();

    for (int i = 0; i < delays.size(); i++) {
      long most = List.of(25L, 50L, 100L, 200L, 400L).get(Math.min(i, 4));
      assertThat(delays.get(i)).isBetween(most / 2, most);
    }
    assertThat(delays.subList(4, 12).stream().distinct().count()).isGreaterThan(3);
  }

  @Test
  void leavesTimeForAnotherEndpointIfItMayAsk() {
    assertThat(of(Effect.READ, 2).limitMillis(START)).isEqualTo(3_500);
    assertThat(of(Effect.READ, 2).limitMillis(START + 3_500 * MILLIS)).isEqualTo(1_750);
    assertThat(of(Effect.READ, 2).limitMillis(START + 6_300 * MILLIS)).isEqualTo(500);
    assertThat(of(Effect.READ, 2).limitMillis(START + 6_800 * MILLIS)).isEqualTo(200);
    assertThat(of(Effect.READ, 1).limitMillis(START)).isEqualTo(7_000);
    assertThat(of(Effect.WRITE, 2).limitMillis(START)).isEqualTo(7_000);
    assertThat(of(Effect.READ, 2).limitMillis(START + 7_000 * MILLIS)).isNotPositive();
  }

  @Test
  void whatWasNeverSentIsRefused() {
    BalsaException failure = of(Effect.WRITE, 2).expired();

    assertThat(failure).isInstanceOf(RefusedException.class);
    assertThat(failure.status()).isEqualTo(504);
  }

  @Test
  void isGivenUpAsIsTrue() {
    assertThat(of(Effect.WRITE, 2).giveUp(Fault.closed(false)))
        .isInstanceOf(RefusedException.class);
    assertThat(of(Effect.WRITE, 2).giveUp(Fault.closed(true)))
        .isInstanceOf(OutcomeUnknownException.class);
    assertThat(of(Effect.READ, 2).giveUp(Fault.closed(true))).isInstanceOf(RefusedException.class);
    Repetition once = of(Effect.WRITE_ONCE, 2);
    once.after(LOST, START, random);
    assertThat(once.giveUp(Fault.closed(false))).isInstanceOf(OutcomeUnknownException.class);
  }

  private java.util.stream.Stream<Long> delays(Repetition repetition, Fault fault, int count) {
    return LongStream.range(0, count)
        .mapToObj(i -> repetition.after(fault, START, random).delayMillis());
  }

  private static Repetition of(Effect effect, int endpoints) {
    return new Repetition(effect, endpoints, false, START + 7_000 * MILLIS);
  }

  private static Fault refused(int status, String kind) {
    return new Fault(Certainty.REFUSED, status, kind, kind + ": no");
  }
}
