package io.balsa.verticle;

import io.balsa.bus.Addresses;
import io.balsa.bus.PassThroughCodec;
import io.balsa.engine.PeerInput;
import io.balsa.engine.SnapshotIo;
import io.balsa.engine.entry.EntryGrants;
import io.balsa.verticle.peer.PeerOptions;
import io.balsa.verticle.peer.PeerStats;
import io.balsa.verticle.peer.PeerTransport;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transport between this member and the others: gRPC streams over HTTP/2. Takes {@link
 * PeerInput} and sends {@code RaftInput} to the raft loop and {@code DiskInput} to the disk writer.
 * One instance, on an event loop.
 */
public final class PeerVerticle extends VerticleBase {
  private final PeerOptions options;
  private final Addresses addresses;
  private final Optional<EntryGrants> grants;
  private final Logger log;
  private PeerTransport transport;

  /** Listens and connects once deployed. */
  public PeerVerticle(PeerOptions options, Addresses addresses) {
    this(options, addresses, Optional.empty());
  }

  /**
   * @param grants the promises to those who want to enter; present where members are discovered
   */
  PeerVerticle(PeerOptions options, Addresses addresses, Optional<EntryGrants> grants) {
    this(options, addresses, grants, LoggerFactory.getLogger(PeerTransport.class));
  }

  /**
   * @param log is told of listening and of streams that come and go
   */
  PeerVerticle(PeerOptions options, Addresses addresses, Logger log) {
    this(options, addresses, Optional.empty(), log);
  }

  private PeerVerticle(
      PeerOptions options, Addresses addresses, Optional<EntryGrants> grants, Logger log) {
    this.options = options;
    this.addresses = addresses;
    this.grants = grants;
    this.log = log;
  }

  @Override
  public Future<?> start() {
    PassThroughCodec.register(vertx);
    transport = new PeerTransport(vertx, options, addresses, grants, log);
    vertx
        .eventBus()
        .<PeerInput>localConsumer(addresses.peer(), message -> transport.handle(message.body()));
    vertx
        .eventBus()
        .<SnapshotIo>localConsumer(
            addresses.peerSnapshots(), message -> transport.handle(message.body()));
    return transport.listen();
  }

  @Override
  public Future<?> stop() {
    return transport.close();
  }

  /** The port that is listened on; after deployment. */
  public int port() {
    return transport.port();
  }

  /** Counts for each member that is known; after deployment, any thread. */
  public List<PeerStats> stats() {
    return transport.stats();
  }
}
