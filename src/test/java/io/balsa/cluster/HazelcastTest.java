package io.balsa.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Members that nobody gave a list of addresses. How often the first test forms a cluster is {@code
 * -Dhazelcast.repeat=20}, once by default.
 */
class HazelcastTest {
  // Hazelcast and three JVMs start on two cores, each with a rehearsal of its own.
  private static final Duration LIMIT = Duration.ofSeconds(150);
  private static final Duration LATE = Duration.ofSeconds(3);
  private static final List<String> FOUNDERS = List.of("n1", "n2", "n3");

  @RegisterExtension final Servers servers = new Servers();

  /** The Hazelcast side of some members: a port for each name. */
  private static final class Hazelcast {
    private final Map<String, Integer> ports = new TreeMap<>();
    private final String token = "test-" + Ports.free();

    int port(String key) {
      return ports.computeIfAbsent(key, none -> Ports.free());
    }

    List<String> flags(String key, String members) {
      return List.of(
          "--discovery",
          "hazelcast",
          "--founders",
          String.join(",", FOUNDERS),
          "--initial-cluster-token",
          token,
          "--hazelcast-interface",
          "127.0.0.1",
          "--hazelcast-port",
          String.valueOf(port(key)),
          "--hazelcast-members",
          members);
    }

    /** Those that the others join by. */
    String seeds(List<String> keys) {
      return keys.stream().map(key -> "127.0.0.1:" + port(key)).collect(Collectors.joining(","));
    }
  }

  @Test
  void formsOneClusterThatGoesOnWithMovedAndNewMembers() {
    Random random = Seed.random(HazelcastTest.class);
    int repeat = Integer.getInteger("hazelcast.repeat", 1);
    for (int i = 1; i < repeat; i++) {
      List<ServerProcess> members = form(new Hazelcast(), random, "run" + i);
      members.forEach(ServerProcess::close);
      System.out.printf("HazelcastTest: formed %d of %d%n", i, repeat);
    }
    Hazelcast hazelcast = new Hazelcast();
    List<ServerProcess> members = form(hazelcast, random, "run" + repeat);
    String id = clusterId(members.get(0));
    assertThat(members.get(0).endpoint().put("greeting", "hello").status()).isEqualTo(200);

    ServerProcess moved = members.get(2);
    moved.kill();
    moved.move();
    moved.start();
    moved.awaitReady(LIMIT);
    Await.until(
        "the log tells where n3 is now",
        LIMIT,
        () -> members(members.get(0)).contains("n3 voter " + moved.peerUrl()));
    assertThat(moved.endpoint().get("/v1/kv/greeting").text()).isEqualTo("hello");

    ServerProcess fourth = member("n4", hazelcast, "n4", "last");
    fourth.start();
    fourth.awaitReady(LIMIT);
    members.add(fourth);
    for (ServerProcess member : members) {
      Await.until(
          "all are voters for " + member,
          LIMIT,
          () -> members(member).contains("n4 voter " + fourth.peerUrl()));
      assertThat(clusterId(member)).isEqualTo(id);
      assertThat(members(member)).hasSize(4);
      assertNoAlarms(member);
      assertThat(member.terminate()).as(member.logTail()).isZero();
    }
  }

  /** In any order, the last one late; nobody serves before all are there. */
  private List<ServerProcess> form(Hazelcast hazelcast, Random random, String run) {
    List<ServerProcess> members = new ArrayList<>();
    for (String name : FOUNDERS) {
      members.add(member(name, hazelcast, name, run));
    }
    List<ServerProcess> order = new ArrayList<>(members);
    Collections.shuffle(order, random);
    order.get(0).start();
    order.get(1).start();
    for (ServerProcess early : order.subList(0, 2)) {
      Await.until(early + " waits", LIMIT, () -> early.logText().contains("waiting to enter"));
    }
    Await.never(
        "a member serves without " + order.get(2),
        LATE,
        () -> order.get(0).status().isPresent() || order.get(1).status().isPresent());
    // One is stopped while it waits, and is the same when it comes back.
    assertThat(order.get(1).terminate()).as(order.get(1).logTail()).isZero();
    order.get(2).start();
    order.get(1).start();
    members.forEach(member -> member.awaitReady(LIMIT));
    Await.until(
        "all list the same",
        LIMIT,
        () ->
            members.stream().map(HazelcastTest::members).distinct().count() == 1
                && members.stream()
                    .allMatch(
                        each ->
                            members(members.get(0)).contains(each + " voter " + each.peerUrl())));
    assertThat(members.stream().map(HazelcastTest::clusterId).distinct()).hasSize(1);
    return members;
  }

  @Test
  @Tag("slow")
  void ofFoundersThatAreStartedTwiceAtMostOneEachEnters() {
    Hazelcast hazelcast = new Hazelcast();
    String seeds = hazelcast.seeds(List.of("n1", "n2", "n3"));
    List<ServerProcess> all = new ArrayList<>();
    for (String key : List.of("n1", "n2", "n3", "n1-again", "n2-again")) {
      ServerProcess process =
          servers.closeLater(
              new ServerProcess(
                  key.substring(0, 2), servers.directory().resolve(key), List.of(), List.of()));
      process.setDiscovery(hazelcast.flags(key, seeds));
      all.add(process);
    }
    all.forEach(ServerProcess::start);

    // Until those that lose have ended, and for a while after.
    Await.until(
        "of two under one name at least one ends",
        LIMIT,
        () ->
            all.stream()
                    .filter(ServerProcess::isRunning)
                    .map(ServerProcess::name)
                    .distinct()
                    .count()
                == all.stream().filter(ServerProcess::isRunning).count());
    Await.never("a second cluster", Duration.ofSeconds(10), () -> clusters(all) > 1);

    for (ServerProcess process : all) {
      if (!process.isRunning()) {
        assertThat(process.awaitExit()).as(process.logTail()).isEqualTo(1);
        assertThat(process.logTail().lines().reduce((first, second) -> second).orElse(""))
            .startsWith("balsa: data directory ")
            .contains("is empty, and " + process + " must not enter: ")
            // By the other under its name, by a founder, or by the cluster that was founded.
            .containsAnyOf("another process ", "has been running before");
        assertThat(process.dataDirectory().resolve("member")).doesNotExist();
      }
    }
    long serving = all.stream().filter(each -> each.status().isPresent()).count();
    System.out.printf("HazelcastTest: %d of 5 serve%n", serving);
    // Two where both under one name were refused after one of them had agreed to the others.
    assertThat(serving).isIn(0L, 2L, 3L);
  }

