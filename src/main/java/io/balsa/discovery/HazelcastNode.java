package io.balsa.discovery;

import com.hazelcast.cluster.Member;
import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.MultiMapConfig;
import com.hazelcast.config.NetworkConfig;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceNotActiveException;
import io.balsa.data.Endpoint;
import io.balsa.data.Names;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.io.FileNotFoundException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A Vert.x that is clustered by Hazelcast, whose members carry their names and addresses as
 * attributes: those come with a member when it joins, and go with it. Nothing else is kept in
 * Hazelcast, and nothing between members is sent over the clustered event bus.
 */
public final class HazelcastNode implements Discovery {
  // Until then it has joined the others or given them up, even on a busy machine.
  private static final long START_SECONDS_MAX = 90;
  private static final int TEXT_CHARACTERS_MAX = 4_096;
  private static final String NAME = "balsa.name";
  private static final String PEER_URLS = "balsa.peer-urls";
  private static final String CLIENT_URLS = "balsa.client-urls";

  // Hazelcast's own defaults are made for data that it keeps: minutes, and a thread for each core.
  private static final Map<String, String> PROPERTIES =
      Map.ofEntries(
          Map.entry("hazelcast.logging.type", "slf4j"),
          Map.entry("hazelcast.phone.home.enabled", "false"),
          Map.entry("hazelcast.shutdownhook.enabled", "false"),
          Map.entry("hazelcast.health.monitoring.level", "OFF"),
          Map.entry("hazelcast.heartbeat.interval.seconds", "1"),
          Map.entry("hazelcast.max.no.heartbeat.seconds", "5"),
          Map.entry("hazelcast.merge.first.run.delay.seconds", "5"),
          Map.entry("hazelcast.merge.next.run.delay.seconds", "5"),
          Map.entry("hazelcast.wait.seconds.before.join", "1"),
          Map.entry("hazelcast.max.wait.seconds.before.join", "5"),
          Map.entry("hazelcast.max.join.seconds", "20"),
          Map.entry("hazelcast.operation.thread.count", "2"),
          Map.entry("hazelcast.operation.generic.thread.count", "2"),
          Map.entry("hazelcast.event.thread.count", "1"),
          Map.entry("hazelcast.io.thread.count", "1"));

  private final Vertx vertx;
  private final HazelcastInstance hazelcast;

  private HazelcastNode(Vertx vertx, HazelcastInstance hazelcast) {
    this.vertx = vertx;
    this.hazelcast = hazelcast;
  }

  /**
   * Starts Hazelcast and lets it join, which takes some seconds.
   *
   * @param self what the others are to be told of this member
   * @param vertxOptions of the Vert.x that is made; its event bus is found by the others where it
   *     says, or where Hazelcast is
   * @return fails if Hazelcast cannot start; then nothing of it is left
   */
  public static Future<HazelcastNode> start(
      HazelcastOptions options, Sighting self, VertxOptions vertxOptions) {
    HazelcastClusterManager cluster;
    try {
      cluster = new HazelcastClusterManager(config(options, self));
    } catch (FileNotFoundException | RuntimeException e) { // It refuses a bad file with any.
      return Future.failedFuture(e);
    }
    Future<Vertx> starting =
        Vertx.builder().with(vertxOptions).withClusterManager(cluster).buildClustered();
    return starting
        .timeout(START_SECONDS_MAX, TimeUnit.SECONDS)
        .onFailure(late -> starting.onSuccess(Vertx::close))
        .map(vertx -> new HazelcastNode(vertx, cluster.getHazelcastInstance()));
  }

  /** The Vert.x that lives as long as this. */
  public Vertx vertx() {
    return vertx;
  }

  /** Leaves the others and closes the Vert.x. */
  public Future<Void> close() {
    return vertx.close();
  }

  @Override
  public List<Sighting> sightings() {
    List<Sighting> sightings = new ArrayList<>();
    try {
      for (Member member : hazelcast.getCluster().getMembers()) {
        String name = text(member, NAME);
        List<String> peerUrls = urls(text(member, PEER_URLS));
        if (Names.isName(name) && !peerUrls.isEmpty()) {
          sightings.add(new Sighting(name, peerUrls, urls(text(member, CLIENT_URLS))));
        }
      }
    } catch (HazelcastInstanceNotActiveException e) {
      return List.of(); // It has ended, with this node or by itself.
    }
    return sightings;
  }

  private static String text(Member member, String attribute) {
    String text = member.getAttribute(attribute);
    return text == null || text.length() > TEXT_CHARACTERS_MAX ? "" : text;
  }

  private static List<String> urls(String text) {
    return List.of(text.split(",")).stream()
        .filter(url -> Endpoint.parse(url).isPresent())
        .toList();
  }

  private static Config config(HazelcastOptions options, Sighting self)
      throws FileNotFoundException {
    Config config =
        options.configFile().isPresent()
            ? Config.loadFromFile(options.configFile().get().toFile())
            : new Config();
    config.setClusterName(options.clusterName());
    PROPERTIES.forEach(config::setProperty);
    config
        .getMultiMapConfig("__vertx.subs") // As the cluster manager needs it.
        .setBackupCount(1)
        .setValueCollectionType(MultiMapConfig.ValueCollectionType.SET);
    config
        .getMemberAttributeConfig()
        .setAttribute(NAME, self.name())
        .setAttribute(PEER_URLS, String.join(",", self.peerUrls()))
        .setAttribute(CLIENT_URLS, String.join(",", self.clientUrls()));
    NetworkConfig network = config.getNetworkConfig();
    network.setPort(options.port()).setPortAutoIncrement(false);
    options
        .listenAddress()
        .ifPresent(
            address -> {
              config.setProperty("hazelcast.socket.bind.any", "false");
              network.getInterfaces().clear().addInterface(address).setEnabled(true);
            });
    options.join().ifPresent(join -> join(network.getJoin(), join, options.port()));
    return config;
  }

  private static void join(JoinConfig config, HazelcastOptions.Join join, int port) {
    config.getAutoDetectionConfig().setEnabled(false);
    config.getMulticastConfig().setEnabled(join instanceof HazelcastOptions.Multicast);
    config.getTcpIpConfig().setEnabled(false);
    if (join instanceof HazelcastOptions.TcpIp tcpIp) {
      config.getTcpIpConfig().setEnabled(true).setMembers(new ArrayList<>(tcpIp.members()));
    } else if (join instanceof HazelcastOptions.Kubernetes kubernetes) {
      config
          .getKubernetesConfig()
          .setEnabled(true)
          .setProperty("service-dns", kubernetes.serviceDns())
          .setProperty("service-port", String.valueOf(port));
    }
  }
}
