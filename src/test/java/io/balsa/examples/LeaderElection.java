package io.balsa.examples;

import io.balsa.client.BalsaClient;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;

/** A service of which several run, and one is active: another takes over when that one ends. */
final class LeaderElection extends VerticleBase {
  private final BalsaClient balsa;
  private final String name;
  private final Runnable activate;

  LeaderElection(BalsaClient balsa, String name, Runnable activate) {
    this.balsa = balsa;
    this.name = name;
    this.activate = activate;
  }

  @Override
  public Future<?> start() {
    campaign();
    return Future.succeededFuture(); // It is deployed as a standby.
  }

  private void campaign() {
    balsa
        .election("billing")
        .campaign(Buffer.buffer(name))
        .onSuccess(
            office -> {
              activate.run();
              // Lost, because this JVM stood still for too long: stand by again.
              office.ended().onFailure(lost -> campaign());
            });
  }
}
