package io.balsa.migration;

import com.google.protobuf.ByteString;
import io.balsa.api.etcd.proto.etcdserverpb.AuthGrpcClient;
import io.balsa.api.etcd.proto.etcdserverpb.AuthenticateRequest;
import io.balsa.api.etcd.proto.etcdserverpb.KVGrpcClient;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseGrantRequest;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseGrpcClient;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseKeepAliveRequest;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseTimeToLiveRequest;
import io.balsa.api.etcd.proto.etcdserverpb.LeaseTimeToLiveResponse;
import io.balsa.api.etcd.proto.etcdserverpb.RangeRequest;
import io.balsa.api.etcd.proto.etcdserverpb.RangeResponse;
import io.balsa.api.etcd.proto.etcdserverpb.RequestOp;
import io.balsa.api.etcd.proto.etcdserverpb.TxnRequest;
import io.balsa.api.etcd.proto.etcdserverpb.WatchCreateRequest;
import io.balsa.api.etcd.proto.etcdserverpb.WatchGrpcClient;
import io.balsa.api.etcd.proto.etcdserverpb.WatchRequest;
import io.balsa.api.etcd.proto.etcdserverpb.WatchResponse;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientOptions;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.client.GrpcClientResponse;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import java.net.URI;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * A store behind etcd's v3 API. Each call is tried at one endpoint after the other until one can
 * answer it: all that is asked for here may be done twice.
 */
public final class EtcdStore implements AutoCloseable {
  static final int UNAVAILABLE = GrpcStatus.UNAVAILABLE.code;
  static final int RESOURCE_EXHAUSTED = GrpcStatus.RESOURCE_EXHAUSTED.code;
  static final int FAILED_PRECONDITION = GrpcStatus.FAILED_PRECONDITION.code;
  private static final String NO_TOKEN = ""; // Where users are not enforced.

  private static final long ANSWER_SECONDS_MAX = 30;
  private static final int ROUNDS_MAX = 3;
  private static final int MESSAGE_BYTES_MAX = 64 << 20;

  private final StoreOptions options;
  private final GrpcClient client;
  private int endpoint;
  private String token;

