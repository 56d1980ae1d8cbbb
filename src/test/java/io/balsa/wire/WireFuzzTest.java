package io.balsa.wire;

import io.balsa.data.MalformedException;
import io.balsa.fuzz.Fuzzer;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What strangers may send to the peer port once it has unpacked it. */
class WireFuzzTest {
  @Test
  void frames() {
    new Fuzzer<>(
            getClass(),
            "peer frame",
            MalformedException.class,
            input -> Wire.decode(ByteBuffer.wrap(input)))
        .samples(WireFuzzTest::sample)
        .encodedBy(frame -> bytes(Wire.encode(frame)))
        .run();
  }

  private static byte[] sample(Random random) {
    return bytes(Wire.encode(new Samples(random).frame()));
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }
}
