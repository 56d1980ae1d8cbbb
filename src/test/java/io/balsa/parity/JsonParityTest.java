package io.balsa.parity;

import com.google.protobuf.util.JsonFormat;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
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
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().preservingProtoFieldNames().omittingInsignificantWhitespace();

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
          "LeaseLeases", "/v3/lease/leases");

  /** What came back, without what two clusters differ in. */
  private record Response(int status, String type, Object body) {
    long revision() {
      JsonObject header = body instanceof JsonObject json ? json.getJsonObject("header") : null;
      return header == null ? 0 : Long.parseLong(header.getString("revision"));
    }
  }

  @Test
  void aRandomProgramIsAnsweredAsByEtcd() throws Exception {
    run(SEED, 800);
  }

  /** In about 10 minutes: {@code mvn test -DexcludedGroups= -Dtest=JsonParityTest}. */
  @Test
  @Tag("slow")
  void twentyLongProgramsAreAnsweredAsByEtcd() throws Exception {
    for (long seed = SEED; seed < SEED + 20; seed++) {
      run(seed, 20_000);
    }
  }

  private static void run(long seed, int calls) throws Exception {
    try (Twins twins = Twins.start("etcd")) {
      System.out.printf("%s: seed %d, %d calls%n", NAME, seed, calls);
      HttpClient client = twins.vertx().createHttpClient();
      RandomProgram program = new RandomProgram(seed);
      Dialogue dialogue = new Dialogue(NAME, seed);
      for (int i = 0; i < calls; i++) {
        Call<?, ?> call = program.next();
        String path = PATHS.get(call.method().methodName());
        String json = PRINTER.print(call.request());
        Response response =
            dialogue.add(
                path + " " + json,
                twins.onLoop(() -> send(client, twins.etcdPort(), path, json)),
                twins.onLoop(() -> send(client, twins.balsaPort(), path, json)));
        program.learn(response.revision());
      }
    }
  }

  private static Future<Response> send(HttpClient client, int port, String path, String json) {
    return client
        .request(HttpMethod.POST, port, "127.0.0.1", path)
        .compose(request -> request.send(Buffer.buffer(json)))
        .compose(
            response ->
                response
                    .body()
                    .map(
                        body ->
                            new Response(
                                response.statusCode(),
                                response.getHeader("content-type"),
                                masked(Json.decodeValue(body)))));
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
