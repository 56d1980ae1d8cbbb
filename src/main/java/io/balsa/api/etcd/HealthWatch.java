package io.balsa.api.etcd;

import com.google.protobuf.InvalidProtocolBufferException;
import io.balsa.api.etcd.proto.health.HealthCheckRequest;
import io.balsa.api.etcd.proto.health.HealthCheckResponse.ServingStatus;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;

/** A call of {@code Watch} of the health service: tells the status now, and whenever it changes. */
final class HealthWatch implements StreamMethod.Session {
  static final String METHOD = HealthService.NAME + "Watch";

  private static final long LOOK_MILLIS = 1_000;

  private final StreamCall call;
  private String service; // Null before the client has named it.
  private ServingStatus told;
  private long timer = -1;

  HealthWatch(StreamCall call) {
    this.call = call;
  }

  @Override
  public void take(byte[] message) throws InvalidProtocolBufferException {
    if (service == null) {
      service = HealthCheckRequest.parseFrom(message).getService();
      look();
      timer = call.loop.vertx().setPeriodic(LOOK_MILLIS, id -> call.run(this::look));
    }
  }

  private void look() {
    if (call.hasRoom()) {
      call.ask(new Request.Status(), this::tell);
    }
  }

  private void tell(Reply reply) {
    ServingStatus status =
        reply instanceof Reply.Status of
            ? HealthService.status(service, of.status())
            : ServingStatus.NOT_SERVING;
    if (status != told) {
      told = status;
      BackwardWriter answer = new BackwardWriter(16).number(1, status.getNumber());
      call.send(answer);
    }
  }

  @Override
  public void write() {
    // A status is sent when it is seen.
  }

  @Override
  public void clientDone() {
    // It only listens from here on.
  }

  @Override
  public boolean isBusy() {
    return false;
  }

  @Override
  public void closed() {
    call.loop.vertx().cancelTimer(timer);
  }
}
