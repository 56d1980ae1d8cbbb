package io.balsa.verticle;

import io.balsa.api.Admission;
import io.balsa.api.ApiOptions;
import io.balsa.api.Patience;
import io.balsa.api.etcd.EtcdApi;
import io.balsa.api.http.HttpApi;
import io.balsa.bus.Addresses;
import io.balsa.bus.PassThroughCodec;
import io.balsa.bus.ReplicaClient;
import io.balsa.data.Endpoint;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The client port of one member, on one event loop: HTTP/1.1 and HTTP/2 on the same port. All
 * instances listen on the same addresses and share the connections.
 */
public final class ApiVerticle extends VerticleBase {
  // A key of 4,096 bytes is 12 KiB when every byte is escaped.
  private static final int REQUEST_LINE_BYTES_MAX = 16 << 10;
  private static final int HEADERS_BYTES_MAX = 16 << 10;
  private static final long STREAMS_MAX = 2_048;
  private static final int FLUSHES_MAX = 256; // After so many it does not wait for the turn's end.

  private final ApiOptions options;
  private final Addresses addresses;
  private final List<HttpServer> servers = new ArrayList<>();
  private ReplicaClient replica;
  private Patience patience;
  private HttpApi http;
  private EtcdApi etcd;

  /** The client port of the member at {@code addresses}. */
  public ApiVerticle(ApiOptions options, Addresses addresses) {
    this.options = options;
    this.addresses = addresses;
  }

  @Override
  public Future<?> start() {
    PassThroughCodec.register(vertx);
    replica = new ReplicaClient(vertx, addresses);
    Admission admission =
        new Admission(options.maxRequests(), options.maxHeldBytes(), options.maxWatches());
    patience = new Patience(vertx, options.idleTimeoutMillis());
    http = new HttpApi(vertx, options, replica, admission, patience);
    etcd = new EtcdApi(vertx, options, replica, admission, patience);
    List<Future<HttpServer>> listening = new ArrayList<>();
    for (Endpoint address : options.listen()) {
      HttpServer server =
          vertx
              .createHttpServer(serverOptions(address.tls()))
              .connectionHandler(this::connected)
              .requestHandler(this::handle)
              .invalidRequestHandler(ApiVerticle::refuseMalformed);
      servers.add(server);
      listening.add(server.listen(address.port(), address.host()));
    }
    return Future.all(listening);
  }

  @Override
  public Future<?> stop() {
    http.stop();
    etcd.stop();
    patience.stop();
    List<Future<Void>> closing = new ArrayList<>();
    for (HttpServer server : servers) {
      closing.add(server.shutdown(options.drainMillis(), TimeUnit.MILLISECONDS));
    }
    return Future.join(closing).eventually(replica::close);
  }

  private void connected(HttpConnection connection) {
    AuthorityRepair.install(connection);
    flushTogether(connection);
    patience.of(connection);
  }

  /**
   * What is answered in one turn of the event loop leaves in one system call. Vert.x flushes each
   * head and each end of an answer, and a batch of entries that is applied answers hundreds.
   */
  static void flushTogether(HttpConnection connection) {
    ChannelHandlerContext context = ((ConnectionBase) connection).channelHandlerContext();
    context
        .pipeline()
        .addBefore(context.name(), null, new FlushConsolidationHandler(FLUSHES_MAX, true));
  }

  private void handle(HttpServerRequest request) {
    if (!etcd.serve(request)) {
      http.handle(request);
    }
  }

  /** The ports listened on once started, in the order of the options. */
  public List<Integer> ports() {
    return servers.stream().map(HttpServer::actualPort).toList();
  }

  private HttpServerOptions serverOptions(boolean secure) {
    HttpServerOptions server =
        new HttpServerOptions()
            .setMaxInitialLineLength(REQUEST_LINE_BYTES_MAX)
            .setMaxHeaderSize(HEADERS_BYTES_MAX)
            .setInitialSettings(
                new Http2Settings()
                    .setMaxConcurrentStreams(STREAMS_MAX)
                    .setMaxHeaderListSize(REQUEST_LINE_BYTES_MAX + HEADERS_BYTES_MAX))
            .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
            .setIdleTimeout(Math.toIntExact(options.idleTimeoutMillis()));
    if (secure) {
      ServerSSLOptions tls = options.tls();
      server
          .setSsl(true)
          .setUseAlpn(true)
          .setKeyCertOptions(tls.getKeyCertOptions())
          .setTrustOptions(tls.getTrustOptions())
          .setClientAuth(tls.getClientAuth())
          .setEnabledSecureTransportProtocols(tls.getEnabledSecureTransportProtocols());
    }
    return server;
  }

  /**
   * Answers what the HTTP decoder could not take, and closes: what follows cannot be understood.
   */
  private static void refuseMalformed(HttpServerRequest request) {
    Throwable cause = request.decoderResult().cause();
    if (cause instanceof TooLongHttpLineException) {
      HttpApi.refuseLongLine(request, REQUEST_LINE_BYTES_MAX);
    } else if (cause instanceof TooLongHttpHeaderException) {
      HttpApi.refuseLongHeaders(request, HEADERS_BYTES_MAX);
    } else {
      HttpApi.refuseMalformed(request);
    }
  }
}
