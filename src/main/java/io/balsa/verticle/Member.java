package io.balsa.verticle;

import io.balsa.api.ApiOptions;
import io.balsa.api.eventbus.EventBusOptions;
import io.balsa.bus.Addresses;
import io.balsa.bus.PassThroughCodec;
import io.balsa.data.InvariantException;
import io.balsa.data.Version;
import io.balsa.discovery.AddressBook;
import io.balsa.engine.DiskWriter;
import io.balsa.engine.MemberInfo;
import io.balsa.engine.PeerInput;
import io.balsa.engine.RaftLoop;
import io.balsa.engine.RaftLoopOptions;
import io.balsa.engine.Recovery;
import io.balsa.engine.Replica;
import io.balsa.engine.ReplicaOptions;
import io.balsa.engine.entry.EntryGrants;
import io.balsa.storage.DataDir;
import io.balsa.storage.Identity;
import io.balsa.storage.MemberStore;
import io.balsa.storage.file.DamagedException;
import io.balsa.storage.file.LocalFileSystem;
import io.balsa.storage.file.StorageException;
import io.balsa.storage.wal.WalOptions;
import io.balsa.verticle.MemberConfig.Cluster.Entry;
import io.balsa.verticle.peer.PeerOptions;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One member in a Vert.x: its data directory and its verticles, from start to end. Any thread.
 *
 * <p>Started inwards out, disk first and the client port last; stopped the other way round, so that
 * what clients were promised is kept while it can be.
 */
public final class Member {
  private static final Logger LOG = LoggerFactory.getLogger(Member.class);
  // The log before a snapshot that is kept for members that lag a little.
  private static final long CATCH_UP_ENTRIES_MAX = 5_000;
  // Twice as much would be an object that the garbage collector treats apart, and slowly.
  private static final int APPEND_BYTES_MAX = 128 << 10;
  private static final int MESSAGE_BYTES_MIN = 1 << 20; // What members take, of any version.
  // What an entry holds beside the value of the largest request.
  private static final int ENTRY_EXTRA_BYTES = 64 << 10;
  // With fewer, loops of their own for peers, replica and raft would wake each other for nothing.
  private static final int PROCESSORS_OF_SEPARATE_LOOPS = 4;
  private static final long LOG_BYTES_MIN = 8L << 20;
  private static final long LOG_BYTES_MAX = 64L << 20;

  private final Vertx vertx;
  private final MemberConfig config;
  // Not that of a verticle, whose thread may be gone before the last one has stopped.
  private final Context home;
  private final Promise<Void> ended = Promise.promise();
  // Innermost first.
  private final Deque<String> deployments = new ArrayDeque<>();
  // Null where there are processors for a loop each.
  private final SharedLoop core =
      Runtime.getRuntime().availableProcessors() < PROCESSORS_OF_SEPARATE_LOOPS
          ? new SharedLoop()
          : null;
  private final List<ApiVerticle> apis = new ArrayList<>();
  private Entrance entrance;
  private Addresses addresses;
  private PeerVerticle peers;
  private WorkerExecutor diskThread;
  private Future<Void> stopped;

  private Member(Vertx vertx, MemberConfig config) {
    this.vertx = vertx;
    this.config = config;
    this.home = vertx.getOrCreateContext();
  }

  /**
   * Starts a member: recovers it from its data directory, or lets it found or join its cluster.
   *
   * @return succeeds once clients are served, which does not mean that there is a leader; fails
   *     with a message for people, and then nothing of it is left
   */
  public static Future<Member> start(Vertx vertx, MemberConfig config) {
    if (config.eventBus() == MemberConfig.EventBus.CLUSTERED && !vertx.isClustered()) {
      return Future.failedFuture(
          new IllegalArgumentException(
              "event bus: found clustered, but this Vert.x is not clustered: expected local or off"
                  + " (--event-bus), or a Vert.x that was built with a cluster manager"));
    }
    PassThroughCodec.register(vertx);
    Member member = new Member(vertx, config);
    return member.open().compose(member::deploy).map(member);
  }

