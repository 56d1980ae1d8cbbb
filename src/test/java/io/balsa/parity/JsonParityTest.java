package io.balsa.parity;

import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The same random program by the JSON gateway. */
class JsonParityTest {
  private static final String NAME = "JsonParityTest";
  private static final long SEED = Long.getLong("seed", new Random().nextInt(1_000_000));

  private static final Map<String, String> PATHS =
      Map.of(
          "Range", "/v3/kv/range",
          "Put", "/v3/kv/put",
          "DeleteRange", "/v3/kv/deleterange",
          "Txn", "/v3/kv/txn",
          "Compact", "/v3/kv/compaction",
          "LeaseGrant", "/v3/lease/grant",
          "LeaseRevoke", "/v3/lease/revoke",
          "LeaseTimeToLive", "/v3/lease/timetolive",
          "LeaseKeepAlive", "/v3/lease/keepalive",
          "LeaseLeases", "/v3/lease/leases");

  /** What came back, without what two clusters differ in. */
  private record Response(int status, String type, Object body) {
    static Response of(JsonPort.Response response) {
      return new Response(
          response.status(), response.type(), masked(Json.decodeValue(response.body())));
    }

    long revision() {
      JsonObject header = body instanceof JsonObject json ? json.getJsonObject("header") : null;
      return header == null ? 0 : Long.parseLong(header.getString("revision"));
    }
  }

  @Test
  void aRandomProgramIsAnsweredAsByEtcd() throws Exception {
    run(SEED, Integer.getInteger("parity.calls", 600));
  }

  /** In about 10 minutes: {@code mvn test -DexcludedGroups= -Dtest=JsonParityTest}. */
  @Test
  @Tag("slow")
  void twentyLongProgramsAreAnsweredAsByEtcd() throws Exception {
    for (long seed = SEED; seed < SEED + 20; seed++) {
      run(seed, Integer.getInteger("parity.calls", 3_000));
    }
  }

  private static void run(long seed, int calls) throws Exception {
    long start = System.nanoTime();
    try (Twins twins = Twins.start("etcd")) {
      System.out.printf("%s: seed %d, %d calls%n", NAME, seed, calls);
      JsonPort etcd = new JsonPort(twins, twins.etcdPort());
      JsonPort balsa = new JsonPort(twins, twins.balsaPort());
      RandomProgram program = new RandomProgram(seed, false);
      Dialogue dialogue = new Dialogue(NAME, seed);
      WatchTwins watches =
          new WatchTwins(
              dialogue,
              etcd::watch,
              balsa::watch,
              new GrpcPort(twins, twins.etcdPort())::watch,
              new GrpcPort(twins, twins.balsaPort())::watch);
      for (int i = 0; i < calls; i++) {
        ProgramStep step = program.next();
        if (step instanceof Call<?, ?> call) {
          watches.before(call);
          String path = PATHS.get(call.method().methodName());
          String json = JsonPort.print(call.request());
          Response response =
              dialogue.add(
                  path + " " + json,
                  etcd.send(path, json).map(Response::of),
                  balsa.send(path, json).map(Response::of));
          watches.after(call, response.revision());
          program.learn(response.revision());
        } else {
          watches.take((WatchStep) step);
        }
      }
      watches.compare();
      System.out.printf(
          "%s: seed %d: watches saw %d events; %.1f s%n",
          NAME, seed, watches.events(), (System.nanoTime() - start) / 1e9);
    }
  }

  private static Object masked(Object value) {
    if (value instanceof JsonObject json) {
      JsonObject masked = new JsonObject();
      json.forEach(field -> masked.put(field.getKey(), masked(field.getValue())));
      for (String id : new String[] {"cluster_id", "member_id", "raft_term"}) {
        if (masked.getValue(id) instanceof String) {
          masked.put(id, "some");
        }
      }
      if (masked.containsKey("grantedTTL")) {
        masked.put("TTL", "some"); // The time runs.
      }
      for (String list : new String[] {"keys", "leases"}) { // Nobody promises their order.
        if (masked.getValue(list) instanceof JsonArray unordered) {
          masked.put(list, unordered.stream().map(Object::toString).sorted().toList());
        }
      }
      return masked;
    }
    if (value instanceof JsonArray list) {
      JsonArray masked = new JsonArray();
      list.forEach(each -> masked.add(masked(each)));
      return masked;
    }
    return value;
  }
}
