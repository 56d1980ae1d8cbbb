package io.balsa.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.Balsa;
import io.balsa.BalsaOptions;
import io.balsa.client.BalsaClient;
import io.balsa.client.BalsaClientOptions;
import io.balsa.client.PutOptions;
import io.balsa.cluster.Ports;
import io.reactivex.rxjava3.core.Observable;
import io.reactivex.rxjava3.subscribers.TestSubscriber;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.rxjava3.ext.web.client.WebClient;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExamplesTest {
  private static final Vertx VERTX = Vertx.vertx();
  @TempDir private static Path directory;
  private static Balsa member;
  private static BalsaClient balsa;

  @BeforeAll
  static void start() throws Exception {
    member =
        await(
            Balsa.start(
                VERTX,
                new BalsaOptions()
                    .setDataDir(directory.toString())
                    .setListenClientUrls(List.of(url()))
                    .setListenPeerUrl(url())
                    .setHeartbeatIntervalMillis(20)
                    .setElectionTimeoutMillis(100)));
    balsa = member.client();
  }

  @AfterAll
  static void stop() throws Exception {
    await(member.stop());
    await(VERTX.close());
  }

  @Test
  void anotherServiceTakesOverWhenTheActiveOneEnds() throws Exception {
    BlockingQueue<String> active = new LinkedBlockingQueue<>();
    BalsaClient first = newClient();
    await(VERTX.deployVerticle(new LeaderElection(first, "a", () -> active.add("a"))));
    assertThat(active.poll(30, TimeUnit.SECONDS)).isEqualTo("a");
    await(VERTX.deployVerticle(new LeaderElection(balsa, "b", () -> active.add("b"))));

    await(first.close());

    assertThat(active.poll(30, TimeUnit.SECONDS)).isEqualTo("b");
    assertThat(await(balsa.election("billing").leader()).text()).isEqualTo("b");
  }

  @Test
  void noLineOfALockedJobIsLost() throws Exception {
    LockedJob job = new LockedJob(balsa);

    List<Future<Boolean>> runs = IntStream.range(0, 10).mapToObj(i -> job.run()).toList();

    assertThat(await(Future.all(runs)).<Boolean>list()).containsOnly(true);
    assertThat(await(balsa.get("report/lines")).text()).isEqualTo("10");
  }

  @Test
  void configurationFollowsTheCluster() throws Exception {
    await(balsa.put("config/level", Buffer.buffer("info")));
    TestSubscriber<String> seen =
        new LiveConfiguration(new io.balsa.rxjava3.client.BalsaClient(balsa))
            .values("level")
            .take(3)
            .test();
    await(balsa.put("config/level", Buffer.buffer("debug"), new PutOptions().setIfExists(true)));
    await(balsa.put("config/level", Buffer.buffer("warn")));

    assertThat(seen.await(30, TimeUnit.SECONDS)).isTrue();
    seen.assertValues("info", "debug", "warn");
  }

  @Test
  void conditionalWritesLoseNoLine() throws Exception {
    WebClient web = WebClient.create(new io.vertx.rxjava3.core.Vertx(VERTX));
    ConditionalWrites writes = new ConditionalWrites(web, member.clientPorts().get(0));

    long lines =
        Observable.range(0, 20)
            .flatMapSingle(i -> writes.append("minutes", "line " + i))
            .count()
            .timeout(30, TimeUnit.SECONDS)
            .blockingGet();

    assertThat(lines).isEqualTo(20);
    assertThat(await(balsa.get("minutes")).text().split("\n"))
        .containsExactlyInAnyOrder(
            IntStream.range(0, 20).mapToObj(i -> "line " + i).toArray(String[]::new));
    web.close();
  }

  private static BalsaClient newClient() {
    return BalsaClient.create(
        VERTX,
        new BalsaClientOptions()
            .setEndpoints(List.of("http://127.0.0.1:" + member.clientPorts().get(0))));
  }

  private static String url() {
    return "http://127.0.0.1:" + Ports.free();
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}
