package io.balsa.api.etcd;

import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import io.balsa.api.etcd.proto.etcdserverpb.Rpc;
import io.balsa.api.etcd.proto.health.HealthOuterClass;
import io.balsa.api.etcd.proto.v3electionpb.V3Election;
import io.balsa.api.etcd.proto.v3lockpb.V3Lock;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.grpc.common.ServiceName;
import io.vertx.grpc.reflection.ReflectionService;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerOptions;
import io.vertx.grpc.server.Service;
import java.util.List;

/** Tells tools such as grpcurl which services there are, and how their messages look. */
final class Reflection {
  private static final String PATH = "/grpc.reflection.";
  private static final long MESSAGE_BYTES_MAX = 16 << 10;
  private static final List<FileDescriptor> FILES =
      List.of(
          Rpc.getDescriptor(),
          V3Lock.getDescriptor(),
          V3Election.getDescriptor(),
          HealthOuterClass.getDescriptor());

  private final GrpcServer server;

  Reflection(Vertx vertx) {
    server = GrpcServer.server(vertx, new GrpcServerOptions().setMaxMessageSize(MESSAGE_BYTES_MAX));
    for (FileDescriptor file : FILES) {
      for (ServiceDescriptor service : file.getServices()) {
        // Described here, served elsewhere.
        server.addService(
            Service.service(ServiceName.create(service.getFullName()), service).build());
      }
    }
    server.addService(ReflectionService.v1());
  }

  /** Whether a gRPC request is one for it. */
  boolean isFor(HttpServerRequest request) {
    return request.path().startsWith(PATH);
  }

  void handle(HttpServerRequest request) {
    server.handle(request);
  }
}
