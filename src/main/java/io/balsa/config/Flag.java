package io.balsa.config;

import io.balsa.discovery.HazelcastOptions;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Every setting of a member. Names, units and defaults are etcd's where etcd has the same setting.
 * A default of null follows from other settings.
 */
public enum Flag {
  /** {@link ServerConfig#name}. */
  NAME("default", "NAME", "this member's name, unique in the cluster"),
  /** {@link ServerConfig#dataDir}. */
  DATA_DIR("./balsa-data", "DIR", "where everything durable is kept"),
  /** {@link ServerConfig#listenClientUrls}. */
  LISTEN_CLIENT_URLS("http://127.0.0.1:2379", "URLS", "where clients are served"),
  /** {@link ServerConfig#advertiseClientUrls}. */
  ADVERTISE_CLIENT_URLS(
      null, "URLS", "where clients reach this member (default: as --listen-client-urls)"),
  /** {@link ServerConfig#listenPeerUrls}. */
  LISTEN_PEER_URLS("http://127.0.0.1:2380", "URLS", "where the other members are served"),
  /** {@link ServerConfig#advertisePeerUrls}. */
  INITIAL_ADVERTISE_PEER_URLS(
      null,
      "URLS",
      "where the other members reach this one, the same as in --initial-cluster"
          + " (default: as --listen-peer-urls)"),
  /** {@link ServerConfig#initialCluster}. */
  INITIAL_CLUSTER(
      null,
      "NAME=URL,...",
      "the members that found the cluster, the same on all of them (default: this one alone)"),
  /** {@link ServerConfig#isNew}. */
  INITIAL_CLUSTER_STATE("new", "STATE", "new: found the cluster; existing: join one"),
  /** {@link InitialCluster#token}. */
  INITIAL_CLUSTER_TOKEN(
      "balsa-cluster", "TOKEN", "keeps clusters with the same names and URLs apart"),
  /** {@link ServerConfig#hazelcast}. */
  DISCOVERY(
      "static",
      "WAY",
      "how members find each other; static: by --initial-cluster; hazelcast: by name"),
  /** {@link ServerConfig#initialCluster}. */
  FOUNDERS(
      null,
      "NAME,...",
      "the members that found the cluster, the same on all; any other name joins it"),
  /** {@link HazelcastOptions#join}. */
  HAZELCAST_JOIN("tcp-ip", "WAY", "tcp-ip, multicast or kubernetes"),
  /** {@link HazelcastOptions.TcpIp}. */
  HAZELCAST_MEMBERS(null, "HOST:PORT,...", "some or all Hazelcast members, for tcp-ip"),
  /** {@link HazelcastOptions.Kubernetes}. */
  HAZELCAST_SERVICE_DNS(null, "NAME", "the headless service of the members, for kubernetes"),
  /** {@link HazelcastOptions#port}. */
  HAZELCAST_PORT("5701", "PORT", "where Hazelcast listens; it tries no other"),
  /** {@link HazelcastOptions#listenAddress}. */
  HAZELCAST_INTERFACE(
      null, "ADDRESS", "the address that Hazelcast listens on (default: its own choice)"),
  /** {@link HazelcastOptions#configFile}. */
  HAZELCAST_CONFIG(null, "FILE", "Hazelcast's own XML or YAML, under what the flags above set"),
  /** {@link ServerConfig.Timing#heartbeatMillis}. */
  HEARTBEAT_INTERVAL("100", "MS", "milliseconds between heartbeats of the leader"),
  /** {@link ServerConfig.Timing#electionMillis}. */
  ELECTION_TIMEOUT(
      "1000", "MS", "milliseconds without a leader before a campaign, at least 5 heartbeats"),
  /** {@link ServerConfig.Timing#requestMillis}. */
  REQUEST_TIMEOUT("7s", "DURATION", "how long a request waits for a quorum"),
  /** {@link ServerConfig.Limits#snapshotCount}. */
  SNAPSHOT_COUNT("100000", "N", "a snapshot at least every so many log entries"),
  /** {@link ServerConfig.Limits#quotaBytes}. */
  QUOTA_BACKEND_BYTES("2GiB", "BYTES", "writes that would grow the store beyond it are refused"),
  /** {@link ServerConfig.Limits#requestBytesMax}. */
  MAX_REQUEST_BYTES("1572864", "BYTES", "the largest value or transaction"),
  /** {@link ServerConfig.Limits#txnOpsMax}. */
  MAX_TXN_OPS("128", "N", "the most operations in a transaction"),
  /** {@link ServerConfig.Limits#historyBytes}. */
  HISTORY_BYTES("256MiB", "BYTES", "old revisions beyond it are compacted"),
  /** {@link ServerConfig#autoCompaction}. */
  AUTO_COMPACTION_MODE("periodic", "MODE", "periodic: keep by age; revision: keep by number"),
  /** {@link ServerConfig#autoCompaction}. */
  AUTO_COMPACTION_RETENTION(
      "0",
      "AMOUNT",
      "what to keep: a duration such as 30m or a number of hours; by number, revisions; 0: off"),
  /** {@link ServerConfig#preVote}. */
  PRE_VOTE("true", "BOOL", "ask before a campaign, so that a member that comes back disturbs none"),
  /** {@link ServerConfig#clientTls}. */
  CERT_FILE(null, "FILE", "certificate for https client URLs (PEM)"),
  /** {@link ServerConfig#clientTls}. */
  KEY_FILE(null, "FILE", "private key of --cert-file (PEM)"),
  /** {@link ServerConfig#clientTls}. */
  TRUSTED_CA_FILE(null, "FILE", "clients must show a certificate signed by one of these (PEM)"),
  /** {@link ServerConfig#clientTls}. */
  CLIENT_CERT_AUTH("false", "BOOL", "needs --trusted-ca-file, which alone has the same effect"),
  /** {@link ServerConfig#peerTls}. */
  PEER_CERT_FILE(null, "FILE", "certificate for https peer URLs (PEM)"),
  /** {@link ServerConfig#peerTls}. */
  PEER_KEY_FILE(null, "FILE", "private key of --peer-cert-file (PEM)"),
  /** {@link ServerConfig#peerTls}. */
  PEER_TRUSTED_CA_FILE(
      null, "FILE", "members must show a certificate signed by one of these (PEM)"),
  /** {@link ServerConfig#peerTls}. */
  PEER_CLIENT_CERT_AUTH(
      "false", "BOOL", "needs --peer-trusted-ca-file, which alone has the same effect"),
  /** {@link ServerConfig#eventBus}. */
  EVENT_BUS(
      "local",
      "MODE",
      "who may ask this member over the event bus: off, local (this process) or clustered"),
  /** {@link ServerConfig#authToken}. */
  AUTH_TOKEN(
      "simple", "SPEC", "simple, or jwt,sign-method=RS256,pub-key=FILE,priv-key=FILE,ttl=5m"),
  /** {@link ServerConfig#logLevel}. */
  LOG_LEVEL("info", "LEVEL", "debug, info, warn or error"),
  /** The YAML file, which cannot name another. */
  CONFIG_FILE(null, "FILE", "the same settings in YAML, without the dashes");

