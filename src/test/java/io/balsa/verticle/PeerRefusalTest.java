package io.balsa.verticle;

import static io.balsa.Held.held;
import static io.balsa.verticle.Caller.batch;
import static io.balsa.verticle.Caller.beat;
import static io.balsa.verticle.Caller.hello;
import static io.balsa.verticle.TestPeer.await;
import static io.balsa.verticle.TestPeer.eventually;
import static io.balsa.verticle.TestPeer.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.verticle.peer.PeerOptions;
import io.balsa.wire.proto.Frame;
import io.balsa.wire.proto.InstallSnapshot;
import io.balsa.wire.proto.PeerGrpcClient;
import io.balsa.wire.proto.RaftMessage;
import io.balsa.wire.proto.SnapshotPart;
import io.balsa.wire.proto.TransferLeader;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.net.NetSocket;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.junit5.VertxExtension;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
class PeerRefusalTest {
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
  void refusesAMemberOfAnotherCluster(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, TestPeer.inCluster(0xaaaa, TestPeer.options(1)));
    TestPeer two = TestPeer.start(vertx, TestPeer.inCluster(0xbbbb, TestPeer.options(2)));

    one.knows(two);

    eventually(
        "refused and tried again",
        () ->
            log.count("DEBUG", "cluster id mismatch: this member is in bbbb") > 2
                && log.count("DEBUG", "cluster id mismatch: this member is in aaaa") > 2);
    assertThat(
            log.count(
                "WARN",
                "refused peer 127.0.0.1: cluster id mismatch: this member is in bbbb,"
                    + " the peer is in aaaa (n1)"))
        .isEqualTo(1);
    assertThat(
            log.count(
                "WARN",
                "peer 2 at "
                    + two.url()
                    + ": cluster id mismatch: this member is in aaaa, the peer is in bbbb"))
        .isEqualTo(1);
    one.send(heartbeat(1, 2, 1));
    assertThat(one.isConnected(two)).isFalse();
    assertThat(two.received()).isEmpty();
  }

  @Test
  void refusesWhoLooksForSomebodyElse(Vertx vertx) {
    TestPeer one = TestPeer.start(vertx, 1);
    TestPeer two = TestPeer.start(vertx, 2);

    one.knows(Map.of(3L, List.of(two.url())));

    eventually(
        "refused by both",
        () ->
            log.count("WARN", "receiver mismatch: this member is 2, the peer expects 3") == 1
                && log.count("WARN", "receiver mismatch: this member expects 3, the peer is 2")
                    == 1);
  }

  @Test
  void refusesItsOwnDouble(Vertx vertx) {
    TestPeer two = TestPeer.start(vertx, 2);
    Caller caller = new Caller(vertx, two);

    caller.write(hello(hello -> hello.setFrom(2)));

    caller.awaitRefusal("member id clash: this member and the peer are both 2");
  }

  @Test
  void isInNoHurryAfterARefusal(Vertx vertx) {
    TestPeer one =
        TestPeer.start(
            vertx, TestPeer.inCluster(0xaaaa, TestPeer.reconnecting(1, 200, TestPeer.options(1))));
    TestPeer two = TestPeer.start(vertx, 2);
    long start = System.nanoTime();

    one.knows(two);

    // Four attempts, with at least half of the longest wait before each but the first.
    eventually("tried again", () -> log.count("", "peer 2 at") >= 4);
    assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(300));
  }

  @Test
  void refusesAnotherVersion(Vertx vertx) {
    TestPeer two = TestPeer.start(vertx, 2);
    Caller caller = new Caller(vertx, two);

    caller.write(hello(hello -> hello.setVersion(9)));

    caller.awaitRefusal("protocol version mismatch: this member speaks 1, the peer speaks 9");
    assertThat(caller.answers.get(0).getHello().getVersion()).isEqualTo(1);
    assertThat(caller.status.get()).isEqualTo(GrpcStatus.FAILED_PRECONDITION);
  }

  @Test
  void refusesCompression(Vertx vertx) throws Exception {
    TestPeer two = TestPeer.start(vertx, 2);
    RawCall call = RawCall.to(vertx, two, "Messages", "grpc-encoding", "gzip");

    call.write(Buffer.buffer(new byte[] {1, 0, 0, 0, 1, 7}));

    eventually("refused", call::isOver);
    assertThat(call.headers.get().get("grpc-status")).isEqualTo("12");
    assertThat(call.headers.get().get("grpc-message")).isEqualTo("no compression is supported");
  }

  @Test
  void endsACallWhoseMessagesSayThatTheyAreCompressed(Vertx vertx) throws Exception {
    List<Throwable> failures = new CopyOnWriteArrayList<>();
    vertx.exceptionHandler(failures::add);
    TestPeer two = TestPeer.start(vertx, 2);
    RawCall call = RawCall.to(vertx, two, "Messages");

    call.write(Buffer.buffer(new byte[] {1, 0, 0, 0, 1, 7}));
    call.write(Buffer.buffer(new byte[] {7, 7, 7}));

    eventually("ended", call::isOver);
    assertThat(failures).isEmpty();
    Caller good = new Caller(vertx, two);
    good.write(hello(hello -> hello));
    eventually("others are served", () -> !good.answers.isEmpty());
  }

  @Test
  void answersACallWithoutAQuestion(Vertx vertx) {
    TestPeer two = TestPeer.start(vertx, 2);
    for (String method : List.of("Describe", "Enroll")) {
      RawCall call = RawCall.to(vertx, two, method);

      call.end();

      eventually("answered", call::isOver);
      assertThat(call.status()).isEqualTo("3");
    }
  }

  @Test
  void refusesWhoDoesNotIntroduceItself(Vertx vertx) {
    TestPeer two = TestPeer.start(vertx, 2);
    Caller caller = new Caller(vertx, two);

    caller.write(batch(beat(1, 2)));

    caller.awaitRefusal("the first frame must be a hello");
    assertThat(two.received()).isEmpty();
  }

  @Test
  void refusesMessagesUnderAnotherName(Vertx vertx) {
    TestPeer two = TestPeer.start(vertx, 2);
    Caller caller = new Caller(vertx, two);

    caller.write(hello(hello -> hello));
    caller.write(batch(beat(1, 2)));
    eventually("delivered", () -> two.receivedCount() == 1);
    caller.write(batch(beat(3, 2)));

    caller.awaitRefusal("sender mismatch: the stream is of 1, the message of 3");
    assertThat(two.receivedCount()).isEqualTo(1);
  }

  @Test
  void takesWhatAMemberHandsOnForAnother(Vertx vertx) {
    TestPeer two = TestPeer.start(vertx, 2);
    Caller caller = new Caller(vertx, two);

    caller.write(hello(hello -> hello));
    caller.write(
        batch(
            RaftMessage.newBuilder()
                .setFrom(3)
                .setTo(2)
                .setTransferLeader(TransferLeader.newBuilder())));

    eventually("delivered", () -> two.receivedCount() == 1);
  }

  @Test
  void refusesMessagesForSomebodyElse(Vertx vertx) {
    TestPeer two = TestPeer.start(vertx, 2);
    Caller caller = new Caller(vertx, two);

    caller.write(hello(hello -> hello));
    caller.write(batch(beat(1, 3)));

    caller.awaitRefusal("receiver mismatch: this member is 2, the message is for 3");
  }

  @Test
  void refusesASnapshotWithoutContent(Vertx vertx) {
    TestPeer two = TestPeer.start(vertx, 2);
    Caller caller = new Caller(vertx, two);

    caller.write(hello(hello -> hello));
    caller.write(
        batch(
            RaftMessage.newBuilder()
                .setFrom(1)
                .setTo(2)
                .setInstallSnapshot(InstallSnapshot.newBuilder().setLastIndex(5))));

    caller.awaitRefusal("message stream: a snapshot must come on its own stream");
    assertThat(two.received()).isEmpty();
  }

  @Test
  void refusesMessagesOfUnknownKind(Vertx vertx) {
    TestPeer two = TestPeer.start(vertx, 2);
    Caller caller = new Caller(vertx, two);

    caller.write(hello(hello -> hello));
    caller.write(batch(RaftMessage.newBuilder().setFrom(1).setTo(2)));

    caller.awaitRefusal("peer message: no kind");
  }

  @Test
  void endsASnapshotStreamThatIsSuperseded(Vertx vertx) {
    TestPeer two = TestPeer.start(vertx, 2);
    Caller older = new Caller(vertx, two, PeerGrpcClient.Snapshots);
    Caller newer = new Caller(vertx, two, PeerGrpcClient.Snapshots);
    older.write(hello(hello -> hello));
    eventually("greeted", () -> older.answers.size() == 1);

    newer.write(hello(hello -> hello));
    newer.write(
        Frame.newBuilder()
            .setInstall(
                RaftMessage.newBuilder()
                    .setFrom(1)
                    .setTo(2)
                    .setInstallSnapshot(InstallSnapshot.newBuilder().setLastIndex(5)))
            .build());

    older.awaitRefusal("superseded by a newer snapshot stream");
    eventually("asked for content", () -> newer.answers.size() == 2);
    assertThat(newer.answers.get(1).hasProgress()).isTrue();
  }

  @Test
  void refusesPartsOfASnapshotOutOfOrder(Vertx vertx) {
    TestPeer two = TestPeer.start(vertx, 2);
    Caller caller = new Caller(vertx, two, PeerGrpcClient.Snapshots);

    caller.write(hello(hello -> hello));
    caller.write(Frame.newBuilder().setPart(SnapshotPart.newBuilder().setEnd(true)).build());

    caller.awaitRefusal("snapshot stream: frame out of order: Part");
  }

  @Test
  void refusesFramesBeyondTheLimit(Vertx vertx) {
    TestPeer two = TestPeer.start(vertx, 2);
    Caller caller = new Caller(vertx, two);

    caller.write(hello(hello -> hello.setName("n".repeat(5 * 1024 * 1024))));

    caller.awaitRefusal("frame too large: 5242919 > 4195328 bytes");
    assertStillTakesPeers(vertx, two);
  }

  @Test
  void survivesNoiseAndForeignProtocols(Vertx vertx) {
    TestPeer two = TestPeer.start(vertx, 2);
    AtomicBoolean closed = new AtomicBoolean();
    NetSocket socket = await(held(vertx.createNetClient()).connect(two.port(), "127.0.0.1"));
    socket.closeHandler(none -> closed.set(true));
    socket.exceptionHandler(failure -> {});
    socket.write(Buffer.buffer("\0\1\2\3 no protocol at all\r\n\r\n"));
    eventually("noise is cut off", closed::get);

    int status =
        await(
            held(vertx.createHttpClient())
                .request(HttpMethod.GET, two.port(), "127.0.0.1", "/v1/kv/a")
                .compose(request -> request.send())
                .map(response -> response.statusCode()));

    assertThat(status).isBetween(400, 599);
    assertStillTakesPeers(vertx, two);
    two.stop();
  }

  private static void assertStillTakesPeers(Vertx vertx, TestPeer two) {
    TestPeer one = TestPeer.start(vertx, 1);
    one.knows(two);
    one.send(heartbeat(1, 2, 1));
    eventually("delivered", () -> two.received().contains(heartbeat(1, 2, 1)));
  }
}