  /**
   * How the member ends by itself: succeeds when it was removed from the cluster, fails with the
   * reason when it must not go on. In both cases it has stopped then. {@link #stop} alone does not
   * complete it.
   */
  public Future<Void> ended() {
    return ended.future();
  }

  /** Where its verticles are reached in this Vert.x. */
  public Addresses addresses() {
    return addresses;
  }

  /** The ports on which clients are served, in the order of the configuration. */
  public List<Integer> clientPorts() {
    return apis.get(0).ports();
  }

  /** The port on which the other members are served. */
  public int peerPort() {
    return peers.port();
  }

  /**
   * Lets requests under way finish, hands leadership over, makes everything durable and gives the
   * data directory back.
   */
  public synchronized Future<Void> stop() {
    if (stopped == null) {
      Future<Void> undeployed = Future.succeededFuture();
      for (String deployment : deployments) { // The last deployed is the first here.
        undeployed = undeployed.eventually(() -> vertx.undeploy(deployment));
      }
      stopped = undeployed.eventually(this::closeDiskThread);
    }
    return stopped;
  }

  /** Behind what undeploying left for it to do, which would be refused, and noisily, else. */
  private Future<Void> closeDiskThread() {
    return diskThread == null
        ? Future.succeededFuture()
        : diskThread.<Void>executeBlocking(() -> null).eventually(diskThread::close);
  }

  // ---- Start

  /**
   * What a member begins with.
   *
   * @param discovered null where the others are not discovered
   */
  private record Opened(MemberStore store, Recovery recovery, Discovered discovered) {}

  /** What the data directory keeps of those who were discovered, and promised to them. */
  private record Discovered(EntryGrants grants, AddressBook book) {
    static Discovered open(DataDir directory) throws StorageException {
      return new Discovered(
          EntryGrants.open(directory.note("entry")), AddressBook.open(directory.note("addresses")));
    }
  }

  private Future<Opened> open() {
    return vertx
        .executeBlocking(() -> DataDir.open(new LocalFileSystem(), config.dataDir()))
        .compose(directory -> open(directory).recover(failure -> givenBack(directory, failure)))
        .recover(
            failure ->
                Future.failedFuture(
                    failure instanceof DamagedException damage
                        ? Replacement.explain(damage, config)
                        : failure));
  }

  private Future<Opened> open(DataDir directory) {
    return vertx
        .executeBlocking(
            () -> config.cluster().entry() == Entry.DISCOVER ? Discovered.open(directory) : null)
        .compose(
            discovered -> {
              entrance =
                  discovered == null
                      ? new ListedEntrance(vertx, config)
                      : new DiscoveredEntrance(vertx, config, discovered.grants());
              return vertx
                  .executeBlocking(directory::identity)
                  .compose(this::identify)
                  .compose(
                      identity ->
                          vertx.executeBlocking(() -> open(directory, identity, discovered)));
            });
  }

  private Future<Identity> identify(Optional<Identity> found) {
    if (found.isEmpty()) {
      return entrance.identity();
    }
    if (!found.get().name().equals(config.name())) {
      return Future.failedFuture(
          new StorageException(
              "data directory %s is that of member %s, not of %s"
                  .formatted(config.dataDir(), found.get().name(), config.name())));
    }
    return Future.succeededFuture(found.get());
  }

