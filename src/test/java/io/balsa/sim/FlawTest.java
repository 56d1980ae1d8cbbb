package io.balsa.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The test of the simulator itself: it finds every flaw within a budget of seeds. */
class FlawTest {
  private static final int SEEDS_MAX = 100;
  private static final int SEEDS_OF_DEEP_ONES_MAX = 5_000;

  /** Those that take many seeds, or changes and partitions at just the wrong moment. */
  private static final Set<Flaw> DEEP =
      EnumSet.of(
          Flaw.FAILED_SYNC_IS_TRIED_AGAIN,
          Flaw.COUNTS_PRE_VOTES_AS_VOTES,
          Flaw.TRUNCATES_ON_EVERY_APPEND,
          Flaw.TWO_CHANGES_AT_A_TIME);

  static Stream<Flaw> flaws() {
    return Arrays.stream(Flaw.values()).filter(flaw -> flaw != Flaw.NONE && !DEEP.contains(flaw));
  }

  static Set<Flaw> deepFlaws() {
    return DEEP;
  }

  @ParameterizedTest
  @MethodSource("flaws")
  void isFound(Flaw flaw) {
    find(flaw, SEEDS_MAX);
  }

  @Tag("slow")
  @ParameterizedTest
  @MethodSource("deepFlaws")
  void isFoundInTheEnd(Flaw flaw) {
    find(flaw, SEEDS_OF_DEEP_ONES_MAX);
  }

  private static void find(Flaw flaw, int seedsMax) {
    for (long seed = 1; seed <= seedsMax; seed++) {
      Optional<Throwable> cause = Campaign.cause(new Simulation(seed, flaw, null));
      if (cause.isPresent()) {
        String text = cause.get().getMessage().lines().findFirst().orElseThrow();
        System.out.printf("%s: seed %d: %s%n", flaw, seed, text);
        return;
      }
    }
    assertThat(false).as("%s is found with one of %d seeds", flaw, seedsMax).isTrue();
  }
}
