package io.balsa.api.http;

import io.balsa.api.ProblemException;
import io.balsa.data.Bytes;
import io.balsa.fuzz.Fuzzer;
import io.balsa.mvcc.command.Once;
import io.balsa.mvcc.command.Op;
import io.vertx.core.MultiMap;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The parts of a request's head that are read by code of ours. */
class HeadFuzzTest {
  private static final Bytes KEY = Bytes.utf8("k");

  @Test
  void escapedKeys() {
    new Fuzzer<>(
            getClass(),
            "escaped key",
            ProblemException.class,
            input -> PercentCoding.decode(latin(input), false, "key"))
        .samples(random -> bytes("a%2Fb%ff%00" + random.nextInt(100)))
        .words("%", "%2", "%zz", "%2f", "+", "/")
        .encodedBy(
            key -> {
              StringBuilder text = new StringBuilder();
              for (byte each : key.toArray()) {
                text.append("%%%02x".formatted(each & 0xff));
              }
              return bytes(text.toString());
            })
        .run();
  }

  @Test
  void queries() {
    List<String> known = List.of("limit", "prefix", "consistency", "lease", "all", "after");
    new Fuzzer<>(
            getClass(),
            "query",
            ProblemException.class,
            input -> {
              Query query = Query.parse(latin(input), known);
              return List.of(
                  query.number("limit", 1, 1_000, 100),
                  query.bytes("prefix"),
                  query.serializable(),
                  query.id("lease"),
                  query.flag("all"),
                  query.text("after"));
            })
        .samples(
            random ->
                bytes("limit=" + (1 + random.nextInt(1_000)) + "&prefix=a%2F+b&lease=7f&all=true"))
        .words("&", "=", "%", "+", "limit=", "all=", "consistency=serializable", "%c3%28", "&&")
        .run();
  }

  @Test
  void idempotencyKeys() {
    new Fuzzer<>(
            getClass(),
            "idempotency key",
            ProblemException.class,
            input ->
                IdempotencyKey.of(
                    MultiMap.caseInsensitiveMultiMap().add("Idempotency-Key", latin(input))))
        .samples(random -> encoded(new Once(random.nextLong() | 1, 1 + random.nextInt(1_000))))
        .words("-", "\"", "\"\"", " ", "0", "9".repeat(19), "f".repeat(16))
        .encodedBy(HeadFuzzTest::encoded)
        .run();
  }

  @Test
  void conditions() {
    new Fuzzer<>(
            getClass(),
            "condition",
            ProblemException.class,
            input -> {
              MultiMap headers = MultiMap.caseInsensitiveMultiMap();
              String text = latin(input);
              int line = text.indexOf('\n');
              headers.add("If-Match", line < 0 ? text : text.substring(0, line));
              if (line >= 0) {
                headers.add("If-None-Match", text.substring(line + 1));
              }
              Conditions conditions = Conditions.of(headers);
              conditions.isMatched(3);
              conditions.isUnmodified(3);
              return conditions.guard(KEY, Op.Put.of(KEY, KEY, 0));
            })
        .samples(random -> bytes("\"" + random.nextInt(30) + "\", W/\"3\",\"x\"\n*"))
        .words("\"", ",", "W/", "*", "\n", "\"3\"", "\"" + "9".repeat(19) + "\"", " ", "\t")
        .run();
  }

  private static byte[] encoded(Once once) {
    return bytes("\"" + Long.toHexString(once.session()) + "-" + once.sequence() + "\"");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String latin(byte[] input) {
    return new String(input, StandardCharsets.ISO_8859_1);
  }
}
