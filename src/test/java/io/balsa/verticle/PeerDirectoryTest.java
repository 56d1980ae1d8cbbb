package io.balsa.verticle;

import static io.balsa.verticle.TestPeer.await;
import static io.balsa.verticle.TestPeer.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.verticle.peer.ClusterDescription;
import io.balsa.verticle.peer.DescribeException;
import io.balsa.verticle.peer.DescribeException.Kind;
import io.balsa.verticle.peer.PeerDirectory;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.net.NetServer;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.junit5.VertxExtension;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
class PeerDirectoryTest {
  private static final long TIMEOUT_MILLIS = 10_000;

  @Test
  void describesTheCluster(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, 1);
    TestPeer two = TestPeer.start(vertx, -9);
    one.knows(Set.of(7L, -8L), two);
    one.awaitConnected(two);

    ClusterDescription description = await(describe(vertx, one.url(), TIMEOUT_MILLIS));

    assertThat(description.clusterId()).isEqualTo(TestPeer.CLUSTER);
    assertThat(description.memberId()).isEqualTo(1);
    assertThat(description.members()).containsExactly(one.info(), two.info());
    assertThat(description.removed()).containsExactlyInAnyOrder(7L, -8L);
  }

  @Test
  void saysThatAMemberHasNotStartedYet(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, 1);

    assertFails(
        describe(vertx, one.url(), TIMEOUT_MILLIS),
        Kind.NOT_STARTED,
        "peer " + one.url() + ": unavailable: not started yet");
  }

  @Test
  void saysThatNobodyListens(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, 1);
    String url = one.url();
    one.stop();

    assertFails(
        describe(vertx, url, TIMEOUT_MILLIS),
        Kind.NO_ANSWER,
        "peer " + url + ": cannot be reached: Connection refused");
  }

  @Test
  void saysThatNobodyAnswersInTime(Vertx vertx) {
    NetServer mute =
        await(vertx.createNetServer().connectHandler(socket -> {}).listen(0, "127.0.0.1"));
    String url = "http://127.0.0.1:" + mute.actualPort();
    long start = System.nanoTime();

    assertFails(
        describe(vertx, url, 200), Kind.NO_ANSWER, "peer " + url + ": no answer within 200 ms");
    assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(5));
  }

  @Test
  void saysThatSomethingElseListens(Vertx vertx) {
    HttpServer web =
        await(
            vertx
                .createHttpServer()
                .requestHandler(request -> request.response().setStatusCode(404).end("no"))
                .listen(0, "127.0.0.1"));
    HttpServer otherGrpc =
        await(
            vertx
                .createHttpServer()
                .requestHandler(GrpcServer.server(vertx))
                .listen(0, "127.0.0.1"));
    NetServer noise =
        await(
            vertx
                .createNetServer()
                .connectHandler(socket -> socket.write("SSH-2.0-something else entirely\r\n"))
                .listen(0, "127.0.0.1"));

    for (int port : new int[] {web.actualPort(), otherGrpc.actualPort(), noise.actualPort()}) {
      String url = "http://127.0.0.1:" + port;
      assertFails(
          describe(vertx, url, TIMEOUT_MILLIS),
          Kind.NOT_A_PEER,
          "peer " + url + ": not a balsa peer: ");
    }
  }

  @Test
  void saysThatItIsNoUrl(Vertx vertx) {
    assertFails(describe(vertx, "nonsense", TIMEOUT_MILLIS), Kind.NOT_A_PEER, "peer nonsense: ");
  }

  @Test
  void leavesNoConnectionBehind(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, 1);
    one.knows();
    FaultyProxy proxy = FaultyProxy.start(vertx, one.port());

    await(describe(vertx, proxy.url(), TIMEOUT_MILLIS));

    eventually("closed", () -> proxy.ends() == 0);
    proxy.stop();
  }

  private static Future<ClusterDescription> describe(Vertx vertx, String url, long timeoutMillis) {
    return new PeerDirectory(vertx, Optional.empty(), timeoutMillis).describe(url);
  }

  private static void assertFails(Future<?> future, Kind kind, String text) {
    eventually("done", future::isComplete);
    assertThat(future.cause()).isInstanceOf(DescribeException.class);
    assertThat(((DescribeException) future.cause()).kind())
        .as(future.cause().getMessage())
        .isEqualTo(kind);
    assertThat(future.cause()).hasMessageStartingWith(text);
  }
}
