package io.balsa.api.http;

import io.balsa.api.Problem;
import io.balsa.bus.ReplicaClient;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.WatchEvent;
import io.balsa.mvcc.command.Change;
import io.balsa.mvcc.command.KeyRange;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * One watch as a stream of server-sent events, one event per revision.
 *
 * <p>Events wait here as the store's own values and become text only when the socket takes it. The
 * credit of an event goes back to the replica when its text is written out; so a client that does
 * not read holds up one window of changes and a part of text, and the replica cuts it off.
 */
final class WatchStream {
  private static final CharSequence EVENT_STREAM = HttpHeaders.createOptimized("text/event-stream");
  private static final CharSequence NO_STORE = HttpHeaders.createOptimized("no-store");
  private static final int OK = 200;
  private static final int PART_BYTES = 32 << 10;

  private final EventLoopState loop;
  private final Exchange exchange;
  private final HttpServerResponse response;
  private final long from;
  private final Consumer<WatchStream> onEnd;
  private final PacedResponse paced;
  private final JsonWriter text = new JsonWriter();
  private final Deque<WatchEvent> waiting = new ArrayDeque<>();
  private ReplicaClient.Watch watch;
  private long windowBytes;
  private WatchEvent.Changed current; // Of which some changes are written already.
  private int currentChanges;
  private long drainedBytes; // Written out, their credit not returned yet.
  private boolean scheduled;
  private boolean ended;

  /**
   * A stream that is not open yet.
   *
   * @param from the first revision wanted, 0 for whatever comes
   */
  WatchStream(EventLoopState loop, Exchange exchange, long from, Consumer<WatchStream> onEnd) {
    this.loop = loop;
    this.exchange = exchange;
    this.response = exchange.response();
    this.paced = new PacedResponse(response, () -> exchange.run(this::write));
    this.from = from;
    this.onEnd = onEnd;
  }

  void open(KeyRange keys, boolean previous) {
    response.setStatusCode(OK).setChunked(true);
    response.putHeader(HttpHeaders.CONTENT_TYPE, EVENT_STREAM);
    response.putHeader(HttpHeaders.CACHE_CONTROL, NO_STORE);
    response.closeHandler(none -> closed());
    response.exceptionHandler(failure -> closed());
    if (exchange.request().version() != HttpVersion.HTTP_1_0) {
      response.writeHead(); // The client shall see at once that it is connected.
    }
    exchange.client().begin(); // The stream goes on when the request is counted.
    exchange.settle(OK);
    windowBytes = loop.admission().lendWindow(loop.options().watchWindowBytes());
    watch =
        loop.replica()
            .watch(keys, from, previous, windowBytes, exchange.credentials(), this::receive);
    if (response.closed()) {
      closed(); // The client was gone before anybody listened for that.
    }
  }

  /** Ends the stream where it is; the client goes on elsewhere. */
  void end() {
    if (!ended) {
      ended = true;
      waiting.clear();
      watch.close();
      loop.admission().returnWindow(windowBytes);
      exchange.client().end();
      onEnd.accept(this);
      finish(response.end(text.take()));
    }
  }

  private void receive(WatchEvent event) {
    if (ended) {
      return;
    }
    if (event instanceof WatchEvent.Slow slow) {
      waiting.addLast(withoutWaiting(slow));
    } else {
      if (event instanceof WatchEvent.Progress
          && waiting.peekLast() instanceof WatchEvent.Progress) {
        waiting.removeLast(); // The later one says it all.
      }
      waiting.addLast(event);
    }
    if (!scheduled) {
      scheduled = true; // Once for all events of this turn.
      loop.vertx()
          .runOnContext(
              none -> {
                scheduled = false;
                paced.proceed();
              });
    }
  }

  /** Drops what a slow client did not take: it comes again when the client resumes from there. */
  private WatchEvent.Slow withoutWaiting(WatchEvent.Slow slow) {
    long resumeFrom = slow.resumeFrom();
    for (WatchEvent event : waiting) {
      if (event instanceof WatchEvent.Changed changed) {
        resumeFrom = Math.min(resumeFrom, changed.revision());
      }
    }
    waiting.clear();
    return new WatchEvent.Slow(slow.watch(), resumeFrom);
  }

