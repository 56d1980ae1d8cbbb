package io.balsa.mvcc.lease;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.mvcc.lease.LeaseClock.Due;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeaseClockTest {
  private static final long SECOND = 1_000_000_000;

  private final LeaseClock clock = new LeaseClock(2 * SECOND, 300 * SECOND);

  @Test
  void aLeaseIsDueWhenItsWholeTimeHasPassed() {
    clock.granted(new Lease(7, 10, 1), 100);

    assertThat(clock.due(100 + 10 * SECOND - 1, 10)).isEmpty();
    assertThat(clock.due(100 + 10 * SECOND, 10)).containsExactly(new Due(7, 1, 0));
  }

  @Test
  void aRenewalGivesTheWholeTimeAgainAndIsNamedByTheExpiry() {
    clock.granted(new Lease(7, 10, 1), 0);
    clock.renewed(new Lease(7, 10, 5), 9 * SECOND);

    assertThat(clock.due(18 * SECOND, 10)).isEmpty();
    assertThat(clock.due(19 * SECOND, 10)).containsExactly(new Due(7, 5, 0));
  }

  @Test
  void aDueLeaseIsReportedAgainOnlyAfterTheRetryTime() {
    clock.granted(new Lease(7, 1, 1), 0);

    assertThat(clock.due(SECOND, 10)).hasSize(1);
    assertThat(clock.due(3 * SECOND - 1, 10)).isEmpty();
    assertThat(clock.due(3 * SECOND, 10)).hasSize(1);
    clock.ended(7);
    assertThat(clock.due(9 * SECOND, 10)).isEmpty();
  }

  @Test
  void aNewLeaderGivesEveryLeaseItsWholeTimeAgain() {
    clock.granted(new Lease(1, 5, 1), 0);
    clock.granted(new Lease(2, 3, 2), 0);
    assertThat(clock.due(4 * SECOND, 10)).containsExactly(new Due(2, 2, 0));

    clock.promoted(4 * SECOND);

    assertThat(clock.due(7 * SECOND - 1, 10)).isEmpty();
    assertThat(clock.due(9 * SECOND, 10)).containsExactly(new Due(2, 2, 0), new Due(1, 1, 0));
  }

  @Test
  void theTimeOfALongLeaseIsToBeRecordedNowAndThenAndNeverTooLow() {
    clock.granted(new Lease(7, 1_000, 1), 0);

    assertThat(clock.due(300 * SECOND - 1, 10)).isEmpty();
    assertThat(clock.due(300 * SECOND + 1, 10)).containsExactly(new Due(7, 1, 700));
    assertThat(clock.due(600 * SECOND, 10)).isEmpty();
    assertThat(clock.due(600 * SECOND + 1, 10)).containsExactly(new Due(7, 1, 400));
    assertThat(clock.due(901 * SECOND, 10)).containsExactly(new Due(7, 1, 99));
    assertThat(clock.due(1_000 * SECOND - 1, 10)).isEmpty();
    assertThat(clock.due(1_000 * SECOND, 10)).containsExactly(new Due(7, 1, 0));
  }

  @Test
  void theTimeOfALeaseNoLongerThanTheIntervalIsNotRecorded() {
    clock.granted(new Lease(7, 300, 1), 0);

    assertThat(clock.due(300 * SECOND - 1, 10)).isEmpty();
    assertThat(clock.due(300 * SECOND, 10)).containsExactly(new Due(7, 1, 0));
  }

  @Test
  void aNewLeaderGivesALeaseWhatIsRecordedAndARenewalAllOfIt() {
    clock.granted(new Lease(7, 1_000, 1), 0);
    clock.recorded(new Lease(7, 1_000, 1, 700));
    clock.recorded(new Lease(8, 1_000, 1, 700));
    assertThat(clock.remainingSeconds(7, 400 * SECOND)).as("no leader changed").isEqualTo(600);
    assertThat(clock.size()).isEqualTo(1);

    clock.promoted(400 * SECOND);
    assertThat(clock.remainingSeconds(7, 400 * SECOND)).isEqualTo(700);

    clock.renewed(new Lease(7, 1_000, 2), 500 * SECOND);
    clock.promoted(600 * SECOND);
    assertThat(clock.remainingSeconds(7, 600 * SECOND)).isEqualTo(1_000);
  }

  @Test
  void aLeaseFoundAtStartHasWhatIsRecorded() {
    clock.granted(new Lease(7, 1_000, 1, 40), 0);

    assertThat(clock.due(40 * SECOND, 10)).containsExactly(new Due(7, 1, 0));
  }

  @Test
  void theEarliestComeFirstAndNoMoreThanAskedFor() {
    clock.granted(new Lease(1, 3, 1), 0);
    clock.granted(new Lease(2, 1, 2), 0);
    clock.granted(new Lease(3, 2, 3), 0);

    assertThat(clock.due(5 * SECOND, 2)).containsExactly(new Due(2, 2, 0), new Due(3, 3, 0));
    assertThat(clock.due(5 * SECOND, 2)).containsExactly(new Due(1, 1, 0));
  }

  @Test
  void remainingTimeIsWholeSecondsAndMinusOneForNone() {
    clock.granted(new Lease(7, 10, 1), 0);

    assertThat(clock.remainingSeconds(7, 0)).isEqualTo(10);
    assertThat(clock.remainingSeconds(7, 1)).isEqualTo(9);
    assertThat(clock.remainingSeconds(7, 60 * SECOND)).isZero();
    assertThat(clock.remainingSeconds(8, 0)).isEqualTo(-1);
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, Long.MAX_VALUE - SECOND, -5, 0})
  void anyOriginOfTheClockAndTheLargestTimeAreFine(long now) {
    clock.granted(new Lease(1, 9_000_000_000L, 1), now);
    clock.granted(new Lease(2, 3, 1), now);

    assertThat(clock.due(now, 10)).isEmpty();
    assertThat(clock.due(now + 3 * SECOND, 10)).containsExactly(new Due(2, 1, 0));
    assertThat(clock.remainingSeconds(1, now + SECOND)).isEqualTo(8_999_999_999L);
  }

  @Test
  void agreesWithLookingAtAllLeases() {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    Map<Long, long[]> model = new TreeMap<>(); // By id: ttl, wake, renewals.
    long now = 0;
    for (int i = 0; i < 20_000; i++) {
      now += random.nextInt(100) * (SECOND / 100);
      long id = random.nextInt(200);
      int kind = random.nextInt(10);
      if (kind < 6) {
        long ttl = 1 + random.nextInt(60);
        model.put(id, new long[] {ttl, now + ttl * SECOND, i});
        clock.granted(new Lease(id, ttl, i), now);
      } else if (kind < 8) {
        model.remove(id);
        clock.ended(id);
      } else if (kind == 8 && random.nextInt(100) == 0) {
        clock.promoted(now);
        for (long[] lease : model.values()) {
          lease[1] = now + lease[0] * SECOND;
        }
      } else {
        List<Due> expected = new ArrayList<>();
        for (Map.Entry<Long, long[]> entry : model.entrySet()) {
          if (entry.getValue()[1] <= now) {
            expected.add(new Due(entry.getKey(), entry.getValue()[2], 0));
            entry.getValue()[1] = now + 2 * SECOND;
          }
        }
        assertThat(clock.due(now, 1000))
            .as("seed %s; repeat: mvn test -Dtest=LeaseClockTest -Dseed=%s", seed, seed)
            .containsExactlyInAnyOrderElementsOf(expected);
      }
      assertThat(clock.size()).isEqualTo(model.size());
    }
  }
}
