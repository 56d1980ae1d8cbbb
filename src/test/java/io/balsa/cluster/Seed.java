package io.balsa.cluster;

import java.util.Random;

/** The random choices of one test: all from one number, which is printed. */
final class Seed {
  private Seed() {}

  /** Uses {@code -Dseed=} if it is given. */
  static Random random(Class<?> test) {
    long seed = Long.getLong("seed", new Random().nextInt(1_000_000));
    System.out.printf(
        "%s: seed %d; repeat: mvn verify -Dit.test=%s -Dseed=%d%n",
        test.getSimpleName(), seed, test.getSimpleName(), seed);
    return new Random(seed);
  }
}
