package io.balsa.verticle;

import io.balsa.api.SignedTokens;
import io.balsa.config.AuthToken;
import io.balsa.config.InitialCluster;
import io.balsa.config.ServerConfig;
import io.balsa.data.Endpoint;
import io.balsa.discovery.Discovery;
import io.balsa.discovery.Sighting;
import io.balsa.engine.MemberInfo;
import io.balsa.engine.ReplicaOptions.AutoCompaction;
import io.balsa.verticle.MemberConfig.Cluster.Entry;
import io.balsa.verticle.peer.PeerOptions;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** From what an operator set to what a member is started with. */
public final class MemberSetup {
  private MemberSetup() {}

  /** With the others where {@code --initial-cluster} says. */
  public static MemberConfig of(ServerConfig config) {
    return of(
        config,
        Discovery.fixed(
            config.initialCluster().members().stream()
                .map(member -> new Sighting(member.name(), member.peerUrls(), List.of()))
                .toList()));
  }

  /** What the others are to be told of this member. */
  public static Sighting self(ServerConfig config) {
    return new Sighting(
        config.name(), texts(config.advertisePeerUrls()), texts(config.advertiseClientUrls()));
  }

  /** With the others where {@code discovery} finds them. */
  public static MemberConfig of(ServerConfig config, Discovery discovery) {
    InitialCluster cluster = config.initialCluster();
    List<MemberInfo> founders =
        cluster.members().stream()
            .map(member -> new MemberInfo(member.id(), member.name(), member.peerUrls(), List.of()))
            .toList();
    ServerConfig.Timing timing = config.timing();
    ServerConfig.Limits limits = config.limits();
    return new MemberConfig(
        config.name(),
        config.dataDir(),
        config.listenClientUrls(),
        texts(config.advertiseClientUrls()),
        config.listenPeerUrls().get(0),
        texts(config.advertisePeerUrls()),
        new MemberConfig.Cluster(cluster.clusterId(), founders, entry(config)),
        discovery,
        new MemberConfig.Timing(
            timing.heartbeatMillis(), timing.electionMillis(), timing.requestMillis()),
        new MemberConfig.Limits(
            limits.snapshotCount(),
            limits.quotaBytes(),
            limits.requestBytesMax(),
            limits.txnOpsMax(),
            limits.historyBytes()),
        config.autoCompaction().map(MemberSetup::compaction).orElse(AutoCompaction.NONE),
        config.preVote(),
        MemberConfig.EventBus.valueOf(config.eventBus().name()),
        config.clientTls().map(MemberSetup::clientTls).orElse(null),
        config.peerTls().map(MemberSetup::peerTls),
        config.authToken().map(MemberSetup::signedTokens).orElse(null));
  }

  private static Entry entry(ServerConfig config) {
    if (config.hazelcast().isPresent()) {
      return Entry.DISCOVER;
    }
    return config.isNew() ? Entry.FOUND : Entry.JOIN;
  }

  private static List<String> texts(List<Endpoint> urls) {
    return urls.stream().map(Endpoint::toString).toList();
  }

  private static AutoCompaction compaction(ServerConfig.AutoCompaction compaction) {
    if (compaction instanceof ServerConfig.AutoCompaction.Periodic periodic) {
      return new AutoCompaction(AutoCompaction.Mode.PERIODIC, periodic.retention().toMillis());
    }
    long retained = ((ServerConfig.AutoCompaction.Revisions) compaction).retained();
    return new AutoCompaction(AutoCompaction.Mode.REVISION, retained);
  }

  private static ServerSSLOptions clientTls(ServerConfig.Tls tls) {
    ServerSSLOptions options = new ServerSSLOptions();
    options.setKeyCertOptions(key(tls));
    trust(tls).ifPresent(options::setTrustOptions);
    options.setClientAuth(tls.trustedCaFile().isPresent() ? ClientAuth.REQUIRED : ClientAuth.NONE);
    return options;
  }

  private static PeerOptions.Tls peerTls(ServerConfig.Tls tls) {
    return new PeerOptions.Tls(key(tls), trust(tls).orElse(null), tls.trustedCaFile().isPresent());
  }

  private static SignedTokens signedTokens(AuthToken token) {
    return new SignedTokens(
        token.method(),
        token.publicKey().map(MemberSetup::read).orElse(null),
        token.privateKey().map(MemberSetup::read).orElse(null),
        token.ttl().toSeconds(),
        () -> System.currentTimeMillis() / 1_000);
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static PemKeyCertOptions key(ServerConfig.Tls tls) {
    return new PemKeyCertOptions()
        .setCertPath(tls.certFile().toString())
        .setKeyPath(tls.keyFile().toString());
  }

  private static Optional<PemTrustOptions> trust(ServerConfig.Tls tls) {
    return tls.trustedCaFile().map(file -> new PemTrustOptions().addCertPath(file.toString()));
  }
}
