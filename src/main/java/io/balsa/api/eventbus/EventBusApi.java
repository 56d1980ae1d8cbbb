package io.balsa.api.eventbus;

import io.balsa.api.Admission;
import io.balsa.api.EventBusNames;
import io.balsa.bus.Addresses;
import io.balsa.bus.ReplicaClient;
import io.balsa.client.link.LocalLink;
import io.balsa.engine.request.Leadership;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** The event-bus API of one member. Confined to the event-loop context on which it is started. */
public final class EventBusApi {
  private final Vertx vertx;
  private final EventBusOptions options;
  private final Addresses addresses;
  private final List<MessageConsumer<?>> consumers = new ArrayList<>();
  private ReplicaClient replica;
  private LocalLink link;
  private KvRequests kv;
  private WatchRequests watches;
  private StatusEvents status;

  /** The API of the member at {@code addresses}, which must be running. */
  public EventBusApi(Vertx vertx, EventBusOptions options, Addresses addresses) {
    this.vertx = vertx;
    this.options = options;
    this.addresses = addresses;
  }

  /** Completes when requests are taken, by the whole cluster's event bus if so wanted. */
  public Future<Void> start() {
    Context context = vertx.getOrCreateContext();
    Promise<Void> started = Promise.promise();
    LocalLink.open(vertx, addresses, options.requestTimeoutMillis(), options.requestBytesMax())
        .onSuccess(
            opened ->
                context.runOnContext(none -> serve(opened).<Void>mapEmpty().onComplete(started)));
    return started.future();
  }

  private Future<?> serve(LocalLink opened) {
    link = opened;
    Admission admission =
        new Admission(options.requestsMax(), options.heldBytesMax(), options.watchesMax());
    kv = new KvRequests(options, link, admission);
    String control = EventBusNames.WATCH + "." + UUID.randomUUID();
    watches = new WatchRequests(vertx, options, link, admission, control);
    replica = new ReplicaClient(vertx, addresses);
    status = new StatusEvents(vertx, options.clustered());
    EventBus bus = vertx.eventBus();
    consumers.add(
        bus.<Leadership>localConsumer(
            addresses.leadership(), message -> status.changed(message.body())));
    replica
        .call(new Request.Status(), options.requestTimeoutMillis())
        .onSuccess(
            reply -> {
              if (reply instanceof Reply.Status found) {
                status.found(found.status());
              }
            });
    vertx.setPeriodic(Math.max(1, options.stallMillis() / 10), timer -> watches.tick());
    return Future.all(
        List.of(
            consume(EventBusNames.KV, kv::take),
            consume(EventBusNames.WATCH, watches::take),
            consume(control, watches::take)));
  }

  private Future<Void> consume(String address, Handler<Message<Object>> handler) {
    MessageConsumer<Object> consumer =
        options.clustered()
            ? vertx.eventBus().consumer(address, handler)
            : vertx.eventBus().localConsumer(address, handler);
    consumers.add(consumer);
    return consumer.completion();
  }

  /** Takes no more requests, ends the watches, and lets requests in flight finish for a while. */
  public Future<Void> stop() {
    watches.stop();
    List<Future<Void>> unregistered = consumers.stream().map(MessageConsumer::unregister).toList();
    Future<Void> drained = kv.drain();
    long timer = vertx.setTimer(options.drainMillis(), none -> kv.abandon());
    return Future.join(unregistered)
        .eventually(() -> drained)
        .onComplete(done -> vertx.cancelTimer(timer))
        .eventually(link::close)
        .eventually(replica::close)
        .mapEmpty();
  }
}
