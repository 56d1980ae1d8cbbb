package io.balsa.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.bench.PutLoad;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Many writes share one sync. */
class GroupCommitTest {
  @RegisterExtension final Servers servers = new Servers();

  @Test
  @Tag("slow")
  void spreadsOneSyncOverManyEntries() throws Exception {
    TestCluster cluster = servers.cluster(3);
    PutLoad load =
        new PutLoad(
            List.of(cluster.leader().endpoint().base()),
            256,
            256,
            10_000,
            Duration.ofSeconds(2),
            Duration.ofSeconds(4));

    PutLoad.Result result = load.run();

    System.out.println(result);
    assertThat(result.failures()).isZero();
    assertThat(result.entriesPerFsync()).isGreaterThanOrEqualTo(20);
  }
}
