package io.balsa.api.eventbus;

import io.balsa.api.EventBusNames;
import io.balsa.client.RefusedException;
import io.balsa.client.WatchEvent;
import io.balsa.client.link.Link;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;

/**
 * Delivers the events of one watch to its consumer, in order, each as a request that the consumer
 * answers when it has taken the event. Events wait here as the store's own values, no more of them
 * than the link has credit for, and become JSON when they are sent.
 */
final class WatchDelivery implements Link.WatchSink {
  private static final long NANOS_PER_MILLI = 1_000_000;

  /**
   * An event that waits to be sent.
   *
   * @param next where a watch would begin that has taken all up to this event; 0 for as before
   */
  private record Waiting(
      String kind, Supplier<JsonObject> body, long next, long bytes, boolean isLast) {}

  /** An event that was sent; its content is not held any more. */
  private static final class Sent {
    final long next;
    final long bytes;
    boolean isAnswered;

    Sent(Waiting event) {
      this.next = event.next();
      this.bytes = event.bytes();
    }
  }

  private final Vertx vertx;
  private final EventBusOptions options;
  private final String id;
  private final String address;
  private final Runnable onEnd;
  private final Runnable onFree;
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private final Deque<Sent> unanswered = new ArrayDeque<>(); // The first is not answered.
  private Link.OpenWatch watch; // Null until the watch is in place.
  private long next; // Where a watch would begin that has taken all that is answered.
  private int requests; // Whose end is not known yet; they outlive the watch.
  private long heardNanos; // When the consumer answered last, or had nothing to answer.
  private long sentNanos;
  private boolean ended;
  private boolean freed;

  /**
   * A delivery that begins once {@link #open} is called.
   *
   * @param from the first revision wanted, 0 for whatever comes
   * @param onEnd is called when the watch is over
   * @param onFree is called when nothing of it is left, which may be later
   */
  WatchDelivery(
      Vertx vertx,
      EventBusOptions options,
      String id,
      String address,
      long from,
      Runnable onEnd,
      Runnable onFree) {
    this.vertx = vertx;
    this.options = options;
    this.id = id;
    this.address = address;
    this.next = from;
    this.onEnd = onEnd;
    this.onFree = onFree;
  }

  /** The watch is in place: what comes may be sent. */
  void open(Link.OpenWatch inPlace, long nowNanos) {
    watch = inPlace;
    heardNanos = nowNanos;
    sentNanos = nowNanos;
    if (ended) { // The member began to stop meanwhile.
      watch.close();
    }
    send();
  }

  @Override
  public void changed(WatchEvent event, long bytes) {
    beginAt(event.revision());
    add(new Waiting("change", event::toJson, event.revision() + 1, bytes, false));
  }

  @Override
  public void progress(long revision) {
    beginAt(revision + 1);
    if (!waiting.isEmpty() && waiting.peekLast().kind().equals("progress")) {
      waiting.removeLast(); // The later one says it all.
    }
    add(new Waiting("progress", () -> number("revision", revision), revision + 1, 0, false));
  }

  @Override
  public void compacted(long compactRevision) {
    add(new Waiting("compacted", () -> number("compactRevision", compactRevision), 0, 0, true));
  }

  @Override
  public void slow(long resumeFrom) {
    beginAt(resumeFrom);
    cutOff();
  }

  @Override
  public void denied(RefusedException why) {
    endWith(
        "ended",
        new JsonObject()
            .put("reason", why.getMessage())
            .put("status", why.status())
            .put("kind", why.kind()));
  }

  @Override
  public void ended(String reason) {
    endWith("ended", new JsonObject().put("reason", reason));
  }

  /** Ends the watch because its consumer wants no more. */
  void close() {
    end();
  }

  /** Time has passed. */
  void tick(long nowNanos) {
    if (ended || watch == null) {
      return;
    }
    long stallNanos = options.stallMillis() * NANOS_PER_MILLI;
    if (!unanswered.isEmpty() && nowNanos - heardNanos >= stallNanos) {
      cutOff();
    } else if (unanswered.isEmpty() && nowNanos - sentNanos >= stallNanos) {
      add(new Waiting("alive", JsonObject::new, 0, 0, false));
    }
  }

  /** A watch of whatever comes begins with what comes first. */
  private void beginAt(long revision) {
    if (next == 0) {
      next = revision;
    }
  }

  private static JsonObject number(String name, long value) {
    return new JsonObject().put(name, value);
  }

  private void add(Waiting event) {
    if (!ended) {
      waiting.addLast(event);
      send();
    }
  }

  private void send() {
    while (!ended && watch != null && !waiting.isEmpty()) {
      if (waiting.peekFirst().isLast()) {
        Waiting last = waiting.removeFirst();
        endWith(last.kind(), last.body().get());
      } else if (unanswered.size() < options.windowMessages()) {
        send(waiting.removeFirst());
      } else {
        return;
      }
    }
  }

  private void send(Waiting event) {
    sentNanos = System.nanoTime();
    if (unanswered.isEmpty()) {
      heardNanos = sentNanos;
    }
    Sent sent = new Sent(event);
    unanswered.addLast(sent);
    requests++;
    vertx
        .eventBus()
        .request(
            address,
            event.body().get(),
            delivery(event.kind()).setSendTimeout(options.eventTimeoutMillis()))
        .onComplete(
            done -> {
              requests--;
              if (done.succeeded()) {
                answered(sent);
              } else {
                notTaken(done.cause());
              }
              freeIfOver();
            });
  }

  private DeliveryOptions delivery(String event) {
    return new DeliveryOptions()
        .setLocalOnly(!options.clustered())
        .addHeader(EventBusNames.WATCH_ID, id)
        .addHeader(EventBusNames.EVENT, event);
  }

  private void answered(Sent sent) {
    sent.isAnswered = true;
    heardNanos = System.nanoTime();
    long bytes = 0;
    while (!unanswered.isEmpty() && unanswered.peekFirst().isAnswered) {
      Sent taken = unanswered.removeFirst();
      bytes += taken.bytes;
      next = Math.max(next, taken.next);
    }
    if (!ended) {
      if (bytes > 0) {
        watch.credit(bytes);
      }
      send();
    }
  }

  private void notTaken(Throwable failure) {
    if (ended) {
      return;
    }
    if (failure instanceof ReplyException reply
        && reply.failureType() == ReplyFailure.NO_HANDLERS) {
      end(); // Nobody is there who could be told.
    } else {
      cutOff();
    }
  }

  /** Tells the consumer that it is too slow: what it has not answered comes again from there. */
  private void cutOff() {
    endWith("slow", number("resumeFrom", next));
  }

  private void endWith(String kind, JsonObject lastWord) {
    if (!ended) {
      vertx.eventBus().send(address, lastWord, delivery(kind));
      end();
    }
  }

  private void end() {
    if (!ended) {
      ended = true;
      waiting.clear();
      if (watch != null) {
        watch.close();
      }
      onEnd.run();
      freeIfOver();
    }
  }

  private void freeIfOver() {
    if (ended && requests == 0 && !freed) {
      freed = true;
      onFree.run();
    }
  }
}
