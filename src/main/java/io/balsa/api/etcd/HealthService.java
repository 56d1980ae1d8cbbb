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
  static final String NAME = "/grpc.health.v1.Health/";

  void register(Map<String, UnaryMethod> methods) {
    methods.put(NAME + "Check", UnaryMethod.of(HealthCheckRequest.parser(), HealthService::check));
  }

  private static void check(UnaryCall call, HealthCheckRequest request) {
    call.ask(
        new Request.Status(),
        Reply.Status.class,
        reply -> {
          ServingStatus status = status(request.getService(), reply.status());
          if (status == ServingStatus.SERVICE_UNKNOWN) {
            throw new StatusException(Code.NOT_FOUND, "unknown service");
          }
          call.reply(HealthCheckResponse.newBuilder().setStatus(status).build());
        });
  }

  static ServingStatus status(String service, Reply.MemberStatus member) {
    return switch (service) {
      case "", "readiness" -> serving(member.ready());
      case "liveness" -> serving(member.live());
      default -> ServingStatus.SERVICE_UNKNOWN;
    };
  }

  private static ServingStatus serving(List<String> wrong) {
    return wrong.isEmpty() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
  }
}
