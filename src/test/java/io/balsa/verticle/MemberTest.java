package io.balsa.verticle;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.client.GetOptions;
import io.balsa.client.PutOptions;
import io.balsa.client.link.Link;
import io.balsa.client.link.LocalLink;
import io.balsa.data.Endpoint;
import io.balsa.engine.MemberInfo;
import io.balsa.engine.ReplicaOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole life of a member in a Vert.x that goes on after it. */
class MemberTest {
  private final Vertx vertx = Vertx.vertx();
  @TempDir private Path directory;

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
  }

  @Test
  void givesItsDataDirectoryBackWhenItStops() throws Exception {
    for (int life = 0; life < 3; life++) {
      Member member = await(Member.start(vertx, config()));
      Link link = await(LocalLink.open(vertx, member.addresses(), 7_000, 1_000));
      String expected = life == 0 ? null : "life " + (life - 1);
      Buffer key = Buffer.buffer("k");

      var found = await(link.get(key, new GetOptions()));
      assertThat(found == null ? null : found.text()).isEqualTo(expected);

      await(link.put(key, Buffer.buffer("life " + life), new PutOptions(), null));
      await(link.close());
      await(member.stop());
    }
  }

  private MemberConfig config() {
    Endpoint anywhere = new Endpoint(false, "127.0.0.1", 0);
    List<String> urls = List.of("http://127.0.0.1:1");
    return new MemberConfig(
        "n1",
        directory,
        List.of(anywhere),
        urls,
        anywhere,
        urls,
        new MemberConfig.Cluster(7, List.of(new MemberInfo(1, "n1", urls, List.of())), false),
        new MemberConfig.Timing(20, 100, 7_000),
        new MemberConfig.Limits(1_000, 1 << 20, 1_000, 10, 1 << 20),
        ReplicaOptions.AutoCompaction.NONE,
        true,
        null,
        Optional.empty());
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}
