package io.balsa.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Members fall behind, come, lead and go while a client writes all the time. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class MembershipTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  // With fewer, as in all other tests on a small machine, verticles share a loop.
  private static final List<String> OF_FOUR = List.of("-XX:ActiveProcessorCount=4");

  /** The counter of {@code GET /metrics} for snapshots that came from a leader. */
  private static final Pattern SNAPSHOT_INSTALLED =
      Pattern.compile("(?m)^balsa_snapshots_installed\\w*(\\{.*})? [1-9]");

  @RegisterExtension static final Servers servers = new Servers();

  private static TestCluster cluster;

  @BeforeAll
  static void start() {
    cluster = servers.cluster(3, OF_FOUR, "--snapshot-count", "500");
  }

  @Test
  @Order(1)
  void bringsMemberBehindTheCompactedLogUpBySnapshot() {
    ServerProcess behind = cluster.followers().get(0);
    BackgroundWriter writer = servers.closeLater(new BackgroundWriter(cluster));
    writer.start();
    writer.awaitProgress(20);

    behind.kill();
    ClientPort leader = cluster.leader().endpoint();
    Parallel.forEach(
        16,
        IntStream.range(0, 3_000).boxed().toList(),
        n -> assertThat(leader.put("bulk/" + n, "x".repeat(100)).status()).isEqualTo(200));
    behind.start();
    behind.awaitReady();
    writer.awaitProgress(50);

    assertThat(behind.endpoint().get("/metrics").text()).containsPattern(SNAPSHOT_INSTALLED);
    writer.finish();
    cluster.awaitAgreement();
    assertThat(
            behind
                .endpoint()
                .get("/v1/kv?prefix=bulk/&limit=1&consistency=serializable")
                .json()
                .getLong("count"))
        .isEqualTo(3_000);
    assertNoAlarms(cluster.members());
  }

  @Test
  @Order(2)
  void growsAndShrinksWhileWritesGoOn() {
    List<ServerProcess> everyone = new ArrayList<>(cluster.members());
    BackgroundWriter writer = servers.closeLater(new BackgroundWriter(cluster));
    writer.start();
    writer.awaitProgress(20);

    ServerProcess fresh = cluster.prepareNewMember("n4");
    everyone.add(fresh);
    JsonObject request =
        new JsonObject()
            .put("name", "n4")
            .put("peerUrls", new JsonArray().add(fresh.peerUrl()))
            .put("learner", true);
    Answer added = cluster.followers().get(0).endpoint().post("/v1/members", request.encode());
    assertThat(added.status()).as(added.toString()).isEqualTo(200);
    fresh.start();
    awaitMembers(cluster, Set.of("n1", "n2", "n3"), Set.of("n4"));
    writer.awaitProgress(50);

    Await.until("n4 is promoted", LIMIT, () -> isPromoted(cluster, "n4"));
    fresh.awaitReady();
    awaitMembers(cluster, Set.of("n1", "n2", "n3", "n4"), Set.of());
    writer.awaitProgress(50);

    ServerProcess follower =
        cluster.followers().stream().filter(member -> member != fresh).findFirst().orElseThrow();
    remove(cluster, follower, fresh.endpoint());
    Set<String> names = new TreeSet<>(Set.of("n1", "n2", "n3", "n4"));
    names.remove(follower.name());
    awaitMembers(cluster, names, Set.of());
    writer.awaitProgress(50);

    ServerProcess leader = cluster.leader();
    remove(cluster, leader, leader.endpoint());
    names.remove(leader.name());
    awaitMembers(cluster, names, Set.of());
    writer.awaitProgress(50);

    writer.finish();
    cluster.awaitAgreement();
    assertNoAlarms(everyone);
  }

  /** A learner that is behind may be refused for a while, and only with 409. */
  private static boolean isPromoted(TestCluster cluster, String name) {
    Answer answer = cluster.leader().endpoint().post("/v1/members/" + name + "/promote", "");
    assertThat(answer.status()).as(answer.toString()).isIn(200, 409);
    return answer.status() == 200;
  }

  /** Removes a member by a request to {@code asked}; its process must end by itself. */
  private static void remove(TestCluster cluster, ServerProcess member, ClientPort asked) {
    Answer removed = asked.delete("/v1/members/" + member.name());
    assertThat(removed.status()).as(removed.toString()).isEqualTo(200);
    assertThat(member.awaitExit()).as(member.logTail()).isZero();
    assertThat(member.lastLine()).as("last line of %s", member).contains("removed");
    cluster.forget(member);
  }

  /** Waits until every running member lists exactly these, and all lists are the same. */
  private static void awaitMembers(TestCluster cluster, Set<String> voters, Set<String> learners) {
    Await.until(
        "all members list the voters " + voters + " and the learners " + learners,
        LIMIT,
        () -> {
          List<Answer> answers =
              cluster.running().stream()
                  .map(member -> member.endpoint().get("/v1/members"))
                  .toList();
          return answers.stream().allMatch(answer -> answer.status() == 200)
              && answers.stream().map(Answer::json).distinct().count() == 1
              && names(answers.get(0), false).equals(voters)
              && names(answers.get(0), true).equals(learners);
        });
  }

  private static Set<String> names(Answer members, boolean learners) {
    Set<String> names = new TreeSet<>();
    for (Object element : members.json().getJsonArray("members")) {
      JsonObject member = (JsonObject) element;
      if (member.getBoolean("learner") == learners) {
        names.add(member.getString("name"));
      }
    }
    return names;
  }

  private static void assertNoAlarms(List<ServerProcess> members) {
    for (ServerProcess member : members) {
      assertThat(member.alarms()).as("log of %s", member).isEmpty();
    }
  }
}
