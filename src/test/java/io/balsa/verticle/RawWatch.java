package io.balsa.verticle;

import static io.balsa.verticle.RawBus.await;

import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A watch by somebody without a client. */
final class RawWatch {
  /** An event. */
  record Event(String kind, JsonObject body, Message<JsonObject> message) {
    void take() {
      message.reply("taken");
    }
  }

  final String address = "raw." + UUID.randomUUID();
  final MessageConsumer<JsonObject> consumer;
  private final RawBus bus;
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final boolean takes;
  String id;
  String control;

  private RawWatch(RawBus bus, boolean takes) {
    this.bus = bus;
    this.takes = takes;
    Vertx vertx = bus.vertx();
    consumer = vertx.eventBus().consumer(address);
    consumer.handler(this::take);
  }

  private void take(Message<JsonObject> message) {
    events.add(new Event(message.headers().get("event"), message.body(), message));
    if (takes) {
      message.reply(null);
    }
  }

  /** Answers each event as it comes. */
  static RawWatch open(RawBus bus, JsonObject wanted) throws Exception {
    return new RawWatch(bus, true).open(wanted);
  }

  /** Leaves the answers to the test. */
  static RawWatch unanswered(RawBus bus, JsonObject wanted) throws Exception {
    return new RawWatch(bus, false).open(wanted);
  }

  private RawWatch open(JsonObject wanted) throws Exception {
    await(consumer.completion());
    JsonObject opened =
        await(bus.request("balsa.watch", "open", wanted.copy().put("address", address)));
    id = opened.getString("watch");
    control = opened.getString("control");
    return this;
  }

  boolean close() throws Exception {
    return await(bus.request(control, "close", new JsonObject().put("watch", id)))
        .getBoolean("closed");
  }

  /** Events that nobody asked for yet. */
  int size() {
    return events.size();
  }

  Event next() throws InterruptedException {
    Event event = events.poll(30, TimeUnit.SECONDS);
    if (event == null) {
      throw new AssertionError("no event in 30 s");
    }
    if (!event.message().headers().get("watch").equals(id) && id != null) {
      throw new AssertionError("an event of watch " + event.message().headers().get("watch"));
    }
    return event;
  }

  /** The next event of this kind; others before it are passed over. */
  Event next(String kind) throws InterruptedException {
    Event event = next();
    while (!event.kind().equals(kind)) {
      event = next();
    }
    return event;
  }

  /** The revisions of the next changes. */
  List<Long> revisions(int count) throws InterruptedException {
    List<Long> revisions = new ArrayList<>();
    while (revisions.size() < count) {
      revisions.add(next("change").body().getLong("revision"));
    }
    return revisions;
  }
}
