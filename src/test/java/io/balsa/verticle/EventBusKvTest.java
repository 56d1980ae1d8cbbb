package io.balsa.verticle;

import static io.balsa.verticle.RawBus.await;
import static io.balsa.verticle.RawBus.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.api.eventbus.EventBusOptions;
import io.balsa.verticle.RawBus.Failure;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests at {@code balsa.kv}, from somebody without a client, to a real member. */
class EventBusKvTest {
  private static final Vertx VERTX = Vertx.vertx();
  private static final RawBus BUS = new RawBus(VERTX);
  @TempDir private static Path directory;
  private static Member member;

  @BeforeAll
  static void start() throws Exception {
    member = await(Member.start(VERTX, TestConfigs.solo(directory, MemberConfig.EventBus.LOCAL)));
  }

  @AfterAll
  static void stop() throws Exception {
    await(member.stop());
    await(VERTX.close());
  }

  private static JsonObject json(Object... fields) {
    JsonObject json = new JsonObject();
    for (int i = 0; i < fields.length; i += 2) {
      json.put((String) fields[i], fields[i + 1]);
    }
    return json;
  }

  private static JsonObject put(String key, String value) throws Exception {
    return BUS.kv("put", json("key", key, "value", value));
  }

  private static JsonObject get(String key) throws Exception {
    return BUS.kv("get", json("key", key));
  }

  @Test
  void putsGetsAndDeletes() throws Exception {
    JsonObject first = put("pgd", "one");
    assertThat(first.getLong("version")).isEqualTo(1);
    JsonObject second = put("pgd", "two");
    assertThat(second.getLong("revision")).isGreaterThan(first.getLong("revision"));

    assertThat(get("pgd"))
        .isEqualTo(
            json(
                "found",
                true,
                "item",
                json(
                    "key",
                    "pgd",
                    "value",
                    "two",
                    "createRevision",
                    first.getLong("revision"),
                    "modRevision",
                    second.getLong("revision"),
                    "version",
                    2L)));
    JsonObject past = json("key", "pgd", "revision", first.getLong("revision"));
    assertThat(BUS.kv("get", past).getJsonObject("item").getString("value")).isEqualTo("one");
    JsonObject near = json("key", "pgd", "consistency", "serializable");
    assertThat(BUS.kv("get", near).getBoolean("found")).isTrue();

    assertThat(BUS.kv("delete", json("key", "pgd")).getLong("deleted")).isEqualTo(1);
    assertThat(BUS.kv("delete", json("key", "pgd")).getLong("deleted")).isZero();
    assertThat(get("pgd")).isEqualTo(json("found", false));
  }

  @Test
  void conditionsHoldOrRefuse() throws Exception {
    long revision =
        BUS.kv("put", json("key", "c", "value", "1", "ifExists", false)).getLong("revision");
    assertThat(BUS.refused("put", json("key", "c", "value", "2", "ifExists", false)))
        .isEqualTo(
            new Failure(
                412,
                "precondition-failed",
                "the key exists, its mod revision is " + revision,
                "refused"));
    assertThat(BUS.refused("delete", json("key", "c", "ifModRevision", revision + 1)).code())
        .isEqualTo(412);
    BUS.kv("put", json("key", "c", "value", "3", "ifModRevision", revision));
    assertThat(get("c").getJsonObject("item").getString("value")).isEqualTo("3");
  }

