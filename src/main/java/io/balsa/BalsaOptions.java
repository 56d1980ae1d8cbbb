package io.balsa;

import io.balsa.config.Flag;
import io.balsa.config.Settings;
import io.vertx.codegen.annotations.DataObject;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How an embedded member is started: the settings of a server, with their defaults, under the names
 * of its flags in camel case. What breaks a rule is refused when the member is started, by the name
 * of the option.
 */
@DataObject
public class BalsaOptions {
  // They belong to the process, which is the application's.
  private static final Set<Flag> NOT_HERE = EnumSet.of(Flag.LOG_LEVEL, Flag.CONFIG_FILE);

  private final JsonObject values;

  /** All defaults: a cluster of its own, in {@code ./balsa-data}, on the ports 2379 and 2380. */
  public BalsaOptions() {
    values = new JsonObject();
  }

  /** A copy. */
  public BalsaOptions(BalsaOptions other) {
    values = other.values.copy();
  }

  /**
   * Reads what {@link #toJson} wrote. Text may stand for numbers, as {@code "2GiB"} for bytes and
   * {@code "7s"} for a time.
   *
   * @throws IllegalArgumentException for a name that is no option
   */
  public BalsaOptions(JsonObject json) {
    for (String name : json.fieldNames()) {
      if (flag(name).isEmpty()) {
        throw new IllegalArgumentException(
            "options: unknown option '"
                + name
                + "'"
                + Flag.nearest(name, flags().map(Flag::property).toList())
                    .map(nearest -> ", did you mean " + nearest + "?")
                    .orElse(""));
      }
    }
    values = json.copy();
  }

  /** The name of this member, unique in the cluster. */
  public BalsaOptions setName(String name) {
    return put(Flag.NAME, name);
  }

  /** Where everything durable is kept; made if it is not there. */
  public BalsaOptions setDataDir(String dataDir) {
    return put(Flag.DATA_DIR, dataDir);
  }

  /** Where clients are served over HTTP. */
  public BalsaOptions setListenClientUrls(List<String> listenClientUrls) {
    return put(Flag.LISTEN_CLIENT_URLS, new JsonArray(List.copyOf(listenClientUrls)));
  }

  /** Where clients reach this member; by default where they are served. */
  public BalsaOptions setAdvertiseClientUrls(List<String> advertiseClientUrls) {
    return put(Flag.ADVERTISE_CLIENT_URLS, new JsonArray(List.copyOf(advertiseClientUrls)));
  }

  /** Where the other members are served. */
  public BalsaOptions setListenPeerUrl(String listenPeerUrl) {
    return put(Flag.LISTEN_PEER_URLS, listenPeerUrl);
  }

  /** Where the other members reach this one; by default where they are served. */
  public BalsaOptions setAdvertisePeerUrls(List<String> advertisePeerUrls) {
    return put(Flag.INITIAL_ADVERTISE_PEER_URLS, new JsonArray(List.copyOf(advertisePeerUrls)));
  }

  /**
   * The members that found the cluster, {@code n1=http://...,n2=http://...}, the same on all of
   * them; by default this one alone.
   */
  public BalsaOptions setInitialCluster(String initialCluster) {
    return put(Flag.INITIAL_CLUSTER, initialCluster);
  }

  /** {@code new} founds the cluster, {@code existing} joins one. */
  public BalsaOptions setInitialClusterState(String initialClusterState) {
    return put(Flag.INITIAL_CLUSTER_STATE, initialClusterState);
  }

  /** Keeps clusters with the same names and URLs apart. */
  public BalsaOptions setInitialClusterToken(String initialClusterToken) {
    return put(Flag.INITIAL_CLUSTER_TOKEN, initialClusterToken);
  }

  /** Between two heartbeats of the leader. */
  public BalsaOptions setHeartbeatIntervalMillis(long heartbeatIntervalMillis) {
    return put(Flag.HEARTBEAT_INTERVAL, heartbeatIntervalMillis);
  }

  /** Without a leader before a campaign, at least five heartbeats. */
  public BalsaOptions setElectionTimeoutMillis(long electionTimeoutMillis) {
    return put(Flag.ELECTION_TIMEOUT, electionTimeoutMillis);
  }

  /** How long a request waits for a quorum. */
  public BalsaOptions setRequestTimeoutMillis(long requestTimeoutMillis) {
    return put(Flag.REQUEST_TIMEOUT, requestTimeoutMillis);
  }

  /** A snapshot at least every so many log entries. */
  public BalsaOptions setSnapshotCount(long snapshotCount) {
    return put(Flag.SNAPSHOT_COUNT, snapshotCount);
  }

  /** Writes that would grow the store beyond it are refused. */
  public BalsaOptions setQuotaBackendBytes(long quotaBackendBytes) {
    return put(Flag.QUOTA_BACKEND_BYTES, quotaBackendBytes);
  }

  /** The largest value or transaction. */
  public BalsaOptions setMaxRequestBytes(long maxRequestBytes) {
    return put(Flag.MAX_REQUEST_BYTES, maxRequestBytes);
  }

  /** The most operations in a transaction. */
  public BalsaOptions setMaxTxnOps(long maxTxnOps) {
    return put(Flag.MAX_TXN_OPS, maxTxnOps);
  }

  /** Old revisions beyond it are compacted. */
  public BalsaOptions setHistoryBytes(long historyBytes) {
    return put(Flag.HISTORY_BYTES, historyBytes);
  }

