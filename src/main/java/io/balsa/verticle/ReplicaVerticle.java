package io.balsa.verticle;

import io.balsa.bus.Addresses;
import io.balsa.engine.Replica;
import io.balsa.engine.ReplicaInput;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.VerticleBase;

/** Runs the replica of one member on an event loop, and tells it the time. */
final class ReplicaVerticle extends VerticleBase {
  private final Replica replica;
  private final Addresses addresses;
  private final long tickMillis;
  private final Handler<Throwable> failed;
  private Turns turns;

  ReplicaVerticle(
      Replica replica, Addresses addresses, long tickMillis, Handler<Throwable> failed) {
    this.replica = replica;
    this.addresses = addresses;
    this.tickMillis = tickMillis;
    this.failed = failed;
  }

  @Override
  public Future<?> start() {
    turns = new Turns(context, this::flush, failed);
    vertx
        .eventBus()
        .<ReplicaInput>localConsumer(addresses.replica(), message -> take(message.body()));
    vertx.setPeriodic(tickMillis, timer -> take(new ReplicaInput.Tick()));
    turns.again();
    return Future.succeededFuture();
  }

  private void take(ReplicaInput input) {
    turns.take(() -> replica.handle(input, System.nanoTime()));
  }

  private void flush() {
    replica.flush();
    if (replica.hasMoreWork()) {
      turns.again();
    }
  }

  @Override
  public Future<?> stop() {
    turns.take(() -> replica.handle(new ReplicaInput.Stop(), System.nanoTime()));
    turns.end();
    return Future.succeededFuture();
  }
}
