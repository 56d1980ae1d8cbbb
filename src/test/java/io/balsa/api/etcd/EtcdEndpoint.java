package io.balsa.api.etcd;

import static io.balsa.Held.held;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.balsa.Balsa;
import io.balsa.BalsaOptions;
import io.balsa.api.etcd.proto.etcdserverpb.KVGrpcClient;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseGrantRequest;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseGrpcClient;
import io.balsa.api.etcd.proto.etcdserverpb.RangeRequest;
import io.balsa.api.etcd.proto.etcdserverpb.RangeResponse;
import io.balsa.api.etcd.proto.mvccpb.KeyValue;
import io.balsa.cluster.Ports;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.client.GrpcClientResponse;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A real member in this JVM, with clients that speak etcd's protocol over sockets. */
final class EtcdEndpoint {
  private static final String HOST = "127.0.0.1";
  private static final Duration LIMIT = Duration.ofSeconds(30);

  final Vertx vertx = Vertx.vertx();
  final Balsa member;
  final int port = Ports.free();
  private final GrpcClient grpc = GrpcClient.client(vertx);
  private final HttpClient http = vertx.createHttpClient();

  EtcdEndpoint(Path directory) throws Exception {
    member =
        await(
            Balsa.start(
                vertx,
                new BalsaOptions()
                    .setDataDir(directory.toString())
                    .setListenClientUrls(List.of("http://" + HOST + ":" + port))
                    .setListenPeerUrl("http://" + HOST + ":" + Ports.free())));
  }

  void close() throws Exception {
    await(vertx.close());
  }

  /** How a call ended; the body is null unless it is OK. */
  record Answer<T>(GrpcStatus status, String message, T body) {
    T ok() {
      assertThat(status).as(message).isEqualTo(GrpcStatus.OK);
      return body;
    }

    void refused(GrpcStatus expected, String text) {
      assertThat(message).isEqualTo(text);
      assertThat(status).isEqualTo(expected);
    }
  }

  /** An answer of the gateway. */
  record Json(int status, JsonObject body) {}

  /** A call that may still be cancelled. */
  record Started<Q, R>(GrpcClientRequest<Q, R> request, Future<Answer<R>> answer) {}

  static <T> T await(Future<T> future) throws Exception {
    return future
        .toCompletionStage()
        .toCompletableFuture()
        .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
  }

  static void until(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - deadline).as("in time: " + what).isNegative();
      LockSupport.parkNanos(10_000_000);
    }
  }

  GrpcClient newClient() {
    return held(GrpcClient.client(vertx));
  }

  <Q, R> Started<Q, R> start(ServiceMethod<R, Q> method, Q message) throws Exception {
    return start(grpc, method, message);
  }

  <Q, R> Started<Q, R> start(GrpcClient client, ServiceMethod<R, Q> method, Q message)
      throws Exception {
    return start(request(client, method), message);
  }

  <Q, R> Started<Q, R> start(GrpcClientRequest<Q, R> request, Q message) {
    Future<GrpcClientResponse<Q, R>> response = request.response();
    request.end(message);
    return new Started<>(request, response.compose(EtcdEndpoint::answer));
  }

  <Q, R> GrpcClientRequest<Q, R> request(GrpcClient client, ServiceMethod<R, Q> method)
      throws Exception {
    return await(client.request(SocketAddress.inetSocketAddress(port, HOST), method));
  }

  private static <Q, R> Future<Answer<R>> answer(GrpcClientResponse<Q, R> response) {
    return response
        .last()
        .transform(
            last ->
                Future.succeededFuture(
                    new Answer<>(
                        response.status(),
                        response.statusMessage(),
                        last.succeeded() ? last.result() : null)));
  }

  /**
   * A call whose answers come one by one; they are added to {@code into}, until it is cancelled.
   */
  <Q, R> GrpcClientRequest<Q, R> listen(ServiceMethod<R, Q> method, Q message, Collection<R> into)
      throws Exception {
    GrpcClientRequest<Q, R> request = request(newClient(), method);
    request.response().onSuccess(response -> response.handler(into::add));
    request.end(message);
    return request;
  }

  <Q, R> Answer<R> call(ServiceMethod<R, Q> method, Q message) throws Exception {
    return await(start(method, message).answer());
  }

  Json json(String path, String text) throws Exception {
    return json(http, port, path, text);
  }

  /** Asks the gateway at a port of this machine. */
  static Json json(HttpClient http, int port, String path, String text) throws Exception {
    return await(
        http.request(HttpMethod.POST, port, HOST, path)
            .compose(
                request -> // The body is asked for on the event loop, before any of it can come.
                request
                        .send(text)
                        .compose(
                            response ->
                                response
                                    .body()
                                    .map(body -> new Json(response.statusCode(), object(body))))));
  }

  private static JsonObject object(Buffer body) {
    return body.length() == 0 ? new JsonObject() : body.toJsonObject();
  }

  // ---- What many tests need

  void grant(long id, long ttlSeconds) throws Exception {
    call(
            LeaseGrpcClient.LeaseGrant,
            LeaseGrantRequest.newBuilder().setID(id).setTTL(ttlSeconds).build())
        .ok();
  }

  /** The items under a prefix of less than 256 of its last byte. */
  List<KeyValue> items(String prefix) {
    byte[] end = prefix.getBytes();
    end[end.length - 1]++;
    try {
      RangeResponse found =
          call(
                  KVGrpcClient.Range,
                  RangeRequest.newBuilder()
                      .setKey(ByteString.copyFromUtf8(prefix))
                      .setRangeEnd(ByteString.copyFrom(end))
                      .build())
              .ok();
      return found.getKvsList();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  List<String> keys(String prefix) {
    return items(prefix).stream().map(item -> item.getKey().toStringUtf8()).toList();
  }

  static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }
}
