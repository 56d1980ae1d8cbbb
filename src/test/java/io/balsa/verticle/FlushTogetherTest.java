package io.balsa.verticle;

import static io.balsa.Held.held;
import static io.balsa.verticle.TestPeer.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.junit5.VertxExtension;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Answers of one turn of the event loop cost a system call together, not two each. */
@ExtendWith(VertxExtension.class)
class FlushTogetherTest {
  private static final int REQUESTS = 100;

  private final AtomicInteger flushes = new AtomicInteger();
  private final List<HttpServerResponse> waiting = new ArrayList<>(); // Its event loop's.

  private final class Counter extends ChannelDuplexHandler {
    @Override
    public void flush(ChannelHandlerContext context) {
      flushes.incrementAndGet();
      context.flush();
    }
  }

  @Test
  void answersOfOneTurnLeaveTogether(Vertx vertx) {
    HttpServer server =
        await(
            vertx
                .createHttpServer()
                .connectionHandler(this::connected)
                .requestHandler(request -> take(vertx, request))
                .listen(0, "127.0.0.1"));
    HttpClient client =
        held(
            vertx.createHttpClient(
                new HttpClientOptions()
                    .setProtocolVersion(HttpVersion.HTTP_2)
                    .setHttp2ClearTextUpgrade(false)));
    List<Future<Buffer>> answers = new ArrayList<>();
    for (int i = 0; i < REQUESTS; i++) {
      answers.add(
          client
              .request(HttpMethod.GET, server.actualPort(), "127.0.0.1", "/")
              .compose(request -> request.send().compose(HttpClientResponse::body)));
    }

    for (Future<Buffer> answer : answers) {
      assertThat(await(answer)).isEqualTo(Buffer.buffer("x"));
    }
    assertThat(flushes.get()).isBetween(1, 5);
  }

  private void connected(HttpConnection connection) {
    ApiVerticle.flushTogether(connection);
    ((ConnectionBase) connection).channelHandlerContext().pipeline().addFirst(new Counter());
  }

  private void take(Vertx vertx, HttpServerRequest request) {
    waiting.add(request.response());
    if (waiting.size() == REQUESTS) {
      vertx.runOnContext(
          none -> {
            flushes.set(0);
            waiting.forEach(response -> response.end("x"));
          });
    }
  }
}
