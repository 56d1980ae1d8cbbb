package io.balsa.verticle;

import static io.balsa.verticle.TestPeer.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.data.Endpoint;
import io.balsa.discovery.Discovery;
import io.balsa.discovery.Sighting;
import io.balsa.engine.MemberInfo;
import io.balsa.engine.ReplicaOptions.AutoCompaction;
import io.balsa.verticle.MemberConfig.Cluster.Entry;
import io.balsa.verticle.peer.ClusterDescription;
import io.balsa.verticle.peer.PeerDirectory;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Members in this JVM that find each other by a list that changes, as Hazelcast's does. */
class DiscoveredEntranceTest {
  private static final long CLUSTER = 0xc1;
  private static final List<MemberInfo> FOUNDERS =
      LongStream.rangeClosed(1, 3)
          .mapToObj(id -> new MemberInfo(id, "n" + id, List.of(), List.of()))
          .toList();

  @TempDir Path directory;

  private final List<Process> processes = new ArrayList<>();
  private final List<Sighting> inSight = new CopyOnWriteArrayList<>();
  private final Vertx asker = Vertx.vertx();

  /** What would be a process of its own: its Vert.x, its ports, its data directory. */
  private final class Process {
    final Vertx vertx = Vertx.vertx();
    final String name;
    final Path data;
    final String peerUrl = "http://127.0.0.1:" + TestPeer.freePort();
    final String clientUrl = "http://127.0.0.1:" + TestPeer.freePort();
    final Future<Member> started;

    Process(String name, String data, Discovery discovery) {
      this.name = name;
      this.data = directory.resolve(data);
      processes.add(this);
      inSight.add(new Sighting(name, List.of(peerUrl), List.of(clientUrl)));
      this.started = Member.start(vertx, config(discovery));
    }

    private MemberConfig config(Discovery discovery) {
      return new MemberConfig(
          name,
          data,
          List.of(Endpoint.parse(clientUrl).orElseThrow()),
          List.of(clientUrl),
          Endpoint.parse(peerUrl).orElseThrow(),
          List.of(peerUrl),
          new MemberConfig.Cluster(CLUSTER, FOUNDERS, Entry.DISCOVER),
          discovery,
          new MemberConfig.Timing(50, 500, 5_000),
          new MemberConfig.Limits(100_000, 1 << 30, 1 << 20, 128, 1 << 28),
          AutoCompaction.NONE,
          true,
          MemberConfig.EventBus.OFF,
          null,
          Optional.empty());
    }

    /** It dies, or ends; its address goes out of sight. */
    void end() {
      inSight.removeIf(sighting -> sighting.peerUrls().contains(peerUrl));
      if (started.succeeded()) {
        TestPeer.await(started.result().stop());
      }
      TestPeer.await(vertx.close());
    }

    void awaitStarted() {
      eventually(name + " has started", started::isComplete);
      assertThat(started.cause()).isNull();
    }

    String awaitFailure() {
      eventually(name + " was refused", started::isComplete);
      return started.cause().getMessage();
    }
  }

  @AfterEach
  void end() {
    processes.forEach(Process::end);
    TestPeer.await(asker.close());
  }

  @Test
  void foundersWaitForAllAndFoundOneCluster() {
    Process n1 = start("n1");
    Process n2 = start("n2");
    TestPeer.await(asker.timer(1, TimeUnit.SECONDS));
    assertThat(n1.started.isComplete() || n2.started.isComplete()).isFalse();

    Process n3 = start("n3");

    for (Process process : List.of(n1, n2, n3)) {
      process.awaitStarted();
      eventually("all addresses are in the log", () -> knowsAll(process, 3));
      assertThat(describe(process).clusterId()).isEqualTo(CLUSTER);
    }
  }

  @Test
  void aFounderThatCrashedWhileItWaitedGoesOn() throws IOException {
    Process n1 = start("n1");
    start("n2");
    eventually("n1 was asked", () -> n1.data.resolve("entry").toFile().length() > 60);
    n1.end();
    Path copy = Files.createDirectory(directory.resolve("copy")); // Its lock dies with a process.
    Files.copy(n1.data.resolve("entry"), copy.resolve("entry"));

    Process again = start("n1", "copy", seen());
    start("n3");

    again.awaitStarted();
  }

