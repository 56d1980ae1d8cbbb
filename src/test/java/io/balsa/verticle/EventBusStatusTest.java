package io.balsa.verticle;

import static io.balsa.verticle.RawBus.await;
import static io.balsa.verticle.RawBus.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.verticle.RawBus.Failure;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three members in one Vert.x share the addresses, and publish who leads. */
class EventBusStatusTest {
  private final Vertx vertx = Vertx.vertx();
  private final RawBus bus = new RawBus(vertx);
  private final BlockingQueue<JsonObject> published = new LinkedBlockingQueue<>();
  private final Map<String, JsonObject> newest = new TreeMap<>(); // By the member that published.
  private final Map<String, Member> members = new TreeMap<>();
  @TempDir private Path directory;

  @AfterEach
  void stop() throws Exception {
    await(Future.join(members.values().stream().map(Member::stop).toList()));
    await(vertx.close());
  }

  @Test
  void eachMemberTellsWhoLeadsAndAnyTakesRequests() throws Exception {
    vertx.eventBus().<JsonObject>consumer("balsa.status", message -> published.add(message.body()));
    List<Future<Member>> starting = new ArrayList<>();
    List<MemberConfig> configs = TestConfigs.cluster(3, directory, MemberConfig.EventBus.LOCAL);
    configs.forEach(config -> starting.add(Member.start(vertx, config)));
    for (int i = 0; i < 3; i++) {
      members.put(configs.get(i).name(), await(starting.get(i)));
    }
    String first = agreedLeader("nobody");
    JsonObject status = newest.get("n1");
    assertThat(status.fieldNames()).containsExactly("clusterId", "member", "leader", "term");
    assertThat(status.getString("clusterId")).isEqualTo("7");
    assertThat(status.getJsonObject("member"))
        .isEqualTo(new JsonObject().put("id", "b1").put("name", "n1"));

    Set<String> controls = new HashSet<>();
    List<RawWatch> watches = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      RawWatch watch = RawWatch.open(bus, new JsonObject());
      watches.add(watch);
      controls.add(watch.control);
    }
    assertThat(controls).hasSize(3); // Each went to another member,
    for (int i = 0; i < 6; i++) {
      bus.kv("put", new JsonObject().put("key", "k").put("value", "v" + i));
    }
    for (RawWatch watch : watches) {
      assertThat(watch.revisions(6)).isSorted();
      assertThat(watch.close()).isTrue(); // and can be closed there and nowhere else.
    }

    long term = newest.get(first).getLong("term");
    await(members.remove(first).stop());
    newest.remove(first);
    String second = agreedLeader(first);
    assertThat(newest.get(second).getLong("term")).isGreaterThan(term);

    await(members.remove(second).stop());
    newest.remove(second);
    until(all -> all.values().stream().allMatch(each -> each.getValue("leader") == null));
    JsonObject key = new JsonObject().put("key", "k");
    assertThat(failure(bus.request("balsa.kv", "get", key, "timeoutMs", "300")))
        .extracting(Failure::code, Failure::kind, Failure::outcome)
        .containsExactly(503, "no-leader", "refused");
    JsonObject near = key.copy().put("consistency", "serializable");
    assertThat(bus.kv("get", near).getJsonObject("item").getString("value")).isEqualTo("v5");
  }

  /** The leader on whom all running members agree, another one than before. */
  private String agreedLeader(String before) throws InterruptedException {
    until(
        all ->
            all.size() == members.size()
                && all.values().stream().map(EventBusStatusTest::leader).distinct().count() == 1
                && !List.of("", before).contains(leader(all.values().iterator().next())));
    return leader(newest.values().iterator().next());
  }

  private static String leader(JsonObject status) {
    JsonObject leader = status.getJsonObject("leader");
    return leader == null ? "" : leader.getString("name");
  }

  private void until(Predicate<Map<String, JsonObject>> holds) throws InterruptedException {
    while (!holds.test(newest)) {
      JsonObject status = published.poll(30, TimeUnit.SECONDS);
      assertThat(status).as("published within 30 s, behind %s", newest).isNotNull();
      String member = status.getJsonObject("member").getString("name");
      if (members.containsKey(member)) {
        newest.put(member, status);
      }
    }
  }
}