  private static final String PREFIX = "BALSA_";

  private final String standard;
  private final String placeholder;
  private final String help;

  Flag(String standard, String placeholder, String help) {
    this.standard = standard;
    this.placeholder = placeholder;
    this.help = help;
  }

  /** The YAML key, and the flag without its dashes. */
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The name of the option of an embedded member. */
  public String property() {
    StringBuilder name = new StringBuilder();
    for (String word : key().split("-")) {
      name.append(
          name.isEmpty()
              ? word
              : word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1));
    }
    return name.toString();
  }

  /** As it is given on the command line. */
  public String option() {
    return "--" + key();
  }

  /** The environment variable. */
  public String variable() {
    return PREFIX + name();
  }

  /** The value where none is given; empty where it follows from other settings. */
  public Optional<String> standard() {
    return Optional.ofNullable(standard);
  }

  /** What the help text calls the value. */
  public String placeholder() {
    return placeholder;
  }

  /** One line for the help text. */
  public String help() {
    return help;
  }

  /** Whether the bare flag means true. */
  public boolean isSwitch() {
    return placeholder.equals("BOOL");
  }

  /** The setting with this key. */
  public static Optional<Flag> ofKey(String key) {
    return Arrays.stream(values()).filter(flag -> flag.key().equals(key)).findFirst();
  }

  /** Whether a variable is meant for Balsa. */
  static boolean claims(String variable) {
    return variable.startsWith(PREFIX);
  }

  /** The candidate that differs least from {@code word}, where it may well have been meant. */
  public static Optional<String> nearest(String word, List<String> candidates) {
    String best = null;
    int bestDistance = Math.max(2, word.length() / 3) + 1;
    for (String candidate : candidates) {
      int distance = distance(word, candidate);
      if (distance < bestDistance) {
        bestDistance = distance;
        best = candidate;
      }
    }
    return Optional.ofNullable(best);
  }

  /** Insertions, deletions and replacements from one word to the other (Levenshtein). */
  private static int distance(String from, String to) {
    int[] row = new int[to.length() + 1];
    Arrays.setAll(row, i -> i);
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(diagonal, row[j - 1]));
      }
    }
    return row[to.length()];
  }
}