  /** {@code periodic} keeps by age, {@code revision} by number. */
  public BalsaOptions setAutoCompactionMode(String autoCompactionMode) {
    return put(Flag.AUTO_COMPACTION_MODE, autoCompactionMode);
  }

  /** What is kept: {@code 30m}, or a number of revisions; {@code 0} is off. */
  public BalsaOptions setAutoCompactionRetention(String autoCompactionRetention) {
    return put(Flag.AUTO_COMPACTION_RETENTION, autoCompactionRetention);
  }

  /** Asks before a campaign, so that a member that comes back disturbs none. */
  public BalsaOptions setPreVote(boolean preVote) {
    return put(Flag.PRE_VOTE, preVote);
  }

  /** The certificate for https client URLs (PEM). */
  public BalsaOptions setCertFile(String certFile) {
    return put(Flag.CERT_FILE, certFile);
  }

  /** The private key of that certificate (PEM). */
  public BalsaOptions setKeyFile(String keyFile) {
    return put(Flag.KEY_FILE, keyFile);
  }

  /** Clients must show a certificate signed by one of these (PEM). */
  public BalsaOptions setTrustedCaFile(String trustedCaFile) {
    return put(Flag.TRUSTED_CA_FILE, trustedCaFile);
  }

  /** The certificate for https peer URLs (PEM). */
  public BalsaOptions setPeerCertFile(String peerCertFile) {
    return put(Flag.PEER_CERT_FILE, peerCertFile);
  }

  /** The private key of that certificate (PEM). */
  public BalsaOptions setPeerKeyFile(String peerKeyFile) {
    return put(Flag.PEER_KEY_FILE, peerKeyFile);
  }

  /** Members must show a certificate signed by one of these (PEM). */
  public BalsaOptions setPeerTrustedCaFile(String peerTrustedCaFile) {
    return put(Flag.PEER_TRUSTED_CA_FILE, peerTrustedCaFile);
  }

  /**
   * {@code static} or {@code hazelcast}: how the others are found. Hazelcast is this member's own,
   * whatever the application's Vert.x is clustered by.
   */
  public BalsaOptions setDiscovery(String discovery) {
    return put(Flag.DISCOVERY, discovery);
  }

  /** With {@code hazelcast}: the names of the members that found the cluster. */
  public BalsaOptions setFounders(List<String> founders) {
    return put(Flag.FOUNDERS, new JsonArray(List.copyOf(founders)));
  }

  /** {@code tcp-ip}, {@code multicast} or {@code kubernetes}. */
  public BalsaOptions setHazelcastJoin(String hazelcastJoin) {
    return put(Flag.HAZELCAST_JOIN, hazelcastJoin);
  }

  /** With {@code tcp-ip}: where Hazelcast looks for the others, {@code host:port}. */
  public BalsaOptions setHazelcastMembers(List<String> hazelcastMembers) {
    return put(Flag.HAZELCAST_MEMBERS, new JsonArray(List.copyOf(hazelcastMembers)));
  }

  /** With {@code kubernetes}: the name of the headless service. */
  public BalsaOptions setHazelcastServiceDns(String hazelcastServiceDns) {
    return put(Flag.HAZELCAST_SERVICE_DNS, hazelcastServiceDns);
  }

  /** Where Hazelcast listens. */
  public BalsaOptions setHazelcastPort(int hazelcastPort) {
    return put(Flag.HAZELCAST_PORT, hazelcastPort);
  }

  /** The only address on which Hazelcast listens; by default all. */
  public BalsaOptions setHazelcastInterface(String hazelcastInterface) {
    return put(Flag.HAZELCAST_INTERFACE, hazelcastInterface);
  }

  /** A file with Hazelcast's own configuration, XML or YAML. */
  public BalsaOptions setHazelcastConfig(String hazelcastConfig) {
    return put(Flag.HAZELCAST_CONFIG, hazelcastConfig);
  }

  /**
   * Who may ask this member over the event bus: {@code off}, {@code local} or {@code clustered}.
   */
  public BalsaOptions setEventBus(String eventBus) {
    return put(Flag.EVENT_BUS, eventBus);
  }

  /**
   * How users prove who they are: {@code simple}, tokens that the members remember, or {@code
   * jwt,sign-method=RS256,pub-key=FILE,priv-key=FILE,ttl=5m}, tokens that are signed.
   */
  public BalsaOptions setAuthToken(String authToken) {
    return put(Flag.AUTH_TOKEN, authToken);
  }

  /** The options that were set. */
  public JsonObject toJson() {
    return values.copy();
  }

  Settings settings() {
    Map<Flag, String> settings = new EnumMap<>(Flag.class);
    values.forEach(
        value -> settings.put(flag(value.getKey()).orElseThrow(), text(value.getValue())));
    return Settings.embedded(settings);
  }

  private BalsaOptions put(Flag flag, Object value) {
    values.put(flag.property(), value);
    return this;
  }

  private static String text(Object value) {
    if (value instanceof JsonArray list) {
      return list.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
    return String.valueOf(value);
  }

  private static Optional<Flag> flag(String property) {
    return flags().filter(flag -> flag.property().equals(property)).findFirst();
  }

  private static Stream<Flag> flags() {
    return Arrays.stream(Flag.values()).filter(flag -> !NOT_HERE.contains(flag));
  }
}
