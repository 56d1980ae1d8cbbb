package io.balsa;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;

/**
 * A member as a verticle, for applications that deploy by name: its JSON configuration is that of
 * {@link BalsaOptions}. Deployed when the member serves; undeploying stops it in order.
 */
public final class BalsaVerticle extends VerticleBase {
  private Balsa balsa;

  @Override
  public Future<?> start() {
    return Balsa.start(vertx, new BalsaOptions(config())).onSuccess(started -> balsa = started);
  }

  @Override
  public Future<?> stop() {
    return balsa.stop();
  }
}