  private Opened open(DataDir directory, Identity identity, Discovered discovered)
      throws StorageException {
    WalOptions wal = WalOptions.forStoreOf(config.limits().quotaBytes());
    MemberStore store = MemberStore.open(directory, identity, wal, System::nanoTime);
    try {
      store
          .recovered()
          .report()
          .tornTail()
          .ifPresent(torn -> LOG.warn("torn tail of the log cut off: {}", torn));
      store.recovered().report().quarantined().forEach(why -> LOG.warn("{}", why));
      boolean founds = Recovery.isBlank(store) && isFounder(identity);
      Recovery recovery =
          founds ? Recovery.found(store, config.cluster().members()) : Recovery.of(store);
      LOG.info(
          "recovered member={} name={} cluster={} snapshotIndex={} entries={}",
          Long.toHexString(identity.memberId()),
          identity.name(),
          Long.toHexString(identity.clusterId()),
          recovery.recovered().snapshot().last().index(),
          recovery.recovered().entries().size());
      return new Opened(store, recovery, discovered);
    } catch (StorageException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  private boolean isFounder(Identity identity) {
    return config.cluster().entry() != Entry.JOIN
        && config.cluster().members().stream()
            .anyMatch(founder -> founder.id() == identity.memberId());
  }

  private static <T> Future<T> givenBack(DataDir directory, Throwable failure) {
    try {
      directory.close();
    } catch (StorageException e) {
      failure.addSuppressed(e);
    }
    return Future.failedFuture(failure);
  }

  private Future<Void> deploy(Opened opened) {
    Identity identity = opened.store().identity();
    long id = identity.memberId();
    addresses = Addresses.of(id);
    BusOutbox out = new BusOutbox(vertx, addresses, this::removed);
    SplittableRandom random = new SplittableRandom(new SecureRandom().nextLong());
    DiskWriter disk = new DiskWriter(opened.store(), out);
    Optional<Discovered> discovered = Optional.ofNullable(opened.discovered());
    peers =
        new PeerVerticle(
            peerOptions(identity, random.split()), addresses, discovered.map(Discovered::grants));
    RaftLoop raft =
        new RaftLoop(raftOptions(id), opened.recovery().recovered(), random.split(), out);
    long tickMillis = config.timing().heartbeatMillis();
    // Held by this object too, so that undeploying does not end it.
    diskThread = vertx.createSharedWorkerExecutor(addresses.disk(), 1);
    DeploymentOptions oneWorker =
        new DeploymentOptions()
            .setThreadingModel(ThreadingModel.WORKER)
            .setWorkerPoolName(addresses.disk())
            .setWorkerPoolSize(1);
    return deploy(new DiskVerticle(disk, addresses, this::fail), oneWorker)
        .compose(done -> deployLoop())
        .compose(done -> deployCore(peers))
        .compose(done -> introduce(opened.recovery(), out))
        .compose(
            done -> {
              Replica replica =
                  new Replica(
                      replicaOptions(identity),
                      opened.recovery(),
                      opened.recovery().firstNumber(id, System.currentTimeMillis(), random.split()),
                      random.split(),
                      out,
                      System.nanoTime());
              return deployCore(new ReplicaVerticle(replica, addresses, tickMillis, this::fail));
            })
        .compose(done -> deployCore(new RaftVerticle(raft, addresses, tickMillis, this::fail)))
        .compose(
            done ->
                discovered.isEmpty()
                    ? Future.succeededFuture()
                    : deploy(
                        new DiscoveryVerticle(
                            id, addresses, config.discovery(), discovered.get().book()),
                        new DeploymentOptions()))
        .compose(done -> deployEventBus())
        .compose(done -> deployApis())
        .recover(failure -> stop().transform(done -> Future.failedFuture(failure)));
  }

  private Future<Void> deployLoop() {
    return core == null ? Future.succeededFuture() : deploy(core, new DeploymentOptions());
  }

  /** One of the verticles between the clients' and the disk's. */
  private Future<Void> deployCore(Deployable verticle) {
    return core == null ? deploy(verticle, new DeploymentOptions()) : core.deploy(verticle);
  }

  /** What has no state yet does not know where the others are, and could not answer its leader. */
  private Future<Void> introduce(Recovery recovery, BusOutbox out) {
    if (recovery.knowsMembers()) {
      return Future.succeededFuture();
    }
    return entrance
        .cluster()
        .map(
            cluster -> {
              out.toPeers(new PeerInput.Members(cluster.members(), cluster.removed()));
              return null;
            });
  }

  private Future<Void> deployEventBus() {
    if (config.eventBus() == MemberConfig.EventBus.OFF) {
      return Future.succeededFuture();
    }
    EventBusOptions options =
        EventBusOptions.of(
                config.eventBus() == MemberConfig.EventBus.CLUSTERED,
                config.limits().requestBytesMax(),
                config.timing().requestMillis())
            .withSignedTokens(config.signedTokens());
    return deploy(new EventBusApiVerticle(options, addresses), new DeploymentOptions());
  }

  private Future<Void> deployApis() {
    ApiOptions options =
        ApiOptions.of(
                config.listenClients(),
                config.clientTls(),
                Version.TEXT,
                metrics(config.limits().quotaBytes()))
            .withRequestLimits(
                config.limits().requestBytesMax(),
                config.limits().txnOpsMax(),
                config.timing().requestMillis())
            .withSignedTokens(config.signedTokens());
    // Instances share a port, but each would pick a free one of its own.
    boolean anyPort = config.listenClients().stream().anyMatch(address -> address.port() == 0);
    int instances = anyPort ? 1 : Runtime.getRuntime().availableProcessors();
    ApiOptions shared = options.within(Runtime.getRuntime().maxMemory(), instances);
    Future<Void> deployed = Future.succeededFuture();
    for (int i = 0; i < instances; i++) {
      ApiVerticle api = new ApiVerticle(shared, addresses);
      apis.add(api);
      deployed = deployed.compose(done -> deploy(api, new DeploymentOptions()));
    }
    return deployed;
  }

  static PrometheusMeterRegistry metrics(long quotaBytes) {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    Gauge.builder("balsa.store.quota", () -> quotaBytes)
        .baseUnit("bytes")
        .description("Estimated bytes of keys and values beyond which puts are refused")
        .register(registry);
    return registry;
  }

  private Future<Void> deploy(Deployable verticle, DeploymentOptions options) {
    return vertx
        .deployVerticle(verticle, options)
        .map(
            deployment -> {
              synchronized (this) {
                deployments.push(deployment);
              }
              return null;
            });
  }

  private RaftLoopOptions raftOptions(long id) {
    MemberConfig.Timing timing = config.timing();
    return new RaftLoopOptions(
        id,
        Math.toIntExact(timing.electionMillis() / timing.heartbeatMillis()),
        Math.toIntExact(Math.max(1, 1000 / timing.heartbeatMillis())),
        APPEND_BYTES_MAX,
        Math.min(CATCH_UP_ENTRIES_MAX, config.limits().snapshotEntries()),
        logBytes() / 2,
        config.preVote());
  }

  /** The largest entry that a client can cause. */
  private int entryBytesMax() {
    return config.limits().requestBytesMax() + ENTRY_EXTRA_BYTES;
  }

  // The log since the last snapshot is in memory too: it must leave room in a small heap.
  private static long logBytes() {
    long share = Runtime.getRuntime().maxMemory() / 8;
    return Math.max(LOG_BYTES_MIN, Math.min(share, LOG_BYTES_MAX));
  }

  private PeerOptions peerOptions(Identity identity, SplittableRandom random) {
    PeerOptions options =
        PeerOptions.of(
                identity.memberId(),
                identity.name(),
                identity.clusterId(),
                config.listenPeers().host(),
                config.listenPeers().port(),
                Math.max(MESSAGE_BYTES_MIN, entryBytesMax()) + entryBytesMax(),
                random)
            .withPeerUrls(config.peerUrls());
    return config.peerTls().map(options::withTls).orElse(options);
  }

  private ReplicaOptions replicaOptions(Identity identity) {
    MemberConfig.Limits limits = config.limits();
    MemberInfo self =
        new MemberInfo(
            identity.memberId(), identity.name(), config.peerUrls(), config.clientUrls());
    return ReplicaOptions.of(identity.clusterId(), self)
        .configured(
            limits.quotaBytes(),
            limits.historyBytes(),
            limits.txnOpsMax(),
            limits.snapshotEntries(),
            logBytes(),
            config.timing().electionMillis(),
            config.autoCompaction());
  }

  // ---- End

  private void removed() {
    LOG.info("removed from the cluster name={}", config.name());
    home.runOnContext(none -> stop().onComplete(done -> ended.tryComplete()));
  }

  private void fail(Throwable cause) {
    if (cause instanceof StorageException || cause instanceof InvariantException) {
      LOG.error("must stop name={} reason={}", config.name(), cause.getMessage());
    } else { // A defect of ours: where it is counts.
      LOG.error("must stop name={} reason={}", config.name(), cause.toString(), cause);
    }
    home.runOnContext(none -> stop().onComplete(done -> ended.tryFail(cause)));
  }
}
