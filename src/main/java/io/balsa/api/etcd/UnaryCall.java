package io.balsa.api.etcd;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.balsa.api.Patience;
import io.balsa.api.etcd.StatusException.Code;
import io.balsa.engine.request.Answers;
import io.balsa.engine.request.Refusal;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.mvcc.auth.AuthQuery;
import io.balsa.mvcc.auth.Credentials;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * One unary call, by whichever way it came. Whatever happens, the client gets an answer or a closed
 * stream, and what was taken from {@link io.balsa.api.Admission} is returned.
 */
abstract class UnaryCall implements Patience.Arrival {
  private final EtcdLoop loop;
  private final HttpServerRequest request;
  private final Patience.Client client;
  private final UnaryMethod method;
  private final long startNanos = System.nanoTime();
  private Buffer body;
  private boolean several;
  private long held;
  private boolean admitted;
  private boolean isLong;
  private Runnable atEnd = () -> {};
  private boolean over;

  UnaryCall(EtcdLoop loop, HttpServerRequest request, UnaryMethod method) {
    this.loop = loop;
    this.request = request;
    this.client = loop.patience().of(request.connection());
    this.method = method;
    client.begin();
  }

  // ---- What the ways differ in

  /** The longest body that is taken. */
  abstract int bodyBytesMax();

  /** What a longer one is told. */
  abstract StatusException tooLarge(long bytes);

  /** The message that a whole body is; null for none. */
  abstract byte[] message(Buffer body);

  /** Writes an answer, to a client that is there. */
  abstract void write(BackwardWriter message);

  /** Writes an error, to a client that is there. */
  abstract void write(StatusException status);

  /** How long the client waits, in milliseconds; 0 for as long as it takes. */
  abstract long wantedMillis();

  // ---- What a method may do

  /** How long the client waits at most, in milliseconds. */
  final long timeoutMillis() {
    long limit = loop.options().requestTimeoutMillis();
    long wanted = wantedMillis();
    return wanted == 0 ? limit : Math.min(wanted, limit);
  }

  /** What came with the reply that is being handled. */
  final Answers.Header header() {
    return loop.replica().header();
  }

  /** Who calls. */
  final Credentials credentials() {
    return loop.credentials(request);
  }

  /**
   * Goes on if who calls may do what only root may, as {@code Maintenance} asks for it: with a
   * status and a text of its own.
   */
  final void askRoot(Runnable then) {
    askAdmin(refused -> true, then);
  }

  /** Goes on unless there is a token that is not good, as the alarms ask for it. */
  final void askKnown(Runnable then) {
    askAdmin(refused -> refused.refusal() == Refusal.TOKEN_INVALID, then);
  }

  private void askAdmin(Predicate<Reply.Refused> counts, Runnable then) {
    ask(
        new Request.AuthLook(new AuthQuery.Admin()),
        reply -> {
          if (reply instanceof Reply.Refused refused && counts.test(refused)) {
            throw Errors.ofMaintenance(refused);
          }
          then.run();
        });
  }

  /** Has a step run when the call is over: answered, or its client gone. */
  final void whenOver(Runnable step) {
    atEnd = step;
    request.response().closeHandler(none -> settle());
  }

  /** Whether nobody waits for an answer any more. */
  final boolean isOver() {
    return over;
  }

  /** The call may take long from here on: it counts as a watch, and its request is forgotten. */
  final void waitLong() {
    loop.admission().enterWatch();
    isLong = true;
    loop.admission().leaveRequest();
    loop.admission().release(held);
    held = 0;
  }

  /** Who waits; others may wait on the same connection. */
  final HttpConnection connection() {
    return request.connection();
  }

  /** Shows on a connection where nothing happens that the call goes on. */
  final void showLife() {
    if (request.version() == HttpVersion.HTTP_2) {
      request.connection().ping(Buffer.buffer(new byte[8]));
    } else if (request.version() == HttpVersion.HTTP_1_1) {
      request.response().writeContinue();
    }
  }

  /** Asks the replica for anything; a refusal is a reply like others. */
  final void ask(Request asked, Consumer<Reply> then) {
    loop.replica()
        .call(asked, timeoutMillis(), credentials())
        .onSuccess(reply -> run(() -> then.accept(reply)));
  }

  /** Asks the replica; a refusal ends the call. */
  final <T extends Reply> void ask(Request asked, Class<T> kind, Consumer<T> then) {
    ask(
        asked,
        reply -> {
          if (reply instanceof Reply.Refused refused) {
            throw Errors.of(refused);
          }
          then.accept(kind.cast(reply));
        });
  }

  /** Answers; without effect if the client is gone. */
  final void reply(BackwardWriter message) {
    if (settle()) {
      write(message);
    }
  }

  /** Answers with a message of the generated classes. */
  final void reply(Message message) {
    reply(new BackwardWriter(message.getSerializedSize()).raw(message.toByteArray()));
  }

  /** Ends the call with an error; without effect if the client is gone. */
  final void fail(StatusException status) {
    if (settle()) {
      write(status);
      if (!request.isEnded()) {
        request.handler(null).resume();
      }
    }
  }

  /** Runs a step; a failure becomes the answer. */
  final void run(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      fail(Errors.of(e, request.path()));
    }
  }

  // ---- From the first byte to the last

  /** Reads the request and serves it. */
  final void begin() {
    run(
        () -> {
          loop.admission().enterRequest();
          admitted = true;
          loop.patience().expect(this);
          request.exceptionHandler(failure -> settle());
          request.handler(chunk -> run(() -> add(chunk)));
          request.endHandler(none -> run(this::complete));
        });
  }

  private void add(Buffer chunk) {
    if (over) {
      return;
    }
    long length = chunk.length() + (body == null ? 0L : body.length());
    if (length > bodyBytesMax()) {
      throw tooLarge(length);
    }
    loop.admission().hold(chunk.length());
    held += chunk.length();
    if (body == null) {
      body = chunk; // One chunk, the usual case, is not copied.
    } else if (several) {
      body.appendBuffer(chunk);
    } else {
      body = Buffer.buffer(Math.toIntExact(2 * length)).appendBuffer(body).appendBuffer(chunk);
      several = true;
    }
  }

  private void complete() {
    if (over) {
      return;
    }
    loop.patience().forget(this);
    byte[] message = message(body == null ? Buffer.buffer() : body);
    body = null;
    try {
      method.serve(this, message);
    } catch (InvalidProtocolBufferException e) {
      throw new StatusException(
          Code.INTERNAL, "grpc: error unmarshalling request: " + e.getMessage());
    }
  }

  @Override
  public final long startNanos() {
    return startNanos;
  }

  @Override
  public final void late() {
    if (settle()) {
      abort();
    }
  }

  /** Ends the stream or connection without an answer. */
  abstract void abort();

  /** Returns what was taken, once; whether there is still somebody to answer. */
  private boolean settle() {
    if (over) {
      return false;
    }
    over = true;
    body = null;
    client.end();
    loop.patience().forget(this);
    loop.admission().release(held);
    if (isLong) {
      loop.admission().leaveWatch();
    } else if (admitted) {
      loop.admission().leaveRequest();
    }
    atEnd.run();
    HttpServerResponse response = request.response();
    return !response.closed() && !response.ended();
  }
}
