package io.balsa.verticle;

import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Verticles on one event loop, so that what they send each other wakes no other thread. Stopped the
 * other way round than they came.
 */
final class SharedLoop extends VerticleBase {
  private final Deque<Deployable> verticles = new ArrayDeque<>();

  /** Deploys one more, once this is deployed. Any thread. */
  Future<Void> deploy(Deployable verticle) {
    Promise<Void> deployed = Promise.promise();
    context.runOnContext(none -> start(verticle).<Void>mapEmpty().onComplete(deployed));
    return deployed.future();
  }

  private Future<?> start(Deployable verticle) {
    try {
      return verticle.deploy(context).onSuccess(done -> verticles.push(verticle));
    } catch (Exception e) {
      return Future.failedFuture(e);
    }
  }

  @Override
  public Future<?> stop() {
    Future<?> stopped = Future.succeededFuture();
    for (Deployable verticle : verticles) {
      stopped = stopped.eventually(() -> stop(verticle));
    }
    return stopped;
  }

  private Future<?> stop(Deployable verticle) {
    try {
      return verticle.undeploy(context);
    } catch (Exception e) {
      return Future.failedFuture(e);
    }
  }
}
