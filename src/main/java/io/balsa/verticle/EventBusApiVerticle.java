package io.balsa.verticle;

import io.balsa.api.eventbus.EventBusApi;
import io.balsa.api.eventbus.EventBusOptions;
import io.balsa.bus.Addresses;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;

/** Serves the event bus for one member, on an event loop. */
final class EventBusApiVerticle extends VerticleBase {
  private final EventBusOptions options;
  private final Addresses addresses;
  private EventBusApi api;

  EventBusApiVerticle(EventBusOptions options, Addresses addresses) {
    this.options = options;
    this.addresses = addresses;
  }

  @Override
  public Future<?> start() {
    api = new EventBusApi(vertx, options, addresses);
    return api.start();
  }

  @Override
  public Future<?> stop() {
    return api.stop();
  }
}
