package io.balsa.verticle.peer;

import io.balsa.engine.PeerInput;
import io.balsa.engine.entry.EntryAnswer;
import io.balsa.engine.entry.EntryGrants;
import io.balsa.engine.entry.EntryRequest;
import io.balsa.wire.proto.EnterRequest;
import io.balsa.wire.proto.EnterResponse;
import io.balsa.wire.proto.PeerGrpcService;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.grpc.common.GrpcHeaderNames;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.server.GrpcProtocol;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerOptions;
import io.vertx.grpc.server.GrpcServerRequest;
import io.vertx.grpc.server.GrpcServerResponse;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The socket on which the other members are served, and the one question that is answered on it
 * before there is a member: who may enter. A founder that waits for the others opens one for that
 * question alone, and closes it before its transport opens the next on the same port.
 */
public final class PeerPort {
  private static final Logger LOG = LoggerFactory.getLogger(PeerPort.class);
  // Of HTTP/2, not ours: a batch in fewer pieces costs the receiver less to put together.
  private static final int HTTP_FRAME_BYTES_MAX = 64 * 1024;
  private static final int STREAMS_PER_CONNECTION_MAX = 8;

  private final GrpcServer grpc;
  private final HttpServer server;

  PeerPort(Vertx vertx, PeerOptions options) {
    this.grpc =
        GrpcServer.server(
            vertx,
            new GrpcServerOptions()
                .removeEnabledProtocol(GrpcProtocol.WEB)
                .removeEnabledProtocol(GrpcProtocol.WEB_TEXT)
                .removeEnabledProtocol(GrpcProtocol.TRANSCODING)
                .setMaxMessageSize(frameBytesMax(options)));
    this.server =
        vertx
            .createHttpServer(httpOptions(options))
            .connectionHandler(connection -> connection.exceptionHandler(PeerPort::logFailure))
            .exceptionHandler(PeerPort::logFailure)
            .requestHandler(this::serve);
  }

  /**
   * Opens the port of a process that is no member yet.
   *
   * @param callee as what it answers
   */
  public static Future<PeerPort> open(
      Vertx vertx, PeerOptions options, EntryGrants grants, EntryGrants.Callee callee) {
    PeerPort port = new PeerPort(vertx, options);
    port.grant(vertx, grants, callee, () -> null);
    return port.listen().map(port);
  }

  /**
   * Answers who asks to enter.
   *
   * @param members gives null while they are not known
   */
  void grant(
      Vertx vertx,
      EntryGrants grants,
      EntryGrants.Callee callee,
      Supplier<PeerInput.Members> members) {
    answer(
        PeerGrpcService.Enter,
        (asked, response) -> {
          PeerInput.Members known = members.get();
          vertx
              .executeBlocking(() -> grants.answer(read(asked), callee, known), false)
              .onSuccess(answer -> end(response, write(answer)))
              .onFailure(failure -> unavailable(response, failure));
        });
  }

  private void serve(HttpServerRequest request) {
    String encoding = request.getHeader(GrpcHeaderNames.GRPC_ENCODING);
    if (encoding == null || encoding.equals("identity")) {
      grpc.handle(new PeerRequest(request));
      return;
    }
    // Members do not compress, and a few bytes of a stranger may stand for more than the heap.
    request
        .response()
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/grpc")
        .putHeader(GrpcHeaderNames.GRPC_STATUS, Integer.toString(GrpcStatus.UNIMPLEMENTED.code))
        .putHeader(GrpcHeaderNames.GRPC_MESSAGE, "no compression is supported")
        .end()
        .onComplete(none -> request.connection().shutdown(0, TimeUnit.SECONDS));
  }

  <Q, R> void handle(ServiceMethod<Q, R> method, Handler<GrpcServerRequest<Q, R>> handler) {
    grpc.callHandler(method, handler);
  }

