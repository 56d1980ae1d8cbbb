package io.balsa.api.etcd;

import io.balsa.api.etcd.StatusException.Code;
import io.balsa.api.etcd.proto.health.HealthCheckRequest;
import io.balsa.api.etcd.proto.health.HealthCheckResponse;
import io.balsa.api.etcd.proto.health.HealthCheckResponse.ServingStatus;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import java.util.List;
import java.util.Map;

/**
 * The service {@code grpc.health.v1.Health}: whether this member should get traffic ({@code ""} and
 * {@code readiness}), and whether it works at all ({@code liveness}).
 */
final class HealthService {
  private static final String NAME = "/grpc.health.v1.Health/";

  void register(Map<String, UnaryMethod> methods) {
    methods.put(NAME + "Check", UnaryMethod.of(HealthCheckRequest.parser(), HealthService::check));
  }

  private static void check(UnaryCall call, HealthCheckRequest request) {
    call.ask(
        new Request.Status(),
        Reply.Status.class,
        reply -> {
          List<String> wrong =
              switch (request.getService()) {
                case "", "readiness" -> reply.status().ready();
                case "liveness" -> reply.status().live();
                default -> throw new StatusException(Code.NOT_FOUND, "unknown service");
              };
          call.reply(
              HealthCheckResponse.newBuilder()
                  .setStatus(wrong.isEmpty() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING)
                  .build());
        });
  }
}