  @Test
  void bytesOfAllValuesGoThereAndBackAsBase64() throws Exception {
    byte[] all = new byte[256];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) i;
    }
    String text = Base64.getEncoder().encodeToString(all);
    BUS.kv("put", json("keyBase64", text, "valueBase64", text));
    JsonObject item = BUS.kv("get", json("keyBase64", text)).getJsonObject("item");
    assertThat(item.getString("keyBase64")).isEqualTo(text);
    assertThat(item.getString("valueBase64")).isEqualTo(text);
  }

  @Test
  void rangesInPagesAndDeletesThem() throws Exception {
    for (int i = 0; i < 5; i++) {
      put("r/" + i, "v" + i);
    }
    JsonObject page = BUS.kv("range", json("prefix", "r/", "limit", 3));
    put("r/9", "later");
    JsonObject rest =
        BUS.kv("range", json("prefix", "r/", "limit", 3, "after", page.getString("next")));
    assertThat(page.getLong("count")).isEqualTo(5);
    assertThat(keys(page)).containsExactly("r/0", "r/1", "r/2");
    assertThat(keys(rest)).containsExactly("r/3", "r/4");
    assertThat(rest.containsKey("next")).isFalse();
    assertThat(rest.getLong("revision")).isEqualTo(page.getLong("revision"));
    JsonObject keysOnly = BUS.kv("range", json("prefix", "r/", "keysOnly", true));
    assertThat(keysOnly.getJsonArray("items").getJsonObject(0).getString("value")).isEmpty();
    assertThat(BUS.kv("deletePrefix", json("prefix", "r/")).getLong("deleted")).isEqualTo(6);
  }

  private static List<String> keys(JsonObject page) {
    return page.getJsonArray("items").stream()
        .map(item -> ((JsonObject) item).getString("key"))
        .toList();
  }

  @Test
  void transactsAsOverHttp() throws Exception {
    put("t", "old");
    JsonObject txn =
        new JsonObject(
            """
            {"compare": [
               {"key": "t", "target": "value", "op": "=", "value": "old"},
               {"key": "t", "target": "version", "op": ">", "value": 0},
               {"key": "t", "target": "lease", "op": "=", "value": "0"}],
             "then": [
               {"put": {"key": "t", "value": "new"}},
               {"get": {"prefix": "t", "limit": 5}},
               {"txn": {"then": [{"delete": {"key": "nothing"}}]}}],
             "else": [{"get": {"key": "t"}}]}""");
    JsonObject done = BUS.kv("txn", txn);
    assertThat(done.getBoolean("succeeded")).isTrue();
    JsonArray results = done.getJsonArray("results");
    assertThat(results.getJsonObject(0).getJsonObject("put").getLong("revision"))
        .isEqualTo(done.getLong("revision"));
    assertThat(results.getJsonObject(1).getJsonObject("get").getLong("count")).isEqualTo(1);
    assertThat(
            results
                .getJsonObject(2)
                .getJsonObject("txn")
                .getJsonArray("results")
                .getJsonObject(0)
                .getJsonObject("delete")
                .getLong("deleted"))
        .isZero();

    JsonObject other = BUS.kv("txn", txn);
    assertThat(other.getBoolean("succeeded")).isFalse();
    assertThat(
            other
                .getJsonArray("results")
                .getJsonObject(0)
                .getJsonObject("get")
                .getJsonArray("items")
                .getJsonObject(0)
                .getString("value"))
        .isEqualTo("new");
  }

  @Test
  void leasesAreGrantedKeptAndRevoked() throws Exception {
    JsonObject lease = BUS.kv("leaseGrant", json("ttlSeconds", 60));
    JsonObject id = json("id", lease.getString("id"));
    assertThat(lease.getLong("ttlSeconds")).isEqualTo(60);
    BUS.kv("put", json("key", "l", "value", "v", "lease", lease.getString("id")));
    assertThat(get("l").getJsonObject("item").getString("lease")).isEqualTo(lease.getString("id"));
    assertThat(BUS.kv("leaseKeepAlive", id).getLong("remainingSeconds")).isBetween(59L, 60L);
    assertThat(BUS.kv("leaseRevoke", id)).isEqualTo(new JsonObject());
    assertThat(get("l").getBoolean("found")).isFalse();
    assertThat(BUS.refused("leaseKeepAlive", id))
        .extracting(Failure::code, Failure::kind)
        .containsExactly(404, "lease-not-found");
  }

  @Test
  void whatBreaksARuleIsRefusedWithValueAndRuleAndChangesNothing() throws Exception {
    put("s", "stays");
    long revision = BUS.kv("range", new JsonObject()).getLong("revision");
    JsonObject good = json("key", "s", "value", "x");

    invalid(BUS.refused(null, good), "header op: missing");
    invalid(BUS.refused("Put", good), "header op: found 'Put', expected one of put, get, ");
    invalid(BUS.refused("put", null), "body: missing, expected a JsonObject");
    invalid(BUS.refused("put", "text"), "body: found a String, expected a JsonObject");
    invalid(BUS.refused("put", json("key", "s")), "value: missing");
    invalid(BUS.refused("put", good.copy().put("ttl", 3)), "unknown field 'ttl'");
    invalid(BUS.refused("put", json("key", 7, "value", "x")), "key: found 7, expected a string");
    invalid(
        BUS.refused("put", json("key", "s", "value", Buffer.buffer("x"))),
        "value: found a BufferImpl, expected a string");
    invalid(
        BUS.refused("put", json("key", "s", "valueBase64", "?")),
        "valueBase64: found '?', expected base64 (RFC 4648 §4)");
    invalid(
        BUS.refused("put", good.copy().put("keyBase64", "cw==")),
        "key and keyBase64: both given, expected one of them");
    invalid(
        BUS.refused("put", good.copy().put("ifModRevision", 1.5)),
        "ifModRevision: found 1.5, expected a whole number from 1 to ");
    invalid(
        BUS.refused("put", good.copy().put("ifExists", "yes")),
        "ifExists: found 'yes', expected true or false");
    invalid(BUS.refused("put", good.copy().put("lease", "XYZ")), "lease: found 'XYZ', expected");
    invalid(BUS.refused("put", json("key", "", "value", "x")), "key: 0 bytes, expected a key");
    invalid(BUS.refused("deletePrefix", json("prefix", "")), "prefix: empty, expected");
    invalid(
        BUS.refused("get", json("key", "s", "consistency", "eventual")),
        "consistency: found 'eventual', expected one of linearizable serializable");
    invalid(
        BUS.refused("range", json("limit", 1_001)),
        "limit: found 1001, expected a whole number from 1 to 1000");
    invalid(BUS.refused("range", json("after", "x")), "after: found 'x', expected the next");
    invalid(BUS.refused("txn", new JsonObject()), "txn: no condition and no operation");
    invalid(
        BUS.refused("txn", new JsonObject("{\"then\": [{\"put\": {\"key\": \"s\"}}]}")),
        "then[0].put.value: missing");
    invalid(
        BUS.refused("txn", new JsonObject("{\"then\": [{\"get\": {\"key\": \"s\", \"x\": 1}}]}")),
        "unknown field 'then[0].get.x'");
    invalid(
        BUS.refused("txn", new JsonObject("{\"then\": [{\"touch\": {\"key\": \"s\"}}]}")),
        "then[0]: found 'touch', expected put, delete, get or txn");
    JsonObject deep = new JsonObject();
    for (int i = 0; i < 100; i++) {
      deep = json("then", new JsonArray().add(json("txn", deep)));
    }
    invalid(BUS.refused("txn", deep), "body: nested deeper than 200");
    invalid(BUS.refused("leaseGrant", json("ttlSeconds", 0)), "ttlSeconds: found 0, expected");
    invalid(BUS.refused("leaseRevoke", json("id", "0")), "id: found '0', expected an id");
    invalid(
        BUS.refused("put", good, "timeoutMs", "0"),
        "header timeoutMs: found '0', expected a whole number from 1");
    invalid(
        BUS.refused("put", good, "Idempotency-Key", "7f"),
        "header Idempotency-Key: found '7f', expected a lease and a number as in 7f-1");
    invalid(
        BUS.refused("put", good, "Idempotency-Key", "7f-0"),
        "header Idempotency-Key: sequence: found '0', expected");
    invalid(
        BUS.refused("get", json("key", "s"), "Idempotency-Key", "7f-1"),
        "header Idempotency-Key: found with op 'get', expected with put, delete");

    JsonObject now = BUS.kv("range", new JsonObject());
    assertThat(now.getLong("revision")).isEqualTo(revision);
  }

  private static void invalid(Failure failure, String detail) {
    assertThat(failure)
        .extracting(Failure::code, Failure::kind, Failure::outcome)
        .containsExactly(400, "invalid", "refused");
    assertThat(failure.detail()).startsWith(detail);
  }

  @Test
  void otherRefusalsHaveTheStatusOfHttp() throws Exception {
    JsonObject twice =
        new JsonObject(
            """
            {"then": [{"put": {"key": "d", "value": "1"}}, {"put": {"key": "d", "value": "2"}}]}""");
    assertThat(BUS.refused("txn", twice))
        .extracting(Failure::code, Failure::kind)
        .containsExactly(400, "duplicate-key");
    assertThat(BUS.refused("get", json("key", "d", "revision", 1_000_000)))
        .extracting(Failure::code, Failure::kind)
        .containsExactly(400, "future-revision");
    assertThat(BUS.refused("put", json("key", "d", "value", "1", "lease", "abc")))
        .extracting(Failure::code, Failure::kind)
        .containsExactly(404, "lease-not-found");
    String long1 = "x".repeat(TestConfigs.REQUEST_BYTES_MAX + 1);
    assertThat(BUS.refused("put", json("key", "d", "value", long1)))
        .extracting(Failure::code, Failure::kind)
        .containsExactly(413, "too-large");
    assertThat(get("d").getBoolean("found")).isFalse();
  }

  @Test
  void moreThanTheMemberTakesOnIsRefusedAtOnceAndNothingIsLeftOfIt() throws Exception {
    Vertx other = Vertx.vertx();
    try {
      Member limited =
          await(
              Member.start(
                  other,
                  TestConfigs.solo(directory.resolve("limited"), MemberConfig.EventBus.OFF)));
      EventBusOptions options =
          EventBusOptions.of(false, 50_000, 7_000).withLimits(3, 60_000, 10, 10_000, 5_000);
      String api =
          await(other.deployVerticle(new EventBusApiVerticle(options, limited.addresses())));
      RawBus bus = new RawBus(other);
      List<Future<JsonObject>> asked = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        asked.add(bus.request("balsa.kv", "put", json("key", "k" + i, "value", "v")));
      }
      for (int i = 0; i < 3; i++) {
        await(asked.get(i));
      }
      assertThat(failure(asked.get(3)))
          .isEqualTo(
              new Failure(
                  429, "too-many-requests", "3 requests are in flight, the limit is 3", "refused"));

      String large = "x".repeat(40_000);
      Future<JsonObject> first = bus.request("balsa.kv", "put", json("key", "a", "value", large));
      Failure second = failure(bus.request("balsa.kv", "put", json("key", "b", "value", large)));
      await(first);
      assertThat(second.code()).isEqualTo(429);
      assertThat(second.detail()).contains("bytes of bodies are in flight, the limit is 60000");
      await(bus.request("balsa.kv", "put", json("key", "b", "value", large)));
      assertThat(failure(bus.request("balsa.kv", "range", json())).detail())
          .startsWith("page: 80")
          .contains("expected at most 60000");

      Future<JsonObject> last = bus.request("balsa.kv", "put", json("key", "c", "value", "v"));
      await(other.undeploy(api));
      assertThat(await(last).getLong("version")).isEqualTo(1);
      await(limited.stop());
    } finally {
      await(other.close());
    }
  }
}