  /** Sets of processes that hold a majority of the founders' names, each with a leader. */
  private static long clusters(List<ServerProcess> processes) {
    return processes.stream()
        .filter(process -> process.status().map(MemberStatus::isLeader).orElse(false))
        .count();
  }

  @Test
  @Tag("slow")
  void servesWithoutHazelcastAndIsTheSameAfterIt() throws IOException {
    Hazelcast hazelcast = new Hazelcast();
    List<PortProxy> proxies = new ArrayList<>();
    List<ServerProcess> members = new ArrayList<>();
    String seeds =
        FOUNDERS.stream()
            .map(name -> "127.0.0.1:" + hazelcast.port(name + "-proxy"))
            .collect(Collectors.joining(","));
    for (String name : FOUNDERS) {
      int proxy = hazelcast.port(name + "-proxy");
      proxies.add(servers.closeLater(new PortProxy(proxy, hazelcast.port(name))));
      Path directory = Files.createDirectories(servers.directory().resolve(name));
      Path yaml = directory.resolve("hazelcast.yaml");
      Files.writeString(
          yaml, "hazelcast:\n  network:\n    public-address: 127.0.0.1:" + proxy + "\n");
      List<String> flags = new ArrayList<>(hazelcast.flags(name, seeds));
      flags.addAll(List.of("--hazelcast-config", yaml.toString()));
      ServerProcess member =
          servers.closeLater(new ServerProcess(name, directory, List.of(), List.of()));
      member.setDiscovery(flags);
      members.add(member);
    }
    members.forEach(ServerProcess::start);
    members.forEach(member -> member.awaitReady(LIMIT));
    Await.until(
        "all are known",
        LIMIT,
        () ->
            members.stream().allMatch(each -> members(each).toString().contains("n3 voter http")));
    Set<String> before = members(members.get(0));
    String id = clusterId(members.get(0));
    assertThat(proxies.stream().mapToInt(PortProxy::connections).sum()).isPositive();

    proxies.forEach(PortProxy::cut);
    Await.never(
        "a write or read fails without Hazelcast",
        Duration.ofSeconds(20),
        () ->
            members.stream()
                .anyMatch(
                    member ->
                        member.endpoint().put("key", "value").status() != 200
                            || member.endpoint().get("/v1/kv/key").status() != 200));
    assertThat(proxies.stream().mapToInt(PortProxy::connections).sum()).isZero();
    // One that was down meanwhile finds the others by what it knew.
    members.get(1).kill();
    members.get(1).start();
    members.get(1).awaitReady(LIMIT);
    assertThat(members.get(1).endpoint().get("/v1/kv/key").text()).isEqualTo("value");

    proxies.forEach(PortProxy::heal);
    Await.until(
        "Hazelcast connects again",
        LIMIT,
        () -> proxies.stream().mapToInt(PortProxy::connections).sum() > 0);
    Await.never(
        "anything changes",
        Duration.ofSeconds(15),
        () -> members.stream().anyMatch(member -> !members(member).equals(before)));
    ServerProcess fourth =
        servers.closeLater(
            new ServerProcess("n4", servers.directory().resolve("n4"), List.of(), List.of()));
    fourth.setDiscovery(hazelcast.flags("n4", seeds));
    fourth.start();
    fourth.awaitReady(LIMIT);
    members.add(fourth);
    for (ServerProcess member : members) {
      assertThat(clusterId(member)).isEqualTo(id);
      assertThat(member.endpoint().put("after", "value").status()).isEqualTo(200);
      assertNoAlarms(member);
    }
  }

  private ServerProcess member(String name, Hazelcast hazelcast, String key, String run) {
    ServerProcess process =
        servers.closeLater(
            new ServerProcess(
                name, servers.directory().resolve(run).resolve(key), List.of(), List.of()));
    process.setDiscovery(hazelcast.flags(key, hazelcast.seeds(FOUNDERS)));
    return process;
  }

  /** Each as {@code name voter|learner url}. */
  private static Set<String> members(ServerProcess process) {
    Answer answer = process.endpoint().get("/v1/members");
    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    Set<String> members = new TreeSet<>();
    for (Object element : answer.json().getJsonArray("members")) {
      JsonObject member = (JsonObject) element;
      members.add(
          member.getString("name")
              + (member.getBoolean("learner") ? " learner " : " voter ")
              + String.join(
                  ",", member.getJsonArray("peerUrls").stream().map(String::valueOf).toList()));
    }
    return members;
  }

  /**
   * But for event loops held up: Hazelcast starts in several JVMs here while others serve, and
   * other tests look for that.
   */
  private static void assertNoAlarms(ServerProcess process) {
    assertThat(process.alarms())
        .as("log of %s", process)
        .allMatch(line -> line.contains("has been blocked for"));
  }

  private static String clusterId(ServerProcess process) {
    return process.endpoint().get("/v1/members").json().getString("clusterId");
  }
}
