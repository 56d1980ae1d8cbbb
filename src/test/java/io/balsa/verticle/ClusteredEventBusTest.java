package io.balsa.verticle;

import static io.balsa.verticle.RawBus.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import io.balsa.client.GetOptions;
import io.balsa.client.PutOptions;
import io.balsa.client.link.EventBusLink;
import io.balsa.client.link.Link;
import io.vertx.core.Completable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.spi.cluster.RegistrationInfo;
import io.vertx.spi.cluster.hazelcast.ConfigUtil;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A member in one node of a clustered event bus, and its clients in another. */
class ClusteredEventBusTest {
  private static final String LOOPBACK = "127.0.0.1";

  @TempDir private Path directory;

  /** Notes which addresses the other nodes get to know. */
  private static final class Noting extends HazelcastClusterManager {
    final Set<String> known = new ConcurrentSkipListSet<>();

    Noting(Config config) {
      super(config);
    }

    @Override
    public void addRegistration(
        String address, RegistrationInfo registration, Completable<Void> done) {
      if (!registration.localOnly()) {
        known.add(address);
      }
      super.addRegistration(address, registration, done);
    }
  }

  @Test
  void servesClientsOfOtherNodesAndShowsThemNothingElse() throws Exception {
    List<Integer> ports = TestConfigs.freePorts(2);
    String name = "balsa-test-" + UUID.randomUUID();
    Noting manager = new Noting(hazelcast(name, ports, 0));
    Future<Vertx> starting = vertx(manager);
    Vertx there = await(vertx(new HazelcastClusterManager(hazelcast(name, ports, 1))));
    Vertx here = await(starting);
    try {
      BlockingQueue<JsonObject> published = new LinkedBlockingQueue<>();
      await(
          there
              .eventBus()
              .<JsonObject>consumer("balsa.status", message -> published.add(message.body()))
              .completion());
      Member member =
          await(Member.start(here, TestConfigs.solo(directory, MemberConfig.EventBus.CLUSTERED)));

      Link link = new EventBusLink(there, 7_000);
      Buffer key = Buffer.buffer(new byte[] {0, (byte) 0xff, 'k'});
      await(link.put(key, Buffer.buffer("v"), new PutOptions(), null));
      assertThat(await(link.get(key, new GetOptions())).text()).isEqualTo("v");
      assertThat(published.poll(30, TimeUnit.SECONDS)).isNotNull();

      RawBus bus = new RawBus(there);
      assertThat(bus.refused("put", new JsonObject()).code()).isEqualTo(400);
      RawWatch watch = RawWatch.open(bus, new JsonObject().put("key", "w"));
      for (int i = 0; i < 100; i++) {
        bus.kv("put", new JsonObject().put("key", "w").put("value", "v" + i));
      }
      assertThat(watch.revisions(100)).isSorted().doesNotHaveDuplicates();
      assertThat(watch.close()).isTrue();

      assertThat(manager.known)
          .filteredOn(address -> address.startsWith("balsa"))
          .containsExactlyInAnyOrder("balsa.kv", "balsa.watch", watch.control);
      await(member.stop());
    } finally {
      await(Future.join(here.close(), there.close()));
    }
  }

  private static Future<Vertx> vertx(HazelcastClusterManager manager) {
    EventBusOptions bus = new EventBusOptions().setHost(LOOPBACK).setClusterPublicHost(LOOPBACK);
    return Vertx.builder()
        .with(new VertxOptions().setEventBusOptions(bus))
        .withClusterManager(manager)
        .buildClustered();
  }

  private static Config hazelcast(String name, List<Integer> ports, int node) {
    Config config = ConfigUtil.loadConfig();
    config.setClusterName(name);
    config.setProperty("hazelcast.phone.home.enabled", "false");
    config.setProperty("hazelcast.shutdownhook.enabled", "false");
    config.setProperty("hazelcast.logging.type", "slf4j");
    config.setProperty("hazelcast.wait.seconds.before.join", "0");
    config.getNetworkConfig().setPort(ports.get(node)).setPortAutoIncrement(false);
    config.getNetworkConfig().getInterfaces().setEnabled(true).addInterface(LOOPBACK);
    JoinConfig join = config.getNetworkConfig().getJoin();
    join.getMulticastConfig().setEnabled(false);
    join.getAutoDetectionConfig().setEnabled(false);
    join.getTcpIpConfig().setEnabled(true);
    ports.forEach(port -> join.getTcpIpConfig().addMember(LOOPBACK + ":" + port));
    return config;
  }
}
