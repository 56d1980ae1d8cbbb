package io.balsa.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.balsa.config.ServerConfig.AutoCompaction;
import io.balsa.config.ServerConfig.Limits;
import io.balsa.config.ServerConfig.LogLevel;
import io.balsa.config.ServerConfig.Timing;
import io.balsa.config.ServerConfig.Tls;
import io.balsa.discovery.HazelcastOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ServerConfigTest {
  private static final String THREE =
      "n1=http://127.0.0.1:2380,n2=http://127.0.0.1:22380,n3=http://127.0.0.1:32380";

  @TempDir Path directory;

  @Test
  void nothingGivenIsOneDurableMemberOnLoopback() throws Exception {
    ServerConfig config = config();

    assertThat(config.name()).isEqualTo("default");
    assertThat(config.dataDir()).isEqualTo(Path.of("./balsa-data"));
    assertThat(config.listenClientUrls()).hasToString("[http://127.0.0.1:2379]");
    assertThat(config.advertiseClientUrls()).hasToString("[http://127.0.0.1:2379]");
    assertThat(config.listenPeerUrls()).hasToString("[http://127.0.0.1:2380]");
    assertThat(config.advertisePeerUrls()).hasToString("[http://127.0.0.1:2380]");
    assertThat(config.initialCluster().members())
        .extracting(InitialCluster.Member::name, InitialCluster.Member::peerUrls)
        .containsExactly(tuple("default", List.of("http://127.0.0.1:2380")));
    assertThat(config.isNew()).isTrue();
    assertThat(config.timing()).isEqualTo(new Timing(100, 1_000, 7_000));
    assertThat(config.limits())
        .isEqualTo(new Limits(100_000, 2_147_483_648L, 1_572_864, 128, 268_435_456L));
    assertThat(config.autoCompaction()).isEmpty();
    assertThat(config.preVote()).isTrue();
    assertThat(config.eventBus()).isEqualTo(ServerConfig.EventBus.LOCAL);
    assertThat(config.clientTls()).isEmpty();
    assertThat(config.peerTls()).isEmpty();
    assertThat(config.logLevel()).isEqualTo(LogLevel.INFO);
  }

  @Test
  void everyFlagIsTaken() throws Exception {
    ServerConfig config =
        config(
            "name", "n2",
            "data-dir", directory.resolve("a/b").toString(),
            "listen-client-urls", "http://0.0.0.0:22379, http://[::]:22378",
            "advertise-client-urls", "http://balsa-2:22379",
            "listen-peer-urls", "http://0.0.0.0:22380",
            "initial-advertise-peer-urls", "http://127.0.0.1:22380",
            "initial-cluster", THREE,
            "initial-cluster-state", "existing",
            "initial-cluster-token", "mine",
            "heartbeat-interval", "20",
            "election-timeout", "100",
            "request-timeout", "1m30s",
            "snapshot-count", "7",
            "quota-backend-bytes", "8GiB",
            "max-request-bytes", "1 MiB",
            "max-txn-ops", "1",
            "history-bytes", "64kib",
            "auto-compaction-mode", "revision",
            "auto-compaction-retention", "1000",
            "pre-vote", "false",
            "event-bus", "clustered",
            "log-level", "debug");

    assertThat(config.name()).isEqualTo("n2");
    assertThat(config.dataDir()).isEqualTo(directory.resolve("a/b"));
    assertThat(config.listenClientUrls()).hasToString("[http://0.0.0.0:22379, http://[::]:22378]");
    assertThat(config.advertiseClientUrls()).hasToString("[http://balsa-2:22379]");
    assertThat(config.listenPeerUrls()).hasToString("[http://0.0.0.0:22380]");
    assertThat(config.advertisePeerUrls()).hasToString("[http://127.0.0.1:22380]");
    assertThat(config.initialCluster().token()).isEqualTo("mine");
    assertThat(config.initialCluster().members())
        .extracting(InitialCluster.Member::name)
        .containsExactly("n1", "n2", "n3");
    assertThat(config.isNew()).isFalse();
    assertThat(config.timing()).isEqualTo(new Timing(20, 100, 90_000));
    assertThat(config.limits()).isEqualTo(new Limits(7, 8_589_934_592L, 1_048_576, 1, 65_536L));
    assertThat(config.autoCompaction()).contains(new AutoCompaction.Revisions(1_000));
    assertThat(config.preVote()).isFalse();
    assertThat(config.eventBus()).isEqualTo(ServerConfig.EventBus.CLUSTERED);
    assertThat(config.logLevel()).isEqualTo(LogLevel.DEBUG);
  }

  @Test
  void retentionIsInHoursOrADuration() throws Exception {
    assertThat(config("auto-compaction-retention", "2").autoCompaction())
        .contains(new AutoCompaction.Periodic(Duration.ofHours(2)));
    assertThat(config("auto-compaction-retention", "30m").autoCompaction())
        .contains(new AutoCompaction.Periodic(Duration.ofMinutes(30)));
    assertThat(config("auto-compaction-retention", "0").autoCompaction()).isEmpty();
  }

  @Test
  void requestTimeoutIsADurationOrMilliseconds() throws Exception {
    assertThat(config("request-timeout", "2500").timing().requestMillis()).isEqualTo(2_500);
    assertThat(config("request-timeout", "500ms").timing().requestMillis()).isEqualTo(500);
    assertThat(config("request-timeout", "2s500ms").timing().requestMillis()).isEqualTo(2_500);
  }

  @Test
  void advertisesTheUrlsItListensOnWhereOthersCanCallThem() throws Exception {
    ServerConfig config =
        config("listen-client-urls", "http://10.0.0.1:1", "listen-peer-urls", "http://10.0.0.1:2");

    assertThat(config.advertiseClientUrls()).hasToString("[http://10.0.0.1:1]");
    assertThat(config.initialCluster().members().get(0).peerUrls())
        .containsExactly("http://10.0.0.1:2");
  }

  @Test
  void takesCertificatesForHttps() throws Exception {
    String cert = pem("cert.pem", "CERTIFICATE");
    String key = pem("key.pem", "EC PRIVATE KEY");
    String ca = pem("ca.pem", "CERTIFICATE");

    ServerConfig config =
        config(
            "listen-client-urls", "https://127.0.0.1:2379",
            "cert-file", cert,
            "key-file", key,
            "listen-peer-urls", "https://127.0.0.1:2380",
            "peer-cert-file", cert,
            "peer-key-file", key,
            "peer-trusted-ca-file", ca,
            "peer-client-cert-auth", "true");

    assertThat(config.clientTls()).contains(new Tls(Path.of(cert), Path.of(key), Optional.empty()));
    assertThat(config.peerTls())
        .contains(new Tls(Path.of(cert), Path.of(key), Optional.of(Path.of(ca))));
  }

  static Stream<Arguments> badValues() {
    return Stream.of(
        bad("name", "must be 1 to 128 characters", "", " ", "a b", "a,b", "a=b", "a/b", "a\nb"),
        bad("name", "must be 1 to 128 characters", "\uFFFD", "x".repeat(129), "x".repeat(100_000)),
        bad("data-dir", "must be a path", "", "  ", "a\0b", "\uFFFD"),
        bad("data-dir", "must be a directory that can be written", "/dev/null", "/dev/null/x"),
        bad("listen-client-urls", "must be http://host:port", "", "localhost:2379", "http://h"),
        bad("listen-client-urls", "must be http://host:port", "http://h:1/x", "http://h:1,"),
        bad("listen-client-urls", "must name each URL once", "http://h:1,http://h:1"),
        bad("advertise-client-urls", "must be at most 16 URLs", urls(17)),
        bad("listen-client-urls", "needs --advertise-client-urls", "http://0.0.0.0:2379"),
        bad("listen-client-urls", "needs --cert-file and --key-file", "https://h:1"),
        bad("listen-client-urls", "must use another port", "http://127.0.0.1:2380"),
        bad("advertise-client-urls", "must be http://host:port", "", "x", "http://h:65536"),
        bad("advertise-client-urls", "that others can call", "http://0.0.0.0:1", "http://[::]:1"),
        bad("listen-peer-urls", "must be http://host:port", "", "tcp://h:1"),
        bad("listen-peer-urls", "needs --initial-advertise-peer-urls", "http://[::]:2380"),
        bad("listen-peer-urls", "needs --peer-cert-file and --peer-key-file", "https://h:1"),
        bad("listen-peer-urls", "must be one URL", "http://127.0.0.1:1,http://127.0.0.1:2"),
        bad("listen-peer-urls", "must use another port", "http://127.0.0.1:2379"),
        bad("initial-advertise-peer-urls", "must be http://host:port", "", "h:1"),
        bad("initial-advertise-peer-urls", "that others can call", "http://0.0.0.0:2380"),
        bad("initial-cluster", "must be name=url", "", "http://h:1", "default"),
        bad("initial-cluster", "each name must be 1 to 128", "=http://h:1", "a b=http://h:1"),
        bad("initial-cluster", "must be http://host:port", "default=", "default=http://h"),
        bad("initial-cluster", "must name this member", "n1=http://127.0.0.1:2380"),
        bad("initial-cluster", "must name each member once", "a=http://h:1,a=http://h:2"),
        bad("initial-cluster", "to one member only", "a=http://h:1,b=http://h:1"),
        bad("initial-cluster", "that others can call", "default=http://0.0.0.0:2380"),
        bad("initial-cluster-state", "must be one of new, existing", "", "NEW", "old", "1"),
        bad("initial-cluster-token", "must be 1 to 128 characters", "", "a b"),
        bad("discovery", "must be one of static, hazelcast", "", "dns", "HAZELCAST"),
        bad("discovery", "needs --founders", "hazelcast"),
        bad("founders", "needs --discovery hazelcast", "", "n1,n2"),
        bad("hazelcast-join", "needs --discovery hazelcast", "tcp-ip"),
        bad("hazelcast-members", "needs --discovery hazelcast", "h:1"),
        bad("hazelcast-service-dns", "needs --discovery hazelcast", "h"),
        bad("hazelcast-port", "needs --discovery hazelcast", "5701", "x"),
        bad("hazelcast-interface", "needs --discovery hazelcast", "127.0.0.1"),
        bad("hazelcast-config", "needs --discovery hazelcast", "/no/such.xml"),
        bad("heartbeat-interval", "milliseconds from 1 to 10000", "", "0", "-1", "1.5", "100ms"),
        bad("heartbeat-interval", "milliseconds from 1 to 10000", "10001", "9".repeat(40), "١"),
        bad("heartbeat-interval", "must be at least 5 times this", "201"),
        bad("election-timeout", "milliseconds from 5 to 50000", "", "abc", "4", "50001", "1s"),
        bad("election-timeout", "must be at least 5 times --heartbeat-interval \"100\"", "499"),
        bad("request-timeout", "must be a duration from 10ms to 600s", "", "abc", "0", "9ms"),
        bad("request-timeout", "must be a duration from 10ms to 600s", "601s", "7 s", "-7s", "7d"),
        bad("request-timeout", "must be a duration", "999999999h999999999h", "9".repeat(30)),
        bad("snapshot-count", "must be a whole number of entries", "", "0", "-5", "1e3", "x"),
        bad("snapshot-count", "must be a whole number of entries", "1000000001"),
        bad("quota-backend-bytes", "must be a number of bytes", "", "0", "-1", "x", "1023"),
        bad("quota-backend-bytes", "must be a number of bytes", "2GB", "1025GiB", "GiB", "1.5GiB"),
        bad("quota-backend-bytes", "must be a number of bytes", "999999999999999999GiB"),
        bad("max-request-bytes", "must be a number of bytes", "", "0", "33MiB", "1\n", "abc"),
        bad("max-txn-ops", "must be a whole number of operations", "", "0", "100001", "many"),
        bad("history-bytes", "must be a number of bytes", "", "1", "2TiB", "256 M iB"),
        bad("auto-compaction-mode", "must be one of periodic, revision", "", "Periodic", "off"),
        bad("auto-compaction-retention", "must be a duration", "", "-1", "1d", "x", "1.5h"),
        bad("auto-compaction-retention", "must be a duration", "87841h", "9".repeat(20)),
        bad("pre-vote", "must be true or false", "", "yes", "1", "TRUE"),
        bad("auth-token", "must be simple, or jwt with", "", "jwt", "Simple", "simple,ttl=5m"),
        bad("auth-token", "sign-method is one of", "jwt,sign-method=none,pub-key=/etc/passwd"),
        bad("auth-token", "pub-key is needed", "jwt,sign-method=RS256", "jwt,sign-method=HS256"),
        bad("auth-token", "must name readable files", "jwt,sign-method=ES256,pub-key=/no/such"),
        bad("event-bus", "must be one of off, local, clustered", "", "Local", "on", "true"),
        bad("cert-file", "needs an https URL in --listen-client-urls", "x.pem"),
        bad("key-file", "needs an https URL in --listen-client-urls", "x.pem"),
        bad("trusted-ca-file", "needs an https URL in --listen-client-urls", "x.pem"),
        bad("client-cert-auth", "must be true or false", "", "maybe"),
        bad("client-cert-auth", "needs --trusted-ca-file", "true"),
        bad("peer-cert-file", "needs an https URL in --listen-peer-urls", "x.pem"),
        bad("peer-key-file", "needs an https URL in --listen-peer-urls", "x.pem"),
        bad("peer-trusted-ca-file", "needs an https URL in --listen-peer-urls", "x.pem"),
        bad("peer-client-cert-auth", "must be true or false", "", "2"),
        bad("peer-client-cert-auth", "needs --peer-trusted-ca-file", "true"),
        bad("log-level", "must be one of debug, info, warn, error", "", "INFO", "trace", "7"),
        bad("config-file", "must be a file that can be read", "", "/dev/null", "/no/such", "\0"));
  }

  private static String urls(int count) {
    return IntStream.rangeClosed(1, count)
        .mapToObj(port -> "http://h:" + port)
        .collect(Collectors.joining(","));
  }

  private static Arguments bad(String key, String rule, String... values) {
    return Arguments.of(key, rule, List.of(values));
  }

  @ParameterizedTest
  @MethodSource("badValues")
  void refusesABadFlagInOneLineThatNamesFlagValueAndRule(
      String key, String rule, List<String> values) {
    for (String value : values) {
      assertOneLine(
          "--" + key, value, rule, Map.of(Flag.ofKey(key).orElseThrow(), value), Map.of());
    }
  }

  @ParameterizedTest
  @MethodSource("badValues")
  void refusesABadVariableUnderItsOwnName(String key, String rule, List<String> values) {
    Flag flag = Flag.ofKey(key).orElseThrow();
    for (String value : values) {
      if (!value.isEmpty()) {
        assertOneLine(flag.variable(), value, rule, Map.of(), Map.of(flag.variable(), value));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Flag.class)
  void noFlagIsWithoutABadValue(Flag flag) {
    assertThat(badValues()).anyMatch(arguments -> arguments.get()[0].equals(flag.key()));
  }

  @Test
  void refusesWhatContradictsItself() throws IOException {
    String cert = pem("cert.pem", "CERTIFICATE");
    String key = pem("key.pem", "PRIVATE KEY");
    String https = "https://127.0.0.1:2379";

    assertThatThrownBy(() -> config("name", "n2", "initial-cluster", THREE))
        .hasMessage(
            "--listen-peer-urls \"http://127.0.0.1:2380\":"
                + " must be the URL of n2 in --initial-cluster: http://127.0.0.1:22380");
    assertThatThrownBy(
            () ->
                config(
                    "name", "n1",
                    "initial-cluster", THREE,
                    "initial-advertise-peer-urls", "http://127.0.0.1:2380,http://h:2380"))
        .hasMessageStartingWith("--initial-advertise-peer-urls \"http://127.0.0.1:2380,http://h")
        .hasMessageEndingWith("must be the URL of n1 in --initial-cluster: http://127.0.0.1:2380");
    assertThatThrownBy(() -> config("listen-client-urls", https, "cert-file", cert))
        .hasMessage("--cert-file \"" + cert + "\": needs --key-file");
    assertThatThrownBy(() -> config("listen-client-urls", https, "key-file", key))
        .hasMessageEndingWith("needs --cert-file and --key-file for https");
    assertThatThrownBy(() -> config("listen-client-urls", https, "cert-file", key, "key-file", key))
        .hasMessageStartingWith("--cert-file \"" + key)
        .hasMessageEndingWith("must be a readable PEM file with a CERTIFICATE");
    assertThatThrownBy(
            () ->
                config("listen-client-urls", https, "cert-file", cert, "key-file", "/no/such.pem"))
        .hasMessage("--key-file \"/no/such.pem\": must be a readable PEM file with a PRIVATE KEY");
    assertThatThrownBy(
            () ->
                config(
                    "listen-client-urls", https,
                    "cert-file", cert,
                    "key-file", key,
                    "trusted-ca-file", cert,
                    "client-cert-auth", "false"))
        .hasMessage("--client-cert-auth \"false\": must be true with --trusted-ca-file");
    assertThatThrownBy(
            () -> config("auto-compaction-mode", "revision", "auto-compaction-retention", "1h"))
        .hasMessageStartingWith("--auto-compaction-retention \"1h\": must be a whole number")
        .hasMessageContaining("--auto-compaction-mode \"revision\"");
    assertThatThrownBy(() -> config("heartbeat-interval", "300", "election-timeout", "1000"))
        .hasMessage(
            "--election-timeout \"1000\": must be at least 5 times --heartbeat-interval \"300\"");
  }

  @Test
  void foundersAreNamedAndFoundByHazelcast() throws Exception {
    ServerConfig config = hazelcast("name", "n4", "initial-cluster-token", "mine");

    assertThat(config.initialCluster())
        .isEqualTo(InitialCluster.ofNames("mine", List.of("n1", "n2", "n3")));
    assertThat(config.hazelcast())
        .contains(
            new HazelcastOptions(
                "mine",
                5_701,
                Optional.empty(),
                Optional.empty(),
                Optional.of(new HazelcastOptions.TcpIp(List.of("127.0.0.1:5701", "h:5702")))));
    assertThat(config().hazelcast()).isEmpty();
  }

  @Test
  void hazelcastJoinsInOneWay() throws Exception {
    assertThat(bare("hazelcast-join", "multicast").hazelcast().orElseThrow().join())
        .contains(new HazelcastOptions.Multicast());
    assertThat(
            bare("hazelcast-join", "kubernetes", "hazelcast-service-dns", "b.ns.svc.cluster.local")
                .hazelcast()
                .orElseThrow()
                .join())
        .contains(new HazelcastOptions.Kubernetes("b.ns.svc.cluster.local"));
  }

  @Test
  void hazelcastsOwnFileMayLeaveTheJoinToItself() throws Exception {
    Path file = directory.resolve("hazelcast.yaml");
    Files.writeString(file, "hazelcast: {}");

    HazelcastOptions plain =
        bare("hazelcast-config", file.toString(), "hazelcast-interface", "::1")
            .hazelcast()
            .orElseThrow();
    HazelcastOptions overridden =
        bare("hazelcast-config", file.toString(), "hazelcast-members", "h:1")
            .hazelcast()
            .orElseThrow();

    assertThat(plain.configFile()).contains(file);
    assertThat(plain.join()).isEmpty();
    assertThat(plain.listenAddress()).contains("::1");
    assertThat(overridden.join()).contains(new HazelcastOptions.TcpIp(List.of("h:1")));
  }

  @Test
  void refusesWhatHazelcastCannotBeToldTogether() {
    assertRefused(
        "--initial-cluster", "needs --discovery static", "initial-cluster", THREE, "name", "n1");
    assertRefused(
        "--initial-cluster-state", "needs --discovery static", "initial-cluster-state", "new");
    assertRefused("--founders", "each name must be 1 to 128", "founders", "n1,,n2");
    assertRefused("--founders", "must name each member once: n1", "founders", "n1,n2,n1");
    assertRefused("--hazelcast-members", "must be host:port", "hazelcast-members", "127.0.0.1");
    assertRefused("--hazelcast-members", "must be host:port", "hazelcast-members", "");
    assertRefused("--hazelcast-members", "that others can call", "hazelcast-members", "0.0.0.0:1");
    assertRefused(
        "--hazelcast-members", "must name each once: h:1", "hazelcast-members", "h:1,h:1");
    assertRefused("--hazelcast-port", "must be a port from 1 to 65535", "hazelcast-port", "0");
    assertRefused("--hazelcast-port", "must be a port from 1 to 65535", "hazelcast-port", "x");
    assertRefused("--hazelcast-port", "must be another port", "hazelcast-port", "2380");
    assertRefused("--hazelcast-interface", "must be an IP address", "hazelcast-interface", "eth0");
    assertRefused("--hazelcast-interface", "must be an IP address", "hazelcast-interface", "1.2.3");
    assertRefused(
        "--hazelcast-config", "ends in .xml, .yaml or .yml", "hazelcast-config", "/no/such.xml");
    assertRefused(
        "--hazelcast-join", "must be one of tcp-ip, multicast, kubernetes", "hazelcast-join", "x");
    assertRefused(
        "--hazelcast-members", "needs --hazelcast-join tcp-ip", "hazelcast-join", "multicast");
    assertRefused(
        "--hazelcast-service-dns",
        "needs --hazelcast-join kubernetes",
        "hazelcast-service-dns",
        "h");
    assertThatThrownBy(() -> bare())
        .hasMessage("--discovery \"hazelcast\": needs --hazelcast-members");
    assertThatThrownBy(() -> bare("hazelcast-join", "tcp-ip"))
        .hasMessage("--hazelcast-join \"tcp-ip\": needs --hazelcast-members");
    assertThatThrownBy(() -> bare("hazelcast-join", "kubernetes"))
        .hasMessage("--hazelcast-join \"kubernetes\": needs --hazelcast-service-dns");
    assertThatThrownBy(
            () -> bare("hazelcast-join", "kubernetes", "hazelcast-service-dns", "not a name"))
        .hasMessage("--hazelcast-service-dns \"not a name\": must be a host name");
  }

  private static void assertRefused(String origin, String rule, String... keysAndValues) {
    assertThatThrownBy(() -> hazelcast(keysAndValues))
        .hasMessageStartingWith(origin + " ")
        .hasMessageContaining(rule);
  }

  /** By TCP/IP, for what {@code keysAndValues} do not say otherwise. */
  private static ServerConfig hazelcast(String... keysAndValues) throws BadSettingException {
    return bare(
        Stream.concat(
                Stream.of("hazelcast-members", "127.0.0.1:5701, h:5702"), Stream.of(keysAndValues))
            .toArray(String[]::new));
  }

  private static ServerConfig bare(String... keysAndValues) throws BadSettingException {
    return config(
        Stream.concat(
                Stream.of("discovery", "hazelcast", "founders", "n1, n2,n3"),
                Stream.of(keysAndValues))
            .toArray(String[]::new));
  }

  private static void assertOneLine(
      String origin, String value, String rule, Map<Flag, String> flags, Map<String, String> env) {
    assertThatThrownBy(() -> ServerConfig.of(Settings.of(flags, env)))
        .as("%s %s", origin, value)
        .isInstanceOf(BadSettingException.class)
        .hasMessageStartingWith(origin + " " + BadSettingException.quoted(value) + ": ")
        .hasMessageContaining(rule)
        .message()
        .hasSizeLessThan(600)
        .matches(line -> line.chars().noneMatch(Character::isISOControl), "is one line");
  }

  private static ServerConfig config(String... keysAndValues) throws BadSettingException {
    Map<Flag, String> flags = new EnumMap<>(Flag.class);
    for (int i = 0; i < keysAndValues.length; i += 2) {
      flags.put(Flag.ofKey(keysAndValues[i]).orElseThrow(), keysAndValues[i + 1]);
    }
    return ServerConfig.of(Settings.of(flags, Map.of()));
  }

  private String pem(String name, String label) throws IOException {
    Path file = directory.resolve(name);
    Files.writeString(file, "-----BEGIN " + label + "-----\nAAAA\n-----END " + label + "-----\n");
    return file.toString();
  }
}
