package io.balsa.verticle;

import static io.balsa.verticle.Caller.hello;
import static io.balsa.verticle.TestPeer.await;
import static io.balsa.verticle.TestPeer.eventually;
import static io.balsa.verticle.TestPeer.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.engine.RaftInput;
import io.balsa.verticle.peer.PeerOptions;
import io.balsa.wire.proto.Frame;
import io.balsa.wire.proto.PeerGrpcClient;
import io.balsa.wire.proto.PeerGrpcService;
import io.balsa.wire.proto.Refusal;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.junit5.VertxExtension;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
class PeerRemovalTest {
  private LogLines log;

  @BeforeEach
  void listenToTheLog() {
    log = LogLines.of(PeerOptions.class.getPackage());
  }

  @AfterEach
  void leaveTheLog() {
    log.close();
  }

  @Test
  void tellsARemovedMemberThatDials(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, 1);
    TestPeer two = TestPeer.start(vertx, 2);
    TestPeer three = TestPeer.start(vertx, 3);
    two.knows(Set.of(1L), three);
    three.knows(Set.of(1L), two);
    two.awaitConnected(three); // The list has arrived.
    three.awaitConnected(two);

    one.knows(two, three);
    one.send(heartbeat(1, 2, 1), heartbeat(1, 3, 1));

    eventually(
        "refused by both",
        () -> log.count("WARN", "refused by the peer: removed from the cluster: member 1") == 2);
    long before = one.count(new RaftInput.Unreachable(2));
    eventually(
        "all told before is heard",
        () -> {
          one.send(heartbeat(1, 2, 1));
          return one.count(new RaftInput.Unreachable(2)) > before + 1;
        });
    assertThat(one.count(new RaftInput.Removed())).isEqualTo(1);
    assertThat(log.count("", "connected to peer=2")).isEqualTo(1); // By three.
    assertThat(two.received()).isEmpty();
    assertThat(three.received()).isEmpty();
  }

  @Test
  void endsTheStreamsOfAMemberThatIsRemoved(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, 1);
    TestPeer two = TestPeer.start(vertx, 2);
    one.knows(two);
    two.knows(one);
    one.awaitConnected(two);
    Caller snapshots = new Caller(vertx, two, PeerGrpcClient.Snapshots);
    snapshots.write(hello(hello -> hello));
    eventually("greeted", () -> snapshots.answers.size() == 1);

    two.knows(Set.of(1L));

    eventually("told", () -> one.count(new RaftInput.Removed()) == 1);
    eventually("hung up", () -> !one.isConnected(two));
    snapshots.awaitRefusal("removed from the cluster: member 1");
    assertThat(snapshots.status.get()).isEqualTo(GrpcStatus.PERMISSION_DENIED);
    one.send(heartbeat(1, 2, 1));
    eventually("dropped", () -> one.stats(two).messagesDropped() == 1);
    assertThat(two.received()).isEmpty();
  }

  @Test
  void isInNoHurryOnceRemoved(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, 1);
    TestPeer two = TestPeer.start(vertx, 2);
    one.knows(two);
    one.awaitConnected(two);
    two.knows(Set.of(1L));
    eventually("told", () -> one.count(new RaftInput.Removed()) == 1);
    long since = System.nanoTime();

    // Even a member that calls does not make it dial.
    TestPeer impostor = TestPeer.start(vertx, 2);
    impostor.knows(one);
    impostor.awaitConnected(one);

    eventually("many usual waits", () -> System.nanoTime() - since > 300_000_000L);
    assertThat(log.count("", "refused peer 1")).isEqualTo(1);
    assertThat(one.isConnected(two)).isFalse();
  }

  @Test
  void believesOnlyItsOwnCluster(Vertx vertx) {
    AtomicInteger refused = new AtomicInteger();
    GrpcServer foreign = GrpcServer.server(vertx);
    foreign.callHandler(
        PeerGrpcService.Messages,
        request ->
            request.handler(
                frame -> {
                  refused.incrementAndGet();
                  Refusal.Builder refusal =
                      Refusal.newBuilder()
                          .setReason("removed")
                          .setRemovedFrom(TestPeer.CLUSTER + 1);
                  request.response().end(Frame.newBuilder().setRefusal(refusal).build());
                }));
    HttpServer server = await(vertx.createHttpServer().requestHandler(foreign).listen(0));
    TestPeer one = TestPeer.start(vertx, 1);

    one.knows(Map.of(2L, List.of("http://127.0.0.1:" + server.actualPort())));

    eventually("refused and tried again", () -> refused.get() > 2);
    assertThat(one.raftInputs()).isEmpty();
  }
}
