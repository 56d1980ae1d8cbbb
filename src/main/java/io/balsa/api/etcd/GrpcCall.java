package io.balsa.api.etcd;

import io.balsa.api.ProblemException;
import io.balsa.api.etcd.StatusException.Code;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;

/**
 * A unary call as gRPC over HTTP/2 brings it: a stream with one message in each direction. Most
 * calls are of this kind, and this way costs a fraction of a general one.
 */
final class GrpcCall extends UnaryCall {
  static final CharSequence CONTENT_TYPE = HttpHeaders.createOptimized("application/grpc");
  static final CharSequence STATUS = HttpHeaders.createOptimized("grpc-status");
  static final CharSequence MESSAGE = HttpHeaders.createOptimized("grpc-message");
  private static final CharSequence TIMEOUT = HttpHeaders.createOptimized("grpc-timeout");
  private static final CharSequence OK = HttpHeaders.createOptimized("0");
  private static final int PREFIX_BYTES = 5;
  private static final int LONG_ANSWER_BYTES = 16 << 10;
  static final long HTTP2_CANCEL = 8; // RFC 9113 §7.

  private final EtcdLoop loop;
  private final HttpServerRequest request;
  private final HttpServerResponse response;

  GrpcCall(EtcdLoop loop, HttpServerRequest request, UnaryMethod method) {
    super(loop, request, method);
    this.loop = loop;
    this.request = request;
    this.response = request.response();
  }

  @Override
  int bodyBytesMax() {
    return loop.messageBytesMax() + PREFIX_BYTES;
  }

  @Override
  StatusException tooLarge(long bytes) {
    return new StatusException(
        Code.RESOURCE_EXHAUSTED,
        "grpc: received message larger than max (%d vs. %d)"
            .formatted(bytes - PREFIX_BYTES, loop.messageBytesMax()));
  }

  @Override
  byte[] message(Buffer body) {
    if (body.length() < PREFIX_BYTES) {
      throw new StatusException(Code.INTERNAL, "grpc: no message in the request");
    }
    if (body.getByte(0) != 0) {
      throw new StatusException(Code.UNIMPLEMENTED, "grpc: compressed messages are not taken");
    }
    if (body.getInt(1) != body.length() - PREFIX_BYTES) {
      throw new StatusException(Code.INTERNAL, "grpc: not one whole message in the request");
    }
    return body.getBytes(PREFIX_BYTES, body.length());
  }

  @Override
  long wantedMillis() {
    String wanted = request.getHeader(TIMEOUT);
    return wanted == null ? 0 : millis(wanted);
  }

  /** What {@code grpc-timeout} says: up to eight digits and a unit; 0 for what is not so. */
  static long millis(String timeout) {
    int last = timeout.length() - 1;
    if (last < 1 || last > 8) {
      return 0;
    }
    long value = 0;
    for (int i = 0; i < last; i++) {
      int digit = timeout.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return 0;
      }
      value = 10 * value + digit;
    }
    return switch (timeout.charAt(last)) {
      case 'H' -> value * 3_600_000;
      case 'M' -> value * 60_000;
      case 'S' -> value * 1_000;
      case 'm' -> value;
      case 'u' -> Math.max(1, value / 1_000);
      case 'n' -> Math.max(1, value / 1_000_000);
      default -> 0;
    };
  }

  @Override
  void write(BackwardWriter message) {
    Buffer frame = frame(message);
    if (frame.length() >= LONG_ANSWER_BYTES) {
      writeLong(frame);
      return;
    }
    head();
    if (response.writeQueueFull()) {
      response.drainHandler(none -> response.end(frame));
    } else {
      response.end(frame);
    }
  }

  private void head() {
    loop.metrics().unary(request.path(), Code.OK);
    response.putHeader(HttpHeaders.CONTENT_TYPE, CONTENT_TYPE).putTrailer(STATUS, OK);
  }

  /** Not ended before it is taken: a client that reads no answer would fill the memory. */
  private void writeLong(Buffer frame) {
    try {
      loop.admission().holdSlow(frame.length());
    } catch (ProblemException e) {
      write(Errors.of(e));
      return;
    }
    head();
    response
        .write(frame)
        .onComplete(
            written -> {
              loop.admission().settleSlow(frame.length());
              loop.admission().release(frame.length());
              if (written.succeeded()) {
                response.end();
              }
            });
  }

  private static Buffer frame(BackwardWriter message) {
    int length = message.length();
    message.raw(
        (byte) 0,
        (byte) (length >>> 24),
        (byte) (length >>> 16),
        (byte) (length >>> 8),
        (byte) length);
    byte[] array = message.array();
    int framed = message.length();
    return Buffer.buffer(framed).appendBytes(array, array.length - framed, framed);
  }

  @Override
  void write(StatusException status) {
    loop.metrics().unary(request.path(), status.code());
    refuse(response, status);
  }

  /** Answers with an error, and nothing else. */
  static void refuse(HttpServerResponse response, StatusException status) {
    response
        .putHeader(HttpHeaders.CONTENT_TYPE, CONTENT_TYPE)
        .putHeader(STATUS, Integer.toString(status.code().number()))
        .putHeader(MESSAGE, escape(status.getMessage()))
        .end();
  }

  @Override
  void abort() {
    response.reset(HTTP2_CANCEL);
  }

  /** As gRPC wants it: percent-encoded UTF-8. */
  static String escape(String text) {
    StringBuilder escaped = new StringBuilder(text.length());
    for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
      if (each >= ' ' && each <= '~' && each != '%') {
        escaped.append((char) each);
      } else {
        escaped.append("%%%02X".formatted(each & 0xff));
      }
    }
    return escaped.toString();
  }
}
