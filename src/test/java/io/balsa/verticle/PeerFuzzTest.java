package io.balsa.verticle;

import static io.balsa.verticle.Caller.hello;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.fuzz.Fuzzer;
import io.balsa.wire.proto.Batch;
import io.balsa.wire.proto.Frame;
import io.balsa.wire.proto.PeerGrpcClient;
import io.balsa.wire.proto.RaftMessage;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.junit5.VertxExtension;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A stream on the peer port whose frames, the first or the second, are anything. */
@ExtendWith(VertxExtension.class)
class PeerFuzzTest {
  private static final ServiceMethod<Buffer, Buffer> MESSAGES = method("Messages");
  private static final ServiceMethod<Buffer, Buffer> SNAPSHOTS = method("Snapshots");

  /** The stream ended with a status that says why. */
  private static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
      super(message);
    }
  }

  @Test
  void streams(Vertx vertx) throws Exception {
    Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    vertx.exceptionHandler(failures::add);
    TestPeer two = TestPeer.start(vertx, 2);
    GrpcClient client = GrpcClient.client(vertx);
    new Fuzzer<>(
            getClass(),
            "peer stream",
            RefusedException.class,
            input -> {
              GrpcStatus status = converse(vertx, client, two, input);
              if (!failures.isEmpty() || status == GrpcStatus.INTERNAL) {
                throw new AssertionError("ended with " + status + " " + failures);
              }
              if (status != GrpcStatus.OK) {
                throw new RefusedException(status.toString());
              }
              return status;
            })
        .samples(PeerFuzzTest::sample)
        .allocates(1 << 20, 200)
        .inputs(1_500)
        .run();

    Caller good = new Caller(vertx, two);
    good.write(hello(hello -> hello.setFrom(7)));
    TestPeer.eventually("a good member is served", () -> !good.answers.isEmpty());
    assertThat(good.answers.get(0).hasHello()).isTrue();
    assertThat(failures).isEmpty();
  }

  /** Calls whose bytes need not be messages at all. */
  @Test
  void calls(Vertx vertx) throws Exception {
    Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    vertx.exceptionHandler(failures::add);
    TestPeer two = TestPeer.start(vertx, 2);
    List<String> methods = List.of("Messages", "Snapshots", "Describe", "Enroll", "Enter");
    new Fuzzer<>(
            getClass(),
            "peer call",
            RefusedException.class,
            input -> {
              String method = methods.get(input.length == 0 ? 0 : (input[0] & 0xff) % 5);
              RawCall call = RawCall.to(vertx, two, method);
              call.write(Buffer.buffer(input).getBuffer(Math.min(1, input.length), input.length));
              call.end();
              TestPeer.eventually("it is over", call::isOver);
              call.close();
              if (!failures.isEmpty()) {
                AssertionError fault = new AssertionError("failed inside");
                failures.forEach(fault::addSuppressed);
                throw fault;
              }
              String status = call.headers.get() == null ? null : call.status();
              if (!"0".equals(status)) {
                throw new RefusedException("status " + status);
              }
              return status;
            })
        .samples(
            random -> {
              byte[] sample = sample(random);
              Buffer framed = Buffer.buffer().appendByte((byte) 0).appendByte((byte) 0);
              framed.appendInt(sample.length - 1).appendBytes(sample, 1, sample.length - 1);
              return framed.getBytes();
            })
        .allocates(4 << 20, 400)
        .inputs(400)
        .run();
    assertThat(failures).isEmpty();
  }

  /**
   * Sends one or two frames and ends the stream.
   *
   * @param input its first byte tells which stream it is, and whether a good handshake comes first
   */
  private static GrpcStatus converse(Vertx vertx, GrpcClient client, TestPeer to, byte[] input)
      throws Exception {
    int kind = input.length == 0 ? 0 : input[0];
    Buffer frame = Buffer.buffer(input).getBuffer(Math.min(1, input.length), input.length);
    CompletableFuture<GrpcStatus> end = new CompletableFuture<>();
    vertx.runOnContext(
        none ->
            client
                .request(
                    SocketAddress.inetSocketAddress(to.port(), "127.0.0.1"),
                    (kind & 1) == 0 ? MESSAGES : SNAPSHOTS)
                .onFailure(end::completeExceptionally)
                .onSuccess(request -> send(request, kind, frame, end)));
    return end.get(20, TimeUnit.SECONDS);
  }

  private static void send(
      GrpcClientRequest<Buffer, Buffer> request,
      int kind,
      Buffer frame,
      CompletableFuture<GrpcStatus> end) {
    request.exceptionHandler(reset -> end.complete(GrpcStatus.CANCELLED));
    request
        .response()
        .onFailure(reset -> end.complete(GrpcStatus.CANCELLED))
        .onSuccess(
            response -> {
              response.handler(answer -> {});
              response.exceptionHandler(reset -> end.complete(GrpcStatus.CANCELLED));
              response.endHandler(none -> end.complete(response.status()));
            });
    if ((kind & 2) == 0) {
      request.write(Buffer.buffer(hello(hello -> hello).toByteArray()));
    }
    request.end(frame);
  }

  private static byte[] sample(Random random) {
    int kind =
        2 * random.nextInt(2); // Of a stream of messages: a snapshot needs more than a frame.
    Frame frame =
        (kind & 2) != 0
            ? hello(hello -> hello)
            : Frame.newBuilder()
                .setBatch(
                    Batch.newBuilder()
                        .addMessages(Caller.beat(1, 2))
                        .addMessages(RaftMessage.newBuilder(Caller.beat(1, 2).build()).setTerm(7)))
                .build();
    byte[] bytes = frame.toByteArray();
    byte[] sample = new byte[bytes.length + 1];
    sample[0] = (byte) kind;
    System.arraycopy(bytes, 0, sample, 1, bytes.length);
    return sample;
  }

  private static ServiceMethod<Buffer, Buffer> method(String name) {
    return ServiceMethod.client(
        PeerGrpcClient.Messages.serviceName(),
        name,
        GrpcMessageEncoder.IDENTITY,
        GrpcMessageDecoder.IDENTITY);
  }
}
