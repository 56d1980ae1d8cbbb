package io.balsa.api.eventbus;

import io.balsa.api.Fields;
import io.balsa.api.ProblemException;
import io.balsa.fuzz.Fuzzer;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Bodies of requests as a node of a clustered event bus may send them. */
class BodiesFuzzTest {
  private static final List<String> SAMPLES =
      List.of(
          "0{\"lease\":\"7f\",\"ifModRevision\":3,\"ifExists\":true}",
          "1{\"ifModRevision\":3}",
          "2{\"consistency\":\"serializable\",\"revision\":7}",
          "3{\"prefix\":\"a\",\"limit\":10,\"after\":\"AQ\",\"keysOnly\":false}",
          "4{\"keyBase64\":\"AAE=\",\"from\":7,\"previous\":true}",
          "5{\"compare\":[{\"key\":\"a\",\"target\":\"lease\",\"op\":\"=\",\"value\":\"0\"}],"
              + "\"then\":[{\"put\":{\"key\":\"a\",\"value\":\"b\",\"lease\":\"7f\"}},"
              + "{\"delete\":{\"prefix\":\"b\"}},{\"get\":{\"key\":\"c\",\"limit\":5}}],"
              + "\"else\":[{\"txn\":{\"then\":[]}}]}",
          "6{\"address\":\"mine\"}");

  @Test
  void bodies() {
    new Fuzzer<>(getClass(), "event-bus body", ProblemException.class, BodiesFuzzTest::read)
        .samples(BodiesFuzzTest::sample)
        .words(
            "{",
            "}",
            "[",
            "]",
            "\"key\":",
            "Base64",
            "\"then\":",
            "\"txn\":",
            "null",
            "1.5",
            "9".repeat(40),
            "\\ud800",
            "\"value\":",
            "{\"txn\":{\"then\":[",
            "]}}")
        .allocates(256 << 10, 300)
        .run();
  }

  /** The first byte says what the body is for. */
  private static Object read(byte[] input) {
    if (input.length == 0) {
      throw ProblemException.invalid("nothing");
    }
    JsonObject body;
    try {
      body = new JsonObject(Buffer.buffer(input).getBuffer(1, input.length));
    } catch (DecodeException notJson) {
      throw ProblemException.invalid("not sent: the event bus encodes what is JSON");
    }
    Bodies.size(body);
    Fields fields = Bodies.fields(body);
    Object read =
        switch (input[0] % 7) {
          case 0 -> Bodies.put(fields);
          case 1 -> Bodies.delete(fields);
          case 2 -> Bodies.get(fields);
          case 3 -> Bodies.range(fields);
          case 4 -> Bodies.watch(fields);
          case 5 -> Bodies.txn(fields);
          default -> Bodies.address(fields, "balsa.");
        };
    fields.end();
    return read;
  }

  private static byte[] sample(Random random) {
    String sample = SAMPLES.get(random.nextInt(SAMPLES.size()));
    byte[] bytes = sample.getBytes(StandardCharsets.UTF_8);
    bytes[0] -= (byte) '0';
    return bytes;
  }
}
