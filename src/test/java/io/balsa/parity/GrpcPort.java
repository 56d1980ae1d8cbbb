package io.balsa.parity;

import com.google.protobuf.Message;
import io.balsa.api.etcd.proto.etcdserverpb.WatchGrpcClient;
import io.balsa.api.etcd.proto.etcdserverpb.WatchRequest;
import io.balsa.api.etcd.proto.etcdserverpb.WatchResponse;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientOptions;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.client.GrpcClientResponse;
import java.util.ArrayList;
import java.util.List;

/** Sends calls to one member. */
final class GrpcPort {
  private static final int MESSAGE_BYTES_MAX = 64 << 20;

  private final Twins twins;
  private final GrpcClient client;
  private final SocketAddress address;

  GrpcPort(Twins twins, int port) {
    this.twins = twins;
    this.client =
        GrpcClient.client(
            twins.vertx(), new GrpcClientOptions().setMaxMessageSize(MESSAGE_BYTES_MAX));
    this.address = SocketAddress.inetSocketAddress(port, "127.0.0.1");
  }

  /** Fails only if the stream breaks; an error is an answer. */
  <Q extends Message, R extends Message> Future<Answer> send(Call<Q, R> call) {
    return twins.onLoop(
        () ->
            client
                .request(address, call.method())
                .compose(request -> request.send(call.request()))
                .compose(GrpcPort::answer));
  }

  /** As a {@link WatchLine.Opener}. */
  WatchLine watch(List<WatchRequest> first, WatchInbox inbox) {
    GrpcClientRequest<WatchRequest, WatchResponse> call =
        Twins.await(twins.onLoop(() -> client.request(address, WatchGrpcClient.Watch)));
    WatchLine line =
        new WatchLine() {
          @Override
          public void send(WatchRequest request) {
            Twins.await(twins.onLoop(() -> call.write(request)));
          }

          @Override
          public void close() {
            Twins.await(
                twins.onLoop(
                    () -> {
                      call.cancel();
                      return Future.succeededFuture();
                    }));
          }
        };
    call.response()
        .onFailure(failure -> inbox.fail(failure.toString()))
        .onSuccess(
            response -> {
              response.handler(inbox::add);
              response.exceptionHandler(failure -> inbox.fail(failure.toString()));
              response.endHandler(
                  none -> inbox.fail(response.status() + ": " + response.statusMessage()));
            });
    first.forEach(line::send);
    return line;
  }

  private static <Q, R extends Message> Future<Answer> answer(GrpcClientResponse<Q, R> response) {
    Promise<Answer> answer = Promise.promise();
    List<Message> messages = new ArrayList<>();
    response.handler(messages::add);
    response.exceptionHandler(answer::tryFail);
    response.errorHandler(error -> answer.tryFail("stream ended by " + error));
    response.endHandler(
        none ->
            answer.tryComplete(new Answer(response.status(), response.statusMessage(), messages)));
    return answer.future();
  }
}
