package io.balsa.verticle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.client.GetOptions;
import io.balsa.client.PutOptions;
import io.balsa.client.link.Link;
import io.balsa.client.link.LocalLink;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Path;
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
  void aClusteredEventBusNeedsAClusteredVertxAndLeavesTheDirectoryAlone() {
    MemberConfig config = TestConfigs.solo(directory, MemberConfig.EventBus.CLUSTERED);
    assertThatThrownBy(() -> await(Member.start(vertx, config)))
        .hasRootCauseMessage(
            "event bus: found clustered, but this Vert.x is not clustered: expected local or off"
                + " (--event-bus), or a Vert.x that was built with a cluster manager");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void givesItsDataDirectoryBackWhenItStops() throws Exception {
    for (int life = 0; life < 3; life++) {
      Member member =
          await(Member.start(vertx, TestConfigs.solo(directory, MemberConfig.EventBus.OFF)));
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

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}
