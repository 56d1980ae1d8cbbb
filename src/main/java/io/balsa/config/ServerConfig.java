package io.balsa.config;

import io.balsa.data.Endpoint;
import io.balsa.discovery.HazelcastOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The configuration of one member, complete and free of contradictions. {@link #of} is the only
 * place that knows the rules.
 *
 * @param name unique in the cluster
 * @param dataDir may not exist yet
 * @param listenClientUrls at least one
 * @param advertiseClientUrls at least one, none a wildcard
 * @param listenPeerUrls just one, not also in {@code listenClientUrls}
 * @param advertisePeerUrls at least one, none a wildcard; the same as {@code initialCluster} says
 * @param initialCluster the founders, this member among them, or the members a new one finds its
 *     cluster by; with {@code hazelcast} the founders by name alone, not always this member among
 *     them
 * @param hazelcast present where members find each other by Hazelcast
 * @param isNew whether the cluster is to be founded; false to join one. Only counts while the data
 *     directory is empty
 * @param autoCompaction empty for off
 * @param eventBus who may ask this member over the event bus
 * @param clientTls present exactly where a listening client URL is https
 * @param peerTls present exactly where a listening peer URL is https
 * @param authToken empty for tokens that the members remember
 */
public record ServerConfig(
    String name,
    Path dataDir,
    List<Endpoint> listenClientUrls,
    List<Endpoint> advertiseClientUrls,
    List<Endpoint> listenPeerUrls,
    List<Endpoint> advertisePeerUrls,
    InitialCluster initialCluster,
    Optional<HazelcastOptions> hazelcast,
    boolean isNew,
    Timing timing,
    Limits limits,
    Optional<AutoCompaction> autoCompaction,
    boolean preVote,
    EventBus eventBus,
    Optional<Tls> clientTls,
    Optional<Tls> peerTls,
    Optional<AuthToken> authToken,
    LogLevel logLevel) {

  private static final long BYTES_MIN = 1L << 10;
  private static final long STORE_BYTES_MAX = 1L << 40;
  // An entry goes through memory, disk and wire in one piece: half of a WAL segment.
  private static final long REQUEST_BYTES_MAX = 32L << 20;
  private static final long SNAPSHOT_COUNT_MAX = 1_000_000_000;
  private static final long TXN_OPS_MAX = 100_000;
  private static final long ELECTION_MILLIS_MAX = 50_000; // As etcd.
  private static final int HEARTBEATS_PER_ELECTION_MIN = 5; // As etcd.
  private static final Duration REQUEST_TIMEOUT_MIN = Duration.ofMillis(10);
  private static final Duration REQUEST_TIMEOUT_MAX = Duration.ofMinutes(10);
  private static final Duration RETENTION_MAX = Duration.ofDays(3_660);
  private static final long HOUR_MILLIS = Duration.ofHours(1).toMillis();

  public ServerConfig {
    listenClientUrls = List.copyOf(listenClientUrls);
    advertiseClientUrls = List.copyOf(advertiseClientUrls);
    listenPeerUrls = List.copyOf(listenPeerUrls);
    advertisePeerUrls = List.copyOf(advertisePeerUrls);
  }

  /**
   * How long things take.
   *
   * @param electionMillis at least five times {@code heartbeatMillis}
   */
  public record Timing(long heartbeatMillis, long electionMillis, long requestMillis) {}

  /** How large things grow. */
  public record Limits(
      long snapshotCount, long quotaBytes, int requestBytesMax, int txnOpsMax, long historyBytes) {}

  /** What to keep of the past. */
  public sealed interface AutoCompaction {
    /** Everything that is younger. */
    record Periodic(Duration retention) implements AutoCompaction {}

    /** That many revisions. */
    record Revisions(long retained) implements AutoCompaction {}
  }

  /**
   * Files in PEM for one kind of connections.
   *
   * @param trustedCaFile where present, whoever connects must show a certificate signed by it (as
   *     in etcd), and so must whoever is called
   */
  public record Tls(Path certFile, Path keyFile, Optional<Path> trustedCaFile) {}

  /** Who may ask a member over the event bus of its Vert.x. */
  public enum EventBus {
    /** Nobody. */
    OFF,
    /** The code of the same Vert.x. */
    LOCAL,
    /** Every node of the clustered event bus. */
    CLUSTERED
  }

  /** From everything to next to nothing. */
  public enum LogLevel {
    /** Every message. */
    DEBUG,
    /** What an operator acts on. */
    INFO,
    /** Degraded but safe. */
    WARN,
    /** The last words before a stop. */
    ERROR
  }

  private enum Way {
    STATIC,
    HAZELCAST
  }

  private enum HazelcastJoin {
    TCP_IP,
    MULTICAST,
    KUBERNETES
  }

  private enum ClusterState {
    NEW,
    EXISTING
  }

  private enum CompactionMode {
    PERIODIC,
    REVISION
  }

  /**
   * Reads all settings and checks them one by one and against each other.
   *
   * @throws BadSettingException for the first that breaks a rule
   */
  public static ServerConfig of(Settings settings) throws BadSettingException {
    Setting nameSetting = settings.get(Flag.NAME);
    String name = nameSetting.name();
    List<Endpoint> listenClientUrls = settings.get(Flag.LISTEN_CLIENT_URLS).endpoints();
    List<Endpoint> listenPeerUrls = settings.get(Flag.LISTEN_PEER_URLS).endpoints();
    if (listenPeerUrls.size() > 1) {
      throw settings.get(Flag.LISTEN_PEER_URLS).refused("must be one URL");
    }
    checkDisjoint(settings, listenClientUrls, listenPeerUrls);
    List<Endpoint> advertisePeerUrls =
        advertised(settings, Flag.INITIAL_ADVERTISE_PEER_URLS, Flag.LISTEN_PEER_URLS);
    boolean byHazelcast = settings.get(Flag.DISCOVERY).oneOf(Way.class) == Way.HAZELCAST;
    checkDiscovery(settings, byHazelcast);
    return new ServerConfig(
        name,
        settings.get(Flag.DATA_DIR).directory(),
        listenClientUrls,
        advertised(settings, Flag.ADVERTISE_CLIENT_URLS, Flag.LISTEN_CLIENT_URLS),
        listenPeerUrls,
        advertisePeerUrls,
        byHazelcast
            ? InitialCluster.ofNames(
                settings.get(Flag.INITIAL_CLUSTER_TOKEN).name(),
                settings.get(Flag.FOUNDERS).names())
            : initialCluster(settings, nameSetting, advertisePeerUrls),
        byHazelcast
            ? Optional.of(hazelcast(settings, listenClientUrls, listenPeerUrls))
            : Optional.empty(),
        settings.get(Flag.INITIAL_CLUSTER_STATE).oneOf(ClusterState.class) == ClusterState.NEW,
        timing(settings),
        limits(settings),
        autoCompaction(settings),
        settings.get(Flag.PRE_VOTE).bool(),
        settings.get(Flag.EVENT_BUS).oneOf(EventBus.class),
        tls(
            settings,
            Flag.LISTEN_CLIENT_URLS,
            Flag.CERT_FILE,
            Flag.KEY_FILE,
            Flag.TRUSTED_CA_FILE,
            Flag.CLIENT_CERT_AUTH),
        tls(
            settings,
            Flag.LISTEN_PEER_URLS,
            Flag.PEER_CERT_FILE,
            Flag.PEER_KEY_FILE,
            Flag.PEER_TRUSTED_CA_FILE,
            Flag.PEER_CLIENT_CERT_AUTH),
        AuthToken.of(settings.get(Flag.AUTH_TOKEN)),
        settings.get(Flag.LOG_LEVEL).oneOf(LogLevel.class));
  }

  private static void checkDisjoint(
      Settings settings, List<Endpoint> clientUrls, List<Endpoint> peerUrls)
      throws BadSettingException {
    for (Endpoint peer : peerUrls) {
      for (Endpoint client : clientUrls) {
        boolean overlap =
            peer.host().equals(client.host()) || peer.isWildcard() || client.isWildcard();
        if (peer.port() == client.port() && overlap) {
          Setting peers = settings.get(Flag.LISTEN_PEER_URLS);
          Setting clients = settings.get(Flag.LISTEN_CLIENT_URLS);
          Setting blamed = peers.given() ? peers : clients;
          Setting other = peers.given() ? clients : peers;
          throw blamed.refused("must use another port than " + other.mention());
        }
      }
    }
  }

  private static List<Endpoint> advertised(Settings settings, Flag flag, Flag listening)
      throws BadSettingException {
    Optional<Setting> own = settings.find(flag);
    Setting setting = own.orElse(settings.get(listening));
    List<Endpoint> urls = setting.endpoints();
    for (Endpoint url : urls) {
      if (url.isWildcard()) {
        throw setting.refused(
            own.isPresent()
                ? "must name an address that others can call, which " + url + " is not"
                : "needs " + flag.option() + ", because others cannot call " + url);
      }
    }
    return urls;
  }

  /** What only the other way of discovery reads is refused: the operator believes it counts. */
  private static void checkDiscovery(Settings settings, boolean byHazelcast)
      throws BadSettingException {
    List<Flag> others =
        byHazelcast
            ? List.of(Flag.INITIAL_CLUSTER, Flag.INITIAL_CLUSTER_STATE)
            : List.of(
                Flag.FOUNDERS,
                Flag.HAZELCAST_JOIN,
                Flag.HAZELCAST_MEMBERS,
                Flag.HAZELCAST_SERVICE_DNS,
                Flag.HAZELCAST_PORT,
                Flag.HAZELCAST_INTERFACE,
                Flag.HAZELCAST_CONFIG);
    for (Flag other : others) {
      Optional<Setting> setting = settings.find(other);
      if (setting.isPresent() && setting.get().given()) {
        throw setting
            .get()
            .refused("needs " + Flag.DISCOVERY.option() + (byHazelcast ? " static" : " hazelcast"));
      }
    }
    if (byHazelcast && settings.find(Flag.FOUNDERS).isEmpty()) {
      throw settings.get(Flag.DISCOVERY).refused("needs " + Flag.FOUNDERS.option());
    }
  }

  private static HazelcastOptions hazelcast(
      Settings settings, List<Endpoint> listenClientUrls, List<Endpoint> listenPeerUrls)
      throws BadSettingException {
    Setting port = settings.get(Flag.HAZELCAST_PORT);
    int number = port.port();
    if (Stream.concat(listenClientUrls.stream(), listenPeerUrls.stream())
        .anyMatch(url -> url.port() == number)) {
      throw port.refused("must be another port than those for clients and members");
    }
    Optional<Setting> address = settings.find(Flag.HAZELCAST_INTERFACE);
    Optional<Setting> file = settings.find(Flag.HAZELCAST_CONFIG);
    return new HazelcastOptions(
        settings.get(Flag.INITIAL_CLUSTER_TOKEN).name(),
        number,
        address.isPresent() ? Optional.of(address.get().address()) : Optional.empty(),
        file.isPresent() ? Optional.of(file.get().xmlOrYaml()) : Optional.empty(),
        hazelcastJoin(settings, file.isPresent()));
  }

  /** Empty where Hazelcast's own file is to say how. */
  private static Optional<HazelcastOptions.Join> hazelcastJoin(Settings settings, boolean hasFile)
      throws BadSettingException {
    Setting way = settings.get(Flag.HAZELCAST_JOIN);
    Optional<Setting> members = settings.find(Flag.HAZELCAST_MEMBERS);
    Optional<Setting> dns = settings.find(Flag.HAZELCAST_SERVICE_DNS);
    HazelcastJoin join = way.oneOf(HazelcastJoin.class);
    if (members.isPresent() && join != HazelcastJoin.TCP_IP) {
      throw members.get().refused("needs " + Flag.HAZELCAST_JOIN.option() + " tcp-ip");
    }
    if (dns.isPresent() && join != HazelcastJoin.KUBERNETES) {
      throw dns.get().refused("needs " + Flag.HAZELCAST_JOIN.option() + " kubernetes");
    }
    if (hasFile && !way.given() && members.isEmpty()) {
      return Optional.empty();
    }
    switch (join) {
      case TCP_IP -> {
        if (members.isEmpty()) {
          throw (way.given() ? way : settings.get(Flag.DISCOVERY))
              .refused("needs " + Flag.HAZELCAST_MEMBERS.option());
        }
        return Optional.of(new HazelcastOptions.TcpIp(members.get().hostsAndPorts()));
      }
      case KUBERNETES -> {
        if (dns.isEmpty()) {
          throw way.refused("needs " + Flag.HAZELCAST_SERVICE_DNS.option());
        }
        return Optional.of(new HazelcastOptions.Kubernetes(dns.get().host()));
      }
      case MULTICAST -> {
        return Optional.of(new HazelcastOptions.Multicast());
      }
    }
    throw new IllegalStateException(join + " is no way to join");
  }

  private static InitialCluster initialCluster(
      Settings settings, Setting name, List<Endpoint> advertisePeerUrls)
      throws BadSettingException {
    String token = settings.get(Flag.INITIAL_CLUSTER_TOKEN).name();
    Optional<Setting> setting = settings.find(Flag.INITIAL_CLUSTER);
    Map<String, List<String>> peerUrls = new LinkedHashMap<>();
    if (setting.isEmpty()) {
      peerUrls.put(name.value(), texts(advertisePeerUrls));
      return InitialCluster.of(token, peerUrls);
    }
    Map<String, Endpoint> members = setting.get().members();
    Endpoint self = members.get(name.value());
    if (self == null) {
      throw setting.get().refused("must name this member, which is " + name.mention());
    }
    if (!advertisePeerUrls.equals(List.of(self))) {
      Setting advertised =
          settings
              .find(Flag.INITIAL_ADVERTISE_PEER_URLS)
              .orElse(settings.get(Flag.LISTEN_PEER_URLS));
      throw advertised.refused(
          "must be the URL of " + name.value() + " in " + setting.get().origin() + ": " + self);
    }
    members.forEach((member, url) -> peerUrls.put(member, List.of(url.toString())));
    return InitialCluster.of(token, peerUrls);
  }

  private static List<String> texts(List<Endpoint> endpoints) {
    return endpoints.stream().map(Endpoint::toString).collect(Collectors.toList());
  }

  private static Timing timing(Settings settings) throws BadSettingException {
    Setting heartbeat = settings.get(Flag.HEARTBEAT_INTERVAL);
    Setting election = settings.get(Flag.ELECTION_TIMEOUT);
    long heartbeatMillis =
        heartbeat.number(1, ELECTION_MILLIS_MAX / HEARTBEATS_PER_ELECTION_MIN, "milliseconds");
    long electionMillis =
        election.number(HEARTBEATS_PER_ELECTION_MIN, ELECTION_MILLIS_MAX, "milliseconds");
    if (electionMillis < heartbeatMillis * HEARTBEATS_PER_ELECTION_MIN) {
      String times = HEARTBEATS_PER_ELECTION_MIN + " times ";
      throw election.given()
          ? election.refused("must be at least " + times + heartbeat.mention())
          : heartbeat.refused(election.mention() + " must be at least " + times + "this");
    }
    return new Timing(
        heartbeatMillis,
        electionMillis,
        settings.get(Flag.REQUEST_TIMEOUT).millis(REQUEST_TIMEOUT_MIN, REQUEST_TIMEOUT_MAX));
  }

  private static Limits limits(Settings settings) throws BadSettingException {
    return new Limits(
        settings.get(Flag.SNAPSHOT_COUNT).number(1, SNAPSHOT_COUNT_MAX, "entries"),
        settings.get(Flag.QUOTA_BACKEND_BYTES).bytes(BYTES_MIN, STORE_BYTES_MAX),
        (int) settings.get(Flag.MAX_REQUEST_BYTES).bytes(BYTES_MIN, REQUEST_BYTES_MAX),
        (int) settings.get(Flag.MAX_TXN_OPS).number(1, TXN_OPS_MAX, "operations"),
        settings.get(Flag.HISTORY_BYTES).bytes(BYTES_MIN, STORE_BYTES_MAX));
  }

  private static Optional<AutoCompaction> autoCompaction(Settings settings)
      throws BadSettingException {
    CompactionMode mode = settings.get(Flag.AUTO_COMPACTION_MODE).oneOf(CompactionMode.class);
    Setting retention = settings.get(Flag.AUTO_COMPACTION_RETENTION);
    if (mode == CompactionMode.REVISION) {
      long revisions =
          retention.number(
              0,
              Long.MAX_VALUE / 2,
              "revisions, because "
                  + settings.get(Flag.AUTO_COMPACTION_MODE).mention()
                  + " is set,");
      return revisions == 0
          ? Optional.empty()
          : Optional.of(new AutoCompaction.Revisions(revisions));
    }
    long millis = retention.durationMillis(HOUR_MILLIS);
    if (millis < 0 || millis > RETENTION_MAX.toMillis()) {
      throw retention.refused(
          "must be a duration such as 30m or 72h, or a whole number of hours, up to "
              + RETENTION_MAX.toHours()
              + "h");
    }
    return millis == 0
        ? Optional.empty()
        : Optional.of(new AutoCompaction.Periodic(Duration.ofMillis(millis)));
  }

  private static Optional<Tls> tls(
      Settings settings, Flag listening, Flag certFlag, Flag keyFlag, Flag caFlag, Flag authFlag)
      throws BadSettingException {
    Setting urls = settings.get(listening);
    boolean isUsed = urls.endpoints().stream().anyMatch(Endpoint::tls);
    Optional<Setting> cert = settings.find(certFlag);
    Optional<Setting> key = settings.find(keyFlag);
    Optional<Setting> ca = settings.find(caFlag);
    Setting auth = settings.get(authFlag);
    if (isUsed && cert.isEmpty()) {
      throw urls.refused("needs " + certFlag.option() + " and " + keyFlag.option() + " for https");
    }
    // A certificate that no URL uses is a server in clear text whose operator believes otherwise.
    for (Optional<Setting> file : List.of(cert, key, ca)) {
      if (file.isPresent() && !isUsed) {
        throw file.get().refused("needs an https URL in " + listening.option());
      }
    }
    if (auth.given() && auth.bool() != ca.isPresent()) {
      throw auth.refused(
          ca.isPresent() ? "must be true with " + ca.get().origin() : "needs " + caFlag.option());
    }
    if (!isUsed) {
      return Optional.empty();
    }
    if (key.isEmpty()) {
      throw cert.get().refused("needs " + keyFlag.option());
    }
    return Optional.of(
        new Tls(
            cert.get().pem("CERTIFICATE"),
            key.get().pem("PRIVATE KEY"),
            ca.isPresent() ? Optional.of(ca.get().pem("CERTIFICATE")) : Optional.empty()));
  }
}
