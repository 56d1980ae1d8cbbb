package io.balsa.client.link;

import io.balsa.client.WatchEvent;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.TimeUnit;

/**
 * A watch whose events are an answer that goes on. On one context.
 *
 * <p>An event is delivered only if it fits into the window; as long as it does not, nothing is read
 * from the connection, so that the member holds what follows, and cuts the watch off if need be.
 */
final class HttpWatch implements Link.OpenWatch {
  private static final long CANCEL = 8; // RFC 9113 §7.
  private static final int CHECKS_PER_SILENCE = 4;

  private final Vertx vertx;
  private final HttpClientRequest request;
  private final HttpClientResponse response;
  private final HttpLimits limits;
  private final Link.WatchSink sink;
  private final SseParser parser;
  private final Promise<Link.OpenWatch> opening = Promise.promise();
  private SseEvent next; // Does not fit into the window yet.
  private long outstandingBytes; // Delivered, and not given back.
  private long heardNanos = System.nanoTime();
  private String endReason; // Of the connection, as soon as it has ended.
  private long timer;
  private boolean opened;
  private boolean paused;
  private boolean delivering;
  private boolean ended;

  HttpWatch(
      Vertx vertx,
      HttpClientRequest request,
      HttpClientResponse response,
      HttpLimits limits,
      Link.WatchSink sink) {
    this.vertx = vertx;
    this.request = request;
    this.response = response;
    this.limits = limits;
    this.sink = sink;
    this.parser = new SseParser(limits.eventBytesMax());
  }

  /**
   * Begins to read; must be called at once.
   *
   * @return completes at the first event; fails if the watch ends before
   */
  Future<Link.OpenWatch> open() {
    response.handler(
        chunk -> {
          heardNanos = System.nanoTime();
          parser.feed(chunk);
          deliver();
        });
    response.exceptionHandler(cause -> connectionEnded(Attempt.reason(cause)));
    response.endHandler(none -> connectionEnded("the member has ended the watch"));
    timer =
        vertx.setPeriodic(
            Math.max(1, limits.silenceMillis() / CHECKS_PER_SILENCE), none -> checkSilence());
    return opening.future();
  }

  @Override
  public void credit(long bytes) {
    outstandingBytes -= bytes;
    deliver();
  }

  @Override
  public void close() {
    if (!ended) {
      end();
    }
  }

  private void connectionEnded(String reason) {
    if (endReason == null) {
      endReason = reason;
      deliver();
    }
  }

  private void checkSilence() {
    long silentMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - heardNanos);
    if (!paused && silentMillis > limits.silenceMillis()) {
      connectionEnded("nothing was heard for " + silentMillis + " ms");
    }
  }

  private void deliver() {
    if (delivering || ended) { // From within a call of the sink: the loop below goes on.
      return;
    }
    delivering = true;
    for (Runnable delivery = nextDelivery(); delivery != null; delivery = nextDelivery()) {
      delivery.run();
    }
    delivering = false;
    if (next == null && endReason != null) {
      endWith(endReason);
    }
    pauseOrResume();
  }

  /** What the next event asks for; null if there is none that fits into the window. */
  private Runnable nextDelivery() {
    try {
      if (ended || !hasNext() || !fits(next)) {
        return null;
      }
      SseEvent event = next;
      next = null;
      return delivery(event);
    } catch (RuntimeException e) { // Too long, not JSON, or fields missing or of other types.
      endWith("the watch cannot be read: " + Attempt.reason(e));
      return null;
    }
  }

  private boolean hasNext() {
    if (next == null) {
      next = parser.next();
    }
    return next != null;
  }

  private boolean fits(SseEvent event) {
    return outstandingBytes == 0
        || outstandingBytes + event.data().length() <= limits.windowBytes();
  }

  private void pauseOrResume() {
    boolean full = next != null || outstandingBytes >= limits.windowBytes();
    if (ended || full == paused) {
      return;
    }
    paused = full;
    if (full) {
      response.pause();
    } else {
      heardNanos = System.nanoTime(); // Nothing could be heard meanwhile.
      response.resume();
    }
  }

  private Runnable delivery(SseEvent event) {
    JsonObject data = new JsonObject(event.data());
    switch (event.type()) {
      case "change" -> {
        WatchEvent change = new WatchEvent(data);
        return () -> changed(change, event.data().length());
      }
      case "progress" -> {
        long revision = data.getLong("revision");
        return () -> progressed(revision, event.id() != null);
      }
      case "compacted" -> {
        long revision = data.getLong("compactRevision");
        return () -> endWith(() -> sink.compacted(revision));
      }
      case "slow" -> {
        long resumeFrom = data.getLong("resumeFrom");
        return () -> endWith(() -> sink.slow(resumeFrom));
      }
      case "denied" -> {
        String kind = data.getString("kind", "permission-denied");
        Fault fault = Fault.refused(data.getInteger("status"), kind, data.getString("detail"));
        return () -> endWith(fault);
      }
      default -> {
        return () -> {}; // Of a later version.
      }
    }
  }

  private void changed(WatchEvent change, int bytes) {
    begin();
    if (!ended) {
      outstandingBytes += bytes;
      sink.changed(change, bytes);
    }
  }

  private void progressed(long revision, boolean exact) {
    begin();
    if (exact && !ended) {
      sink.progress(revision);
    }
  }

  private void endWith(Runnable lastCall) {
    begin();
    if (end()) {
      lastCall.run();
    }
  }

  /** The member answers in events: the watch is in place, if it was not before. */
  private void begin() {
    if (!opened) {
      opened = true;
      opening.complete(this);
    }
  }

  private void endWith(Fault denied) {
    if (end()) {
      if (opened) {
        sink.denied(denied.asRefused());
      } else {
        opening.fail(new FaultException(denied));
      }
    }
  }

  private void endWith(String reason) {
    if (end()) {
      if (opened) {
        sink.ended(reason);
      } else {
        opening.fail(reason);
      }
    }
  }

  /** Ends it, if it has not ended. */
  private boolean end() {
    if (ended) {
      return false;
    }
    ended = true;
    vertx.cancelTimer(timer);
    request.reset(CANCEL);
    return true;
  }
}
