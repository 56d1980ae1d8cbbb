package io.balsa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.client.BalsaClient;
import io.balsa.client.RefusedException;
import io.balsa.cluster.Ports;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Members inside an application's Vert.x. */
class BalsaTest {
  private static final Buffer VALUE = Buffer.buffer("v");

  private final Vertx vertx = Vertx.vertx();
  @TempDir private Path directory;

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
  }

  @Test
  void severalMembersLiveInOneVertx() throws Exception {
    List<String> peerUrls = List.of(url(), url(), url());
    String cluster =
        "n1=%s,n2=%s,n3=%s".formatted(peerUrls.get(0), peerUrls.get(1), peerUrls.get(2));
    List<Future<Balsa>> starting = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      starting.add(
          Balsa.start(
              vertx,
              options("n" + (i + 1)).setListenPeerUrl(peerUrls.get(i)).setInitialCluster(cluster)));
    }
    List<Balsa> members = await(Future.all(starting)).list();

    await(members.get(0).client().put("k", VALUE));
    assertThat(await(members.get(2).client().get("k")).value()).isEqualTo(VALUE);

    await(members.get(1).stop());
    await(members.get(0).client().put("k", Buffer.buffer("w")));
    assertThat(await(members.get(2).client().get("k")).text()).isEqualTo("w");
    BalsaClient stopped = members.get(1).client();
    assertThatThrownBy(() -> await(stopped.get("k")))
        .cause()
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> assertThat(refused.kind()).isEqualTo("client-closed"));
  }

  @Test
  void aMemberIsDeployedByNameAndComesBackWithItsData() throws Exception {
    DeploymentOptions deployment = new DeploymentOptions().setConfig(options("n1").toJson());
    BalsaClient client = BalsaClient.onEventBus(vertx, 7_000);
    String first = await(vertx.deployVerticle("io.balsa.BalsaVerticle", deployment));
    await(client.put("k", VALUE));
    await(vertx.undeploy(first));

    await(vertx.deployVerticle("io.balsa.BalsaVerticle", deployment));

    assertThat(await(client.get("k")).value()).isEqualTo(VALUE);
  }

  @Test
  void aMemberIsStoppedWithItsVertx() throws Exception {
    Vertx application = Vertx.vertx();
    Balsa member = await(Balsa.start(application, options("n1")));
    await(member.client().put("k", VALUE));

    await(application.close());

    Balsa again = await(Balsa.start(vertx, options("n1")));
    assertThat(await(again.client().get("k")).value()).isEqualTo(VALUE);
  }

  @Test
  void othersMayBeFoundByHazelcast() throws Exception {
    int port = Ports.free();
    Balsa member =
        await(
            Balsa.start(
                vertx,
                options("n1")
                    .setDiscovery("hazelcast")
                    .setFounders(List.of("n1"))
                    .setHazelcastPort(port)
                    .setHazelcastInterface("127.0.0.1")
                    .setHazelcastMembers(List.of("127.0.0.1:" + port))));

    await(member.client().put("k", VALUE));
    await(member.stop());

    assertThat(member.ended().isComplete()).isFalse();
  }

  @Test
  void optionsThatBreakARuleStartNothing() {
    assertThatThrownBy(() -> await(Balsa.start(vertx, options("n1").setElectionTimeoutMillis(3))))
        .cause()
        .hasMessageStartingWith("electionTimeout \"3\": must be");
    assertThat(directory.resolve("n1")).doesNotExist();
  }

  private BalsaOptions options(String name) {
    return new BalsaOptions()
        .setName(name)
        .setDataDir(directory.resolve(name).toString())
        .setListenClientUrls(List.of(url()))
        .setListenPeerUrl(url());
  }

  private static String url() {
    return "http://127.0.0.1:" + Ports.free();
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
