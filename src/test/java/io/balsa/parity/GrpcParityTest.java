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
    run(SEED, Integer.getInteger("parity.calls", 2_000));
  }

  /** In about 10 minutes: {@code mvn test -DexcludedGroups= -Dtest=GrpcParityTest}. */
  @Test
  @Tag("slow")
  void twentyLongProgramsAreAnsweredAsByEtcd() throws Exception {
    for (long seed = SEED; seed < SEED + 20; seed++) {
      run(seed, 20_000);
    }
  }

  private static void run(long seed, int calls) throws Exception {
    try (Twins twins = Twins.start("etcd")) {
      System.out.printf("%s: seed %d, %d calls%n", NAME, seed, calls);
      GrpcPort etcd = new GrpcPort(twins, twins.etcdPort());
      GrpcPort balsa = new GrpcPort(twins, twins.balsaPort());
      RandomProgram program = new RandomProgram(seed);
      Dialogue dialogue = new Dialogue(NAME, seed);
      int refused = 0;
      for (int i = 0; i < calls; i++) {
        Call<?, ?> call = program.next();
        Answer answer = dialogue.add(call, etcd.send(call), balsa.send(call));
        program.learn(answer.revision());
        refused += answer.isOk() ? 0 : 1;
      }
      System.out.printf("%d of them were refused by both%n", refused);
    }
  }
}