  /** Writes as much as the socket takes. */
  private void write() {
    while (!ended && hasMore() && !isBlocked()) {
      long bytes = 0;
      while (!ended && hasMore() && text.size() < PART_BYTES) {
        bytes += current == null ? next(waiting.removeFirst()) : nextChange();
      }
      if (!ended) {
        long written = bytes;
        paced.write(text.take(), () -> returnCredit(written));
      }
    }
  }

  private boolean hasMore() {
    return current != null || !waiting.isEmpty();
  }

  /** Whether the socket is full; the last word to a slow client goes out all the same. */
  private boolean isBlocked() {
    boolean lastWord = current == null && waiting.peekFirst() instanceof WatchEvent.Slow;
    return !paced.hasRoom() && !lastWord;
  }

  /** Writes an event, or begins to; returns the credit of what is complete. */
  private long next(WatchEvent event) {
    if (event instanceof WatchEvent.Changed changed) {
      text.raw("id: " + changed.revision() + "\nevent: change\ndata: ");
      text.object();
      text.number("revision", changed.revision());
      text.array("changes");
      current = changed;
      currentChanges = 0;
      return nextChange();
    }
    if (event instanceof WatchEvent.Progress progress) {
      // Before the first revision wanted an id would make a resumed stream begin too early.
      boolean exact = progress.complete() && progress.revision() >= from - 1;
      number(
          exact ? "id: " + progress.revision() + "\n" : "",
          "progress",
          "revision",
          progress.revision());
    } else if (event instanceof WatchEvent.Compacted compacted) {
      number("", "compacted", "compactRevision", compacted.compactRevision());
      end();
    } else if (event instanceof WatchEvent.Slow slow) {
      number("", "slow", "resumeFrom", slow.resumeFrom());
      end();
    } else if (((WatchEvent.Ended) event).refusal() != null) {
      denied((WatchEvent.Ended) event);
      end();
    } else {
      end(); // The member stops: no event, the client resumes elsewhere.
    }
    return 0;
  }

  private void denied(WatchEvent.Ended event) {
    text.raw("event: denied\ndata: ");
    text.object();
    Problem problem = Problem.of(new Reply.Refused(event.refusal(), false, event.reason()));
    text.number("status", problem.status());
    text.text("kind", problem.kind());
    text.text("detail", problem.detail());
    text.endObject();
    text.raw("\n\n");
  }

  private long nextChange() {
    WatchEvent.Changed changed = current;
    while (currentChanges < changed.changes().size()) {
      change(changed.changes().get(currentChanges++));
      if (text.size() >= PART_BYTES && currentChanges < changed.changes().size()) {
        return 0;
      }
    }
    text.endArray();
    text.endObject();
    text.raw("\n\n");
    current = null;
    return changed.bytes();
  }

  private void change(Change change) {
    text.object();
    text.text("type", change.deletion() ? "delete" : "put");
    if (change.deletion()) {
      text.bytes("key", change.item().key());
      text.number("modRevision", change.item().modRevision());
    } else {
      ItemJson.fields(text, change.item(), false);
    }
    if (change.previous() != null) {
      text.object("previous");
      ItemJson.fields(text, change.previous(), false);
      text.endObject();
    }
    text.endObject();
  }

  private void number(String id, String event, String name, long value) {
    text.raw(id + "event: " + event + "\ndata: ");
    text.object();
    text.number(name, value);
    text.endObject();
    text.raw("\n\n");
  }

  private void returnCredit(long bytes) {
    drainedBytes += bytes;
    boolean idle = !hasMore();
    if (!ended && drainedBytes > 0 && (idle || drainedBytes >= windowBytes / 4)) {
      watch.credit(drainedBytes);
      drainedBytes = 0;
    }
  }

  /** A client that does not even take the end must not hold its connection for ever. */
  private void finish(Future<Void> written) {
    long timer =
        loop.vertx().setTimer(loop.options().idleTimeoutMillis(), none -> exchange.abort());
    written.onComplete(done -> loop.vertx().cancelTimer(timer));
  }

  private void closed() {
    if (!ended) {
      ended = true;
      waiting.clear();
      current = null;
      watch.close();
      loop.admission().returnWindow(windowBytes);
      exchange.client().end();
      onEnd.accept(this);
    }
  }
}
