package io.balsa.client.link;

import io.balsa.cluster.Ports;
import io.balsa.data.Endpoint;
import io.balsa.engine.MemberInfo;
import io.balsa.engine.ReplicaOptions;
import io.balsa.verticle.Member;
import io.balsa.verticle.MemberConfig;
import io.balsa.verticle.TestConfigs;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.WebClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Members of one cluster in this JVM, on real ports and disks. */
final class TestMembers implements AutoCloseable {
  private static final long CLUSTER_ID = 0xc1;

  private final List<Member> members;

  private TestMembers(List<Member> members) {
    this.members = members;
  }

  static TestMembers start(Vertx vertx, Path dir, int count) {
    List<Integer> peerPorts = Stream.generate(Ports::free).limit(count).toList();
    List<MemberInfo> founders =
        IntStream.range(0, count)
            .mapToObj(
                i ->
                    new MemberInfo(
                        i + 1,
                        "n" + (i + 1),
                        List.of("http://127.0.0.1:" + peerPorts.get(i)),
                        List.of()))
            .toList();
    List<Future<Member>> starting = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      starting.add(Member.start(vertx, config(dir, founders, i, peerPorts.get(i))));
    }
    return new TestMembers(starting.stream().map(TestMembers::await).toList());
  }

  /** The client URLs, in the order of the members. */
  List<String> endpoints() {
    return members.stream()
        .map(member -> "http://127.0.0.1:" + member.clientPorts().get(0))
        .toList();
  }

  /** The member that leads, as soon as there is one. */
  int leader(Vertx vertx) {
    WebClient http = WebClient.create(vertx);
    String[] leader = {null};
    HttpLinkFaultsTest.eventually(
        () -> {
          JsonObject status =
              await(http.getAbs(endpoints().get(0) + "/v1/status").send()).bodyAsJsonObject();
          leader[0] =
              status.getJsonObject("leader") == null
                  ? null
                  : status.getJsonObject("leader").getString("id");
          return leader[0] != null;
        });
    http.close();
    return Integer.parseInt(leader[0], 16) - 1;
  }

  void stop(int index) {
    await(members.get(index).stop());
  }

  @Override
  public void close() {
    members.stream().map(Member::stop).toList().forEach(TestMembers::await);
  }

  static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static MemberConfig config(Path dir, List<MemberInfo> founders, int i, int peerPort) {
    MemberInfo self = founders.get(i);
    return new MemberConfig(
        self.name(),
        dir.resolve(self.name()),
        List.of(new Endpoint(false, "127.0.0.1", 0)),
        List.of("http://127.0.0.1:1"),
        new Endpoint(false, "127.0.0.1", peerPort),
        self.peerUrls(),
        new MemberConfig.Cluster(CLUSTER_ID, founders, MemberConfig.Cluster.Entry.FOUND),
        TestConfigs.sightings(founders),
        new MemberConfig.Timing(100, 1_000, 7_000),
        new MemberConfig.Limits(10_000, 1L << 31, 1_572_864, 128, 256 << 20),
        ReplicaOptions.AutoCompaction.NONE,
        true,
        MemberConfig.EventBus.OFF,
        null,
        Optional.empty());
  }
}
