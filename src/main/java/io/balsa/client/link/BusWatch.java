package io.balsa.client.link;

import io.balsa.api.EventBusNames;
import io.balsa.client.Change;
import io.balsa.client.KeyValue;
import io.balsa.client.OutcomeUnknownException;
import io.balsa.client.RefusedException;
import io.balsa.client.WatchEvent;
import io.balsa.client.WatchOptions;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * A watch over the event bus, at an address of its own. An event is answered when its bytes were
 * given back, so that the member holds the changes which are not read here.
 */
final class BusWatch implements Link.OpenWatch {
  private static final long SILENCE_MILLIS = 30_000; // The member has something to say every 10 s.
  private static final long EVENT_BYTES = 64;

  /** An event whose bytes are not given back. */
  private record Unread(Message<JsonObject> message, long bytes) {}

  private final Vertx vertx;
  private final Context context;
  private final WatchOptions options;
  private final Link.WatchSink sink;
  private final Consumer<BusWatch> onEnd;
  private final Promise<Link.OpenWatch> opened = Promise.promise();
  private final String address = "balsa-client." + UUID.randomUUID();
  private final Deque<Unread> unread = new ArrayDeque<>();
  private MessageConsumer<JsonObject> consumer;
  private BusCall opening;
  private String id;
  private String control; // Null until the member has answered.
  private long creditBytes; // Given back, but not enough to answer the next event.
  private long nextRevision; // Above what was handed to the sink.
  private long silenceTimer;
  private boolean over;

  BusWatch(Vertx vertx, WatchOptions options, Link.WatchSink sink, Consumer<BusWatch> onEnd) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.options = options;
    this.sink = sink;
    this.onEnd = onEnd;
    this.nextRevision = options.getFrom();
  }

  /** Must be called on the context of the watch. */
  Future<Link.OpenWatch> open(long timeoutMillis) {
    consumer =
        vertx.isClustered()
            ? vertx.eventBus().consumer(address)
            : vertx.eventBus().localConsumer(address);
    // The event bus gives each message a context of its own on the same thread.
    consumer.handler(message -> context.runOnContext(none -> take(message)));
    heard();
    // Each try at once would be a watch of its own at the same address: so it is tried once, but
    // again where it was refused.
    opening =
        new BusCall(
            vertx,
            EventBusNames.WATCH,
            "open",
            options.toJson().put("address", address),
            null,
            BusCall.Effect.EACH_TIME,
            timeoutMillis);
    consumer
        .completion()
        .compose(registered -> opening.start())
        .onSuccess(this::inPlace)
        .onFailure(
            failure -> {
              end();
              opened.tryFail(refused(failure));
            });
    return opened.future();
  }

  /** A watch that may be in place somewhere finds nobody here, and ends. */
  private static Throwable refused(Throwable failure) {
    return failure instanceof OutcomeUnknownException unknown
        ? new RefusedException(unknown.status(), unknown.kind(), unknown.getMessage())
        : failure;
  }

  private void inPlace(JsonObject answer) {
    control = answer.getString("control");
    id = answer.getString(EventBusNames.WATCH_ID);
    if (over) { // Closed before the member had answered.
      tellClosed();
    } else {
      opened.tryComplete(this);
    }
  }

  private void take(Message<JsonObject> message) {
    if (over) {
      return;
    }
    heard();
    opened.tryComplete(this); // Events may overtake the answer.
    JsonObject body = message.body();
    switch (String.valueOf(message.headers().get(EventBusNames.EVENT))) {
      case "change" -> changed(message, new WatchEvent(body));
      case "progress" -> {
        long revision = body.getLong("revision");
        nextRevision = Math.max(nextRevision, revision + 1);
        message.reply(null);
        sink.progress(revision);
      }
      case "compacted" -> {
        end();
        sink.compacted(body.getLong("compactRevision"));
      }
      case "slow" -> {
        end();
        sink.slow(Math.max(nextRevision, body.getLong("resumeFrom")));
      }
      case "ended" -> {
        end();
        ended(body);
      }
      default -> message.reply(null); // A sign of life.
    }
  }

  private void ended(JsonObject body) {
    String reason = body.getString("reason");
    if (body.containsKey("status")) {
      sink.denied(new RefusedException(body.getInteger("status"), body.getString("kind"), reason));
    } else {
      sink.ended(reason);
    }
  }

  private void changed(Message<JsonObject> message, WatchEvent event) {
    nextRevision = event.revision() + 1;
    long bytes = EVENT_BYTES;
    for (Change change : event.changes()) {
      bytes += bytes(change.item()) + (change.previous() == null ? 0 : bytes(change.previous()));
    }
    unread.addLast(new Unread(message, bytes));
    sink.changed(event, bytes);
  }

  private static long bytes(KeyValue item) {
    return EVENT_BYTES + item.key().length() + item.value().length();
  }

  @Override
  public void credit(long bytes) {
    creditBytes += bytes;
    while (!unread.isEmpty() && unread.peekFirst().bytes() <= creditBytes) {
      Unread read = unread.removeFirst();
      creditBytes -= read.bytes();
      read.message().reply(null);
    }
  }

  @Override
  public void close() {
    if (!over) {
      end();
      if (control != null) {
        tellClosed();
      }
    }
  }

  /** The link is closed. Any thread. */
  void abort() {
    context.runOnContext(
        none -> {
          boolean wasOpen = opened.future().succeeded() && !over;
          opening.abort();
          close();
          if (wasOpen) {
            sink.ended("the client is closed");
          }
        });
  }

  private void tellClosed() {
    vertx
        .eventBus()
        .send(
            control,
            new JsonObject().put(EventBusNames.WATCH_ID, id),
            new DeliveryOptions().addHeader(EventBusNames.OP, "close"));
  }

  private void heard() {
    vertx.cancelTimer(silenceTimer);
    silenceTimer =
        vertx.setTimer(
            SILENCE_MILLIS,
            timer -> {
              if (opened.future().isComplete() && !over) {
                close();
                sink.ended("nothing heard for " + SILENCE_MILLIS + " ms");
              }
            });
  }

  private void end() {
    over = true;
    unread.clear();
    vertx.cancelTimer(silenceTimer);
    consumer.unregister();
    onEnd.accept(this);
  }
}
