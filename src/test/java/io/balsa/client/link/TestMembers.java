package io.balsa.client.link;

import io.balsa.verticle.Member;
import io.balsa.verticle.MemberConfig;
import io.balsa.verticle.TestConfigs;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.WebClient;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Members of one cluster in this JVM, on real ports and disks. */
final class TestMembers implements AutoCloseable {
  private static final MemberConfig.Timing TIMING = new MemberConfig.Timing(100, 1_000, 7_000);
  private static final MemberConfig.Limits LIMITS =
      new MemberConfig.Limits(10_000, 1L << 31, 1_572_864, 128, 256 << 20);
  private static final int FIRST_ID = 0xb1;

  private final List<Member> members;

  private TestMembers(List<Member> members) {
    this.members = members;
  }

  static TestMembers start(Vertx vertx, Path dir, int count) {
    List<Future<Member>> starting =
        TestConfigs.cluster(count, dir, MemberConfig.EventBus.OFF, TIMING, LIMITS).stream()
            .map(config -> Member.start(vertx, config))
            .toList();
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
    return Integer.parseInt(leader[0], 16) - FIRST_ID;
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
}
