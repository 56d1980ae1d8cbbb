package io.balsa.verticle;

import io.balsa.discovery.Sighting;
import io.balsa.engine.MemberInfo;
import io.balsa.engine.entry.EntryGrants;
import io.balsa.engine.entry.EntryRequest;
import io.balsa.engine.entry.EntryTally;
import io.balsa.storage.Identity;
import io.balsa.storage.file.StorageException;
import io.balsa.verticle.peer.ClusterDescription;
import io.balsa.verticle.peer.PeerDirectory;
import io.balsa.verticle.peer.PeerOptions;
import io.balsa.verticle.peer.PeerPort;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way in where the others are known by name and found by discovery. A founder waits until each
 * other founder has granted it its place, and grants them theirs meanwhile; any other member adds
 * itself to the cluster. Both wait for as long as it takes; what was reached is asked for anew
 * after a restart, and answered as before.
 */
final class DiscoveredEntrance implements Entrance {
  private static final Logger LOG = LoggerFactory.getLogger(DiscoveredEntrance.class);
  private static final long ASK_MILLIS = 2_000;
  private static final long ENROLL_MILLIS = 6_000; // Longer than the member that is asked waits.
  private static final long PAUSE_MILLIS = 500;
  private static final long TELL_NANOS = TimeUnit.SECONDS.toNanos(3);

  private final Vertx vertx;
  private final MemberConfig config;
  private final MemberConfig.Cluster cluster;
  private final EntryGrants grants;
  private final PeerDirectory peers;
  private long toldNanos = System.nanoTime() - TELL_NANOS;

  DiscoveredEntrance(Vertx vertx, MemberConfig config, EntryGrants grants) {
    this.vertx = vertx;
    this.config = config;
    this.cluster = config.cluster();
    this.grants = grants;
    this.peers = new PeerDirectory(vertx, config.peerTls(), ASK_MILLIS);
  }

  @Override
  public Future<Identity> identity() {
    Optional<String> failure = config.discovery().failure();
    if (failure.isPresent()) {
      return Future.failedFuture(blind("is empty", failure.get()));
    }
    Optional<MemberInfo> founder =
        cluster.members().stream().filter(each -> each.name().equals(config.name())).findFirst();
    return vertx
        .executeBlocking(() -> grants.nonce(new SecureRandom()))
        .compose(nonce -> founder.isPresent() ? found(founder.get().id(), nonce) : join(nonce));
  }

  private StorageException blind(String state, String failure) {
    return new StorageException(
        "data directory %s %s, and the other members cannot be found: %s"
            .formatted(config.dataDir(), state, failure));
  }

  // ---- Founding

  private Future<Identity> found(long self, long nonce) {
    EntryRequest request = new EntryRequest(cluster.id(), self, config.name(), nonce);
    EntryTally tally =
        EntryTally.ofFounder(
            cluster.members().stream().map(MemberInfo::id).filter(id -> id != self).toList());
    EntryGrants.Callee callee =
        new EntryGrants.Callee(
            cluster.id(),
            self,
            cluster.members().stream().map(MemberInfo::id).collect(Collectors.toSet()));
    PeerOptions port =
        PeerOptions.of(
            self,
            config.name(),
            cluster.id(),
            config.listenPeers().host(),
            config.listenPeers().port(),
            config.limits().requestBytesMax(),
            new SecureRandom());
    return PeerPort.open(vertx, config.peerTls().map(port::withTls).orElse(port), grants, callee)
        .compose(open -> seekGrants(request, tally, this::foundersInSight).eventually(open::close))
        .compose(
            granted ->
                granted
                    ? Future.succeededFuture(new Identity(cluster.id(), self, config.name()))
                    : join(nonce));
  }

  private List<Sighting> foundersInSight() {
    return others().stream()
        .filter(
            sighting ->
                cluster.members().stream()
                    .anyMatch(founder -> founder.name().equals(sighting.name())))
        .toList();
  }

  /**
   * Asks until enough have granted; false if the id was removed from the cluster, which therefore
   * exists.
   */
  private Future<Boolean> seekGrants(
      EntryRequest request, EntryTally tally, Supplier<List<Sighting>> inSight) {
    return until(
        () ->
            askAll(inSight.get(), url -> peers.enter(url, request))
                .compose(
                    answers -> {
                      answers.forEach(tally::take);
                      if (tally.refusal().isPresent()) {
                        return Future.failedFuture(refused(tally.refusal().get()));
                      }
                      if (tally.isRemoved() || tally.isEnough()) {
                        return Future.succeededFuture(Optional.of(tally.isEnough()));
                      }
                      tell(
                          "waiting to enter missing={} inSight={}",
                          missing(tally),
                          names(inSight.get()));
                      return Future.succeededFuture(Optional.empty());
                    }));
  }

  private static List<String> names(List<Sighting> sightings) {
    return sightings.stream().map(Sighting::name).distinct().sorted().toList();
  }

  private List<String> missing(EntryTally tally) {
    return tally.missing().stream()
        .map(
            id ->
                cluster.members().stream()
                    .filter(founder -> founder.id() == id)
                    .map(MemberInfo::name)
                    .findFirst()
                    .orElse(Long.toHexString(id)))
        .sorted()
        .toList();
  }

  private StorageException refused(String reason) {
    return new StorageException(
        "data directory %s is empty, and %s must not enter: %s"
            .formatted(config.dataDir(), config.name(), reason));
  }

