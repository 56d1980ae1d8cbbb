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
  private static final double MINUTES = Double.parseDouble(System.getProperty("sim.minutes", "2"));
  private static final int THREADS =
      System.getProperty("sim.minutes") == null ? 1 : Runtime.getRuntime().availableProcessors();
  private static final Long ONE = Long.getLong("sim.seed");

  @Test
  void freshSeeds() throws Exception {
    if (ONE != null) {
      repeat(ONE);
      return;
    }
    long first = SEED & Long.MAX_VALUE >>> 1;
    System.out.printf(
        "simulating with seeds from %d for %s minutes; one again: -Dsim.seed=N%n", first, MINUTES);
    Campaign campaign = Campaign.run(first, (long) (MINUTES * 60e9), THREADS);
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
