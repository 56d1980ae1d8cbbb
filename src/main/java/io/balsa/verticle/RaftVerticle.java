package io.balsa.verticle;

import io.balsa.bus.Addresses;
import io.balsa.engine.RaftInput;
import io.balsa.engine.RaftLoop;
import io.balsa.raft.message.Message;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;

/** Runs the raft loop of one member on an event loop, and ticks it. */
final class RaftVerticle extends VerticleBase {
  private static final long HAND_OVER_LOOK_MILLIS = 10;

  private final RaftLoop raft;
  private final Addresses addresses;
  private final long tickMillis;
  private final Handler<Throwable> failed;
  private Turns turns;

  RaftVerticle(RaftLoop raft, Addresses addresses, long tickMillis, Handler<Throwable> failed) {
    this.raft = raft;
    this.addresses = addresses;
    this.tickMillis = tickMillis;
    this.failed = failed;
  }

  @Override
  public Future<?> start() {
    turns = new Turns(context, raft::flush, failed);
    vertx
        .eventBus()
        .<RaftInput>localConsumer(
            addresses.raft(), message -> turns.take(() -> raft.handle(message.body())));
    turns.again();
    tickLater();
    return Future.succeededFuture();
  }

  // Each tick is set anew: after a pause of the process the ticks that it missed must not come all
  // at once, before the messages that came meanwhile, or it would campaign against a leader that is
  // well.
  private void tickLater() {
    vertx.setTimer(
        tickMillis,
        timer -> {
          turns.take(() -> raft.handle(new RaftInput.Tick()));
          tickLater();
        });
  }

  /** Hands leadership over first; the core gives up on that after an election timeout. */
  @Override
  public Future<?> stop() {
    Promise<Void> handedOver = Promise.promise();
    turns.take(() -> raft.handle(new RaftInput.TransferLeader(Message.NOBODY)));
    vertx.runOnContext(
        none -> {
          if (raft.isHandingOver()) {
            awaitHandOver(handedOver);
          } else {
            handedOver.complete();
          }
        });
    return handedOver.future().onComplete(done -> turns.end());
  }

  private void awaitHandOver(Promise<Void> handedOver) {
    vertx.setTimer(
        HAND_OVER_LOOK_MILLIS,
        timer -> {
          if (raft.isHandingOver()) {
            awaitHandOver(handedOver);
          } else {
            handedOver.complete();
          }
        });
  }
}
