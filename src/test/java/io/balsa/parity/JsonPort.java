package io.balsa.parity;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.balsa.api.etcd.proto.etcdserverpb.WatchRequest;
import io.balsa.api.etcd.proto.etcdserverpb.WatchResponse;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.parsetools.RecordParser;
import java.util.List;
import java.util.stream.Collectors;

/** The JSON gateway of one member. */
final class JsonPort {
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().preservingProtoFieldNames().omittingInsignificantWhitespace();
  private static final int CONNECTIONS_MAX = 50; // Each watch stream takes one.
  private static final int LINE_BYTES_MAX = 64 << 20;

  private final Twins twins;
  private final HttpClient client;
  private final int port;

  /** An answer as it came. */
  record Response(int status, String type, Buffer body) {}

  JsonPort(Twins twins, int port) {
    this.twins = twins;
    this.client =
        twins.vertx().createHttpClient(new PoolOptions().setHttp1MaxSize(CONNECTIONS_MAX));
    this.port = port;
  }

  /** The JSON text of a message. */
  static String print(Message message) {
    try {
      return PRINTER.print(message);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  /** Sends a body, and reads all of the answer. */
  Future<Response> send(String path, String json) {
    return twins.onLoop(
        () ->
            open(path)
                .compose(request -> request.send(json))
                .compose(
                    response ->
                        response
                            .body()
                            .map(
                                body ->
                                    new Response(
                                        response.statusCode(),
                                        response.getHeader("content-type"),
                                        body))));
  }

  /** As a {@link WatchLine.Opener}: all that is sent is sent at once. */
  WatchLine watch(List<WatchRequest> first, WatchInbox inbox) {
    String body = first.stream().map(JsonPort::print).collect(Collectors.joining("\n"));
    HttpClientRequest call = Twins.await(twins.onLoop(() -> open("/v3/watch")));
    Twins.await(
        twins.onLoop(
            () -> {
              call.response()
                  .onFailure(failure -> inbox.fail(failure.toString()))
                  .onSuccess(response -> read(response, inbox));
              return call.end(body);
            }));
    return new WatchLine() {
      @Override
      public void send(WatchRequest request) {
        throw new UnsupportedOperationException();
      }

      @Override
      public void close() {
        Twins.await(twins.onLoop(() -> call.connection().close()));
      }
    };
  }

  private Future<HttpClientRequest> open(String path) {
    return client.request(HttpMethod.POST, port, "127.0.0.1", path);
  }

  private static void read(HttpClientResponse response, WatchInbox inbox) {
    String type = response.getHeader("content-type");
    if (response.statusCode() != 200 || !"application/json".equals(type)) {
      inbox.fail("status " + response.statusCode() + ", type " + type);
    }
    RecordParser lines = RecordParser.newDelimited("\n").maxRecordSize(LINE_BYTES_MAX);
    lines.handler(line -> add(line.toString(), inbox));
    response.handler(lines);
    response.exceptionHandler(failure -> inbox.fail(failure.toString()));
    response.endHandler(none -> inbox.fail("ended"));
  }

  /** A line must have the one form that a message has as JSON. */
  private static void add(String line, WatchInbox inbox) {
    try {
      JsonObject result = new JsonObject(line).getJsonObject("result");
      WatchResponse.Builder message = WatchResponse.newBuilder();
      JsonFormat.parser().merge(result.encode(), message);
      JsonObject again = new JsonObject().put("result", new JsonObject(print(message.build())));
      if (!again.equals(new JsonObject(line))) {
        inbox.fail("not the JSON of a message: " + line);
      }
      inbox.add(message.build());
    } catch (RuntimeException | InvalidProtocolBufferException e) {
      inbox.fail(e + " at " + line);
    }
  }
}