  /** Serves calls of one question and one answer. */
  <Q, R> void answer(ServiceMethod<Q, R> method, BiConsumer<Q, GrpcServerResponse<Q, R>> answerer) {
    handle(
        method,
        request -> {
          boolean[] asked = {false};
          request.handler(
              question -> {
                if (!asked[0]) {
                  asked[0] = true;
                  answerer.accept(question, request.response());
                }
              });
          request.invalidMessageHandler(
              invalid -> {
                if (!asked[0]) {
                  asked[0] = true;
                  end(request.response(), GrpcStatus.INVALID_ARGUMENT, "malformed question");
                }
              });
          request.endHandler(
              none -> {
                if (!asked[0]) {
                  end(request.response(), GrpcStatus.INVALID_ARGUMENT, "no question");
                }
              });
        });
  }

  Future<?> listen() {
    return server.listen();
  }

  /** The port that is listened on. */
  int number() {
    return server.actualPort();
  }

  /** Ends what is under way. */
  public Future<Void> close() {
    return server.close();
  }

  /** A frame holds one large message or a batch, and the little that is around it. */
  static long frameBytesMax(PeerOptions options) {
    return options.messageBytesMax() + 1024L;
  }

  private static void unavailable(GrpcServerResponse<?, ?> response, Throwable failure) {
    LOG.warn("cannot answer who asks to enter reason={}", failure.getMessage());
    end(response, GrpcStatus.UNAVAILABLE, "promises cannot be kept now");
  }

  /** Answers, if the other end still waits for it. */
  static <R> void end(GrpcServerResponse<?, R> response, R answer) {
    tryTo(() -> response.end(answer));
  }

  /** Answers why there is no answer, if the other end still waits for it. */
  static void end(GrpcServerResponse<?, ?> response, GrpcStatus status, String reason) {
    tryTo(() -> response.status(status).statusMessage(reason).end());
  }

  // A response does not say whether it is over. If it is, by the caller or because what came was no
  // question, Vert.x throws the first; if the connection is, 5.0.7 throws the second.
  private static void tryTo(Runnable end) {
    try {
      end.run();
    } catch (IllegalStateException | NullPointerException nobodyWaits) {
      LOG.debug("nobody waits for the answer any more: {}", nobodyWaits.toString());
    }
  }

  private static EntryRequest read(EnterRequest asked) {
    return new EntryRequest(
        asked.getClusterId(), asked.getMemberId(), asked.getName(), asked.getNonce());
  }

  private static EnterResponse write(EntryAnswer answer) {
    return EnterResponse.newBuilder()
        .setMemberId(answer.from())
        .setReason(answer.reason())
        .setVerdict(
            switch (answer.verdict()) {
              case LATER -> EnterResponse.Verdict.LATER;
              case GRANTED -> EnterResponse.Verdict.GRANTED;
              case REFUSED -> EnterResponse.Verdict.REFUSED;
              case REMOVED -> EnterResponse.Verdict.REMOVED;
            })
        .build();
  }

  /** Failures of connections end their streams, which say so where it matters. */
  private static void logFailure(Throwable failure) {
    LOG.debug("connection of a peer failed: {}", failure.toString());
  }

  private static HttpServerOptions httpOptions(PeerOptions options) {
    int window = Math.max(65_535, options.messageBytesMax());
    HttpServerOptions http =
        new HttpServerOptions()
            .setHost(options.host())
            .setPort(options.port())
            .setTcpNoDelay(true)
            // Pings keep streams that say nothing alive; what does not even answer those goes.
            .setIdleTimeout(Math.toIntExact(4 * options.stallMillis()))
            .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
            .setHttp2ConnectionWindowSize(window)
            .setInitialSettings(
                new Http2Settings()
                    .setInitialWindowSize(window)
                    .setMaxFrameSize(HTTP_FRAME_BYTES_MAX)
                    .setMaxConcurrentStreams(STREAMS_PER_CONNECTION_MAX));
    options
        .tls()
        .ifPresent(
            tls ->
                http.setSsl(true)
                    .setUseAlpn(true)
                    .setKeyCertOptions(tls.key())
                    .setTrustOptions(tls.trust())
                    .setClientAuth(tls.clientAuth() ? ClientAuth.REQUIRED : ClientAuth.NONE));
    return http;
  }
}