  // ---- Joining

  @Override
  public Future<ClusterDescription> cluster() {
    Optional<String> failure = config.discovery().failure();
    if (failure.isPresent()) {
      return Future.failedFuture(blind("does not tell who the members are", failure.get()));
    }
    return until(
        () ->
            descriptions()
                .map(
                    found -> {
                      if (found.isEmpty()) {
                        tell(
                            "waiting for a member of cluster={} inSight={}",
                            Long.toHexString(cluster.id()),
                            names(others()));
                      }
                      return found.stream().findFirst();
                    }));
  }

  /** Those of the right cluster, the ones in front that know this member. */
  private Future<List<ClusterDescription>> descriptions() {
    return askAll(others(), peers::describe)
        .map(
            all -> {
              List<ClusterDescription> ours = new ArrayList<>();
              for (ClusterDescription each : all) {
                if (each.clusterId() != cluster.id()) {
                  tell(
                      "not joining another cluster={} expected={}",
                      Long.toHexString(each.clusterId()),
                      Long.toHexString(cluster.id()));
                } else if (self(each).isPresent()) {
                  ours.add(0, each);
                } else {
                  ours.add(each);
                }
              }
              return ours;
            });
  }

  private Future<Identity> join(long nonce) {
    return until(
        () ->
            cluster()
                .compose(
                    found -> {
                      Optional<MemberInfo> self = self(found);
                      return self.isPresent()
                          ? enter(found, self.get(), nonce)
                          : enroll(others()).map(Optional.empty());
                    }));
  }

  /** Empty if the member was removed meanwhile: then it may be added anew. */
  private Future<Optional<Identity>> enter(ClusterDescription found, MemberInfo self, long nonce) {
    if (!self.clientUrls().isEmpty()) {
      return Future.failedFuture(
          refused(
              "member %s (%x) has been running before: bring its data back, or remove it and start"
                      .formatted(self.name(), self.id())
                  + " again"));
    }
    EntryTally tally =
        EntryTally.ofJoiner(
            found.members().stream().map(MemberInfo::id).filter(id -> id != self.id()).toList());
    return seekGrants(
            new EntryRequest(cluster.id(), self.id(), config.name(), nonce), tally, this::others)
        .map(
            granted ->
                granted
                    ? Optional.of(new Identity(cluster.id(), self.id(), config.name()))
                    : Optional.empty());
  }

  /** Asks one after another until one has added this member. */
  private Future<Void> enroll(List<Sighting> left) {
    if (left.isEmpty()) {
      return Future.succeededFuture();
    }
    String url = left.get(0).peerUrls().get(0);
    return new PeerDirectory(vertx, config.peerTls(), ENROLL_MILLIS)
        .enroll(url, cluster.id(), config.name(), config.peerUrls())
        .recover(failure -> Future.succeededFuture(Optional.of(failure.getMessage())))
        .compose(
            refusal -> {
              if (refusal.isEmpty()) {
                LOG.info("added to the cluster as a learner name={} by={}", config.name(), url);
                return Future.succeededFuture();
              }
              tell("not added to the cluster by={} reason=\"{}\"", url, refusal.get());
              return enroll(left.subList(1, left.size()));
            });
  }

  private Optional<MemberInfo> self(ClusterDescription found) {
    return found.members().stream()
        .filter(member -> member.name().equals(config.name()))
        .findFirst();
  }

  // ---- Both

  private List<Sighting> others() {
    return config.discovery().sightings().stream()
        .filter(sighting -> !sighting.peerUrls().equals(config.peerUrls()))
        .toList();
  }

  private interface Question<T> {
    Future<T> ask(String url);
  }

  /** What those say that answer, each at the first of its URLs that does. */
  private static <T> Future<List<T>> askAll(List<Sighting> sightings, Question<T> question) {
    List<Future<T>> asked = sightings.stream().map(each -> ask(each.peerUrls(), question)).toList();
    return Future.join(asked)
        .transform(
            done ->
                Future.succeededFuture(
                    asked.stream().map(Future::result).filter(Objects::nonNull).toList()));
  }

  private static <T> Future<T> ask(List<String> urls, Question<T> question) {
    return question
        .ask(urls.get(0))
        .recover(
            failure -> {
              LOG.debug("no answer from {}: {}", urls.get(0), failure.getMessage());
              return urls.size() == 1
                  ? Future.failedFuture(failure)
                  : ask(urls.subList(1, urls.size()), question);
            });
  }

  /** Now and then, not at every attempt. */
  private void tell(String line, Object... facts) {
    if (System.nanoTime() - toldNanos >= TELL_NANOS) {
      toldNanos = System.nanoTime();
      LOG.info(line, facts);
    }
  }

  /** Attempts it, with a pause between, until something comes of it; for as long as it takes. */
  private <T> Future<T> until(Supplier<Future<Optional<T>>> attempt) {
    Promise<T> promise = Promise.promise();
    attempt(attempt, promise);
    return promise.future();
  }

  private <T> void attempt(Supplier<Future<Optional<T>>> attempt, Promise<T> promise) {
    attempt
        .get()
        .onFailure(promise::fail)
        .onSuccess(
            result -> {
              if (result.isPresent()) {
                promise.complete(result.get());
              } else {
                vertx.setTimer(PAUSE_MILLIS, timer -> attempt(attempt, promise));
              }
            });
  }
}
