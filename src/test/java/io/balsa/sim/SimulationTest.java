package io.balsa.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The shipped engine under faults. {@code -Dsim.seed=N} repeats one seed, {@code -Dsim.minutes=M}
 * tries fresh seeds for so long on all processors. The build does so for two minutes on one, beside
 * its other tests.
 */
class SimulationTest {
  private static final long SEED = Long.getLong("seed", System.nanoTime());
  private static final String MINUTES = System.getProperty("sim.minutes");
  private static final String MINUTES_OF_THE_BUILD = "2";
  private static final Long ONE = Long.getLong("sim.seed");

  @Test
  void freshSeeds() throws Exception {
    if (ONE != null) {
      repeat(ONE);
      return;
    }
    long first = SEED & Long.MAX_VALUE >>> 1;
    String minutes = MINUTES == null ? MINUTES_OF_THE_BUILD : MINUTES;
    int threads = MINUTES == null ? 1 : Runtime.getRuntime().availableProcessors();
    System.out.printf(
        "simulating with seeds from %d for %s minutes; one again: -Dsim.seed=N%n", first, minutes);
    Campaign campaign = Campaign.run(first, (long) (Double.parseDouble(minutes) * 60e9), threads);
    System.out.println(campaign.report());
    assertThat(campaign.failures()).extracting(Campaign.Failure::report).isEmpty();
    assertThat(campaign.coverage().writesAcknowledged).isPositive();
    assertThat(campaign.coverage().of(Rare.SNAPSHOT_INSTALLED)).isPositive();
  }

  /** The same in each build. */
  @ParameterizedTest
  @ValueSource(longs = {2, 39, 85})
  void fixedSeeds(long seed) {
    if (ONE == null) {
      repeat(seed);
    }
  }

  private static void repeat(long seed) {
    Simulation simulation = new Simulation(seed, Flaw.NONE, null);
    Optional<Campaign.Failure> failure = Campaign.failure(simulation, seed, Flaw.NONE);
    System.out.printf(
        "seed %d: %.1f s simulated, %d events, digest %016x%n",
        seed,
        (double) simulation.timeline.now() / Timeline.SECONDS,
        simulation.timeline.happened(),
        simulation.timeline.digest());
    assertThat(failure.map(Campaign.Failure::report)).isEmpty();
  }

  @Test
  void oneSeedGivesOneRun() {
    long seed = SEED & Long.MAX_VALUE >>> 1;
    Simulation first = new Simulation(seed, Flaw.NONE, null);
    first.run();
    Simulation second = new Simulation(seed, Flaw.NONE, null);
    second.run();
    assertThat(second.timeline.digest()).isEqualTo(first.timeline.digest());
    assertThat(second.timeline.happened()).isEqualTo(first.timeline.happened());
  }
}
