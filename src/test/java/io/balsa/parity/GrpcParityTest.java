package io.balsa.parity;

import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A random program over gRPC: the answers are equal, field by field. */
class GrpcParityTest {
  private static final String NAME = "GrpcParityTest";
  private static final long SEED = Long.getLong("seed", new Random().nextInt(1_000_000));

  @Test
  void aRandomProgramIsAnsweredAsByEtcd() throws Exception {
    run(SEED, Integer.getInteger("parity.calls", 1_500));
  }

  /** In about 10 minutes: {@code mvn test -DexcludedGroups= -Dtest=GrpcParityTest}. */
  @Test
  @Tag("slow")
  void twentyLongProgramsAreAnsweredAsByEtcd() throws Exception {
    for (long seed = SEED; seed < SEED + 20; seed++) {
      run(seed, Integer.getInteger("parity.calls", 20_000));
    }
  }

  private static void run(long seed, int calls) throws Exception {
    long start = System.nanoTime();
    try (Twins twins = Twins.start("etcd")) {
      System.out.printf("%s: seed %d, %d calls%n", NAME, seed, calls);
      GrpcPort etcd = new GrpcPort(twins, twins.etcdPort());
      GrpcPort balsa = new GrpcPort(twins, twins.balsaPort());
      RandomProgram program = new RandomProgram(seed, true);
      Dialogue dialogue = new Dialogue(NAME, seed);
      WatchTwins watches =
          new WatchTwins(dialogue, etcd::watch, balsa::watch, etcd::watch, balsa::watch);
      int refused = 0;
      for (int i = 0; i < calls; i++) {
        ProgramStep step = program.next();
        if (step instanceof Call<?, ?> call) {
          watches.before(call);
          Answer answer = dialogue.add(call, etcd.send(call), balsa.send(call));
          watches.after(call, answer.revision());
          program.learn(answer.revision());
          refused += answer.isOk() ? 0 : 1;
        } else {
          watches.take((WatchStep) step);
        }
      }
      watches.compare();
      System.out.printf(
          "%s: seed %d: %d refused by both, watches saw %d events; %.1f s%n",
          NAME, seed, refused, watches.events(), (System.nanoTime() - start) / 1e9);
    }
  }
}
