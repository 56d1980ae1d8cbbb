package io.balsa.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A member gives the heap of a busy time back to the system when it is over. */
class GivenBackHeapTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String VALUE = "x".repeat(500_000);
  private static final int PUTS = 300;
  private static final long GIVEN_BACK_MIB = 30;

  @RegisterExtension final Servers servers = new Servers();

  @Test
  void anIdleMemberGivesItsHeapBack() {
    ServerProcess server =
        servers
            .cluster(
                1,
                List.of("-XX:-UseSerialGC", "-XX:+UseG1GC", "-Xmx512m"),
                "--history-bytes",
                "67108864")
            .members()
            .get(0);
    for (int i = 0; i < PUTS; i++) {
      assertThat(server.endpoint().put("k", VALUE).status()).isEqualTo(200);
    }

    Await.until(
        "memory to be given back",
        LIMIT,
        () -> server.residentMib("VmRSS") < server.residentMib("VmHWM") - GIVEN_BACK_MIB);

    System.out.printf(
        "GivenBackHeapTest: resident at most %d MiB, then %d%n",
        server.residentMib("VmHWM"), server.residentMib("VmRSS"));
    assertThat(server.endpoint().get(ClientPort.kv("k")).status()).isEqualTo(200);
  }
}
