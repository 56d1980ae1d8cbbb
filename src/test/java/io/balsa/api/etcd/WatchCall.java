package io.balsa.api.etcd;

import static io.balsa.api.etcd.EtcdClient.bytes;
import static io.balsa.api.http.ApiServer.await;

import io.balsa.api.etcd.proto.etcdserverpb.WatchCancelRequest;
import io.balsa.api.etcd.proto.etcdserverpb.WatchCreateRequest;
import io.balsa.api.etcd.proto.etcdserverpb.WatchGrpcClient;
import io.balsa.api.etcd.proto.etcdserverpb.WatchProgressRequest;
import io.balsa.api.etcd.proto.etcdserverpb.WatchRequest;
import io.balsa.api.etcd.proto.etcdserverpb.WatchResponse;
import io.vertx.core.Promise;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.client.GrpcClientResponse;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** A call of Watch as a client sees it. */
final class WatchCall {
  private final BlockingQueue<WatchResponse> responses = new LinkedBlockingQueue<>();
  private final Promise<String> end = Promise.promise();
  private final GrpcClientRequest<WatchRequest, WatchResponse> request;

  /**
   * Opens it.
   *
   * @param leader whether it wants to end when there is no leader
   */
  WatchCall(EtcdClient client, boolean leader) {
    request = await(client.grpc.request(client.server, WatchGrpcClient.Watch));
    if (leader) {
      request.headers().set("hasleader", "true");
    }
    request.response().onSuccess(this::read).onFailure(end::tryFail);
  }

  private void read(GrpcClientResponse<WatchRequest, WatchResponse> response) {
    response.handler(responses::add);
    response.exceptionHandler(end::tryFail);
    response.endHandler(
        none -> {
          String text = response.trailers().get("grpc-message");
          text = text == null ? response.headers().get("grpc-message") : text;
          end.tryComplete(response.status().name() + " " + text);
        });
  }

  void create(String key, UnaryOperator<WatchCreateRequest.Builder> options) {
    send(
        WatchRequest.newBuilder()
            .setCreateRequest(options.apply(WatchCreateRequest.newBuilder().setKey(bytes(key)))));
  }

  /** Opens a watch and waits until it is. */
  WatchResponse created(String key, UnaryOperator<WatchCreateRequest.Builder> options) {
    create(key, options);
    return next();
  }

  WatchResponse created(String key) {
    return created(key, options -> options);
  }

  void cancel(long id) {
    send(
        WatchRequest.newBuilder().setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(id)));
  }

  void progress() {
    send(WatchRequest.newBuilder().setProgressRequest(WatchProgressRequest.getDefaultInstance()));
  }

  private void send(WatchRequest.Builder message) {
    request.write(message.build());
  }

  void half() {
    request.end();
  }

  /** Reads no more. */
  void pause() {
    await(request.response()).pause();
  }

  void resume() {
    await(request.response()).resume();
  }

  void reset() {
    request.cancel();
  }

  /** The next response; an error if none comes. */
  WatchResponse next() {
    try {
      WatchResponse next = responses.poll(20, TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("no response; end: " + end.future());
      }
      return next;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** How many have come and are not looked at. */
  int waiting() {
    return responses.size();
  }

  /** The status and text with which the call ended. */
  String end() {
    return await(end.future());
  }
}
