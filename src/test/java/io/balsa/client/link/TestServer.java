package io.balsa.client.link;

import static io.balsa.client.link.TestMembers.await;

import io.balsa.client.BalsaException;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** An HTTP server that answers as a test says, request by request; the last answer stays. */
final class TestServer implements AutoCloseable {
  static final Handler<HttpServerRequest> SILENT = request -> {};
  static final Handler<HttpServerRequest> CLOSES = request -> request.connection().close();
  static final Handler<HttpServerRequest> STOPS_IN_THE_MIDDLE =
      request ->
          request
              .response()
              .putHeader("content-length", "100")
              .write("{\"revision\":2,")
              .onComplete(none -> request.connection().close());
  static final Handler<HttpServerRequest> NOT_BALSA =
      request -> request.response().end("<html>welcome</html>");
  static final Handler<HttpServerRequest> NOT_BALSA_UNAVAILABLE =
      request -> request.response().setStatusCode(503).end("<html>no backend</html>");
  static final Handler<HttpServerRequest> WRITTEN =
      request -> request.response().end("{\"revision\":12,\"version\":3}");
  static final Handler<HttpServerRequest> FOUND =
      request ->
          request
              .response()
              .putHeader("etag", "\"12\"")
              .putHeader("balsa-version", "3")
              .putHeader("balsa-create-revision", "10")
              .end("found");

  final List<HttpServerRequest> requests = new CopyOnWriteArrayList<>();
  private final HttpServer server;

  @SafeVarargs
  TestServer(Vertx vertx, Handler<HttpServerRequest>... answers) {
    server =
        vertx
            .createHttpServer()
            .requestHandler(
                request -> {
                  requests.add(request);
                  int at = Math.min(requests.size(), answers.length) - 1;
                  request.body().onComplete(none -> answers[at].handle(request));
                });
    await(server.listen(0, "127.0.0.1"));
  }

  static Handler<HttpServerRequest> problem(int status, String kind, String outcome) {
    return request ->
        request
            .response()
            .setStatusCode(status)
            .putHeader("content-type", "application/problem+json")
            .end(
                "{\"type\":\"urn:balsa:problem:%s\",\"title\":\"t\",\"status\":%d,\"detail\":\"because of %s\",\"outcome\":\"%s\"}"
                    .formatted(kind, status, kind, outcome));
  }

  String url() {
    return "http://127.0.0.1:" + server.actualPort();
  }

  @Override
  public void close() {
    await(server.close());
  }

  /** With what a request fails. */
  static BalsaException failure(Future<?> future) {
    try {
      Object result = future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
      throw new AssertionError("succeeded with " + result);
    } catch (ExecutionException e) {
      return (BalsaException) e.getCause();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
