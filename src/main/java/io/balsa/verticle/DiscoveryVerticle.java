package io.balsa.verticle;

import io.balsa.bus.Addresses;
import io.balsa.bus.ReplicaClient;
import io.balsa.discovery.AddressBook;
import io.balsa.discovery.Discovery;
import io.balsa.engine.PeerInput;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks around once a second: tells the peer transport where members were seen, keeps that on disk,
 * and lets a learner ask to be a voter.
 */
final class DiscoveryVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(DiscoveryVerticle.class);
  private static final long LOOK_MILLIS = 1_000;

  private final long member;
  private final Addresses addresses;
  private final Discovery discovery;
  private final AddressBook book;
  private ReplicaClient replica;
  private Promotion promotion;
  private boolean unsaved;
  private Future<Void> saving = Future.succeededFuture();

  DiscoveryVerticle(long member, Addresses addresses, Discovery discovery, AddressBook book) {
    this.member = member;
    this.addresses = addresses;
    this.discovery = discovery;
    this.book = book;
  }

  @Override
  public Future<?> start() {
    replica = ReplicaClient.trusted(vertx, addresses);
    promotion = new Promotion(member, replica);
    tell(); // What is known from the last run.
    look();
    vertx.setPeriodic(LOOK_MILLIS, timer -> look());
    return Future.succeededFuture();
  }

  private void look() {
    if (book.learn(discovery.sightings())) {
      unsaved = true;
      tell();
    }
    if (unsaved && saving.isComplete()) {
      unsaved = false;
      List<String> lines = book.lines();
      saving =
          vertx
              .<Void>executeBlocking(
                  () -> {
                    book.save(lines);
                    return null;
                  })
              .otherwise(
                  failure -> {
                    LOG.warn("last known addresses not kept reason=\"{}\"", failure.getMessage());
                    return null;
                  });
    }
    promotion.seek();
  }

  private void tell() {
    Addresses.send(vertx, addresses.peer(), new PeerInput.Hints(book.peerUrls()));
  }

  @Override
  public Future<?> stop() {
    return saving.eventually(replica::close);
  }
}
