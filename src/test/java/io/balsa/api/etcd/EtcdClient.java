package io.balsa.api.etcd;

import static io.balsa.api.http.ApiServer.VERTX;
import static io.balsa.api.http.ApiServer.await;

import com.google.protobuf.ByteString;
import io.balsa.api.etcd.proto.etcdserverpb.CompactionRequest;
import io.balsa.api.etcd.proto.etcdserverpb.DeleteRangeRequest;
import io.balsa.api.etcd.proto.etcdserverpb.KVGrpcClient;
import io.balsa.api.etcd.proto.etcdserverpb.PutRequest;
import io.balsa.api.etcd.proto.etcdserverpb.RequestOp;
import io.balsa.api.etcd.proto.etcdserverpb.TxnRequest;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClientBuilder;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientOptions;
import java.util.concurrent.atomic.AtomicInteger;

/** A gRPC client on one connection. */
final class EtcdClient implements AutoCloseable {
  final AtomicInteger pings = new AtomicInteger(); // That the server sent, where they are counted.
  final GrpcClient grpc;
  final SocketAddress server;
  private final KVGrpcClient kv;

  EtcdClient(int port) {
    server = SocketAddress.inetSocketAddress(port, "127.0.0.1");
    grpc = GrpcClient.client(VERTX, new GrpcClientOptions().setMaxMessageSize(1 << 25));
    kv = KVGrpcClient.create(grpc, server);
  }

  private EtcdClient(int port, HttpClientBuilder http) {
    server = SocketAddress.inetSocketAddress(port, "127.0.0.1");
    http.withConnectHandler(connection -> connection.pingHandler(ping -> pings.incrementAndGet()));
    grpc = GrpcClient.client(VERTX, http.build());
    kv = KVGrpcClient.create(grpc, server);
  }

  static EtcdClient countingPings(int port) {
    return new EtcdClient(
        port,
        VERTX
            .httpClientBuilder()
            .with(
                new HttpClientOptions()
                    .setProtocolVersion(HttpVersion.HTTP_2)
                    .setHttp2ClearTextUpgrade(false)));
  }

  WatchCall watch() {
    return new WatchCall(this, false);
  }

  static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  /** The revision of the put. */
  long put(String key, String value) {
    return await(putSoon(key, value));
  }

  Future<Long> putSoon(String key, String value) {
    return kv.put(PutRequest.newBuilder().setKey(bytes(key)).setValue(bytes(value)).build())
        .map(put -> put.getHeader().getRevision());
  }

  long delete(String key) {
    return await(kv.deleteRange(DeleteRangeRequest.newBuilder().setKey(bytes(key)).build()))
        .getHeader()
        .getRevision();
  }

  /** Puts all keys at one revision. */
  long putAll(String value, String... keys) {
    TxnRequest.Builder txn = TxnRequest.newBuilder();
    for (String key : keys) {
      txn.addSuccess(
          RequestOp.newBuilder()
              .setRequestPut(PutRequest.newBuilder().setKey(bytes(key)).setValue(bytes(value))));
    }
    return await(kv.txn(txn.build())).getHeader().getRevision();
  }

  void compact(long revision) {
    await(kv.compact(CompactionRequest.newBuilder().setRevision(revision).build()));
  }

  @Override
  public void close() {
    await(grpc.close());
  }
}
