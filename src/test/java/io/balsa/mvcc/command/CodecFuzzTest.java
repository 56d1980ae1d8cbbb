package io.balsa.mvcc.command;

import io.balsa.data.Bytes;
import io.balsa.data.MalformedException;
import io.balsa.fuzz.Fuzzer;
import io.balsa.mvcc.RandomCommands;
import io.balsa.mvcc.Store;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What stands in logs and snapshots. */
class CodecFuzzTest {
  // Each level of nested transactions may claim as many parts as the rest of the input could hold.
  private static final long NESTED_BYTES_PER_BYTE = 250;

  @Test
  void commands() {
    new Fuzzer<>(
            getClass(),
            "command",
            MalformedException.class,
            input -> CommandCodec.decode(Bytes.wrap(input)))
        .samples(random -> CommandCodec.encode(command(random)).toArray())
        .encodedBy(command -> CommandCodec.encode(command).toArray())
        .allocates(64 << 10, NESTED_BYTES_PER_BYTE)
        .run();
  }

  @Test
  void results() {
    List<byte[]> results = results(new Random(1));
    new Fuzzer<>(
            getClass(),
            "result of a command",
            MalformedException.class,
            input -> OpResultCodec.decode(Bytes.wrap(input)))
        .samples(random -> results.get(random.nextInt(results.size())))
        .encodedBy(result -> OpResultCodec.encode(result).toArray())
        .allocates(64 << 10, NESTED_BYTES_PER_BYTE)
        .run();
  }

  private static Command command(Random random) {
    return new RandomCommands(random, 20).command(random.nextInt(1_000));
  }

  /** What a store answers to random commands. */
  private static List<byte[]> results(Random random) {
    RandomCommands commands = new RandomCommands(random, 20);
    Store store = new Store();
    List<byte[]> results = new ArrayList<>();
    while (results.size() < 1_000) {
      if (store.apply(commands.command(store.revision())) instanceof Result.Written written) {
        results.add(OpResultCodec.encode(written.result()).toArray());
      }
    }
    return results;
  }
}