  /** A store that is not connected yet. */
  public EtcdStore(Vertx vertx, StoreOptions options) {
    this.options = options;
    HttpClientOptions http =
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_2)
            .setHttp2ClearTextUpgrade(false)
            .setUseAlpn(true)
            .setConnectTimeout(5_000);
    if (options.trust() != null) {
      http.setTrustOptions(options.trust());
    }
    this.client =
        GrpcClient.builder(vertx)
            .with(http)
            .with(new GrpcClientOptions().setMaxMessageSize(MESSAGE_BYTES_MAX))
            .build();
  }

  /** What people call it. */
  String name() {
    return options.name();
  }

  /**
   * Keys from {@code key} on and below {@code end}, in order.
   *
   * @param revision 0 for now
   * @param limit of the keys returned
   */
  RangeResponse range(ByteString key, ByteString end, long revision, long limit)
      throws MigrationException {
    return call(
        KVGrpcClient.Range,
        RangeRequest.newBuilder()
            .setKey(key)
            .setRangeEnd(end)
            .setRevision(revision)
            .setLimit(limit)
            .build());
  }

  /** How many keys there are, and the revision of the store. */
  RangeResponse count(ByteString key, ByteString end, long revision) throws MigrationException {
    return call(
        KVGrpcClient.Range,
        RangeRequest.newBuilder()
            .setKey(key)
            .setRangeEnd(end)
            .setRevision(revision)
            .setCountOnly(true)
            .build());
  }

  /** Does all at one revision, which is returned. */
  long apply(List<RequestOp> operations) throws MigrationException {
    return call(KVGrpcClient.Txn, TxnRequest.newBuilder().addAllSuccess(operations).build())
        .getHeader()
        .getRevision();
  }

  LeaseTimeToLiveResponse timeToLive(long lease) throws MigrationException {
    return call(
        LeaseGrpcClient.LeaseTimeToLive, LeaseTimeToLiveRequest.newBuilder().setID(lease).build());
  }

  void grant(long lease, long ttlSeconds) throws MigrationException {
    call(
        LeaseGrpcClient.LeaseGrant,
        LeaseGrantRequest.newBuilder().setID(lease).setTTL(ttlSeconds).build());
  }

  /** Starts the time of a lease anew. */
  void keepAlive(long lease) throws MigrationException {
    call(LeaseGrpcClient.LeaseKeepAlive, LeaseKeepAliveRequest.newBuilder().setID(lease).build());
  }

  /**
   * Follows changes until it ends.
   *
   * @param from the first revision wanted
   * @param to is told each response, on an event loop
   * @return fails when the stream breaks
   */
  Future<Void> watch(ByteString key, ByteString end, long from, Consumer<WatchResponse> to) {
    WatchRequest create =
        WatchRequest.newBuilder()
            .setCreateRequest(
                WatchCreateRequest.newBuilder()
                    .setKey(key)
                    .setRangeEnd(end)
                    .setStartRevision(from)
                    .setProgressNotify(true))
            .build();
    return client
        .request(address(), WatchGrpcClient.Watch)
        .compose(
            request -> {
              authorize(request);
              request.write(create);
              return request.response();
            })
        .compose(
            response -> {
              response.handler(to::accept);
              return response.end();
            });
  }

  @Override
  public void close() {
    client.close();
  }

  private <Q, R> R call(ServiceMethod<R, Q> method, Q message) throws MigrationException {
    MigrationException last = null;
    boolean isRenewed = options.user().isEmpty();
    for (int i = 0; i < ROUNDS_MAX * options.endpoints().size(); i++) {
      try {
        logIn();
        return ask(method, message);
      } catch (MigrationException e) {
        last = e;
        if (e.isOfToken() && !isRenewed) { // It has expired, for want of use.
          isRenewed = true;
          token = null;
          continue;
        }
        if (!e.is(UNAVAILABLE)) {
          throw e;
        }
        token = null;
        endpoint = (endpoint + 1) % options.endpoints().size();
      }
    }
    throw last;
  }

  private void logIn() throws MigrationException {
    if (token == null && !options.user().isEmpty()) {
      AuthenticateRequest request =
          AuthenticateRequest.newBuilder()
              .setName(options.user())
              .setPassword(options.password())
              .build();
      try {
        token = ask(AuthGrpcClient.Authenticate, request).getToken();
      } catch (MigrationException e) {
        if (!e.is(FAILED_PRECONDITION)) {
          throw e;
        }
        token = NO_TOKEN;
      }
    }
  }

  private <Q, R> R ask(ServiceMethod<R, Q> method, Q message) throws MigrationException {
    Future<R> answer =
        client
            .request(address(), method)
            .compose(
                request -> {
                  authorize(request);
                  request.end(message);
                  return request.response();
                })
            .compose(this::result);
    try {
      return answer
          .toCompletionStage()
          .toCompletableFuture()
          .get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof MigrationException told) {
        throw told;
      }
      throw new MigrationException(
          UNAVAILABLE, "%s: %s: %s".formatted(name(), url(), e.getCause().getMessage()));
    } catch (TimeoutException e) {
      throw new MigrationException(
          UNAVAILABLE,
          "%s: %s does not answer within %d s".formatted(name(), url(), ANSWER_SECONDS_MAX));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MigrationException(name() + ": interrupted");
    }
  }

  private <R> Future<R> result(GrpcClientResponse<?, R> response) {
    if (response.status() != null && response.status() != GrpcStatus.OK) {
      return failed(response);
    }
    return response
        .last()
        .compose(
            message ->
                response.status() == GrpcStatus.OK
                    ? Future.succeededFuture(message)
                    : failed(response))
        .recover(
            failure ->
                failure instanceof MigrationException || response.status() == null
                    ? Future.failedFuture(failure)
                    : failed(response));
  }

  private <R> Future<R> failed(GrpcClientResponse<?, ?> response) {
    return Future.failedFuture(
        new MigrationException(
            response.status().code,
            "%s: %s: %s".formatted(name(), url(), response.statusMessage())));
  }

  private void authorize(GrpcClientRequest<?, ?> request) {
    if (token != null && !token.equals(NO_TOKEN)) {
      request.headers().set("token", token);
    }
  }

  private String url() {
    return options.endpoints().get(endpoint);
  }

  private SocketAddress address() {
    URI url = URI.create(url());
    return SocketAddress.inetSocketAddress(url.getPort(), url.getHost());
  }
}
