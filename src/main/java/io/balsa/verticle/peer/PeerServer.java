package io.balsa.verticle.peer;

import io.balsa.data.MalformedException;
import io.balsa.engine.PeerInput;
import io.balsa.raft.message.Message;
import io.balsa.wire.Frame;
import io.balsa.wire.proto.DescribeRequest;
import io.balsa.wire.proto.DescribeResponse;
import io.balsa.wire.proto.PeerGrpcService;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.GrpcProtocol;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerOptions;
import io.vertx.grpc.server.GrpcServerResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listening side: takes message and snapshot streams of any member of this cluster, and tells
 * anybody who is in it. A member that is not known here is taken too, for this member may be the
 * last to learn of it, or be new itself; only one that is known to be removed is refused.
 */
final class PeerServer {
  private static final Logger LOG = LoggerFactory.getLogger(PeerServer.class);
  // Of HTTP/2, not ours: a batch in fewer pieces costs the receiver less to put together.
  private static final int HTTP_FRAME_BYTES_MAX = 64 * 1024;
  private static final int STREAMS_PER_CONNECTION_MAX = 8;

  private final PeerOptions options;
  private final HttpServer server;
  private final SnapshotDisk disk;
  private final Consumer<List<Message>> raft;
  private final LongFunction<Counters> counters;
  private final LongConsumer heardOf;
  private final Warnings warnings = new Warnings(LOG);
  private final Map<Long, InboundStream> messageStreams = new HashMap<>();
  private final Map<Long, SnapshotReceiver> snapshotReceivers = new HashMap<>();
  private PeerInput.Members members; // Null until the log has told.

  /**
   * @param raft takes the messages of one frame
   * @param counters gives those of a member
   * @param heardOf told of each member that connects
   */
  PeerServer(
      Vertx vertx,
      PeerOptions options,
      SnapshotDisk disk,
      Consumer<List<Message>> raft,
      LongFunction<Counters> counters,
      LongConsumer heardOf) {
    this.options = options;
    this.disk = disk;
    this.raft = raft;
    this.counters = counters;
    this.heardOf = heardOf;
    GrpcServer grpc =
        GrpcServer.server(
            vertx,
            new GrpcServerOptions()
                .removeEnabledProtocol(GrpcProtocol.WEB)
                .removeEnabledProtocol(GrpcProtocol.WEB_TEXT)
                .removeEnabledProtocol(GrpcProtocol.TRANSCODING)
                .setMaxMessageSize(frameBytesMax(options)));
    MessageStreams messages = new MessageStreams();
    SnapshotStreams snapshots = new SnapshotStreams();
    grpc.callHandler(
        Frames.MESSAGES,
        request -> new InboundStream(request, options, warnings, this::isRemoved, messages));
    grpc.callHandler(
        Frames.SNAPSHOTS,
        request -> new InboundStream(request, options, warnings, this::isRemoved, snapshots));
    grpc.callHandler(
        PeerGrpcService.Describe, request -> request.handler(none -> describe(request.response())));
    this.server =
        vertx
            .createHttpServer(httpOptions(options))
            .connectionHandler(connection -> connection.exceptionHandler(PeerServer::logFailure))
            .exceptionHandler(PeerServer::logFailure)
            .requestHandler(grpc);
  }

  Future<?> listen() {
    return server.listen();
  }

  /** Who is in the cluster now. Streams of removed members end. */
  void members(PeerInput.Members now) {
    members = now;
    for (long member : now.removed()) {
      InboundStream stream = messageStreams.get(member);
      if (stream != null) {
        stream.refuseRemoved(member);
      }
      SnapshotReceiver receiver = snapshotReceivers.get(member);
      if (receiver != null) {
        receiver.removed();
        snapshotReceivers.remove(member);
      }
    }
  }

  private boolean isRemoved(long member) {
    return members != null && members.removed().contains(member);
  }

  private void describe(GrpcServerResponse<DescribeRequest, DescribeResponse> response) {
    if (members == null) {
      response.status(GrpcStatus.UNAVAILABLE).statusMessage("not started yet").end();
      return;
    }
    response.end(
        new ClusterDescription(
                options.clusterId(), options.memberId(), members.members(), members.removed())
            .encoded());
  }

  /** The port that is listened on. */
  int port() {
    return server.actualPort();
  }

  Future<Void> close() {
    return server.close();
  }

  /** Failures of connections end their streams, which say so where it matters. */
  private static void logFailure(Throwable failure) {
    LOG.debug("connection of a peer failed: {}", failure.toString());
  }

  /** A frame holds one large message or a batch, and the little that is around it. */
  static long frameBytesMax(PeerOptions options) {
    return options.messageBytesMax() + 1024L;
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

  private final class MessageStreams implements InboundStream.Listener {
    @Override
    public void opened(InboundStream stream) {
      long member = stream.peer().from();
      InboundStream older = messageStreams.put(member, stream);
      if (older != null) {
        older.finish();
      }
      heardOf.accept(member);
    }

    @Override
    public void received(InboundStream stream, Frame frame, int bytes) throws MalformedException {
      if (!(frame instanceof Frame.Batch batch)) {
        throw new MalformedException(
            "message stream: frame out of order: " + frame.getClass().getSimpleName());
      }
      for (int i = 0; i < batch.messages().size(); i++) {
        check(stream.peer(), batch.messages().get(i));
      }
      Counters of = counters.apply(stream.peer().from());
      of.messagesReceived.addAndGet(batch.messages().size());
      of.bytesReceived.addAndGet(bytes);
      raft.accept(batch.messages());
    }

    @Override
    public void ended(InboundStream stream) {
      messageStreams.remove(stream.peer().from(), stream);
    }

    private void check(Frame.Hello peer, Message message) throws MalformedException {
      if (message instanceof Message.InstallSnapshot) {
        throw new MalformedException("message stream: a snapshot must come on its own stream");
      }
      checkEnds(peer, message);
    }
  }

  private final class SnapshotStreams implements InboundStream.Listener {
    @Override
    public void opened(InboundStream stream) {
      snapshotReceivers
          .computeIfAbsent(
              stream.peer().from(),
              member ->
                  new SnapshotReceiver(member, disk, message -> raft.accept(List.of(message))))
          .opened(stream);
    }

    @Override
    public void received(InboundStream stream, Frame frame, int bytes) throws MalformedException {
      if (frame instanceof Frame.Install install) {
        checkEnds(stream.peer(), install.message());
      }
      counters.apply(stream.peer().from()).bytesReceived.addAndGet(bytes);
      snapshotReceivers.get(stream.peer().from()).received(stream, frame);
    }

    @Override
    public void ended(InboundStream stream) {
      SnapshotReceiver receiver = snapshotReceivers.get(stream.peer().from());
      receiver.ended(stream);
      if (receiver.isIdle()) {
        snapshotReceivers.remove(stream.peer().from());
      }
    }
  }

  /** What a member hands on for another keeps the name of that other; all else must be its own. */
  private void checkEnds(Frame.Hello peer, Message message) throws MalformedException {
    boolean handedOn =
        message instanceof Message.Propose
            || message instanceof Message.ReadIndexRequest
            || message instanceof Message.TransferLeader;
    if (message.from() != peer.from() && !handedOn) {
      throw new MalformedException(
          "sender mismatch: the stream is of "
              + Long.toHexString(peer.from())
              + ", the message of "
              + Long.toHexString(message.from()));
    }
    if (message.to() != options.memberId()) {
      throw new MalformedException(
          "receiver mismatch: this member is "
              + Long.toHexString(options.memberId())
              + ", the message is for "
              + Long.toHexString(message.to()));
    }
  }
}
