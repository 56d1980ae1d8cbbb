package io.balsa.api.eventbus;

import io.balsa.api.Admission;
import io.balsa.api.EventBusNames;
import io.balsa.api.Fields;
import io.balsa.api.Problem;
import io.balsa.api.ProblemException;
import io.balsa.client.WatchOptions;
import io.balsa.client.link.LocalLink;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Opens and closes watches, and looks after those that are open. */
final class WatchRequests {
  private final Vertx vertx;
  private final EventBusOptions options;
  private final LocalLink link;
  // A watch has its place until it is over and its events are answered.
  private final Admission admission;
  private final String control;
  private final Map<String, WatchDelivery> open = new LinkedHashMap<>();
  private boolean stopping;

  /** Whoever opens a watch is told to close it at {@code control}, which only this member has. */
  WatchRequests(
      Vertx vertx, EventBusOptions options, LocalLink link, Admission admission, String control) {
    this.vertx = vertx;
    this.options = options;
    this.link = link;
    this.admission = admission;
    this.control = control;
  }

  void take(Message<Object> message) {
    try {
      String op = new Headers(message.headers()).op();
      Fields fields = Bodies.fields(message.body());
      switch (op) {
        case "open" -> open(message, fields);
        case "close" -> close(message, fields);
        default ->
            throw ProblemException.invalid(
                "header op: found " + Problem.quote(op) + ", expected open or close");
      }
    } catch (ProblemException e) {
      Failures.answer(message, e);
    }
  }

  private void open(Message<Object> message, Fields fields) {
    String address = Bodies.address(fields, EventBusNames.OWN_PREFIX);
    WatchOptions wanted = Bodies.watch(fields);
    fields.end();
    if (stopping) {
      throw new ProblemException(Problem.stopping(false));
    }
    admission.enterWatch();
    String id = UUID.randomUUID().toString();
    WatchDelivery delivery =
        new WatchDelivery(
            vertx,
            options,
            id,
            address,
            wanted.getFrom(),
            () -> open.remove(id),
            admission::leaveWatch);
    open.put(id, delivery);
    link.as(options.credentials(new Headers(message.headers()).token()))
        .watch(wanted, delivery)
        .onSuccess(
            inPlace -> {
              message.reply(
                  new JsonObject().put(EventBusNames.WATCH_ID, id).put("control", control));
              delivery.open(inPlace, System.nanoTime());
            })
        .onFailure(
            failure -> {
              delivery.close();
              Failures.answer(message, failure);
            });
  }

  private void close(Message<Object> message, Fields fields) {
    String id = fields.text(EventBusNames.WATCH_ID);
    fields.end();
    WatchDelivery delivery = open.get(id);
    if (delivery != null) {
      delivery.close();
    }
    message.reply(new JsonObject().put("closed", delivery != null));
  }

  /** Time has passed. */
  void tick() {
    long nowNanos = System.nanoTime();
    List.copyOf(open.values()).forEach(delivery -> delivery.tick(nowNanos));
  }

  /** Takes no more watches, and ends those that are open. */
  void stop() {
    stopping = true;
    List.copyOf(open.values()).forEach(delivery -> delivery.ended("the member is stopping"));
  }
}
