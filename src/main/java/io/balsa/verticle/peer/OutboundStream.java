package io.balsa.verticle.peer;

import io.balsa.data.MalformedException;
import io.balsa.wire.Frame;
import io.netty.channel.ConnectTimeoutException;
import io.vertx.core.AsyncResult;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.client.GrpcClientResponse;
import io.vertx.grpc.common.ServiceMethod;
import java.net.ConnectException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The calling end of one stream to one member, on a connection of its own: dialled, then shaken
 * hands, then open, until it ends, once. Pings the other end, so that a peer that vanished without
 * a word is noticed although TCP would wait for minutes.
 */
final class OutboundStream {
  /** What the owner hears; nothing after {@link #ended}. */
  interface Listener {
    /** The other end is who it should be: frames may be written. */
    void opened();

    /** The other end said something after its handshake. */
    void received(Frame frame);

    /** There is room again after {@link OutboundStream#isFull} said there was none. */
    void drained();

    /**
     * It is over. Not called when the owner closes the stream itself.
     *
     * @param reason for people
     */
    void ended(Cause cause, String reason);
  }

  /** Why a stream ended: how much a new attempt can hope for. */
  enum Cause {
    /** The connection, or the other end. */
    FAILURE,
    /** Nobody listens there: if somebody did a moment ago, that process has ended. */
    ABSENCE,
    /** The ends do not fit: a new attempt will hardly do better. */
    REFUSAL,
    /** The other end knows that the log of our cluster removed this member: it is over for good. */
    REMOVAL;

    /** Whether the other end did not answer at all, and may do so at any time. */
    boolean isSilence() {
      return this == FAILURE || this == ABSENCE;
    }
  }

  private static final Buffer PING = Buffer.buffer(new byte[8]);

  private final Vertx vertx;
  private final Frame.Hello hello;
  private final Listener listener;
  private final long timer;
  private HttpClientConnection connection;
  private GrpcClientRequest<Buffer, Buffer> request;
  private boolean answered; // Since the timer fired last.
  private boolean open;
  private boolean over;

  /** Begins to dial. The listener is called later, never from within the constructor. */
  OutboundStream(
      Vertx vertx,
      Dialer dialer,
      ServiceMethod<Buffer, Buffer> method,
      String url,
      Frame.Hello hello,
      long stallMillis,
      Listener listener) {
    this.vertx = vertx;
    this.hello = hello;
    this.listener = listener;
    this.answered = true;
    this.timer = vertx.setPeriodic(stallMillis, id -> checkAlive(stallMillis));
    vertx.runOnContext(none -> dialer.dial(url).onComplete(dialled -> connected(dialled, method)));
  }

  /** Whether frames may be written. */
  boolean isOpen() {
    return open && !over;
  }

  /** Whether the owner should wait for {@link Listener#drained} before it writes more. */
  boolean isFull() {
    return request.writeQueueFull();
  }

  /** Hands a frame to the connection. Must be open. */
  void write(Buffer frame) {
    if (over) {
      return;
    }
    try {
      request
          .write(frame)
          .onFailure(failure -> end(Cause.FAILURE, "write failed: " + text(failure)));
    } catch (IllegalStateException failedMeanwhile) {
      end(Cause.FAILURE, "write failed: " + text(failedMeanwhile));
    }
  }

  /** Ends the stream and its connection; the listener hears no more. */
  void close() {
    if (over) {
      return;
    }
    over = true;
    vertx.cancelTimer(timer);
    if (connection != null) {
      hangUp(connection);
    }
  }

  private void connected(
      AsyncResult<HttpClientConnection> dialled, ServiceMethod<Buffer, Buffer> method) {
    if (dialled.failed()) {
      Throwable failure = dialled.cause();
      boolean refused =
          failure instanceof ConnectException && !(failure instanceof ConnectTimeoutException);
      end(refused ? Cause.ABSENCE : Cause.FAILURE, "connect failed: " + text(failure));
      return;
    }
    connection = dialled.result();
    if (over) {
      hangUp(connection);
      return;
    }
    connection.closeHandler(none -> end(Cause.FAILURE, "connection closed"));
    connection.exceptionHandler(
        failure -> end(Cause.FAILURE, "connection failed: " + text(failure)));
    GrpcClient.client(vertx, connection)
        .request(clientSide(method))
        .onFailure(failure -> end(Cause.FAILURE, "request failed: " + text(failure)))
        .onSuccess(this::greet);
  }

  private void greet(GrpcClientRequest<Buffer, Buffer> stream) {
    if (over) {
      return;
    }
    request = stream;
    stream.exceptionHandler(failure -> end(Cause.FAILURE, "stream failed: " + text(failure)));
    stream.drainHandler(
        none -> {
          if (isOpen()) {
            listener.drained();
          }
        });
    stream
        .response()
        .onFailure(failure -> end(Cause.FAILURE, "no response: " + text(failure)))
        .onSuccess(this::listen);
    write(Frames.encode(hello));
  }

  private void listen(GrpcClientResponse<Buffer, Buffer> response) {
    response.exceptionHandler(failure -> end(Cause.FAILURE, "stream failed: " + text(failure)));
    response.errorHandler(error -> end(Cause.FAILURE, "stream failed: " + error));
    response.endHandler(
        none ->
            end(
                Cause.FAILURE,
                "stream ended: " + response.status() + " " + response.statusMessage()));
    response.handler(this::received);
  }

  private void received(Buffer buffer) {
    if (over) {
      return;
    }
    answered = true;
    Frame frame;
    try {
      frame = Frames.decode(buffer);
    } catch (MalformedException e) {
      end(Cause.REFUSAL, "malformed answer: " + e.getMessage());
      return;
    }
    if (frame instanceof Frame.Refusal refusal) {
      end(
          refusal.removes(hello.clusterId()) ? Cause.REMOVAL : Cause.REFUSAL,
          "refused by the peer: " + refusal.reason());
    } else if (open) {
      listener.received(frame);
    } else if (frame instanceof Frame.Hello other) {
      Optional<String> mismatch = hello.mismatch(other);
      if (mismatch.isPresent()) {
        end(Cause.REFUSAL, mismatch.get());
      } else {
        open = true;
        listener.opened();
      }
    } else {
      end(Cause.REFUSAL, "the peer did not begin with a hello");
    }
  }

  private void checkAlive(long stallMillis) {
    if (!answered) {
      end(Cause.FAILURE, "no answer for " + stallMillis + " ms");
      return;
    }
    answered = false;
    if (open) {
      connection.ping(PING).onSuccess(pong -> answered = true);
    }
  }

  private void end(Cause cause, String reason) {
    if (!over) {
      close();
      listener.ended(cause, reason);
    }
  }

  /** At once: a plain close waits for streams, whose bytes may never be taken by the peer. */
  private static void hangUp(HttpClientConnection connection) {
    connection.shutdown(0, TimeUnit.SECONDS);
  }

  private static ServiceMethod<Buffer, Buffer> clientSide(ServiceMethod<Buffer, Buffer> method) {
    return ServiceMethod.client(
        method.serviceName(), method.methodName(), method.encoder(), method.decoder());
  }

  /** What a failure says, on one line. */
  static String text(Throwable failure) {
    return failure.getMessage() == null
        ? failure.getClass().getSimpleName()
        : failure.getMessage().lines().findFirst().orElse("");
  }
}
