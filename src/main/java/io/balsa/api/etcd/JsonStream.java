package io.balsa.api.etcd;

import com.google.protobuf.InvalidProtocolBufferException;
import io.balsa.api.etcd.StatusException.Code;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;

/**
 * A streaming call as JSON over HTTP: objects one after the other in the body of the request, and a
 * line for each message in that of the response.
 */
final class JsonStream extends StreamCall {
  private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");

  private final JsonGateway.StreamRoute route;
  private final JsonObjects in = new JsonObjects();
  private boolean begun;
  private boolean malformed;

  JsonStream(
      EtcdLoop loop,
      OpenStreams streams,
      HttpServerRequest request,
      JsonGateway.StreamRoute route) {
    super(loop, streams, request);
    this.route = route;
  }

  @Override
  void feed(Buffer chunk) {
    in.feed(chunk);
  }

  @Override
  byte[] poll() {
    malformed = true; // Unless this comes to its end.
    String object = in.poll();
    if (object == null) {
      if (in.unread() > 2 * loop.messageBytesMax()) { // Base64: four characters for three bytes.
        throw Errors.tooLarge();
      }
      malformed = in.unread() > 0;
      return null;
    }
    try {
      byte[] message = JsonGateway.read(route.request(), object);
      malformed = false;
      return message;
    } catch (InvalidProtocolBufferException e) {
      throw new StatusException(Code.UNKNOWN, e.getMessage());
    }
  }

  @Override
  int unread() {
    return in.unread();
  }

  @Override
  void append(Buffer out, BackwardWriter message) {
    out.appendString("{\"result\":")
        .appendString(JsonGateway.write(route.response(), message.toArray()))
        .appendString("}\n");
  }

  @Override
  void head() {
    if (!begun) {
      begun = true;
      response.setChunked(true).putHeader(HttpHeaders.CONTENT_TYPE, JSON);
    }
  }

  /** As etcd's gateway: what cannot be read is told as for a unary call if it is the first word. */
  @Override
  Future<Void> end(Buffer rest, StatusException status) {
    if (status == null) {
      head();
      return response.end(rest);
    }
    int http = JsonCall.httpStatus(status.code());
    boolean first = !begun && rest.length() == 0;
    if (first) {
      response.setStatusCode(http);
    }
    head();
    if (first && malformed) {
      return response.end(JsonCall.error(status).encode());
    }
    JsonObject error =
        new JsonObject()
            .put("grpc_code", status.code().number())
            .put("http_code", http)
            .put("message", status.getMessage())
            .put("http_status", HttpResponseStatus.valueOf(http).reasonPhrase());
    return response.end(
        rest.appendString(new JsonObject().put("error", error).encode()).appendString("\n"));
  }

  @Override
  String metadata(String name) {
    return request.getHeader("Grpc-Metadata-" + name);
  }

  @Override
  void abort() {
    request.connection().close();
  }
}
