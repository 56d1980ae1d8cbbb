package io.balsa.api.etcd;

import io.balsa.api.Admission;
import io.balsa.api.ApiOptions;
import io.balsa.api.Patience;
import io.balsa.api.etcd.StatusException.Code;
import io.balsa.bus.ReplicaClient;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/** The v3 API of etcd on one event loop: gRPC, and the same by JSON. */
public final class EtcdApi {
  private static final String GRPC = "application/grpc";

  private final EtcdLoop loop;
  private final Map<String, UnaryMethod> unary = new HashMap<>();
  private final Places places;
  private final Reflection reflection;
  private final Map<String, StreamMethod> streaming = new HashMap<>();
  private final OpenStreams open;
  private final JsonGateway gateway;

  /** Must be called on the event loop that it will serve. */
  public EtcdApi(
      Vertx vertx,
      ApiOptions options,
      ReplicaClient replica,
      Admission admission,
      Patience patience) {
    GrpcMetrics metrics = new GrpcMetrics(options.registry());
    this.loop =
        new EtcdLoop(vertx, options, replica, admission, patience, metrics, new CertificateUsers());
    this.places = new Places(loop);
    new KvService(loop).register(unary);
    new AuthService(loop).register(unary);
    new ClusterService().register(unary);
    new MaintenanceService().register(unary);
    new LeaseService().register(unary);
    new LockService(places).register(unary);
    new ElectionService(loop, places).register(unary);
    new HealthService().register(unary);
    this.reflection = new Reflection(vertx);
    this.open = new OpenStreams(loop);
    new WatchService(loop).register(streaming);
    streaming.put(KeepAlives.METHOD, KeepAlives::new);
    streaming.put(Observation.METHOD, Observation::new);
    streaming.put(HealthWatch.METHOD, HealthWatch::new);
    this.gateway = new JsonGateway(loop, open, unary, streaming);
  }

  /** Serves a request, if it is one of this API; returns whether it is. */
  public boolean serve(HttpServerRequest request) {
    if (!isGrpc(request)) {
      return gateway.serve(request);
    }
    serveGrpc(request);
    return true;
  }

  private void serveGrpc(HttpServerRequest request) {
    UnaryMethod method = unary.get(request.path());
    StreamMethod stream = method == null ? streaming.get(request.path()) : null;
    if (stream != null) {
      new GrpcStream(loop, open, request).begin(stream);
    } else if (method != null) {
      new GrpcCall(loop, request, method).begin();
    } else if (request.path().equals(SnapshotCall.METHOD)) {
      new SnapshotCall(loop, request, new SnapshotCall.Grpc(loop, request)).begin();
    } else if (reflection.isFor(request)) {
      reflection.handle(request);
    } else {
      GrpcCall.refuse(
          request.response(), new StatusException(Code.UNIMPLEMENTED, unknown(request.path())));
    }
  }

  /** As gRPC for Go says it, which etcd is made with. */
  private String unknown(String path) {
    int slash = path.lastIndexOf('/');
    String service = path.substring(Math.min(1, path.length()), Math.max(slash, 1));
    boolean isServed =
        Stream.concat(unary.keySet().stream(), streaming.keySet().stream())
            .anyMatch(method -> method.startsWith("/" + service + "/"));
    return isServed
        ? "unknown method " + path.substring(slash + 1) + " for service " + service
        : "unknown service " + service;
  }

  /** Ends the calls that take long: they would keep the server from stopping. */
  public void stop() {
    open.stop();
    places.stop();
  }

  static boolean isGrpc(HttpServerRequest request) {
    String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
    return type != null && type.startsWith(GRPC) && request.version() == HttpVersion.HTTP_2;
  }
}
