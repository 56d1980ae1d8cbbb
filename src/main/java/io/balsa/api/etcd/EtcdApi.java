package io.balsa.api.etcd;

import io.balsa.api.Admission;
import io.balsa.api.ApiOptions;
import io.balsa.api.Patience;
import io.balsa.api.etcd.StatusException.Code;
import io.balsa.bus.ReplicaClient;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.HashMap;
import java.util.Map;

/** The v3 API of etcd on one event loop: gRPC, and the same by JSON. */
public final class EtcdApi implements Handler<HttpServerRequest> {
  private static final String GRPC = "application/grpc";

  private final EtcdLoop loop;
  private final Map<String, UnaryMethod> unary = new HashMap<>();
  private final JsonGateway gateway;

  /** Must be called on the event loop that it will serve. */
  public EtcdApi(
      Vertx vertx,
      ApiOptions options,
      ReplicaClient replica,
      Admission admission,
      Patience patience) {
    GrpcMetrics metrics = new GrpcMetrics(options.registry());
    this.loop = new EtcdLoop(vertx, options, replica, admission, patience, metrics);
    new KvService(loop).register(unary);
    new ClusterService().register(unary);
    new MaintenanceService().register(unary);
    this.gateway = new JsonGateway(loop, unary);
  }

  /** Whether a request is one of this API. */
  public boolean isFor(HttpServerRequest request) {
    return isGrpc(request) || gateway.isFor(request);
  }

  @Override
  public void handle(HttpServerRequest request) {
    if (!isGrpc(request)) {
      gateway.handle(request);
      return;
    }
    UnaryMethod method = unary.get(request.path());
    if (method != null) {
      new GrpcCall(loop, request, method).begin();
    } else if (request.path().equals(SnapshotCall.METHOD)) {
      new SnapshotCall(loop, request, new SnapshotCall.Grpc(loop, request)).begin();
    } else {
      GrpcCall.refuse(
          request.response(),
          new StatusException(Code.UNIMPLEMENTED, "unknown method " + request.path()));
    }
  }

  private static boolean isGrpc(HttpServerRequest request) {
    String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
    return type != null && type.startsWith(GRPC) && request.version() == HttpVersion.HTTP_2;
  }
}
