package io.balsa.client.recipe;

import static io.balsa.client.recipe.TestMember.await;
import static io.balsa.client.recipe.TestMember.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.client.BalsaClient;
import io.balsa.client.Latch;
import io.balsa.client.RefusedException;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LatchTest {
  @TempDir private static Path directory;
  private static TestMember member;
  private static BalsaClient client;

  @BeforeAll
  static void start() throws Exception {
    member = new TestMember(directory);
    client = member.client();
  }

  @AfterAll
  static void stop() throws Exception {
    member.close();
  }

  @Test
  void opensForAllWhoWaitWhenItIsCountedDown() throws Exception {
    Latch latch = client.latch("all");
    assertThat(await(latch.count())).isZero();
    await(latch.await());
    assertThat(await(latch.countDown())).isZero();

    assertThat(await(latch.trySet(2))).isTrue();
    assertThat(await(latch.trySet(9))).isFalse();
    FaultyLink link = member.faultyLink();
    BalsaClient other = member.client(link);
    List<Future<Void>> waiting =
        List.of(latch.await(), other.latch("all").await(), other.latch("all").await());
    assertThat(await(latch.countDown())).isEqualTo(1);
    assertThat(await(latch.count())).isEqualTo(1);
    while (link.openWatches() != 2) {
      await(member.vertx.timer(1));
    }
    assertThat(waiting).noneMatch(Future::isComplete);
    link.endWatches(false);

    assertThat(await(other.latch("all").countDown())).isZero();

    await(Future.all(waiting));
    assertThat(await(client.get("balsa/latch/all"))).isNull();
    assertThat(link.openWatches()).isZero();
    await(other.close());
  }

  @Test
  void letsThroughWhoWaitedThoughItIsClosedAgainAtOnce() throws Exception {
    Latch latch = client.latch("again");
    await(latch.trySet(1));
    FaultyLink link = member.faultyLink();
    BalsaClient other = member.client(link);
    Future<Void> waiting = other.latch("again").await();
    while (link.openWatches() != 1) {
      await(member.vertx.timer(1));
    }
    link.refusesWatches = true;
    link.endWatches(false);

    await(latch.countDown());
    assertThat(await(latch.trySet(5))).isTrue();
    link.refusesWatches = false;

    await(waiting);
    await(other.close());
  }

  @Test
  void countsEachOfManyOnce() throws Exception {
    Latch latch = client.latch("many");
    await(latch.trySet(40));
    List<Future<Long>> left = new ArrayList<>();
    BalsaClient other = member.client();
    for (int i = 0; i < 20; i++) {
      left.add(latch.countDown());
      left.add(other.latch("many").countDown());
    }

    await(Future.all(left));

    assertThat(left.stream().map(Future::result).sorted().toList())
        .isEqualTo(LongStream.range(0, 40).boxed().toList());
    await(latch.await());
    await(other.close());
  }

  @Test
  void whoWaitsHearsThatTheClientIsClosed() throws Exception {
    await(client.latch("closed").trySet(1));
    FaultyLink link = member.faultyLink();
    BalsaClient other = member.client(link);
    Future<Void> waiting = other.latch("closed").await();
    while (link.openWatches() != 1) {
      await(member.vertx.timer(1));
    }

    await(other.close());

    assertThat(((RefusedException) failure(waiting)).kind()).isEqualTo("client-closed");
  }

  @Test
  void refusesWhatBreaksTheRules() throws Exception {
    assertThat(((RefusedException) failure(client.latch("rules").trySet(0))).kind())
        .isEqualTo("invalid");
    assertThatThrownBy(() -> client.latch("a=b"))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("latch name: found 'a=b'");
    await(client.put("balsa/latch/else", Buffer.buffer("x")));
    assertThat(((RefusedException) failure(client.latch("else").countDown())).kind())
        .isEqualTo("not-a-number");
  }
}
