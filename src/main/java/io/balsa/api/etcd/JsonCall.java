package io.balsa.api.etcd;

import com.google.protobuf.InvalidProtocolBufferException;
import io.balsa.api.etcd.StatusException.Code;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;

/** A unary call as JSON over HTTP. */
final class JsonCall extends UnaryCall {
  private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");

  private final EtcdLoop loop;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final JsonGateway.Route route;

  JsonCall(EtcdLoop loop, HttpServerRequest request, JsonGateway.Route route) {
    super(loop, request, route.method());
    this.loop = loop;
    this.request = request;
    this.response = request.response();
    this.route = route;
  }

  @Override
  int bodyBytesMax() {
    return 2 * loop.messageBytesMax(); // Base64 takes four characters for three bytes.
  }

  @Override
  StatusException tooLarge(long bytes) {
    return Errors.tooLarge();
  }

  @Override
  byte[] message(Buffer body) {
    try {
      return route.read(body.toString());
    } catch (InvalidProtocolBufferException e) {
      throw new StatusException(Code.INVALID_ARGUMENT, e.getMessage());
    }
  }

  @Override
  long wantedMillis() {
    return 0;
  }

  @Override
  void write(BackwardWriter message) {
    response.putHeader(HttpHeaders.CONTENT_TYPE, JSON).end(route.write(message.toArray()));
  }

  @Override
  void write(StatusException status) {
    response
        .setStatusCode(httpStatus(status.code()))
        .putHeader(HttpHeaders.CONTENT_TYPE, JSON)
        .end(error(status).encode());
  }

  /** An error as etcd's gateways of all ages write it. */
  private static JsonObject error(StatusException status) {
    return new JsonObject()
        .put("error", status.getMessage())
        .put("message", status.getMessage())
        .put("code", status.code().number());
  }

  /** The status of HTTP that goes with one of gRPC. */
  static int httpStatus(Code code) {
    return switch (code) {
      case OK -> 200;
      case INVALID_ARGUMENT, OUT_OF_RANGE -> 400;
      case UNAUTHENTICATED -> 401;
      case PERMISSION_DENIED -> 403;
      case NOT_FOUND -> 404;
      case CANCELLED -> 408;
      case ALREADY_EXISTS, ABORTED -> 409;
      case FAILED_PRECONDITION -> 412;
      case RESOURCE_EXHAUSTED -> 429;
      case UNIMPLEMENTED -> 501;
      case UNAVAILABLE -> 503;
      case DEADLINE_EXCEEDED -> 504;
      case UNKNOWN, INTERNAL, DATA_LOSS -> 500;
    };
  }

  @Override
  void abort() {
    request.connection().close();
  }
}
