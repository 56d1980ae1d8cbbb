package io.balsa.verticle;

import io.balsa.engine.MemberInfo;
import io.balsa.storage.Identity;
import io.balsa.storage.file.StorageException;
import io.balsa.verticle.MemberConfig.Cluster.Entry;
import io.balsa.verticle.peer.ClusterDescription;
import io.balsa.verticle.peer.PeerDirectory;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way in where the addresses of the others are listed. A founder knows by itself, but asks the
 * others whether it has been there before: an emptied member that voted again under its old id
 * could undo what it had promised. A joining member asks under which id it was added.
 */
final class ListedEntrance implements Entrance {
  private static final Logger LOG = LoggerFactory.getLogger(ListedEntrance.class);
  private static final long ASK_MILLIS = 1_000;
  private static final int JOIN_ATTEMPTS = 30;

  private final Vertx vertx;
  private final MemberConfig config;
  private final PeerDirectory peers;
  private final List<String> otherUrls;

  ListedEntrance(Vertx vertx, MemberConfig config) {
    this.vertx = vertx;
    this.config = config;
    this.peers = new PeerDirectory(vertx, config.peerTls(), ASK_MILLIS);
    this.otherUrls =
        config.discovery().sightings().stream()
            .filter(member -> !member.name().equals(config.name()))
            .flatMap(member -> member.peerUrls().stream())
            .toList();
  }

  @Override
  public Future<Identity> identity() {
    return config.cluster().entry() == Entry.JOIN ? cluster().compose(this::join) : found();
  }

  private Future<Identity> found() {
    MemberConfig.Cluster cluster = config.cluster();
    MemberInfo self =
        cluster.members().stream()
            .filter(member -> member.name().equals(config.name()))
            .findFirst()
            .orElseThrow(
                () -> new IllegalArgumentException("no founder is named " + config.name()));
    return ask()
        .compose(
            descriptions -> {
              for (ClusterDescription found : descriptions) {
                if (found.clusterId() == cluster.id()) {
                  Optional<MemberInfo> known = member(found, self.id());
                  if (known.isEmpty() || !known.get().clientUrls().isEmpty()) {
                    return Future.failedFuture(emptied(self.id(), known.isEmpty()));
                  }
                }
              }
              return Future.succeededFuture(new Identity(cluster.id(), self.id(), config.name()));
            });
  }

  @Override
  public Future<ClusterDescription> cluster() {
    return otherUrls.isEmpty()
        ? Future.failedFuture(
            new StorageException("a member that joins needs the peer URL of another member"))
        : cluster(JOIN_ATTEMPTS);
  }

  private Future<ClusterDescription> cluster(int attempts) {
    return ask()
        .compose(
            descriptions -> {
              if (!descriptions.isEmpty()) {
                return Future.succeededFuture(descriptions.get(0));
              }
              if (attempts == 1) {
                return Future.failedFuture(
                    new StorageException("no member of the cluster answers at " + otherUrls));
              }
              LOG.info("waiting for a member of the cluster to answer urls={}", otherUrls);
              Promise<Void> later = Promise.promise();
              vertx.setTimer(ASK_MILLIS, timer -> later.complete());
              return later.future().compose(done -> cluster(attempts - 1));
            });
  }

  private Future<Identity> join(ClusterDescription cluster) {
    Optional<MemberInfo> self =
        cluster.members().stream()
            .filter(
                member ->
                    member.name().equals(config.name())
                        || member.peerUrls().stream().anyMatch(config.peerUrls()::contains))
            .findFirst();
    if (self.isEmpty()) {
      return Future.failedFuture(
          new StorageException(
              "cluster %x has no member named %s nor one at %s: add it first (POST /v1/members)"
                  .formatted(cluster.clusterId(), config.name(), config.peerUrls())));
    }
    if (!self.get().clientUrls().isEmpty()) {
      return Future.failedFuture(emptied(self.get().id(), false));
    }
    return Future.succeededFuture(
        new Identity(cluster.clusterId(), self.get().id(), config.name()));
  }

  private StorageException emptied(long id, boolean removed) {
    return new StorageException(
        "data directory %s is empty, but member %s (%x) %s"
            .formatted(
                config.dataDir(),
                config.name(),
                id,
                removed
                    ? "was removed from the cluster: add it anew and let it join"
                        + " (--initial-cluster-state existing)"
                    : "has been running before: bring its data back, or remove it, add it anew"
                        + " and let it join (--initial-cluster-state existing)"));
  }

  private static Optional<MemberInfo> member(ClusterDescription cluster, long id) {
    return cluster.members().stream().filter(member -> member.id() == id).findFirst();
  }

  /** What those say that answer in time. */
  private Future<List<ClusterDescription>> ask() {
    List<Future<ClusterDescription>> asked = new ArrayList<>();
    for (String url : otherUrls) {
      asked.add(
          peers
              .describe(url)
              .recover(
                  failure -> {
                    LOG.debug("no answer from {}: {}", url, failure.getMessage());
                    return Future.succeededFuture(null);
                  }));
    }
    return Future.all(asked)
        .map(all -> all.<ClusterDescription>list().stream().filter(Objects::nonNull).toList());
  }
}
