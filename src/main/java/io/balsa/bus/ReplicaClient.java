package io.balsa.bus;

import io.balsa.engine.ReplicaInput;
import io.balsa.engine.request.Answers;
import io.balsa.engine.request.Call;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.engine.request.WatchEvent;
import io.balsa.mvcc.command.KeyRange;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A client of the replica in the same JVM, for one verticle: it sends all requests of one turn of
 * the event loop as one message. Confined to the context that made it.
 */
public final class ReplicaClient {
  private static final AtomicLong NUMBERS = new AtomicLong();

  private final Vertx vertx;
  private final Context context;
  private final String replica;
  private final String answers;
  private final MessageConsumer<Answers> consumer;
  private final Map<Long, Promise<Reply>> waiting = new HashMap<>();
  private final Map<Long, Handler<WatchEvent>> watches = new HashMap<>();
  private List<Call> turn = new ArrayList<>();
  private Answers.Header header;
  private long nextNumber;

  /** Must be called on the event-loop context that it will be used from. */
  public ReplicaClient(Vertx vertx, Addresses addresses) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.replica = addresses.replica();
    this.answers = addresses.answers(NUMBERS.incrementAndGet());
    this.consumer = vertx.eventBus().localConsumer(answers, message -> take(message.body()));
  }

  /**
   * Asks the replica. The future always succeeds: a refusal is a reply.
   *
   * @param timeoutMillis after which the replica answers with {@link Reply.Refused}
   */
  public Future<Reply> call(Request request, long timeoutMillis) {
    Promise<Reply> promise = Promise.promise();
    long number = ++nextNumber;
    waiting.put(number, promise);
    enqueue(new Call(number, timeoutMillis, request));
    return promise.future();
  }

  /**
   * Opens a watch whose events come to {@code handler} in order; one of the ending kinds is the
   * last.
   *
   * @param creditBytes how much may come before {@link Watch#credit} is called
   */
  public Watch watch(
      KeyRange keys,
      long startRevision,
      boolean previous,
      long creditBytes,
      Handler<WatchEvent> handler) {
    long number = ++nextNumber;
    watches.put(number, handler);
    enqueue(
        new Call(
            number, 0, new Request.WatchOpen(number, keys, startRevision, previous, creditBytes)));
    return new Watch(number);
  }

  /** What came with the newest replies; null before the first. */
  public Answers.Header header() {
    return header;
  }

  /** Tells the replica that nobody waits here any more. */
  public Future<Void> close() {
    Addresses.send(vertx, replica, new ReplicaInput.ClientGone(answers));
    return consumer.unregister();
  }

  private void enqueue(Call call) {
    if (turn.isEmpty()) {
      context.runOnContext(none -> flush());
    }
    turn.add(call);
  }

  private void flush() {
    List<Call> calls = turn;
    turn = new ArrayList<>();
    Addresses.send(vertx, replica, new ReplicaInput.Calls(answers, calls));
  }

  private void take(Answers batch) {
    header = batch.header();
    for (Answers.Answer answer : batch.answers()) {
      Promise<Reply> promise = waiting.remove(answer.number());
      if (promise != null) {
        promise.complete(answer.reply());
      }
    }
    for (WatchEvent event : batch.events()) {
      Handler<WatchEvent> handler =
          event.isLast() ? watches.remove(event.watch()) : watches.get(event.watch());
      if (handler != null) {
        handler.handle(event);
      }
    }
  }

  /** An open watch. */
  public final class Watch {
    private final long number;

    private Watch(long number) {
      this.number = number;
    }

    /** The client took {@code bytes}: as many may be sent anew. */
    public void credit(long bytes) {
      if (watches.containsKey(number)) {
        enqueue(new Call(++nextNumber, 0, new Request.WatchCredit(number, bytes)));
      }
    }

    /** Asks how far the watch is: progress is told as soon as it has all changes it wants. */
    public void progress() {
      if (watches.containsKey(number)) {
        enqueue(new Call(++nextNumber, 0, new Request.WatchProgress(number)));
      }
    }

    /** No more events are wanted. */
    public void close() {
      if (watches.remove(number) != null) {
        enqueue(new Call(++nextNumber, 0, new Request.WatchClose(number)));
      }
    }
  }
}
