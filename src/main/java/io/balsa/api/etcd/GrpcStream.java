package io.balsa.api.etcd;

import io.balsa.api.etcd.StatusException.Code;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

/** A streaming call as gRPC over HTTP/2 brings it. */
final class GrpcStream extends StreamCall {
  private static final int PREFIX_BYTES = 5;
  private static final long HTTP2_NO_ERROR = 0;

  private final InBytes in = new InBytes();
  private boolean begun;

  GrpcStream(EtcdLoop loop, OpenStreams streams, HttpServerRequest request) {
    super(loop, streams, request);
  }

  @Override
  void feed(Buffer chunk) {
    in.add(chunk);
  }

  @Override
  byte[] poll() {
    if (in.length() < PREFIX_BYTES) {
      return null;
    }
    if (in.at(0) != 0) {
      throw new StatusException(Code.UNIMPLEMENTED, "grpc: compressed messages are not taken");
    }
    long length = in.numberAt(1);
    if (length > loop.messageBytesMax()) {
      throw new StatusException(
          Code.RESOURCE_EXHAUSTED,
          "grpc: received message larger than max (%d vs. %d)"
              .formatted(length, loop.messageBytesMax()));
    }
    if (in.length() - PREFIX_BYTES < length) {
      return null;
    }
    in.skip(PREFIX_BYTES);
    return in.take((int) length);
  }

  @Override
  int unread() {
    return in.length();
  }

  @Override
  void append(Buffer out, BackwardWriter message) {
    int length = message.length();
    out.appendByte((byte) 0)
        .appendInt(length)
        .appendBytes(message.array(), message.array().length - length, length);
  }

  @Override
  void head() {
    if (!begun) {
      begun = true;
      response.putHeader(HttpHeaders.CONTENT_TYPE, GrpcCall.CONTENT_TYPE);
    }
  }

  @Override
  Future<Void> end(Buffer rest, StatusException status) {
    head();
    response.putTrailer(
        GrpcCall.STATUS, Integer.toString(status == null ? 0 : status.code().number()));
    if (status != null) {
      response.putTrailer(GrpcCall.MESSAGE, GrpcCall.escape(status.getMessage()));
    }
    return response
        .end(rest)
        .onSuccess(
            none -> {
              if (!request.isEnded()) {
                response.reset(HTTP2_NO_ERROR); // Nothing more is heard: RFC 9113 §8.1.
              }
            });
  }

  @Override
  String metadata(String name) {
    return request.getHeader(name);
  }

  @Override
  void abort() {
    response.reset(GrpcCall.HTTP2_CANCEL);
  }
}
