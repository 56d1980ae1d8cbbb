package io.balsa.verticle.peer;

import io.balsa.bus.Addresses;
import io.balsa.bus.ReplicaClient;
import io.balsa.data.Endpoint;
import io.balsa.data.MalformedException;
import io.balsa.data.Names;
import io.balsa.engine.PeerInput;
import io.balsa.engine.entry.EntryGrants;
import io.balsa.engine.request.Reply;
import io.balsa.engine.request.Request;
import io.balsa.raft.message.Message;
import io.balsa.wire.Frame;
import io.balsa.wire.proto.DescribeRequest;
import io.balsa.wire.proto.DescribeResponse;
import io.balsa.wire.proto.EnrollRequest;
import io.balsa.wire.proto.EnrollResponse;
import io.balsa.wire.proto.PeerGrpcService;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.GrpcServerResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listening side: takes message and snapshot streams of any member of this cluster, and tells
 * anybody who is in it. A member that is not known here is taken too, for this member may be the
 * last to learn of it, or be new itself; only one that is known to be removed is refused.
 */
final class PeerServer {
  private static final Logger LOG = LoggerFactory.getLogger(PeerServer.class);
  private static final long ENROLL_MILLIS = 5_000;

  private final PeerOptions options;
  private final PeerPort port;
  private final Supplier<ReplicaClient> replicaClient;
  private final SnapshotDisk disk;
  private final Consumer<List<Message>> raft;
  private final LongFunction<Counters> counters;
  private final Consumer<Frame.Hello> heardOf;
  private final Warnings warnings = new Warnings(LOG);
  private final Map<Long, InboundStream> messageStreams = new HashMap<>();
  private final Map<Long, SnapshotReceiver> snapshotReceivers = new HashMap<>();
  private PeerInput.Members members; // Null until the log has told.
  private ReplicaClient replica; // Null until somebody asks to be added.

  /**
   * @param grants present where members are discovered
   * @param raft takes the messages of one frame
   * @param counters gives those of a member
   * @param heardOf told of each member that connects
   */
  PeerServer(
      Vertx vertx,
      PeerOptions options,
      Addresses addresses,
      Optional<EntryGrants> grants,
      SnapshotDisk disk,
      Consumer<List<Message>> raft,
      LongFunction<Counters> counters,
      Consumer<Frame.Hello> heardOf) {
    this.options = options;
    this.disk = disk;
    this.raft = raft;
    this.counters = counters;
    this.heardOf = heardOf;
    this.replicaClient = () -> ReplicaClient.trusted(vertx, addresses);
    this.port = new PeerPort(vertx, options);
    MessageStreams messages = new MessageStreams();
    SnapshotStreams snapshots = new SnapshotStreams();
    port.handle(
        Frames.MESSAGES,
        request -> new InboundStream(request, options, warnings, this::isRemoved, messages));
    port.handle(
        Frames.SNAPSHOTS,
        request -> new InboundStream(request, options, warnings, this::isRemoved, snapshots));
    port.answer(PeerGrpcService.Describe, (asked, response) -> describe(response));
    port.answer(PeerGrpcService.Enroll, this::enroll);
    // No founders here: what this member's log does not tell is not known yet.
    EntryGrants.Callee callee =
        new EntryGrants.Callee(options.clusterId(), options.memberId(), Set.of());
    grants.ifPresent(promises -> port.grant(vertx, promises, callee, () -> members));
  }

  Future<?> listen() {
    return port.listen();
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
      PeerPort.end(response, GrpcStatus.UNAVAILABLE, "not started yet");
      return;
    }
    PeerPort.end(
        response,
        new ClusterDescription(
                options.clusterId(), options.memberId(), members.members(), members.removed())
            .encoded());
  }

  private void enroll(
      EnrollRequest asked, GrpcServerResponse<EnrollRequest, EnrollResponse> response) {
    if (members == null) {
      PeerPort.end(response, GrpcStatus.UNAVAILABLE, "not started yet");
      return;
    }
    if (replica == null) {
      replica = replicaClient.get();
    }
    refusal(asked)
        .map(Future::succeededFuture)
        .orElseGet(
            () ->
                replica
                    .call(
                        new Request.MemberAdd(asked.getName(), asked.getPeerUrlsList(), true),
                        ENROLL_MILLIS)
                    .map(reply -> reply instanceof Reply.Refused refused ? refused.detail() : ""))
        .onSuccess(
            refusal ->
                PeerPort.end(response, EnrollResponse.newBuilder().setRefusal(refusal).build()));
  }

  private Optional<String> refusal(EnrollRequest asked) {
    if (asked.getClusterId() != options.clusterId()) {
      return Optional.of(
          "cluster id mismatch: this member is in %x, the new one wants to join %x"
              .formatted(options.clusterId(), asked.getClusterId()));
    }
    if (!Names.isName(asked.getName())) {
      return Optional.of("the name of a member must be " + Names.RULE);
    }
    return asked.getPeerUrlsCount() <= Frame.Hello.URLS_MAX
            && asked.getPeerUrlsList().stream().allMatch(url -> Endpoint.parse(url).isPresent())
        ? Optional.empty()
        : Optional.of(
            "each of at most " + Frame.Hello.URLS_MAX + " peer URLs must be " + Endpoint.RULE);
  }

  /** The port that is listened on. */
  int port() {
    return port.number();
  }

  Future<Void> close() {
    return replica == null ? port.close() : port.close().eventually(replica::close);
  }

  private final class MessageStreams implements InboundStream.Listener {
    @Override
    public void opened(InboundStream stream) {
      long member = stream.peer().from();
      InboundStream older = messageStreams.put(member, stream);
      if (older != null) {
        older.finish();
      }
      heardOf.accept(stream.peer());
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
