package io.balsa.verticle.peer;

import io.balsa.data.MalformedException;
import io.balsa.wire.Frame;
import io.balsa.wire.Wire;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.InvalidMessageException;
import io.vertx.grpc.common.MessageSizeOverflowException;
import io.vertx.grpc.server.GrpcServerRequest;
import io.vertx.grpc.server.GrpcServerResponse;
import java.util.Optional;
import java.util.function.LongPredicate;

/** The called end of one stream: shakes hands, then hands on frames, until it ends, once. */
final class InboundStream {
  /** What the owner hears; nothing after {@link #ended}. */
  interface Listener {
    /** The peer may talk to this member. */
    void opened(InboundStream stream);

    /**
     * The peer said something after its handshake.
     *
     * @param bytes the size of the frame
     * @throws MalformedException to refuse it, which ends the stream
     */
    void received(InboundStream stream, Frame frame, int bytes) throws MalformedException;

    /** It is over, whoever ended it; only after {@link #opened}. */
    void ended(InboundStream stream);
  }

  private final GrpcServerRequest<Buffer, Buffer> request;
  private final GrpcServerResponse<Buffer, Buffer> response;
  private final PeerOptions options;
  private final Warnings warnings;
  private final LongPredicate isRemoved;
  private final Listener listener;
  private Frame.Hello peer; // Null until the handshake.
  private boolean over;

  /**
   * @param isRemoved whether a member has been removed from the cluster
   */
  InboundStream(
      GrpcServerRequest<Buffer, Buffer> request,
      PeerOptions options,
      Warnings warnings,
      LongPredicate isRemoved,
      Listener listener) {
    this.request = request;
    this.response = request.response();
    this.options = options;
    this.warnings = warnings;
    this.isRemoved = isRemoved;
    this.listener = listener;
    // A stream may end in any of these ways, in some of them in more than one.
    request.exceptionHandler(failure -> end());
    request.errorHandler(error -> end());
    request.endHandler(none -> finish());
    request.invalidMessageHandler(this::tooLarge);
    response.exceptionHandler(failure -> end());
    request.handler(this::received);
  }

  /** Who is at the other end; after {@link Listener#opened}. */
  Frame.Hello peer() {
    return peer;
  }

  /** No frames until {@link #resume}; the peer is held up by flow control. */
  void pause() {
    request.pause();
  }

  void resume() {
    if (!over) {
      request.resume();
    }
  }

  void write(Frame frame) {
    if (over) {
      return;
    }
    try {
      response.write(Frames.encode(frame));
    } catch (IllegalStateException failedMeanwhile) {
      end();
    }
  }

  /** Ends the stream in peace. */
  void finish() {
    if (over) {
      return;
    }
    end();
    try {
      response.end();
    } catch (IllegalStateException failedMeanwhile) {
      // Then the peer is gone already.
    }
  }

  /** Tells the peer why and ends the stream. */
  void refuse(String reason) {
    refuse(new Frame.Refusal(reason), GrpcStatus.FAILED_PRECONDITION);
  }

  /** Tells the peer that it is no longer a member and ends the stream. */
  void refuseRemoved(long member) {
    String reason = "removed from the cluster: member " + Long.toHexString(member);
    refuse(new Frame.Refusal(reason, options.clusterId()), GrpcStatus.PERMISSION_DENIED);
  }

  private void refuse(Frame.Refusal refusal, GrpcStatus status) {
    if (over) {
      return;
    }
    warnings.warn("refused peer " + name() + ": " + refusal.reason());
    write(refusal);
    if (!over) {
      response.status(status).statusMessage(refusal.reason());
      finish();
    }
  }

  private void received(Buffer buffer) {
    if (over) {
      return;
    }
    try {
      Frame frame = Frames.decode(buffer);
      if (peer != null) {
        listener.received(this, frame, buffer.length());
      } else if (frame instanceof Frame.Hello hello) {
        greet(hello);
      } else {
        refuse("the first frame must be a hello");
      }
    } catch (MalformedException e) {
      refuse(e.getMessage());
    }
  }

  private void tooLarge(InvalidMessageException invalid) {
    if (invalid instanceof MessageSizeOverflowException overflow) {
      refuse(
          "frame too large: "
              + overflow.messageSize()
              + " > "
              + PeerPort.frameBytesMax(options)
              + " bytes");
    } else {
      refuse("malformed frame");
    }
  }

  private void greet(Frame.Hello hello) {
    Frame.Hello own =
        new Frame.Hello(
            Wire.VERSION, options.clusterId(), options.memberId(), options.name(), hello.from());
    Optional<String> mismatch = own.mismatch(hello);
    if (mismatch.isEmpty() && isRemoved.test(hello.from())) {
      refuseRemoved(hello.from()); // Without a hello, or it would count as connected for a moment.
      return;
    }
    write(own);
    if (mismatch.isPresent()) {
      refuse(mismatch.get() + " (" + hello.name() + ")");
      return;
    }
    peer = hello;
    listener.opened(this);
  }

  private void end() {
    if (!over) {
      over = true;
      if (peer != null) {
        listener.ended(this);
      }
    }
  }

  private String name() {
    return peer != null
        ? Long.toHexString(peer.from())
        : String.valueOf(request.connection().remoteAddress().host());
  }
}
