package io.balsa.verticle;

import static io.balsa.Held.held;

import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/** A call to the peer service whose bytes are what the test says, framed or not. */
final class RawCall {
  final AtomicReference<MultiMap> headers = new AtomicReference<>();
  private final AtomicReference<MultiMap> trailers = new AtomicReference<>();
  private final AtomicBoolean over = new AtomicBoolean();
  private final Vertx vertx;
  private final HttpClientRequest request;

  private RawCall(Vertx vertx, HttpClientRequest request) {
    this.vertx = vertx;
    this.request = request;
    request.exceptionHandler(reset -> over.set(true));
    request
        .response()
        .onFailure(reset -> over.set(true))
        .onSuccess(
            response -> {
              headers.set(response.headers());
              response.exceptionHandler(reset -> over.set(true));
              response.endHandler(
                  none -> {
                    trailers.set(response.trailers());
                    over.set(true);
                  });
              response.resume();
            });
  }

  /**
   * Opens a call.
   *
   * @param headers beside those of every call, names and values in turn
   */
  static RawCall to(Vertx vertx, TestPeer peer, String method, String... headers) {
    HttpClientRequest request = request(vertx, peer.port(), method);
    for (int i = 0; i < headers.length; i += 2) {
      request.putHeader(headers[i], headers[i + 1]);
    }
    request.setChunked(true);
    return new RawCall(vertx, request);
  }

  /** The request of a call, on a connection of its own. */
  static HttpClientRequest request(Vertx vertx, int port, String method) {
    HttpClientAgent client =
        held(
            vertx.createHttpClient(
                new HttpClientOptions()
                    .setProtocolVersion(HttpVersion.HTTP_2)
                    .setHttp2ClearTextUpgrade(false)));
    return TestPeer.await(
            client.request(HttpMethod.POST, port, "127.0.0.1", "/balsa.peer.v1.Peer/" + method))
        .putHeader("content-type", "application/grpc")
        .putHeader("te", "trailers");
  }

  void write(Buffer bytes) {
    send(() -> request.write(bytes));
  }

  void end() {
    send(request::end);
  }

  private void send(Runnable sending) {
    vertx.runOnContext(
        none -> {
          try {
            sending.run();
          } catch (IllegalStateException ended) {
            over.set(true); // By the server, before all was sent.
          }
        });
  }

  /** The status of the call, null if it has none; once it is over. */
  String status() {
    String early = headers.get().get("grpc-status");
    return early != null || trailers.get() == null ? early : trailers.get().get("grpc-status");
  }

  /** Closes the connection. */
  void close() {
    TestPeer.await(request.connection().shutdown(0, TimeUnit.SECONDS));
  }

  /** Whether the server, or the connection, has ended it. */
  boolean isOver() {
    return over.get();
  }
}
