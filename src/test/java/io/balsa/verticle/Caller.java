package io.balsa.verticle;

import static io.balsa.Held.held;
import static io.balsa.verticle.TestPeer.await;
import static io.balsa.verticle.TestPeer.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.wire.proto.Batch;
import io.balsa.wire.proto.Frame;
import io.balsa.wire.proto.Heartbeat;
import io.balsa.wire.proto.Hello;
import io.balsa.wire.proto.PeerGrpcClient;
import io.balsa.wire.proto.RaftMessage;
import io.vertx.core.Vertx;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

/** A caller that uses the generated client and may say what it likes. */
final class Caller {
  final List<Frame> answers = new CopyOnWriteArrayList<>();
  final AtomicReference<GrpcStatus> status = new AtomicReference<>();
  final AtomicBoolean over = new AtomicBoolean();
  private final Vertx vertx;
  private final GrpcClientRequest<Frame, Frame> request;

  Caller(Vertx vertx, TestPeer to) {
    this(vertx, to, PeerGrpcClient.Messages);
  }

  Caller(Vertx vertx, TestPeer to, ServiceMethod<Frame, Frame> method) {
    this.vertx = vertx;
    request =
        await(
            held(GrpcClient.client(vertx))
                .request(SocketAddress.inetSocketAddress(to.port(), "127.0.0.1"), method));
    request.exceptionHandler(failure -> over.set(true));
    request
        .response()
        .onFailure(failure -> over.set(true))
        .onSuccess(
            response -> {
              response.exceptionHandler(failure -> over.set(true));
              response.handler(answers::add);
              response.endHandler(
                  none -> {
                    status.set(response.status());
                    over.set(true);
                  });
            });
  }

  void write(Frame frame) {
    vertx.runOnContext(none -> request.write(frame));
  }

  void awaitRefusal(String reason) {
    eventually("refused", over::get);
    await(request.connection().shutdown(0, TimeUnit.SECONDS));

    assertThat(answers)
        .filteredOn(Frame::hasRefusal)
        .singleElement()
        .satisfies(frame -> assertThat(frame.getRefusal().getReason()).startsWith(reason));
  }

  static Frame hello(UnaryOperator<Hello.Builder> change) {
    Hello.Builder hello =
        Hello.newBuilder()
            .setVersion(1)
            .setClusterId(TestPeer.CLUSTER)
            .setFrom(1)
            .setName("stranger")
            .setTo(2);
    return Frame.newBuilder().setHello(change.apply(hello)).build();
  }

  static Frame batch(RaftMessage.Builder message) {
    return Frame.newBuilder().setBatch(Batch.newBuilder().addMessages(message)).build();
  }

  static RaftMessage.Builder beat(long from, long to) {
    return RaftMessage.newBuilder()
        .setFrom(from)
        .setTo(to)
        .setHeartbeat(Heartbeat.newBuilder().setCommit(1));
  }
}