  @Test
  void ofTwoUnderOneNameAtMostOneEnters() {
    Process one = start("n1", "one", seen());
    Process other = start("n1", "other", seen());
    start("n2");
    start("n3");

    eventually("one is refused", () -> one.started.failed() || other.started.failed());
    Process loser = one.started.failed() ? one : other;
    assertThat(loser.awaitFailure())
        .startsWith("data directory " + loser.data + " is empty, and n1 must not enter: another ")
        .contains("started twice");
    loser.end();
    Process rival = loser == one ? other : one;
    // The two may split the others between them, and then both are refused.
    eventually("the other is in or refused", rival.started::isComplete);
    assertThat(loser.started.succeeded()).isFalse();
    if (rival.started.succeeded()) {
      eventually(
          "all founders are in",
          () -> processes.stream().filter(each -> each.started.succeeded()).count() == 3);
    }
  }

  @Test
  void anEmptiedFounderIsRefusedUntilItIsRemovedThenJoins() {
    Process n1 = formed().get(0);
    processes.get(2).end();

    Process emptied = start("n3", "emptied", seen());
    assertThat(emptied.awaitFailure())
        .contains("n3 must not enter: member n3 (3) has been running before");
    emptied.end();

    request(n1, "DELETE", "/v1/members/n3");
    Process anew = start("n3", "emptied", seen());
    anew.awaitStarted();
    eventually("n3 is a voter", () -> isVoter(n1, "n3"));
    assertThat(describe(n1).members())
        .filteredOn(member -> member.name().equals("n3"))
        .noneMatch(member -> member.id() == 3);
  }

  @Test
  void otherNamesJoinAndBecomeVoters() {
    Process n1 = formed().get(0);
    assertThat(enroll(n1, 5, "n4"))
        .contains("cluster id mismatch: this member is in c1, the new one wants to join 5");
    assertThat(enroll(n1, CLUSTER, "n 4")).isPresent();
    // As one that crashed before it knew that it was added.
    assertThat(enroll(n1, CLUSTER, "n5")).isEmpty();

    Process n4 = start("n4");
    Process n5 = start("n5");

    n4.awaitStarted();
    n5.awaitStarted();
    eventually("both are voters", () -> isVoter(n1, "n4") && isVoter(n1, "n5"));
    assertThat(describe(n1).members()).hasSize(5);
  }

  @Test
  void aMemberWithDataNeedsNoDiscovery() {
    Process n1 = formed().get(0);
    processes.get(1).end();
    processes.get(2).end();
    Process n2 = start("n2", "n2", Discovery.failed("no hazelcast"));

    // It is elsewhere now, and dials those that it knew.
    n2.awaitStarted();
    eventually(
        "n2 is found where it is", () -> describe(n1).members().toString().contains(n2.peerUrl));

    Process empty = start("n4", "n4", Discovery.failed("no hazelcast"));
    assertThat(empty.awaitFailure())
        .isEqualTo(
            "data directory "
                + empty.data
                + " is empty, and the other members cannot be found: no hazelcast");
  }

  private Optional<String> enroll(Process asked, long cluster, String name) {
    return TestPeer.await(
        new PeerDirectory(asker, Optional.empty(), 10_000)
            .enroll(asked.peerUrl, cluster, name, List.of("http://127.0.0.1:1")));
  }

  private List<Process> formed() {
    FOUNDERS.forEach(founder -> start(founder.name()));
    processes.forEach(Process::awaitStarted);
    processes.forEach(process -> eventually("all are known", () -> knowsAll(process, 3)));
    return List.copyOf(processes);
  }

  private Process start(String name) {
    return start(name, name, seen());
  }

  private Process start(String name, String data, Discovery discovery) {
    return new Process(name, data, discovery);
  }

  private Discovery seen() {
    return () -> List.copyOf(inSight);
  }

  private boolean knowsAll(Process process, int count) {
    return describe(process).members().stream()
            .filter(member -> !member.clientUrls().isEmpty())
            .count()
        == count;
  }

  private ClusterDescription describe(Process process) {
    return TestPeer.await(
        new PeerDirectory(asker, Optional.empty(), 10_000).describe(process.peerUrl));
  }

  private static boolean isVoter(Process asked, String name) {
    String members = request(asked, "GET", "/v1/members");
    int at = members.indexOf("\"name\":\"" + name + "\"");
    return at >= 0 && members.substring(at).replaceFirst("}.*", "").contains("\"learner\":false");
  }

  private static String request(Process asked, String method, String path) {
    try {
      HttpResponse<String> response =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create(asked.clientUrl + path))
                      .method(method, HttpRequest.BodyPublishers.noBody())
                      .build(),
                  HttpResponse.BodyHandlers.ofString());
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      return response.body();
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(method + " " + path, e);
    }
  }
}
